"""What the tests of delivery share: an outbox in memory, time that stands still, chance that is chosen, real entries."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminal_app.domain import suite
from terminal_app.domain.journal import GENESIS, ClockQuality, Draft, Entry, Head, Kind, Moment, write_entry
from terminal_app.ports import OutboxItem, SyncStatus, Verdict

DEVICE = "018f3c1e-0000-7000-8000-000000000001"
CHAIN = "c" * 32
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
WALL = "2026-11-21T10:32:05.123+08:00"


class StillClock:
    """Time moves when the test says so."""

    def __init__(self, mono_ms: int = 1_000_000) -> None:
        self.now_ms = mono_ms

    def mono_ms(self) -> int:
        return self.now_ms

    def local_time(self) -> str:
        return WALL

    def moment(self) -> Moment:
        return Moment(WALL, self.now_ms, "boot", ClockQuality.SYNCHRONISED)


class Chosen:
    """Chance at a chosen place of its range: 0 the least, 1 the most."""

    def __init__(self, place: float = 1.0) -> None:
        self.place = place

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.place


def entries(count: int, *, key: Ed25519PrivateKey | None = None, padding: int = 0, device: str = DEVICE) -> list[Entry]:
    """A chain of signed entries; `padding` makes each that many bytes longer."""
    private = key or Ed25519PrivateKey.from_private_bytes(bytes(32))
    head, made = Head(device, CHAIN, 0, GENESIS), []
    moment = Moment(WALL, 1, "boot", ClockQuality.SYNCHRONISED)
    for number in range(count):
        draft = Draft(Kind.PAUSED, None, {"padding": "x" * padding} if padding else {})
        entry_id = f"018f3c1e-0000-7000-8000-{number + 1:012x}"
        made.append(write_entry(draft, entry_id, head, moment, lambda digest: suite.sign(private, digest)))
        head = made[-1].head
    return made


@dataclass
class MemoryOutbox:
    """Picks like the store does (fewest attempts first, oldest first, in order of age) and remembers every verdict."""

    waiting: dict[int, OutboxItem] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    checkpoints: list[bytes] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @staticmethod
    def of(made: Sequence[Entry]) -> "MemoryOutbox":
        outbox = MemoryOutbox()
        for entry in made:
            outbox.add(entry)
        return outbox

    def add(self, entry: Entry) -> int:
        with self.changed:
            number = len(self.attempts) + 1
            self.waiting[number] = OutboxItem(number, entry.id, entry.line)
            self.attempts[number] = 0
            return number

    def pick(self, limit: int) -> Sequence[OutboxItem]:
        with self.changed:
            chosen = sorted(self.waiting, key=lambda number: (self.attempts[number], number))[:limit]
            return [self.waiting[number] for number in sorted(chosen)]

    def settle(self, verdicts: Sequence[Verdict], checkpoints: Sequence[bytes]) -> None:
        with self.changed:
            for verdict in verdicts:
                self.verdicts[verdict.number] = verdict
                if verdict.status == "retry_later":
                    self.attempts[verdict.number] += 1
                else:
                    del self.waiting[verdict.number]
            self.checkpoints += checkpoints
            self.changed.notify_all()

    def pending(self) -> int:
        return len(self.waiting)

    def quarantined(self) -> int:
        return sum(verdict.status == "refused" for verdict in self.verdicts.values())

    def lost_at(self) -> int | None:
        return None

    def statuses(self) -> dict[int, str]:
        return {number: verdict.status for number, verdict in sorted(self.verdicts.items())}

    def wait_for(self, condition: Callable[[], bool], deadline_s: float = 10.0) -> None:
        """Return once `condition` holds after a settling; AssertionError at the deadline."""
        with self.changed:
            assert self.changed.wait_for(condition, deadline_s), "the verdicts waited for did not come"

    def wait_until_empty(self, deadline_s: float = 10.0) -> None:
        self.wait_for(lambda: not self.waiting, deadline_s)


@dataclass
class Told:
    """Every status that a sender told, and waiting for one."""

    statuses: list[SyncStatus] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, status: SyncStatus) -> None:
        with self.changed:
            self.statuses.append(status)
            self.changed.notify_all()

    @property
    def last(self) -> SyncStatus:
        return self.statuses[-1]

    def wait_for(self, condition: Callable[[SyncStatus], bool], deadline_s: float = 10.0) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: bool(self.statuses) and condition(self.last), deadline_s), "never told"


@dataclass
class MemoryDocuments:
    """A document store in memory; `log` lists what was put, in order."""

    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def get(self, kind: str) -> tuple[str, bytes] | None:
        return self.kept.get(kind)

    def put(self, kind: str, etag: str, line: bytes) -> None:
        self.put_all({kind: (etag, line)})

    def put_all(self, documents: Mapping[str, tuple[str, bytes]]) -> None:
        for kind, document in documents.items():
            self.kept[kind] = document
            self.log.append(str(kind))
