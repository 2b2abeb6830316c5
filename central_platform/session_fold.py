"""The stored rows of one session → what they say: the rating, the keys that may be rated once, its rank. Pure.

Rows come in any order and are put into chain order here, so the order of arrival changes nothing.
"""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from central_platform.entry_data import MalformedData, SessionOpened, StarChosen, read_data
from central_platform.marks import split_marks
from central_platform.messages import RatingItem, Window
from central_platform.schema import Record
from central_platform.times import iso, parse_wall
from sync.wire import Mark
from terminal_app.domain.rating import Rating, fold
from terminal_app.domain.session import rating_key
from terminal_app.domain.ticket import Case


@dataclass(frozen=True, slots=True)
class Folded:
    """`keys` are the hashes of what this session rates, empty before the first star. The lowest `rank` rates a key first."""

    item: RatingItem
    keys: frozenset[bytes]
    rank: str

    @property
    def standing(self) -> str:
        """Keys and rank in one text; empty without keys. While it stays, no other session's “already rated” changes."""
        if not self.keys:
            return ""
        return f"{self.rank} {hashlib.sha256(b''.join(sorted(self.keys))).hexdigest()}"

    def document(self, rated_before: bool) -> str:
        """The item as JSON, with the mark that depends on other sessions."""
        item = self.item
        if rated_before:
            item = msgspec.structs.replace(item, marks=sorted({*item.marks, Mark.ALREADY_RATED}))
        return msgspec.json.encode(item).decode()


class _Body(msgspec.Struct):
    kind: str
    wall: str
    data: dict[str, Any]


class _Line(msgspec.Struct):
    body: _Body


_lines = msgspec.json.Decoder(_Line)


def fold_rows(session: bytes, rows: Sequence[Record]) -> Folded:
    """What the rows of a session at one device say; each has the entry's columns and the device's uuid, hall, name, number."""
    opened: SessionOpened | None = None
    day = ""
    folds: list[tuple[str, str, Mapping[str, Any]]] = []
    marks: set[str] = set()
    ordered = _in_chain_order(rows)
    received_at = ordered[0].received_at
    for row in ordered:
        marks.update(split_marks(row.marks))
        try:
            body = _lines.decode(row.line).body
            data = read_data(body.kind, body.data)
        except (MalformedData, msgspec.DecodeError):
            continue
        if isinstance(data, SessionOpened):
            if opened is None:
                opened, day = data, _day(body.wall)
        elif data is not None:
            folds.append((body.kind, body.wall, body.data))
            received_at = row.received_at if isinstance(data, StarChosen) else received_at
    rating = fold(str(uuid.UUID(bytes=session)), folds)
    keys = frozenset[bytes]() if rating.level is None or opened is None else _keys(opened, day)
    return Folded(_item(rating, opened, ordered[0], received_at, marks), keys, _rank(rating, session))


def _in_chain_order(rows: Sequence[Record]) -> list[Record]:
    """Chains by the time of their first entry in this session (ids are time-ordered), entries by their place."""
    first: dict[int, bytes] = {}
    for row in rows:
        first[row.chain_id] = min(row.id, first.get(row.chain_id, row.id))
    return sorted(rows, key=lambda row: (first[row.chain_id], row.seq, row.hash))


def _item(rating: Rating, opened: SessionOpened | None, device: Record, received_at: int, marks: set[str]) -> RatingItem:
    return RatingItem(
        session=rating.session,
        device=device.uuid,
        window=Window(device.hall, device.name, device.number),
        cases=opened.covered if opened else [],
        matter_name=next((case.matter_name for case in opened.ticket.cases), None) if opened else None,
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


def _keys(opened: SessionOpened, day: str) -> frozenset[bytes]:
    """One key per covered case, as the terminal makes them."""
    visits = {case.number: case.visit for case in opened.ticket.cases}
    texts = (rating_key(Case(number, visit=visits.get(number)), day) for number in opened.covered)
    return frozenset(hashlib.sha256(text.encode()).digest() for text in texts)


def _rank(rating: Rating, session: bytes) -> str:
    """Sorts by the time of the last star, then by session; without a readable time by the session's own (UUIDv7) time."""
    parsed = parse_wall(rating.rated_at) if rating.rated_at else None
    at = parsed[0] if parsed else int.from_bytes(session[:6], "big")
    return f"{max(at, 0):016d} {session.hex()}"
