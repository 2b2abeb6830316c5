"""100,000 waiting entries → acknowledged: a real terminal's store and sender, a real platform, beside `requests` posting the
same ready bytes to a route that only reads them. Entries per second of the clock; all of it shares the machine's cores.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory

import requests

from benchmarks.databases import DATABASES, Served, served
from benchmarks.figure import BLOCKS, Figure, Pair, at_least_times, median
from benchmarks.filling import fill
from sync import wire
from sync.client import PlatformClient
from sync.worker import SyncWorker
from terminal_app import __version__
from terminal_app.demo.stage import StageError, process, run_json
from terminal_app.ids import Uuid7Ids
from terminal_app.store.opening import Store, open_store
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock

BACKLOG = 100_000
IN_A_BLOCK = BACKLOG // BLOCKS
TARGETS = {"sqlite": None, "postgresql": at_least_times(0.5)}


def measure() -> Iterator[Figure]:
    """On each database."""
    for kind in DATABASES:
        with (
            served(kind) as platform,
            _enrolled(platform) as folder,
            process(["benchmarks.bare_reader"], folder / "reader.log", stdout=PIPE) as reader,
            requests.Session() as session,
        ):
            assert reader.stdout is not None
            url = reader.stdout.readline().decode().strip()
            session.trust_env = False
            ours, floor = [], []
            for _ in range(BLOCKS):
                fill(folder, IN_A_BLOCK, pending=True)
                ours.append(_drained(folder, platform.url))
                floor.append(_posted(session, url, folder))
            yield median(f"drain_{kind}", Pair(ours, floor), "entries/s", TARGETS[kind])


@contextmanager
def _enrolled(platform: Served) -> Iterator[Path]:
    """The data folder of a terminal at this platform, whose journal has begun."""
    with TemporaryDirectory(prefix="rating-bench-") as name:
        folder = Path(name) / "terminal"
        config = Path(name) / "terminal.toml"
        config.write_text(f'data_dir = "{folder}"\n[platform]\nurl = "{platform.url}"\n', "utf-8")
        run_json(["terminal_app", "enroll", "--config", str(config), "--claim", platform.claim(), "--json"])
        with _open(folder):
            pass
        yield folder


@contextmanager
def _open(folder: Path) -> Iterator[Store]:
    store = open_store(folder, SystemClock(), Uuid7Ids(), app_version=__version__)
    store.start(lambda work: work(), lambda kind: None, _fail)
    try:
        yield store
    finally:
        store.stop()


def _drained(folder: Path, url: str) -> float:
    """Entries per second, from the first pick to the last acknowledgement."""
    with _open(folder) as store:
        waiting = store.outbox.pending()
        client = PlatformClient(url, store.key.private)
        begun = time.monotonic()
        done = SyncWorker(store.outbox, client, SystemClock(), heads=client).run_pass()
        taken_s = time.monotonic() - begun
        client.close()
        if done.trouble or store.outbox.pending():
            raise StageError(f"not everything was delivered: {done.trouble}")
    return waiting / taken_s


def _posted(session: requests.Session, url: str, folder: Path) -> float:
    """Entries per second of the same lines as bodies that are ready."""
    with JournalReader(folder / "journal.sqlite3") as reader:
        lines = list(reader.lines(last=IN_A_BLOCK))
    size = wire.BATCH_ENTRIES
    ready = [wire.entries_payload(lines[at : at + size]) for at in range(0, len(lines), size)]
    begun = time.monotonic()
    for body in ready:
        session.post(url, data=body, timeout=30).raise_for_status()
    return len(lines) / (time.monotonic() - begun)


def _fail(error: Exception) -> None:
    raise error
