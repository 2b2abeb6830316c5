"""Painting one picture of the stars' sweep, beside painting the whole window: only what changes is painted again."""

import time
from collections.abc import Iterator
from functools import partial

from benchmarks.figure import Figure, Pair, interleave, median, times
from benchmarks.probe import Probe
from benchmarks.scene import GUARD_S, PATIENT, kiosk_on_duty, present, scene

SWEEPS = 8
REPAINTS = 40
PAUSE_S = 0.03
TARGET = times(0.4)


def measure() -> Iterator[Figure]:
    """With the stars on the screen, in the same window by turns."""
    with scene(PATIENT) as stage, kiosk_on_duty(stage) as kiosk:
        present(stage, kiosk)
        time.sleep(GUARD_S)
        sweep, whole = interleave(partial(_sweeps, kiosk), partial(_repaints, kiosk))
    yield median("star_sweep", Pair(sweep, whole), "ms", TARGET)


def _sweeps(kiosk: Probe) -> Iterator[float]:
    """Milliseconds of each picture of a sweep over all five stars."""
    for _ in range(SWEEPS):
        time.sleep(PAUSE_S)
        kiosk.forget()
        kiosk.say("sweep")
        kiosk.hear("swept")
        yield from (int(told.words[1]) / 1e6 for told in kiosk.dropped if told.words[0] == "painted")


def _repaints(kiosk: Probe) -> Iterator[float]:
    """Milliseconds of painting the whole window."""
    for _ in range(REPAINTS):
        time.sleep(PAUSE_S)
        kiosk.forget()
        kiosk.say("repaint")
        yield int(kiosk.hear("painted").words[1]) / 1e6
