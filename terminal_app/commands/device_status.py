"""What a running terminal says of its devices: all once, or one for as long as somebody looks on. Changes nothing."""

import argparse
import time
from collections.abc import Iterator
from typing import Any

from terminal_app.commands.shared import FOUND, OK, USAGE, CommandError, say, tell
from terminal_app.config import load
from terminal_app.device_view import NotRunning, read_view

LOOK_S = 0.25
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def show_status(arguments: argparse.Namespace) -> int:
    """Every device once; FOUND where something is to be done about one."""
    devices = _read(arguments)
    text = "\n".join(line for device in devices for line in _lines(device)) or "no device is configured"
    say(arguments, {"devices": devices}, text)
    return OK if all(device["state"] == "connected" and not device["remedy"] for device in devices) else FOUND


def watch(arguments: argparse.Namespace) -> int:
    """One device, a line for whatever changes. Ends after `--seconds`, or with Ctrl-C."""
    first = _one(arguments)
    tell(f"watching {arguments.name} at {first['address']} as {first['driver']}; end with Ctrl-C")
    for device in _changes(arguments, first):
        print(_line(device), flush=True)
    return OK


def _changes(arguments: argparse.Namespace, first: dict[str, Any]) -> Iterator[dict[str, Any]]:
    end = None if arguments.seconds is None else time.monotonic() + arguments.seconds
    yield first
    seen = _what_changes(first)
    while end is None or time.monotonic() < end:
        time.sleep(LOOK_S)
        device = _one(arguments)
        if _what_changes(device) != seen:
            seen = _what_changes(device)
            yield device


def _what_changes(device: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(device[name] for name in ("state", "remedy", "frames", "bad_frames"))


def _read(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    try:
        return read_view(load(arguments.config).data_dir)
    except NotRunning:
        raise CommandError(
            "no terminal runs on this data folder, or you are neither its user nor root. Start it, or try a device "
            "without it: `rating-terminal devices test NAME`"
        ) from None


def _one(arguments: argparse.Namespace) -> dict[str, Any]:
    devices = _read(arguments)
    for device in devices:
        if device["name"] == arguments.name:
            return device
    known = ", ".join(device["name"] for device in devices) or "none"
    raise CommandError(f"no device is called {arguments.name!r}; the running terminal has: {known}", USAGE)


def _lines(device: dict[str, Any]) -> Iterator[str]:
    yield f"{device['name']}  {device['driver']} at {device['address']}"
    yield f"  {device['state']} for {_span(device['for_s'])}; {_heard(device)}"
    if device["last_bytes"]:
        yield f"  bytes  {device['last_bytes']}"
    if device["remedy"]:
        yield f"  {device['remedy']}"


def _line(device: dict[str, Any]) -> str:
    parts = [time.strftime("%H:%M:%S"), device["state"], _heard(device), device["last_bytes"], device["remedy"]]
    return "  ".join(part for part in parts if part)


def _heard(device: dict[str, Any]) -> str:
    last = "no good frame yet" if device["quiet_s"] is None else f"last good frame {_span(device['quiet_s'])} ago"
    why = f" (last: {device['last_bad']})" if device["last_bad"] else ""
    return f"{last}; {device['frames']} good, {device['bad_frames']} bad{why}"


def _span(seconds: float) -> str:
    """`2 d 3 h`, `5 min`, `12 s`."""
    if seconds >= _DAY_S:
        return f"{int(seconds // _DAY_S)} d {int(seconds % _DAY_S // _HOUR_S)} h"
    if seconds >= _HOUR_S:
        return f"{int(seconds // _HOUR_S)} h {int(seconds % _HOUR_S // _MINUTE_S)} min"
    return f"{int(seconds // _MINUTE_S)} min" if seconds >= _MINUTE_S else f"{int(seconds)} s"
