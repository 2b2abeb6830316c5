"""Checking an exported journal, one signature per run and the chain for the rest, beside SHA-256 over the same lines."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figure import Figure, Pair, at_least_times, interleave, median
from benchmarks.filling import sessions
from terminal_app.demo.stage import StageError
from terminal_app.domain import suite
from terminal_app.domain.journal import GENESIS, Head, write_entry
from terminal_app.domain.proof import Audit
from terminal_app.ids import Uuid7Ids
from terminal_app.system_clock import SystemClock

ENTRIES = 20_000
PASSES = 3
TARGET = at_least_times(0.1)


def measure() -> Iterator[Figure]:
    """Entries per second of one process; `_every_signature` looks at each of them, and at each field."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.ndjson"
        _write(journal, key)
        ours, floor, every = interleave(
            lambda: _rates(journal, lambda lines: _check(lines, public)),
            lambda: _rates(journal, _hash),
            lambda: _rates(journal, lambda lines: _check(lines, public, every_signature=True), passes=1, entries=ENTRIES // 10),
        )
    yield median("verify", Pair(ours, floor), "entries/s", TARGET)
    yield median("verify_every_signature", Pair(every, floor), "entries/s", None)


def _write(journal: Path, key: Ed25519PrivateKey) -> None:
    """One chain of whole sessions, chained and signed as a terminal does."""
    clock, ids = SystemClock(), Uuid7Ids()
    head = Head(ids.uuid7(), ids.uuid7().replace("-", ""), 0, GENESIS)
    with journal.open("wb") as out:
        for draft in islice(sessions(), ENTRIES):
            entry = write_entry(draft, ids.uuid7(), head, clock.moment(), lambda hashed: suite.sign(key, hashed))
            head = entry.head
            out.write(entry.line + b"\n")


def _rates(
    journal: Path, work: Callable[[Iterator[bytes]], None], passes: int = PASSES, entries: int = ENTRIES
) -> Iterator[float]:
    for _ in range(passes):
        with journal.open("rb") as lines:
            begun = time.perf_counter()
            work(line.rstrip(b"\n") for line in islice(lines, entries))
            yield entries / (time.perf_counter() - begun)


def _check(lines: Iterator[bytes], public_key: bytes, *, every_signature: bool = False) -> None:
    if any(True for _ in Audit(public_key, every_signature=every_signature).of_lines(lines)):
        raise StageError("a whole journal was not found whole")


def _hash(lines: Iterator[bytes]) -> None:
    for line in lines:
        hashlib.sha256(line).digest()
