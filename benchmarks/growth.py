"""Append, pick and acknowledge in a journal where 150,000 or a million entries wait, beside one where nothing waited before.

The rows that were there already are as long and as ordered as real ones; their lines are copies of one, because nobody reads
them. In each round every journal gets 500 entries, of which nothing is left in the empty one when they are acknowledged.
"""

import os
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from benchmarks.figure import BLOCKS, Figure, Pair, median, times
from benchmarks.filling import last_head, sessions
from benchmarks.scene import scene
from terminal_app import __version__
from terminal_app.demo.stage import StageError
from terminal_app.domain.journal import Draft, Entry, Head, Kind, write_entry
from terminal_app.ids import Uuid7Ids
from terminal_app.ports import StoreFailure, Verdict
from terminal_app.store.connection import to_blob
from terminal_app.store.keys import load_key
from terminal_app.store.opening import DATABASE, Store, open_store
from terminal_app.system_clock import SystemClock

SIZES = {"150k": 150_000, "1m": 1_000_000}
BATCH = 500
ROUNDS = 8
PICKS = 5
QUIET_S = 0.05
"""In a pause of this length the store copies its write-ahead log back, as it does between two visits."""
TARGET = times(1.2)

_INSERT = "INSERT INTO entries(id, chain, seq, session, kind, hash, line) VALUES (?, ?, ?, ?, ?, ?, ?)"
_WAIT = "INSERT INTO outbox(n) SELECT n FROM entries WHERE n NOT IN (SELECT n FROM outbox)"


def measure() -> Iterator[Figure]:
    """Three acts at two sizes, each against the empty journal."""
    with scene() as stage:
        journals = [_Journal(_grown(stage.folder, rows)) for rows in (0, *SIZES.values())]
        try:
            for journal in journals:
                journal.round({})  # the first touch of each file is not measured
            samples = [_Samples() for _ in journals]
            for block in range(BLOCKS * ROUNDS):
                for at in range(len(journals))[:: 1 if block % 2 else -1]:
                    journals[at].round(samples[at])
        finally:
            for journal in journals:
                journal.store.stop()
    empty, *grown = samples
    for size, ours in zip(SIZES, grown, strict=True):
        for act in ("append", "pick", "ack"):
            yield median(f"growth_{act}_{size}", Pair(ours[act], empty[act]), "ms", TARGET)


class _Samples(defaultdict[str, list[float]]):
    """Milliseconds by act."""

    def __init__(self) -> None:
        super().__init__(list)


class _Journal:
    """A journal on its own thread, as the kiosk runs it."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(folder, SystemClock(), Uuid7Ids(), app_version=__version__)
        self.store.start(lambda work: work(), lambda kind: None, _fail)
        self._drafts = sessions()

    def round(self, samples: MutableMapping[str, list[float]]) -> None:
        """A batch of entries appended one by one, picked, and acknowledged as one answer."""
        samples.setdefault("append", []).extend(self._append(draft) for draft in islice(self._drafts, BATCH))
        time.sleep(QUIET_S)
        for _ in range(PICKS):
            begun = time.perf_counter()
            items = self.store.outbox.pick(BATCH)
            samples.setdefault("pick", []).append((time.perf_counter() - begun) * 1e3)
        verdicts = [Verdict(item.number, "accepted") for item in items]
        begun = time.perf_counter()
        self.store.outbox.settle(verdicts, ())
        samples.setdefault("ack", []).append((time.perf_counter() - begun) * 1e3)
        time.sleep(QUIET_S)

    def _append(self, draft: Draft) -> float:
        """Milliseconds until an entry is durable, signature and the way to the store's thread included."""
        durable: SimpleQueue[tuple[float, Entry | StoreFailure]] = SimpleQueue()
        begun = time.perf_counter()
        self.store.executor.append(draft, lambda done: durable.put((time.perf_counter(), done)))
        at, entry = durable.get()
        if isinstance(entry, StoreFailure):
            raise StageError(f"an entry could not be written: {entry.reason}")
        return (at - begun) * 1e3


def _fail(error: Exception) -> None:
    raise error


def _grown(folder: Path, rows: int) -> Path:
    """A copy of the enrolled terminal's data folder in which `rows` entries more wait."""
    data = folder / f"rows-{rows}"
    shutil.copytree(folder / "terminal", data)
    if not rows:
        return data
    with closing(sqlite3.connect(data / DATABASE, isolation_level=None)) as connection:
        first = last_head(connection)
        model = connection.execute("SELECT line FROM entries ORDER BY n DESC LIMIT 1").fetchone()[0]
        ids, last = Uuid7Ids(), first.seq + rows - 1
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, (_row(ids.uuid7(), first.chain, seq, model) for seq in range(first.seq + 1, last + 1)))
        head = Head(first.device, first.chain, last, first.hash)
        entry = write_entry(Draft(Kind.PAUSED, None, {}), ids.uuid7(), head, SystemClock().moment(), load_key(data).sign)
        row = (to_blob(entry.id), to_blob(entry.chain), entry.seq, None, "paused", bytes.fromhex(entry.hash), entry.line)
        connection.execute(_INSERT, row)
        connection.execute(_WAIT)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return data


def _row(entry_id: str, chain: str, seq: int, line: bytes) -> tuple[object, ...]:
    session = to_blob(entry_id)
    return (session, to_blob(chain), seq, session, "star_chosen", os.urandom(32), line)
