"""What the tests of the store share: an enrolled data folder with real files, a clock that is set by hand, a platform's key."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from support.chains import BOOT, Key

from terminal_app.application.documents import ENROLMENT
from terminal_app.domain.checkpoint import Checkpoint, heads_by_chain
from terminal_app.domain.journal import ClockQuality, Draft, Entry, Head, Kind, Moment, read_entry
from terminal_app.domain.signed import sign_document
from terminal_app.ids import Uuid7Ids
from terminal_app.ports import Clock, OutboxItem, Verdict
from terminal_app.store.opening import Store, open_store
from terminal_app.store.reading import JournalReader

DEVICE = "018f3c1e-0000-7000-8000-000000000001"
PLATFORM = Key(77)
MORNING = "2026-11-21T09:00:00.000+08:00"
IDS = Uuid7Ids()


@dataclass
class HandClock:
    """Time that stands still until a test sets it."""

    wall: str = MORNING
    now_ms: int = 1_000

    def moment(self) -> Moment:
        return Moment(self.wall, self.now_ms, BOOT, ClockQuality.SYNCHRONISED)

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return self.now_ms


def enrolment_line(device: str = DEVICE, platform: Key = PLATFORM) -> bytes:
    """An enrolment record, as docs/wire.md has it."""
    body = {
        "type": "enrolment",
        "device": device,
        "platform_key": base64.urlsafe_b64encode(platform.public).decode().rstrip("="),
        "region": "taian",
        "issued_at": MORNING,
        "window": {"hall": "政务服务大厅", "name": "综合窗口", "number": "12", "service_number": None},
    }
    return sign_document(body, platform.sign)


def open_folder(folder: Path, clock: Clock | None = None) -> Store:
    """Open a data folder without starting its thread: `call` and `settle` run on the test's own."""
    return open_store(folder, clock or HandClock(), IDS, app_version="0.1.0")


def open_enrolled(folder: Path, clock: Clock | None = None) -> Store:
    """Open a data folder that is enrolled now if it was not."""
    store = open_folder(folder, clock)
    if store.enrolment is None:
        store.documents.put(ENROLMENT, "", enrolment_line())
        store.begin()
    return store


def opened(session: str, *cases: str, visit: str | None = None, left_out: Sequence[str] = ()) -> Draft:
    """`session_opened` for these case numbers, with every key of docs/wire.md."""
    rows = [
        {"number": case, "matter_code": None, "matter_name": "居住证申领", "kind": "immediate", "visit": visit}
        for case in (*cases, *left_out)
    ]
    unknown = dict.fromkeys(("staff_number", "staff_name", "accepting_body", "served_at", "service_count"))
    data = {
        "ticket": {"cases": rows, "grouping": "single", "verification": "unverified", **unknown},
        "covered": list(cases),
        "left_out": list(left_out),
        "source": "serial",
        "device": "ticket",
        "on_duty": None,
        "policy": {"id": "taian", "version": "1"},
        "catalogue": {"id": "reasons", "version": "1"},
        "person": None,
        "receipt": None,
    }
    return Draft(Kind.SESSION_OPENED, session, data)


def star(session: str, level: int = 3) -> Draft:
    return Draft(Kind.STAR_CHOSEN, session, {"level": level, "offset_ms": 1_200, "source": "touch"})


def closed(session: str, outcome: str = "rated", submitted: bool = True) -> Draft:
    return Draft(Kind.SESSION_CLOSED, session, {"outcome": outcome, "submitted": submitted})


def window(kind: Kind, **data: object) -> Draft:
    """An entry about the window itself."""
    return Draft(kind, None, data)


def rate(store: Store, case: str = "CASE-1", level: int = 3) -> list[Entry]:
    """One whole session, straight into the journal."""
    session = IDS.uuid7()
    return [store.journal.append(draft) for draft in (opened(session, case), star(session, level), closed(session))]


def entries_in(folder_or_store: Path | Store) -> list[Entry]:
    """Every entry in the file, oldest first, as an observer with a read-only connection sees them."""
    folder = folder_or_store.folder if isinstance(folder_or_store, Store) else folder_or_store
    with JournalReader(folder / "journal.sqlite3") as reader:
        return [read_entry(line) for line in reader.lines()]


def heads_in(store: Store) -> dict[str, list[Checkpoint]]:
    """The platform's heads that the file keeps, by chain."""
    with JournalReader(store.path) as reader:
        return heads_by_chain(reader.checkpoints(), PLATFORM.public)[0]


def head_of(store: Store) -> Head:
    head = store.journal.head
    assert head is not None
    return head


def checkpoint(head: Head, at: str = MORNING, *, key: Key = PLATFORM, device: str | None = None) -> bytes:
    """The platform's counter-signature of a head, as docs/wire.md has it."""
    body = {
        "type": "checkpoint",
        "device": device or head.device,
        "chain": head.chain,
        "seq": head.seq,
        "hash": head.hash,
        "at": at,
    }
    return sign_document(body, key.sign)


def accept(items: Iterable[OutboxItem], *marks: str) -> list[Verdict]:
    return [Verdict(item.number, "accepted", None, marks) for item in items]


def deliver(store: Store, at: str = MORNING) -> None:
    """Everything that waits is accepted, and the present head counter-signed."""
    while items := store.outbox.pick(500):
        store.outbox.settle(accept(items), [])
    store.outbox.settle([], [checkpoint(head_of(store), at)])


def seqs(items: Iterable[OutboxItem]) -> list[int]:
    """The sequence numbers of what was picked."""
    return [json.loads(item.line)["body"]["seq"] for item in items]


@dataclass
class MainThread:
    """Stands for the main thread: what was posted runs when the test says so, with a deadline."""

    posted: "SimpleQueue[Callable[[], None]]" = field(default_factory=SimpleQueue)

    def post(self, work: Callable[[], None]) -> None:
        self.posted.put(work)

    def run(self, count: int, deadline_s: float = 10.0) -> None:
        """Run the next `count` pieces of work; fails when they do not come."""
        for _ in range(count):
            self.posted.get(timeout=deadline_s)()
