"""Ratings as a projection of stored entries: computed again from a session's entries whenever one of them arrives.

Nothing but the entries, their marks and the device's window decides what a rating says, so the order of arrival and
repeated deliveries change nothing. The rows of `ratings` carry a revision that grows in the order of commits: whoever
has read up to revision N misses nothing when going on from N. For that, projecting transactions take turns at the
counter's row; the same turn makes “already rated” agree between windows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.entry_data import MalformedData, SessionOpened, StarChosen, read_data
from central_platform.marks import split_marks
from central_platform.messages import RatingItem, Window
from central_platform.schema import Record, counters, devices, entries, rating_keys, ratings
from central_platform.times import iso, parse_wall
from sync.wire import Mark
from terminal_app.domain.rating import Rating, fold
from terminal_app.domain.session import rating_key
from terminal_app.domain.ticket import Case

SessionRef = tuple[int, bytes]
"""A session at a device: (row of the device, 16 bytes). Another device that writes into it makes a session of its own."""


class _Body(msgspec.Struct):
    kind: str
    wall: str
    data: dict[str, Any]


class _Line(msgspec.Struct):
    body: _Body


_lines = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class _Folded:
    """What a session's entries say: the item without “already rated”, the keys that may be rated once, and its rank."""

    item: RatingItem
    keys: frozenset[bytes]
    rank: str


def project(connection: Connection, touched: set[SessionRef]) -> set[SessionRef]:
    """Bring the ratings of `touched` sessions up to date; returns which of them are already rated elsewhere.

    Sessions that rate the same service as one of them are brought up to date too, because the earliest counts.
    """
    if not touched:
        return set()
    revision = _take_turn(connection)
    folded = _fold_all(connection, touched)
    neighbours = _store_keys(connection, folded) - touched
    folded.update(_fold_all(connection, neighbours))
    again = _rated_before(connection, folded)
    revision = _store(connection, folded, again, revision)
    connection.execute(sa.update(counters).where(counters.c.name == "revision").values(value=revision))
    return again & touched


def expected_documents(connection: Connection, refs: set[SessionRef]) -> dict[SessionRef, str]:
    """The documents that `ratings` should hold for these sessions."""
    folded = _fold_all(connection, refs)
    again = _rated_before(connection, folded)
    return {ref: _document(one, ref in again) for ref, one in folded.items()}


def _take_turn(connection: Connection) -> int:
    statement = sa.update(counters).where(counters.c.name == "revision").values(value=counters.c.value)
    return int(connection.execute(statement.returning(counters.c.value)).scalar_one())


def _fold_all(connection: Connection, refs: set[SessionRef]) -> dict[SessionRef, _Folded]:
    if not refs:
        return {}
    rows: dict[SessionRef, list[Record]] = defaultdict(list)
    for row in connection.execute(
        sa.select(
            entries.c.id,
            entries.c.device_id,
            entries.c.chain_id,
            entries.c.seq,
            entries.c.hash,
            entries.c.session,
            entries.c.marks,
            entries.c.received_at,
            entries.c.line,
        ).where(entries.c.session.in_({session for _, session in refs}))
    ):
        rows[row.device_id, row.session].append(row)
    known = _devices(connection, {device for device, _ in refs})
    return {ref: _fold(ref, in_chain_order(rows[ref]), known[ref[0]]) for ref in refs if rows[ref]}


def _devices(connection: Connection, ids: set[int]) -> dict[int, Record]:
    columns = (devices.c.id, devices.c.uuid, devices.c.hall, devices.c.name, devices.c.number)
    return {row.id: row for row in connection.execute(sa.select(*columns).where(devices.c.id.in_(ids)))}


def in_chain_order(rows: Sequence[Record]) -> list[Record]:
    """A session's rows, chains by the time of their first entry here (ids are time-ordered), entries by their place."""
    first: dict[int, bytes] = {}
    for row in rows:
        first[row.chain_id] = min(row.id, first.get(row.chain_id, row.id))
    return sorted(rows, key=lambda row: (first[row.chain_id], row.seq, row.hash))


def _fold(ref: SessionRef, rows: Sequence[Record], device: Record) -> _Folded:
    opened: SessionOpened | None = None
    day = ""
    folds: list[tuple[str, str, Mapping[str, Any]]] = []
    marks: set[str] = set()
    received_at = rows[0].received_at
    for row in rows:
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
    rating = fold(_text(ref[1]), folds)
    return _Folded(
        _item(rating, opened, device, received_at, marks),
        frozenset() if rating.level is None or opened is None else _keys(opened, day),
        _rank(rating, ref[1]),
    )


