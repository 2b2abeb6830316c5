"""Last byte of a ticket, on every path → rating screen painted, its opening entry durable, beside select and read on a pty."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figure import Figure, Pair, interleave, median, plus
from benchmarks.probe import Probe, started
from benchmarks.scene import kiosk_on_duty, scene, ticket
from device_drivers.framing import stx_etx_frame
from device_drivers.input_events import typed
from device_drivers.simulators import CaseTicketSimulator, KeyboardSimulator, PtyDevice, ScannerSimulator, ticket_payload
from terminal_app.demo.stage import Stage

SCANS = 30
PAUSE_S = 0.1
HURRIED = "stars_s = 0.2"
"""The stars leave soon again, so that every ticket meets the idle screen."""
FRAME_MS = 16.667
"""One frame at 60 Hz."""


def measure() -> Iterator[Figure]:
    """Fresh cases, each read on the idle screen: on the ticket line, from a scanner, and from one in keyboard mode."""
    with scene(HURRIED) as stage:
        yield from _measured(stage, {"scan_to_screen": (stage.line, _frame), "scan_to_screen_scanner": (stage.scanner, _line)})
    with scene(HURRIED, whole=True) as stage:
        assert stage.others is not None
        yield from _measured(stage, {"scan_to_screen_keys": (stage.others.wedge, _keys)})


Path = tuple[CaseTicketSimulator | ScannerSimulator | KeyboardSimulator, Callable[[], bytes]]


def _measured(stage: Stage, paths: dict[str, Path]) -> Iterator[Figure]:
    with kiosk_on_duty(stage) as probe:
        for name, (simulator, written) in paths.items():
            with PtyDevice("bare-line", stage.folder) as line:
                log = stage.folder / "reader.log"
                with started(Probe("benchmarks.pty_reader", line.address, str(len(written())), log=log)) as reader:
                    ours, floor = interleave(
                        partial(_scans, written, simulator.device.write, probe, "rate", "idle"),
                        partial(_scans, written, line.write, reader, "read", None),
                    )
            yield median(name, Pair(ours, floor), "ms", plus(FRAME_MS))


def _scans(
    written: Callable[[], bytes], write: Callable[[bytes], None], probe: Probe, read: str, ready: str | None
) -> Iterator[float]:
    """Milliseconds until `read` is told; the next follows some time after `ready` was."""
    for _ in range(SCANS):
        data = written()
        probe.forget()
        sent_ns = time.monotonic_ns()
        write(data)
        yield (probe.hear(read).at_ns - sent_ns) / 1e6
        if ready:
            probe.hear(ready)
        time.sleep(PAUSE_S)


def _frame() -> bytes:
    return stx_etx_frame(ticket_payload(ticket()))


def _line() -> bytes:
    return f"]C0{ticket()['case']}\r\n".encode()


def _keys() -> bytes:
    return typed(ticket()["case"])
