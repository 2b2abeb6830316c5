"""A display that changes under the window: another resolution, turned upright, a cable pulled and put back (issue 5, point 8).

The real kiosk, full screen on an X server without a window manager; what changes is the server's own screen (RANDR), and what
rates is the server's own pointer, at the places that the window painted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.counter import Counter, SeparateKiosk, fresh_case
from support.platform import RunningPlatform
from support.window_samples import CANVASES
from support.xvfb import Screen, xvfb

from terminal_app.domain.journal import Kind

LARGEST = (1920, 1280)
FULL_SCREEN = "[display]\nfullscreen = true\nallow_mouse = true\n"
PATIENT = "stars_s = 300\nreasons_s = 300\nthanks_s = 60"
LOOK_S = 0.5
LOOKS = 40
HOME = ("idle", "nobody")


@pytest.fixture
def screen() -> Iterator[Screen]:
    with xvfb(LARGEST) as started:
        yield started


@pytest.fixture
def kiosk(at: Counter, platform: RunningPlatform, screen: Screen) -> Iterator[SeparateKiosk]:
    at.configure(platform.url, display=FULL_SCREEN, timing=PATIENT)
    started = SeparateKiosk(at, under=("env", "QT_QPA_PLATFORM=xcb", f"DISPLAY={screen.name}"))
    try:
        at.wait_until_open()
        yield started
    finally:
        started.process.stop()


def fills(report: Mapping[str, Any], size: tuple[int, int]) -> bool:
    """Whether what was painted is laid out for this size: the last control ends at the right margin, above the lower edge."""
    places = report["targets"].values()
    right = max(left + width for left, _, width, _ in places)
    lowest = max(top + height for _, top, _, height in places)
    margins = size[0] - right, size[1] - lowest
    return all(0 < margin < size[at] // 16 for at, margin in enumerate(margins))


def point_at(kiosk: SeparateKiosk, screen: Screen, name: str, *then: str) -> None:
    """The pointer presses and releases on a control until the next screen is there: just after a change no contact counts."""
    for _ in range(LOOKS):
        left, top, width, height = kiosk.last["targets"][name]
        screen.click(left + width // 2, top + height // 2)
        if kiosk.process.wait(lambda report: report["screen"] in then, LOOK_S):
            return
    raise AssertionError(f"{name} leads nowhere, but {dict(kiosk.last)}")


def test_whatever_size_the_screen_gets_the_window_fills_it_and_stars_stay_where_they_are_seen(
    at: Counter, kiosk: SeparateKiosk, screen: Screen
) -> None:
    """The size changes while stars are shown, and once more on thanks: the same session goes on."""
    for level, size in enumerate(CANVASES, 1):
        kiosk.present(case := fresh_case())
        screen.plug(size)
        kiosk.wait_for(lambda report, size=size: fills(report, size), f"stars on {size}")  # type: ignore[misc]
        point_at(kiosk, screen, f"star-{level}", "reasons" if level < 3 else "thanks")
        assert kiosk.last["stars"] == level
        screen.plug(LARGEST)
        kiosk.wait_for(lambda report: fills(report, LARGEST), f"what follows star {level} on {LARGEST}")
        if level < 3:
            point_at(kiosk, screen, "skip", "thanks")
        point_at(kiosk, screen, "finish", *HOME)
        assert at.kinds(case)[:2] == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


def test_a_cable_that_is_pulled_and_put_back_costs_nothing(at: Counter, kiosk: SeparateKiosk, screen: Screen) -> None:
    """A ticket that comes while nothing is shown finds its stars on the screen afterwards."""
    screen.unplug()
    at.send_ticket(case := fresh_case())
    kiosk.wait_until(lambda: at.kinds(case) == [Kind.SESSION_OPENED], "the ticket is read")
    screen.plug(CANVASES[0])
    kiosk.wait_for(lambda report: report["screen"] == "rate" and fills(report, CANVASES[0]), "the stars")
    point_at(kiosk, screen, "star-4", "thanks")
    assert at.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]
