"""CPU and memory on the idle screen, with the platform reachable and somebody on duty, beside the bare window.

Memory is the resident set: both processes map the same libraries, which a counter's machine has to hold for either.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import BLOCKS, Figure, Pair, at_most, median, times
from benchmarks.probe import Probe, bare_window, started
from benchmarks.scene import kiosk_on_duty, scene

SETTLE_S = 5.0
BLOCK_S = 12.5
"""All blocks together are longer than a minute, so that the clock on the screen goes on at least once."""

_CPUCLOCK_SCHED = 2


def measure() -> Iterator[Figure]:
    """Both windows at the same time, each with all of its threads."""
    with scene() as stage, kiosk_on_duty(stage) as ours, started(bare_window(stage.folder)) as bare:
        time.sleep(SETTLE_S)
        cpu = Pair([], [])
        for _ in range(BLOCKS):
            before = cpu_ns(ours), cpu_ns(bare)
            time.sleep(BLOCK_S)
            cpu.ours.append((cpu_ns(ours) - before[0]) / BLOCK_S / 1e7)
            cpu.floor.append((cpu_ns(bare) - before[1]) / BLOCK_S / 1e7)
        memory = Pair([_resident_mb(ours)], [_resident_mb(bare)])
    yield median("idle_cpu", cpu, "% of a core", at_most(0.5))
    yield median("idle_memory", memory, "MB", times(1.6))


def cpu_ns(probe: Probe) -> int:
    """CPU time of all threads so far: the process's CPU clock, numbered as clock_getcpuclockid(3) does on Linux."""
    return time.clock_gettime_ns(~probe.child.pid << 3 | _CPUCLOCK_SCHED)


def _resident_mb(probe: Probe) -> float:
    """Resident set in MB (proc(5), VmRSS)."""
    status = Path(f"/proc/{probe.child.pid}/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000