def _item(rating: Rating, opened: SessionOpened | None, device: Record, received_at: int, marks: set[str]) -> RatingItem:
    return RatingItem(
        session=rating.session,
        device=device.uuid,
        window=Window(device.hall, device.name, device.number),
        cases=opened.covered if opened else [],
        matter_name=next((case.matter_name for case in opened.ticket.cases), None) if opened else None,
        level=rating.level and int(rating.level),
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


def _text(session: bytes) -> str:
    digits = session.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _day(wall: str) -> str:
    parsed = parse_wall(wall)
    return parsed[1] if parsed else wall


def _keys(opened: SessionOpened, day: str) -> frozenset[bytes]:
    """What this session rates, hashed: one key per covered case."""
    visits = {case.number: case.visit for case in opened.ticket.cases}
    texts = (rating_key(Case(number, visit=visits.get(number)), day) for number in opened.covered)
    return frozenset(hashlib.sha256(text.encode()).digest() for text in texts)


def _rank(rating: Rating, session: bytes) -> str:
    """Sorts by the time of the last star, then by session; without a readable time by the session's own (UUIDv7) time."""
    parsed = parse_wall(rating.rated_at) if rating.rated_at else None
    at = parsed[0] if parsed else int.from_bytes(session[:6], "big")
    return f"{max(at, 0):016d} {session.hex()}"


def _store_keys(connection: Connection, folded: Mapping[SessionRef, _Folded]) -> set[SessionRef]:
    """Write the keys of sessions whose keys or rank changed.

    Returns the sessions that were or now are the earliest of a key concerned: only they can gain or lose the mark.
    """
    held: dict[SessionRef, set[tuple[bytes, str]]] = defaultdict(set)
    mine = rating_keys.c.session.in_({session for _, session in folded})
    for row in connection.execute(sa.select(rating_keys).where(mine)):
        held[row.device_id, row.session].add((row.key, row.rank))
    wanted = {ref: {(key, one.rank) for key in one.keys} for ref, one in folded.items()}
    changed = [ref for ref in folded if wanted[ref] != held[ref]]
    concerned = {key for ref in changed for key, _ in wanted[ref] | held[ref]}
    if not concerned:
        return set()
    before = _earliest(connection, concerned)
    for device, session in changed:
        if held[device, session]:
            connection.execute(
                sa.delete(rating_keys).where(rating_keys.c.session == session, rating_keys.c.device_id == device)
            )
    rows = [
        {"key": key, "session": session, "device_id": device, "rank": rank}
        for device, session in changed
        for key, rank in wanted[device, session]
    ]
    if rows:
        connection.execute(sa.insert(rating_keys), rows)
    return before | _earliest(connection, concerned)


def _earliest(connection: Connection, keys: set[bytes]) -> set[SessionRef]:
    others = rating_keys.alias()
    first = sa.select(sa.func.min(others.c.rank)).where(others.c.key == rating_keys.c.key).scalar_subquery()
    statement = sa.select(rating_keys.c.device_id, rating_keys.c.session).where(
        rating_keys.c.key.in_(keys), rating_keys.c.rank == first
    )
    return {(row.device_id, row.session) for row in connection.execute(statement)}


def _rated_before(connection: Connection, folded: Mapping[SessionRef, _Folded]) -> set[SessionRef]:
    """Those sessions of which a key belongs to another session with a lower rank."""
    keyed = {session for (_, session), one in folded.items() if one.keys}
    if not keyed:
        return set()
    earlier = rating_keys.alias()
    statement = (
        sa.select(rating_keys.c.device_id, rating_keys.c.session)
        .join(earlier, rating_keys.c.key == earlier.c.key)
        .where(rating_keys.c.session.in_(keyed))
        .where(
            sa.or_(
                earlier.c.rank < rating_keys.c.rank,
                sa.and_(earlier.c.rank == rating_keys.c.rank, earlier.c.device_id < rating_keys.c.device_id),
            )
        )
        .distinct()
    )
    return {(row.device_id, row.session) for row in connection.execute(statement)} & folded.keys()


def _document(one: _Folded, rated_before: bool) -> str:
    item = one.item
    if rated_before:
        item = msgspec.structs.replace(item, marks=sorted({*item.marks, Mark.ALREADY_RATED}))
    return msgspec.json.encode(item).decode()


def _store(connection: Connection, folded: Mapping[SessionRef, _Folded], again: set[SessionRef], revision: int) -> int:
    held = {
        (row.device_id, row.session): row.document
        for row in connection.execute(
            sa.select(ratings.c.device_id, ratings.c.session, ratings.c.document).where(
                ratings.c.session.in_({session for _, session in folded})
            )
        )
    }
    changed = []
    for ref in sorted(folded, key=lambda ref: (folded[ref].rank, ref)):
        document = _document(folded[ref], ref in again)
        if held.get(ref) != document:
            revision += 1
            changed.append({"device_id": ref[0], "session": ref[1], "revision": revision, "document": document})
    if changed:
        statement = insert(connection, ratings)
        statement = statement.on_conflict_do_update(
            index_elements=["session", "device_id"],
            set_={"revision": statement.excluded.revision, "document": statement.excluded.document},
        )
        connection.execute(statement, changed)
    return revision


def ratings_after(connection: Connection, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Up to `limit` ratings with a revision above `after`, oldest first: (revision, JSON object with the revision in it)."""
    statement = (
        sa.select(ratings.c.revision, ratings.c.document)
        .where(ratings.c.revision > after)
        .order_by(ratings.c.revision)
        .limit(limit)
    )
    return [(row.revision, _with_revision(row.revision, row.document)) for row in connection.execute(statement)]


def revision_before_last(connection: Connection, count: int) -> int:
    """The revision after which the newest `count` ratings come."""
    newest = sa.select(ratings.c.revision).order_by(ratings.c.revision.desc()).limit(count).subquery()
    first = connection.execute(sa.select(sa.func.min(newest.c.revision))).scalar()
    return int(first) - 1 if first is not None else 0


def _with_revision(revision: int, document: str) -> bytes:
    return b'{"revision":%d,%b' % (revision, document[1:].encode())
