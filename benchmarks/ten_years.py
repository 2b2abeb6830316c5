"""Ten years of a busy window through the real store, on virtual time: how large its file gets, and that it stops growing.

The store's own thread appends, acknowledges, tidies and prunes, as at a window that is never quiet; only the disk is memory and
the calendar is ours. Two months of each year, and eight of the second, are without network. Prints a table of years on stderr.
"""

import base64
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figure import Figure, at_most, compare, times
from benchmarks.filling import session_opened
from terminal_app.application.documents import ENROLMENT
from terminal_app.domain import suite
from terminal_app.domain.journal import ClockQuality, Draft, Entry, Head, Kind, Moment
from terminal_app.domain.signed import sign_document
from terminal_app.ids import Uuid7Ids
from terminal_app.ports import StoreFailure, Verdict
from terminal_app.store.connection import wal_of
from terminal_app.store.opening import Store, open_store

YEARS, PER_DAY = 10, 200
WORKING_DAYS_A_WEEK = 5
REBOOT_EVERY_DAYS = 30
BATCH = 500
DISK_MB = 8_000
MEGABYTE = 1e6
DEVICE = "018f3c1e-0000-7000-8000-000000000001"
PERSON = base64.urlsafe_b64encode(bytes(180)).decode()
"""As long as a sealed name, identity number and telephone number are."""
OPENING = datetime.fromisoformat("2026-01-01T09:00:00+08:00")


class Calendar:
    """`ports.Clock` of a window whose days pass when the simulation says so."""

    def __init__(self) -> None:
        self.now = OPENING

    def moment(self) -> Moment:
        wall = self.now.isoformat(timespec="milliseconds")
        return Moment(wall, self.mono_ms(), "5f0c8f6e-0000-4000-8000-000000000001", ClockQuality.SYNCHRONISED)

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return int((self.now - OPENING) / timedelta(milliseconds=1))


@dataclass(slots=True)
class Year:
    """What one year came to; sizes in bytes. `lines`: the signed lines in the file at its end, `free`: its unused pages."""

    number: int
    ratings: int = 0
    appended: int = 0
    pruned: int = 0
    waiting: int = 0
    rows: int = 0
    lines: int = 0
    file: int = 0
    free: int = 0
    log: int = 0
    largest: int = 0


