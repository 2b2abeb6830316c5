"""Release → entry durable, signature included, beside a raw append and fdatasync of the same bytes on the same file system.

The clock starts when the release is handed to Qt. While a backlog is delivered it starts when another process sends the
release, so that the time which the window's thread waits to run is part of both sides.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.backlog import delivering_kiosk
from benchmarks.figure import BLOCKS, Figure, Pair, median, times
from benchmarks.probe import Probe
from benchmarks.scene import PATIENT, kiosk_on_duty, scene
from benchmarks.visit import CONTACT_S, PAUSE_S, Tap, visit
from terminal_app.demo.stage import Stage

VISITS = 3
TARGET = times(3.5)
TARGET_BUSY = times(2)


def measure() -> Iterator[Figure]:
    """Idle, against the disk; while 100,000 entries are delivered, against idle."""
    idle: list[Tap] = []
    busy: list[Tap] = []
    raw: list[float] = []
    with scene(PATIENT) as stage, kiosk_on_duty(stage) as probe, delivering_kiosk(PATIENT) as delivery:
        delivery.stop()
        for _ in range(BLOCKS):
            taps = list(_visits(stage, probe))
            raw.extend(_append_raw(stage.folder / "raw", taps))
            idle.extend(taps)
            with delivery.flowing():
                busy.extend(_visits(delivery.stage, delivery.kiosk))
    yield median("tap_to_durable", Pair([(tap.durable_ns - tap.touched_ns) / 1e6 for tap in idle], raw), "ms", TARGET)
    yield median("tap_to_durable_delivering", Pair(_since_sent(busy), _since_sent(idle)), "ms", TARGET_BUSY)


def _visits(stage: Stage, probe: Probe) -> Iterator[Tap]:
    for _ in range(VISITS):
        yield from visit(stage, probe)


def _since_sent(taps: list[Tap]) -> list[float]:
    return [(tap.durable_ns - tap.sent_ns) / 1e6 for tap in taps]


def _append_raw(path: Path, taps: list[Tap]) -> Iterator[float]:
    """Milliseconds of append + fdatasync of as many bytes as each tap wrote, at the same pace."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for tap in taps:
            line = os.urandom(tap.size)
            time.sleep(CONTACT_S + PAUSE_S)
            begun_ns = time.monotonic_ns()
            os.write(descriptor, line)
            os.fdatasync(descriptor)
            yield (time.monotonic_ns() - begun_ns) / 1e6
    finally:
        os.close(descriptor)
