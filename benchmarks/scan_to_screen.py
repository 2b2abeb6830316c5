"""Last byte of a ticket → rating screen painted, its opening entry durable, beside select and read on a pty."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figure import Figure, Pair, interleave, median, plus
from benchmarks.probe import Probe, started
from benchmarks.scene import kiosk_on_duty, scene, ticket
from device_drivers.framing import stx_etx_frame
from device_drivers.simulators import PtyDevice, ticket_payload

SCANS = 30
PAUSE_S = 0.1
HURRIED = "stars_s = 0.2"
"""The stars leave soon again, so that every ticket meets the idle screen."""
FRAME_MS = 16.667
"""One frame at 60 Hz."""


def measure() -> Iterator[Figure]:
    """Tickets of fresh cases on the serial line, each read on the idle screen."""
    with scene(HURRIED) as stage, PtyDevice("bare-line", stage.folder) as line, kiosk_on_duty(stage) as probe:
        size = len(_frame())
        with started(Probe("benchmarks.pty_reader", line.address, str(size), log=stage.folder / "reader.log")) as reader:
            ours, floor = interleave(
                partial(_scans, stage.line.device.write, probe, "rate", "idle"),
                partial(_scans, line.write, reader, "read", None),
            )
    yield median("scan_to_screen", Pair(ours, floor), "ms", plus(FRAME_MS))


def _scans(write: Callable[[bytes], None], probe: Probe, read: str, ready: str | None) -> Iterator[float]:
    """Milliseconds until `read` is told; the next follows some time after `ready` was."""
    for _ in range(SCANS):
        frame = _frame()
        probe.forget()
        sent_ns = time.monotonic_ns()
        write(frame)
        yield (probe.hear(read).at_ns - sent_ns) / 1e6
        if ready:
            probe.hear(ready)
        time.sleep(PAUSE_S)


def _frame() -> bytes:
    return stx_etx_frame(ticket_payload(ticket()))
