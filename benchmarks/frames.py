"""Bytes per second that each framer turns into frames, beside a bare `bytes.find` split of the same stream."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.figure import Figure, Pair, Target, at_least_times, interleave, median
from device_drivers.framed_evaluator import frame
from device_drivers.framing import Framer, stx_etx_frame
from device_drivers.input_events import RECORD, typed
from device_drivers.registry import DRIVERS

TARGET = at_least_times(0.2)
CHUNK = 4096
STREAM_BYTES = 1 << 18
RUNS = 8
FIELDS = "case=TA20260417000001|matter=370900000000|name=户口迁移|kind=即办件|staff=0823|visit=1"

STREAMS: dict[str, tuple[str, bytes, bytes]] = {
    "ticket": ("case_ticket", stx_etx_frame(FIELDS.encode()), b"\x03"),
    "line": ("barcode_scanner", b"]C0TA20260417000001\r\n", b"\r\n"),
    "evaluator": ("framed_evaluator", frame(b"\x01\x11\x03"), b"\xff\x68"),
}
"""Driver, one frame, and what a bare split looks for: it checks nothing and makes one piece per frame."""
KEYS = typed("]C0TA20260417000001")


def measure() -> Iterator[Figure]:
    """Good frames back to back, in the chunks that a port gives."""
    for name, (driver, one, mark) in STREAMS.items():
        stream = one * (STREAM_BYTES // len(one))
        yield from _figure(f"frames_{name}", driver, stream, mark, TARGET)
    yield from _figure("frames_keys", "wedge_scanner", KEYS * (STREAM_BYTES // len(KEYS)), _ENTER, None)


_ENTER = RECORD.pack(0, 0, 1, 28, 1)[16:]


def _figure(name: str, driver: str, stream: bytes, mark: bytes, target: Target | None) -> Iterator[Figure]:
    pieces = [stream[at : at + CHUNK] for at in range(0, len(stream), CHUNK)]
    ours, floor = interleave(
        partial(_speeds, partial(_framed, DRIVERS[driver].framer, pieces), len(stream)),
        partial(_speeds, partial(_split, pieces, mark), len(stream)),
    )
    yield median(name, Pair(ours, floor), "MB/s", target)


def _speeds(work: Callable[[], int], size: int) -> Iterator[float]:
    """Millions of bytes per second of CPU, which other load on the machine does not slow down."""
    for _ in range(RUNS):
        begun_s = time.thread_time()
        count = work()
        yield size / (time.thread_time() - begun_s) / 1e6
        assert count > 50


def _framed(make: Callable[[], Framer], pieces: list[bytes]) -> int:
    framer = make()
    return sum(len(framer.feed(piece)) for piece in pieces)


def _split(pieces: list[bytes], mark: bytes) -> int:
    count, rest = 0, b""
    for piece in pieces:
        rest += piece
        start = 0
        found: list[bytes] = []
        while (end := rest.find(mark, start)) >= 0:
            found.append(rest[start:end])
            start = end + len(mark)
        rest = rest[start:]
        count += len(found)
    return count
