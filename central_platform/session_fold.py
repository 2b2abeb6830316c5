"""The entries of one session → what they say: the rating, the keys that may be rated once, its rank. Pure.

They come in any order and are put into chain order here, so the order of arrival changes nothing.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from central_platform.entry_data import (
    MalformedData,
    ScopeChosen,
    SessionOpened,
    StarChosen,
    StoredBody,
    read_data,
    stored_body,
)
from central_platform.marks import split_marks
from central_platform.messages import RatingItem, Window
from central_platform.schema import Record
from central_platform.times import iso, parse_wall
from sync.wire import Mark
from terminal_app.domain.rateable import SessionKeys
from terminal_app.domain.rating import Rating, fold


class Owner(NamedTuple):
    """The device of a session: its id on the wire, and where it stands."""

    uuid: str
    window: Window


class Part(NamedTuple):
    """A stored entry, as far as its session's rating depends on it; without `kind` where the line cannot be read."""

    id: bytes
    chain_id: int
    seq: int
    hash: bytes
    marks: Collection[str]
    received_at: int
    kind: str
    wall: str
    data: Mapping[str, Any]


class Folded(msgspec.Struct, frozen=True):
    """`keys` are the hashes of what this session rates, empty before the first star. The lowest `rank` rates a key first.

    `standing` is keys and rank in one text; empty without keys. While it stays, no other session's “already rated” changes.
    """

    item: RatingItem
    keys: frozenset[bytes]
    rank: str
    standing: str

    def document(self, rated_before: bool) -> str:
        """The item as JSON, with the mark that depends on other sessions."""
        item = self.item
        if rated_before:
            item = msgspec.structs.replace(item, marks=sorted({*item.marks, Mark.ALREADY_RATED}))
        return msgspec.json.encode(item).decode()


_UNREADABLE = StoredBody("", "", {})
_NOTHING = SessionKeys({}, ())
_place = attrgetter("seq", "hash")


def part_of(row: Record) -> Part:
    """A row of `entries`."""
    body = stored_body(row.line) or _UNREADABLE
    marks = split_marks(row.marks)
    return Part(row.id, row.chain_id, row.seq, row.hash, marks, row.received_at, body.kind, body.wall, body.data)


def fold_session(session: bytes, owner: Owner, parts: Sequence[Part]) -> Folded:
    """What the entries of a session at one device say."""
    opened: SessionOpened | None = None
    rates = _NOTHING
    folds: list[tuple[str, str, Mapping[str, Any]]] = []
    marks: set[str] = set()
    ordered = _in_chain_order(parts)
    received_at = ordered[0].received_at
    for part in ordered:
        marks.update(part.marks)
        try:
            data = read_data(part.kind, part.data)
        except MalformedData:
            continue
        if isinstance(data, SessionOpened):
            if opened is None:
                opened, rates = data, SessionKeys.of(part.data, _day(part.wall))
        elif isinstance(data, ScopeChosen):
            rates = rates if folds else rates.in_scope(part.data)
        elif data is not None:
            folds.append((part.kind, part.wall, part.data))
            received_at = part.received_at if isinstance(data, StarChosen) else received_at
    rating = fold(_uuid_text(session), folds)
    keys = frozenset[bytes]() if rating.level is None else _hashed(rates)
    rank = _rank(rating, session)
    return Folded(_item(rating, opened, rates.covered, owner, received_at, marks), keys, rank, _standing(keys, rank))


def _uuid_text(of: bytes) -> str:
    digits = of.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _standing(keys: frozenset[bytes], rank: str) -> str:
    return f"{rank} {hashlib.sha256(b''.join(sorted(keys))).hexdigest()}" if keys else ""


def _in_chain_order(parts: Sequence[Part]) -> list[Part]:
    """Chains by the time of their first entry in this session (ids are time-ordered), entries by their place."""
    if len({part.chain_id for part in parts}) == 1:
        return sorted(parts, key=_place)
    first: dict[int, bytes] = {}
    for part in parts:
        first[part.chain_id] = min(part.id, first.get(part.chain_id, part.id))
    return sorted(parts, key=lambda part: (first[part.chain_id], part.seq, part.hash))


def _item(
    rating: Rating, opened: SessionOpened | None, covered: Sequence[str], owner: Owner, received_at: int, marks: set[str]
) -> RatingItem:
    cases = opened.ticket.cases if opened else []
    named = [case for case in cases if case.number in covered] or cases
    return RatingItem(
        session=rating.session,
        device=owner.uuid,
        window=owner.window,
        cases=list(covered),
        matter_name=named[0].matter_name if named else None,
        level=None if rating.level is None else int(rating.level),
        reasons=list(rating.reasons),
        submitted=rating.submitted,
        outcome=rating.outcome,
        stars=[(int(level), offset) for level, offset in rating.stars],
        rated_at=rating.rated_at,
        received_at=iso(received_at),
        on_duty=opened.on_duty if opened else None,
        ticket_staff=opened.ticket.staff_number if opened else None,
        source=opened.source if opened else None,
        verification=opened.ticket.verification if opened else None,
        marks=sorted(marks),
    )


def _day(wall: str) -> str:
    parsed = parse_wall(wall)
    return parsed[1] if parsed else wall


def _hashed(rates: SessionKeys) -> frozenset[bytes]:
    """One key per covered case, as the terminal makes them."""
    return frozenset(hashlib.sha256(text.encode()).digest() for text in rates.all)


def _rank(rating: Rating, session: bytes) -> str:
    """Sorts by the time of the last star, then by session; without a readable time by the session's own (UUIDv7) time."""
    parsed = parse_wall(rating.rated_at) if rating.rated_at else None
    at = parsed[0] if parsed else int.from_bytes(session[:6], "big")
    return f"{max(at, 0):016d} {session.hex()}"
