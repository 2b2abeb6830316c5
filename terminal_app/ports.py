"""What the application needs from the world outside, as protocols. Implementations are handed in by the assembly."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from terminal_app.domain.administration import Denial, Task
from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import Draft, Entry, Moment
from terminal_app.domain.session import Terminal
from terminal_app.domain.staff import StaffMember


class Clock(Protocol):
    """Time. Nothing else in the product reads a clock."""

    def moment(self) -> Moment:
        """Wall and monotonic time, boot id and quality, now."""
        ...

    def local_time(self) -> str:
        """The wall time of a moment, alone: RFC 3339 with milliseconds."""
        ...

    def mono_ms(self) -> int:
        """Milliseconds of a clock that is never set."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def uuid7(self) -> str:
        """A time-ordered UUID (RFC 9562, version 7) as text."""
        ...

    def token(self) -> bytes:
        """128 random bits that nothing else can be worked out from."""
        ...


@frozen
class StoreFailure:
    """An append that did not become durable: `disk_full`, `io_error`, `read_only` or `corrupt`."""

    reason: str


class Journal(Protocol):
    """The terminal's own journal.

    Every `done` is called on the main thread, once, in the order of the calls, and never from within the call.
    """

    def append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None]) -> None:
        """Write an entry; `done` gets it once it is durable."""
        ...

    def rated_before(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        """Which of these rating keys were rated at this terminal already."""
        ...

    def recover(self, done: Callable[[bool], None]) -> None:
        """After a failure: close every session that is still open; `done` gets whether entries can be written again."""
        ...


class StaffDirectory(Protocol):
    """Who owns a card."""

    def by_card(self, uid: str) -> StaffMember | None:
        """The member with this canonical card UID (upper-case hex), if any."""
        ...

    def find(self, number: str | None) -> StaffMember | None:
        """The member with this staff number, if any."""
        ...


class Scheduler(Protocol):
    """Calls back on the main thread after a monotonic delay."""

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None: ...


class View(Protocol):
    """Whatever shows the state to people."""

    def show(self, state: Terminal) -> None: ...


class Witness(Protocol):
    """Whoever has to know, on the main thread, how the window goes on."""

    def saw(self, state: Terminal) -> None:
        """The state after an event."""
        ...

    def durable(self, entry: Entry) -> None:
        """This entry is on the disk, and the state says so."""
        ...

    def recovered(self) -> None:
        """The store has closed every session that a failure had left open."""
        ...


class Office(Protocol):
    """What administration needs from outside. Main thread."""

    def check_pin(self, number: str, pin: str, done: Callable[[Denial | None, int], None]) -> None:
        """Whether this is the PIN of the member with this staff number; `done` gets why not (None: it is), and for how many
        seconds nothing is checked. Called on the main thread, never from within the call."""
        ...

    def perform(self, task: Task) -> None:
        """Do this; returns at once."""
        ...


class OutboxItem(NamedTuple):
    """One entry that the platform has not acknowledged: its local number and the frozen line."""

    number: int
    entry_id: str
    line: bytes


class Verdict(NamedTuple):
    """The platform's answer for one entry: `accepted`, `duplicate`, `retry_later` or `refused`, with code and marks."""

    number: int
    status: str
    code: str | None = None
    marks: tuple[str, ...] = ()


class StoreUnavailable(Exception):
    """The store cannot do this now (disk full, broken, stopped); what was asked for did not happen."""


class Outbox(Protocol):
    """What waits for the platform. `pick` is called on the sync thread, over a read-only connection of its own.

    Every method raises StoreUnavailable.
    """

    def pick(self, limit: int) -> Sequence[OutboxItem]:
        """Up to `limit` entries: some of the newest, then by attempts and age."""
        ...

    def settle(self, verdicts: Sequence[Verdict], checkpoints: Sequence[bytes]) -> None:
        """Record a batch's verdicts and the platform's counter-signed heads (signed lines); returns when they are durable."""
        ...

    def chains(self) -> Sequence[str]:
        """The names of all chains in the journal, as the platform has to be asked about them. Called on the sync thread."""
        ...

    def pending(self) -> int:
        """How many entries wait. Called on the sync thread."""
        ...

    def quarantined(self) -> int:
        """How many entries the platform refused and nobody has requeued. Called on the sync thread."""
        ...

    def lost_at(self) -> int | None:
        """When the platform was last found to hold less than it had acknowledged: milliseconds since 1970; None: never."""
        ...


class DocumentStore(Protocol):
    """Signed documents as the platform sent them: `enrolment`, `policy`, `catalogue`, `staff`. Called on the sync thread."""

    def get(self, kind: str) -> tuple[str, bytes] | None:
        """ETag and signed line of the stored document of this kind, if any."""
        ...

    def put(self, kind: str, etag: str, line: bytes) -> None:
        """Replace the document of this kind; returns when it is durable."""
        ...

    def put_all(self, documents: Mapping[str, tuple[str, bytes]]) -> None:
        """Replace several documents at once, ETag and line by kind: all of them durably, or none."""
        ...


class Link(StrEnum):
    """How the terminal stands with the platform."""

    STARTING = "starting"
    ONLINE = "online"
    OFFLINE = "offline"
    UNAUTHORISED = "unauthorised"
    REVOKED = "revoked"


@frozen
class SyncStatus:
    """The state of delivery. `detail` is a short code for administrators (`timeout`, `http_503`, `wrong_certificate`, …).

    `last_success_ms`: monotonic time of the platform's last good answer, None before the first.
    """

    link: Link
    detail: str
    pending: int
    last_success_ms: int | None
    quarantined: int = 0


@frozen
class DeviceReport:
    """How one device of this terminal is: for people who look after it. Nothing that was read, scanned or chosen is in it.

    `role`, `driver`, `address` as configured. `state`: `connecting`, `connected`, `missing`, `busy` or `failed`, with a
    `remedy` where something is to be done, as about a printer without paper on an open line. `since_ms`: when it came into this
    state; `last_good_ms`: its last good frame, None before the first; both monotonic. `frames`, `bad_frames`: how many since
    the start; `last_bad`: why the last bad one was refused, empty before the first. `last_bytes`: what was read for the last
    frame, as kinds of bytes (9 a digit, A a letter, • any).
    """

    name: str
    role: str
    driver: str
    address: str
    state: str
    remedy: str
    since_ms: int
    last_good_ms: int | None
    frames: int
    bad_frames: int
    last_bad: str
    last_bytes: str


class DeviceBoard(Protocol):
    """Tells how the devices are; from any thread, and without waiting for any of them."""

    def reports(self) -> Sequence[DeviceReport]:
        """One report per configured device, in the order of the configuration; none before they are started."""
        ...