class Platform:
    """Takes everything and counter-signs it, by its own clock."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def enrolment(self) -> bytes:
        key = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).decode().rstrip("=")
        window = {"hall": "政务服务大厅", "name": "综合窗口", "number": "12", "service_number": None}
        who = {"device": DEVICE, "platform_key": key, "region": "taian", "window": window}
        return self._signed({"type": "enrolment", **who, "issued_at": OPENING.isoformat()})

    def head(self, head: Head, at: datetime) -> bytes:
        body = {"device": head.device, "chain": head.chain, "seq": head.seq, "hash": head.hash}
        return self._signed({"type": "checkpoint", **body, "at": at.isoformat(timespec="milliseconds")})

    def _signed(self, body: dict[str, object]) -> bytes:
        return sign_document(body, lambda message: suite.sign(self._key, message))


@dataclass(slots=True)
class BusyWindow:
    """One terminal over years, in `folder`; `per_day` ratings each working day."""

    folder: Path
    per_day: int
    calendar: Calendar = field(default_factory=Calendar)
    platform: Platform = field(default_factory=Platform)
    ids: Uuid7Ids = field(default_factory=Uuid7Ids)
    visits: int = 0

    def years(self, count: int) -> Iterator[Year]:
        """Live through `count` years; each as it ends."""
        store = self._open()
        try:
            for number in range(1, count + 1):
                year = Year(number)
                for day in range(365):
                    if day % REBOOT_EVERY_DAYS == 0:
                        store.stop()
                        store = self._open()
                    self._live(store, year, day)
                    self.calendar.now += timedelta(days=1)
                self._close_books(store, year)
                yield year
        finally:
            store.stop()

    def _open(self) -> Store:
        store = open_store(self.folder, self.calendar, self.ids, app_version="0.1.0")
        if store.enrolment is None:
            store.documents.put(ENROLMENT, "", self.platform.enrolment())
            store.begin()
        store.start(lambda answer: answer(), lambda kind: None, _fail)
        return store

    def _live(self, store: Store, year: Year, day: int) -> None:
        if day % 7 < WORKING_DAYS_A_WEEK:
            self._rate(store, year)
        year.waiting = max(year.waiting, store.outbox.pending())
        if not _is_offline(year.number, day):
            self._deliver(store)
        year.pruned += store.prune()
        year.log = max(year.log, wal_of(store.path).stat().st_size)
        year.largest = max(year.largest, store.path.stat().st_size + year.log)

    def _rate(self, store: Store, year: Year) -> None:
        """A day's citizens, one behind the other. Raises what could not be written."""
        answers: SimpleQueue[Entry | StoreFailure] = SimpleQueue()
        drafts = [draft for _ in range(self.per_day) for draft in self._visit()]
        for draft in drafts:
            store.executor.append(draft, answers.put)
        for _ in drafts:
            answer = answers.get(timeout=60)
            if isinstance(answer, StoreFailure):
                raise RuntimeError(answer.reason)
        year.ratings += self.per_day
        year.appended += len(drafts)

    def _visit(self) -> Iterator[Draft]:
        """A rated session; every tenth citizen is not content and says why."""
        self.visits += 1
        session = self.ids.uuid7()
        yield Draft(
            Kind.SESSION_OPENED,
            session,
            session_opened(f"TA2026{self.visits:012d}", visit="1", person=PERSON, receipt="0" * 64),
        )
        bad = self.visits % 10 == 0
        yield Draft(Kind.STAR_CHOSEN, session, {"level": 2 if bad else 5, "offset_ms": 4_200, "source": "touch"})
        for code in ("2-01", "2-07") if bad else ():
            yield Draft(Kind.REASON_TOGGLED, session, {"code": code, "chosen": True, "offset_ms": 6_100, "source": "touch"})
        if bad:
            yield Draft(Kind.REASONS_CHOSEN, session, {"codes": ["2-01", "2-07"]})
        yield Draft(Kind.SESSION_CLOSED, session, {"outcome": "rated", "submitted": True})

    def _deliver(self, store: Store) -> None:
        while items := store.outbox.pick(BATCH):
            store.outbox.settle([Verdict(item.number, "accepted") for item in items], [])
        head = store.journal.head
        if head is not None:
            store.outbox.settle([], [self.platform.head(head, self.calendar.now)])

    def _close_books(self, store: Store, year: Year) -> None:
        with closing(sqlite3.connect(f"{store.path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            year.rows, year.lines = connection.execute("SELECT count(*), sum(length(line)) FROM entries").fetchone()
            free, page = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_size"))
        year.free = free * page
        year.file = store.path.stat().st_size


def _is_offline(year: int, day: int) -> bool:
    """Two months of each year; from March to October in the second."""
    return 60 <= day < (300 if year == 2 else 120)


def _fail(error: Exception) -> None:
    raise error


def measure(per_day: int = PER_DAY, years: int = YEARS, tell: bool = True) -> Iterator[Figure]:
    """The largest the file ever was, beside the signed lines in it; its growth after the longest outage; the log's peak."""
    lived = []
    with tempfile.TemporaryDirectory(prefix="rating-years-", dir=memory()) as name:
        for year in BusyWindow(Path(name) / "data", per_day).years(years):
            lived.append(year)
            if tell:
                print(_header() if year.number == 1 else "", _row(year), sep="", file=sys.stderr, flush=True)
    yield from figures(lived)


def memory() -> str | None:
    """A folder in memory for years of writing; None where the system has none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def at(entry: Entry) -> datetime:
    """When an entry was written."""
    return datetime.fromisoformat(entry.moment.wall)


def figures(lived: list[Year]) -> list[Figure]:
    """The figures of some years, of which the second had the longest outage."""
    appended = sum(year.appended for year in lived)
    largest, lines = max(year.largest for year in lived), max(year.lines for year in lived)
    log, first = max(year.log for year in lived), lived[0]
    never = (first.file - first.free) / first.rows * appended
    return [
        compare("ten_years_size", largest / MEGABYTE, lines / MEGABYTE, "MB", at_most(DISK_MB / 4), appended),
        compare("ten_years_growth", lived[-1].file / MEGABYTE, lived[1].file / MEGABYTE, "MB", times(1.2), appended),
        compare("ten_years_log", log / MEGABYTE, 0, "MB", at_most(64), appended),
        compare("ten_years_never_delivered", never / MEGABYTE, 0, "MB", at_most(DISK_MB), appended),
    ]


def _header() -> str:
    columns = ("year", "ratings", "entries kept", "pruned", "most waiting", "file MB", "free MB", "log MB", "largest MB")
    return f"| {' | '.join(columns)} |\n|{'--:|' * len(columns)}\n"


def _row(year: Year) -> str:
    counts = (f"{count:,}" for count in (year.ratings, year.rows, year.pruned, year.waiting))
    sizes = (f"{size / MEGABYTE:.1f}" for size in (year.file, year.free, year.log, year.largest))
    return f"| {year.number} | {' | '.join((*counts, *sizes))} |"
