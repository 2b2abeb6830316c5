"""Process start → first painted idle screen that takes input, beside a bare window with five stars in the same font."""

import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure, Pair, interleave, median, times
from benchmarks.filling import fill, sessions
from benchmarks.probe import Probe, bare_window, kiosk
from benchmarks.scene import kiosk_on_duty, scene
from terminal_app import __version__
from terminal_app.config import DATA_DIR_VARIABLE
from terminal_app.demo.stage import Stage
from terminal_app.ids import Uuid7Ids
from terminal_app.store.opening import open_store
from terminal_app.system_clock import SystemClock

ENTRIES = 150_000
"""Ten years of a window."""
STARTS = 8
QUIET_S = 0.5
"""Between two starts: what the last kiosk asked of the platform is not to be measured with the next."""
TARGET = times(1.5)


def measure() -> Iterator[Figure]:
    """After a clean stop with an empty and with a full store, the worse of the two, and after an unclean stop."""
    with scene() as stage:
        data = stage.folder / "terminal"
        with kiosk_on_duty(stage):
            pass  # somebody is on duty from now on
        empty, full, cut_off = (stage.folder / name for name in ("empty", "full", "cut-off"))
        shutil.copytree(data, empty)
        fill(data, ENTRIES, pending=False)
        shutil.copytree(data, full)
        _cut_off(data, cut_off)
        sides = [
            partial(_repeat, STARTS, partial(_start_bare, stage)),
            partial(_repeat, STARTS, partial(_start_kiosk, stage, empty)),
            partial(_repeat, STARTS, partial(_start_kiosk, stage, full)),
            partial(_repeat, 1, partial(_start_cut_off, stage, cut_off)),
        ]
        for warm_up in sides:
            list(warm_up())
        bare, *kiosks = interleave(*sides)
    pairs = [Pair(samples, bare) for samples in kiosks]
    worse = max(pairs[:2], key=lambda pair: statistics.median(pair.ours))
    yield median("cold_start", worse, "ms", TARGET)
    yield median("cold_start_empty", pairs[0], "ms", TARGET)
    yield median("cold_start_full", pairs[1], "ms", TARGET)
    yield median("cold_start_unclean", pairs[2], "ms", None)


def _repeat(count: int, start: Callable[[], float]) -> Iterator[float]:
    for _ in range(count):
        time.sleep(QUIET_S)
        yield start()


def _start_bare(stage: Stage) -> float:
    return _time(bare_window(stage.folder))


def _start_kiosk(stage: Stage, data: Path) -> float:
    return _time(kiosk(stage.config, **{DATA_DIR_VARIABLE: str(data)}))


def _start_cut_off(stage: Stage, data: Path) -> float:
    fresh = stage.folder / "fresh"
    shutil.copytree(data, fresh)
    try:
        return _start_kiosk(stage, fresh)
    finally:
        shutil.rmtree(fresh)


def _time(probe: Probe) -> float:
    """Milliseconds from the start of the process; ends it cleanly."""
    try:
        return (probe.hear("started").at_ns - probe.begun_ns) / 1e6
    finally:
        probe.stop()


def _cut_off(data: Path, target: Path) -> None:
    """What a power cut in the middle of a session leaves on the disk."""
    store = open_store(data, SystemClock(), Uuid7Ids(), app_version=__version__)
    store.journal.append(next(sessions()))
    shutil.copytree(data, target)
    store.stop()
