"""The window is given a state → its other screen is painted and handed to the screen, beside a bare QStackedWidget.

Into the stars and out of them, back from thanks and home. After a choice the stars take their change first, which is meant to
be seen and not measured here.
"""

import time
from collections.abc import Iterator
from functools import partial

from benchmarks.figure import Figure, Pair, interleave, median, p99, plus
from benchmarks.probe import Probe, started
from benchmarks.scene import GUARD_S, PATIENT, kiosk_on_duty, present, scene, ticket
from terminal_app.demo.stage import Stage

VISITS = 8
TURNS = 4 * VISITS
PAUSE_S = 0.05
CONTACT_S = 0.03
FRAME_MS = 16.667
"""One frame at 60 Hz."""


def measure() -> Iterator[Figure]:
    """Each screen was shown before: a screen is built while nobody waits, and so is each page of the floor."""
    with (
        scene(PATIENT) as stage,
        kiosk_on_duty(stage) as kiosk,
        started(Probe("benchmarks.bare_pages", log=stage.folder / "bare.log")) as pages,
    ):
        present(stage, kiosk)
        time.sleep(GUARD_S)
        list(_to_thanks_and_home(kiosk))
        ours, floor = interleave(partial(_visits, stage, kiosk), partial(_turns, pages))
    yield median("screen_change", Pair(ours, floor), "ms", plus(FRAME_MS))
    yield p99("screen_change_p99", Pair(ours, floor), "ms", None)


def _turns(pages: Probe) -> Iterator[float]:
    for _ in range(TURNS):
        time.sleep(PAUSE_S)
        pages.say("turn")
        yield _taken_ms(pages, "page")


def _visits(stage: Stage, kiosk: Probe) -> Iterator[float]:
    """Milliseconds of four changes in each visit."""
    for _ in range(VISITS):
        kiosk.forget()
        stage.line.present(ticket())
        yield _taken_ms(kiosk, "rate", "screen")
        time.sleep(GUARD_S)
        yield from _to_thanks_and_home(kiosk)


def _to_thanks_and_home(kiosk: Probe) -> Iterator[float]:
    _tap(kiosk, "star-4")
    kiosk.hear("thanks", "screen")
    for name, screen in (("change", "rate"), ("finish", "thanks"), ("finish", "idle")):
        time.sleep(GUARD_S)
        _tap(kiosk, name)
        yield _taken_ms(kiosk, screen, "screen")
    time.sleep(GUARD_S)


def _tap(kiosk: Probe, name: str) -> None:
    kiosk.say(f"press {name}")
    time.sleep(CONTACT_S)
    kiosk.say("release")


def _taken_ms(probe: Probe, *words: str) -> float:
    told = probe.hear(*words)
    return (told.at_ns - int(told.words[-1])) / 1e6
