"""The same records through `persist-queue` and `requests`, one by one, and through our store and sender, to the same sink.

This is what a kiosk is usually built from: SQLiteAckQueue keeps each record until it is acknowledged, a loop posts it. Both
sides write every record durably, deliver it over one kept connection and have its acknowledgement durably in the end.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE

import persistqueue
import requests

from benchmarks.figure import BLOCKS, Figure, Pair, median, times
from benchmarks.filling import sessions
from benchmarks.scene import scene
from sync import wire
from sync.client import PlatformClient
from sync.worker import SyncWorker
from terminal_app import __version__
from terminal_app.demo.stage import StageError, process
from terminal_app.domain.journal import Draft, Entry
from terminal_app.ids import Uuid7Ids
from terminal_app.ports import StoreFailure
from terminal_app.store.opening import Store, open_store
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock

RECORDS = 10_000
IN_A_BLOCK = RECORDS // BLOCKS
TARGET = times(1)


@dataclass(slots=True)
class _Taken:
    """Milliseconds per record of each block: to write, to deliver, and both."""

    write: list[float] = field(default_factory=list)
    deliver: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)

    def add(self, records: int, begun: float, written: float, delivered: float) -> None:
        self.write.append((written - begun) * 1e3 / records)
        self.deliver.append((delivered - written) * 1e3 / records)
        self.both.append((delivered - begun) * 1e3 / records)


def measure() -> Iterator[Figure]:
    """Per record: written and delivered, then each on its own."""
    ours, theirs = _Taken(), _Taken()
    with scene() as stage, process(["benchmarks.sink"], stage.folder / "sink.log", stdout=PIPE) as sink:
        assert sink.stdout is not None
        url = sink.stdout.readline().decode().strip()
        store = open_store(stage.folder / "terminal", SystemClock(), Uuid7Ids(), app_version=__version__)
        store.start(lambda work: work(), lambda kind: None, _fail)
        drafts = sessions()
        try:
            _through_ours(store, url, drafts, _Taken())  # a first touch, and records for the peer
            for block in range(BLOCKS):
                if block % 2:
                    _through_ours(store, url, drafts, ours)
                _through_peer(stage.folder, url, _lines(store), theirs)
                if not block % 2:
                    _through_ours(store, url, drafts, ours)
        finally:
            store.stop()
    yield median("peer", Pair(ours.both, theirs.both), "ms/record", TARGET)
    yield median("peer_write", Pair(ours.write, theirs.write), "ms/record", None)
    yield median("peer_deliver", Pair(ours.deliver, theirs.deliver), "ms/record", TARGET)


def _through_ours(store: Store, url: str, drafts: Iterator[Draft], taken: _Taken) -> None:
    begun = time.perf_counter()
    for draft in islice(drafts, IN_A_BLOCK):
        durable: SimpleQueue[Entry | StoreFailure] = SimpleQueue()
        store.executor.append(draft, durable.put)
        durable.get()
    written = time.perf_counter()
    client = PlatformClient(url, store.key.private)
    done = SyncWorker(store.outbox, client, SystemClock()).run_pass()
    taken.add(IN_A_BLOCK, begun, written, time.perf_counter())
    client.close()
    if done.trouble or store.outbox.pending():
        raise StageError(f"not everything was delivered: {done.trouble}")


def _through_peer(folder: Path, url: str, lines: list[bytes], taken: _Taken) -> None:
    queue = persistqueue.SQLiteAckQueue(str(folder / "peer"), auto_commit=True)
    with requests.Session() as session:
        session.trust_env = False
        begun = time.perf_counter()
        for line in lines:
            queue.put(line)
        written = time.perf_counter()
        for _ in lines:
            line = queue.get()
            answer = session.post(url + wire.ENTRIES, data=wire.entries_payload([line]), timeout=30)
            if answer.json()["results"][0]["status"] != wire.Status.ACCEPTED:
                raise StageError(f"the sink did not accept a record: {answer.status_code}")
            queue.ack(line)
        taken.add(len(lines), begun, written, time.perf_counter())
    if queue.size:
        raise StageError(f"the peer kept {queue.size} records")
    queue.close()


def _lines(store: Store) -> list[bytes]:
    with JournalReader(store.path) as reader:
        return list(reader.lines(last=IN_A_BLOCK))


def _fail(error: Exception) -> None:
    raise error
