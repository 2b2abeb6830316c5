"""Whether there is a display, asked before Qt is: it aborts without one. Must never import Qt."""

import os


def display_problem() -> str:
    """What keeps a window from opening here, with the remedy; empty when nothing does."""
    if os.environ.get("QT_QPA_PLATFORM", "xcb") not in ("xcb", "wayland") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start it from a graphical session"
    host, _, number = display.partition(":")
    if host in ("", "unix") and not _answers(f"/tmp/.X11-unix/X{number.partition('.')[0]}"):
        return f"the display {display} does not answer; start the X server first, or correct DISPLAY"
    return ""


def _answers(path: str) -> bool:
    import socket  # only where there may be an X server

    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0 or probe.connect_ex(b"\0" + path.encode()) == 0
