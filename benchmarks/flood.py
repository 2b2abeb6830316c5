"""What a line that sends garbage at 115200 costs: CPU of the whole kiosk, and how late it makes a press; beside it in peace.

The floor of the CPU is the same kiosk without the flood; the figure is what comes on top.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.figure import Figure, Pair, at_most, interleave, median, p99, times
from benchmarks.idle import cpu_ns
from benchmarks.probe import Probe
from benchmarks.scene import PATIENT, kiosk_on_duty, present, scene
from benchmarks.tap_to_paint import presses
from device_drivers.simulators import PtyDevice

BLOCK_S = 4.0


def measure() -> Iterator[Figure]:
    """With the stars on the screen; the raving line is the ticket line itself."""
    with scene(PATIENT) as stage, kiosk_on_duty(stage) as kiosk:
        present(stage, kiosk)
        line = stage.line.device
        assert isinstance(line, PtyDevice)
        cpu = interleave(partial(_cpu_raving, kiosk, line), partial(_cpu, kiosk))
        raving, own = interleave(partial(_presses_raving, kiosk, line), partial(presses, kiosk))
    more = [flooded - quiet for flooded, quiet in zip(*cpu, strict=True)]
    yield median("flood_cpu", Pair(more, cpu[1]), "% of a core", at_most(5))
    yield median("tap_to_paint_flooded", Pair(raving, own), "ms", times(1.5))
    yield p99("tap_to_paint_flooded_p99", Pair(raving, own), "ms", times(1.5))


@contextmanager
def _flood(line: PtyDevice) -> Iterator[None]:
    flooder = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.flooder", str(line.fileno())], pass_fds=[line.fileno()], stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        flooder.kill()
        flooder.wait()


def _cpu(kiosk: Probe) -> list[float]:
    begun_ns, before = time.monotonic_ns(), cpu_ns(kiosk)
    time.sleep(BLOCK_S)
    return [100 * (cpu_ns(kiosk) - before) / (time.monotonic_ns() - begun_ns)]


def _cpu_raving(kiosk: Probe, line: PtyDevice) -> list[float]:
    with _flood(line):
        return _cpu(kiosk)


def _presses_raving(kiosk: Probe, line: PtyDevice) -> list[float]:
    with _flood(line):
        return presses(kiosk)
