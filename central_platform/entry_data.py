"""The data of journal entries, by kind, as far as ratings depend on it (docs/wire.md).

A terminal's entry is stored whatever it says; only data of these shapes takes part in a rating.
"""

import contextlib
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from terminal_app.domain.journal import Kind
from terminal_app.domain.policy import Once, Situation
from terminal_app.domain.rating import Outcome
from terminal_app.domain.ticket import MAX_CASES, Grouping

Level = Annotated[int, Meta(ge=1, le=5)]
Offset = Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)]
Number = Annotated[str, Meta(pattern=r"\A[^\x00]{0,100}\Z")]
"""Of a case or a visit: text that every database takes for a key. Terminals let up to 50 characters through."""
Covered = Annotated[list[Number], Meta(max_length=MAX_CASES)]


class StoredBody(msgspec.Struct):
    """What of a stored entry's body ratings depend on."""

    kind: str
    wall: str
    data: dict[str, Any]


class _Line(msgspec.Struct):
    body: StoredBody


_lines = msgspec.json.Decoder(_Line)


def stored_body(line: bytes) -> StoredBody | None:
    """The body in a stored signed line; None where it cannot be read."""
    try:
        return _lines.decode(line).body
    except msgspec.DecodeError:
        return None


class _Head(msgspec.Struct):
    chain: Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    seq: Annotated[int, Meta(ge=0, le=1 << 53)]
    hash: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class _ChainStarted(msgspec.Struct):
    previous: _Head | None = None


class StarChosen(msgspec.Struct):
    """A tap: level, milliseconds since the ticket."""

    level: Level
    offset_ms: Offset


class ReasonToggled(msgspec.Struct):
    """A reason was marked or unmarked."""

    level: Level
    code: str
    on: bool


class ChosenReason(msgspec.Struct):
    """One of the reasons that were submitted."""

    code: str


class ReasonsChosen(msgspec.Struct):
    """The reasons were submitted or skipped."""

    level: Level
    reasons: list[ChosenReason]


class SessionClosed(msgspec.Struct):
    """The session's end."""

    outcome: Outcome
    submitted: bool


class ScopeChosen(msgspec.Struct):
    """Which of the session's cases the rating is about; the last before the first star counts."""

    covered: Covered


class TicketCase(msgspec.Struct):
    """A case on the ticket."""

    number: Number
    matter_name: str | None = None
    visit: Number | None = None


class Ticket(msgspec.Struct):
    """The ticket that opened the session."""

    cases: Annotated[list[TicketCase], Meta(max_length=MAX_CASES)]
    grouping: str = Grouping.SINGLE
    staff_number: str | None = None
    verification: str | None = None


class CountedCase(msgspec.Struct):
    """How a covered case is counted (terminal_app/domain/rateable.py)."""

    number: str
    once: Once
    situation: Situation


class SessionOpened(msgspec.Struct):
    """The session's beginning: its ticket and the cases that its rating covers; `points` None: of before there were any."""

    ticket: Ticket
    covered: Covered
    source: str | None = None
    on_duty: str | None = None
    points: list[CountedCase] | None = None
    follow_up: bool = False


EntryData = SessionOpened | ScopeChosen | StarChosen | ReasonToggled | ReasonsChosen | SessionClosed

_SHAPES: Mapping[str, type[EntryData]] = {
    Kind.SESSION_OPENED: SessionOpened,
    Kind.SCOPE_CHOSEN: ScopeChosen,
    Kind.STAR_CHOSEN: StarChosen,
    Kind.REASON_TOGGLED: ReasonToggled,
    Kind.REASONS_CHOSEN: ReasonsChosen,
    Kind.SESSION_CLOSED: SessionClosed,
}


class MalformedData(ValueError):
    """The data has not the shape of its kind."""


def read_data(kind: str, data: Mapping[str, Any]) -> EntryData | None:
    """The data of an entry; None for a kind that ratings do not depend on. Raises MalformedData."""
    shape = _SHAPES.get(kind)
    if shape is None:
        return None
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError:
        raise MalformedData(f"the data has not the shape of {kind}") from None


def read_opened(line: bytes) -> SessionOpened | None:
    """The data of a stored line that opens a session; None for every other, and where they have not that shape."""
    body = stored_body(line)
    if body is None or body.kind != Kind.SESSION_OPENED:
        return None
    try:
        return msgspec.convert(body.data, SessionOpened)
    except msgspec.ValidationError:
        return None


def followed_head(line: bytes) -> dict[str, bytes | int | None]:
    """The head in another chain that a chain follows, as its first entry's line says and as it stands beside the chain.

    All None for a first chain, and where the line says nothing of that shape.
    """
    body, head = stored_body(line), None
    if body is not None and body.kind == Kind.CHAIN_STARTED:
        with contextlib.suppress(msgspec.ValidationError):
            head = msgspec.convert(body.data, _ChainStarted).previous
    if head is None:
        return dict.fromkeys(("follows_chain", "follows_seq", "follows_hash"))
    return {
        "follows_chain": bytes.fromhex(head.chain),
        "follows_seq": head.seq,
        "follows_hash": bytes.fromhex(head.hash),
    }
