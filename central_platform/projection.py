"""Ratings as a projection of stored entries: computed again from a session's entries whenever one of them arrives.

Nothing but the entries, their marks and the device's window decides what a rating says, so the order of arrival and
repeated deliveries change nothing. The rows of `ratings` carry a revision that grows in the order of commits: whoever
has read up to revision N misses nothing when going on from N. For that, projecting transactions take turns at the
counter's row; the same turn makes “already rated” agree between windows.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.already_rated import SessionRef, rated_before, store_keys
from central_platform.database import among, insert_rows, row_parameters
from central_platform.messages import Window
from central_platform.schema import Record, counters, devices, entries, ratings
from central_platform.session_fold import Folded, Owner, Part, fold_session, part_of

_TAKE_TURN = (
    sa.update(counters)
    .where(counters.c.name == "revision")
    .values(value=counters.c.value + sa.bindparam("count"))
    .returning(counters.c.value)
)
_AFTER = (
    sa.select(ratings.c.revision, ratings.c.document)
    .where(ratings.c.revision > sa.bindparam("after"))
    .order_by(ratings.c.revision)
    .limit(sa.bindparam("limit"))
)
_GIVEN = b'{"revision":%d,"channel":"terminal","default":false,%b'
"""Default ratings and other channels are listed apart, and every list says which it is."""


@cache
def _entries_of(dialect: str) -> "sa.Select[Any]":
    names = ("id", "device_id", "chain_id", "seq", "hash", "session", "marks", "received_at", "line")
    columns = (*(entries.c[name] for name in names), *(devices.c[name] for name in ("uuid", "hall", "name", "number")))
    joined = sa.select(*columns).join(devices, devices.c.id == entries.c.device_id)
    return joined.where(among(dialect, entries.c.session, "sessions"))


@cache
def _held_of(dialect: str) -> "sa.Select[Any]":
    return sa.select(ratings).where(among(dialect, ratings.c.session, "sessions"))


@cache
def _upsert(dialect: str, many: bool) -> sa.Insert:
    statement = insert_rows(dialect, ratings, many=many)
    columns = ("revision", "standing", "rated_before", "document")
    return statement.on_conflict_do_update(
        index_elements=["session", "device_id"], set_={name: statement.excluded[name] for name in columns}
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a device's batch brought: new entries by their session."""

    owner: Owner
    parts: Mapping[SessionRef, Sequence[Part]]

    def fold(self) -> dict[SessionRef, Folded]:
        """What the sessions say if nothing of them was here before."""
        return {ref: fold_session(ref[1], self.owner, parts) for ref, parts in self.parts.items()}


def project(connection: Connection, touched: set[SessionRef], arrived: Arrived) -> set[SessionRef]:
    """Bring the ratings of `touched` sessions up to date; returns which of them rate what was rated before.

    Every session with a stored entry has a rating, so that one without was brought whole by this batch, and nothing of it
    has to be read. Sessions that share a case with one of them are brought up to date too where their mark may change.
    """
    if not touched:
        return set()
    folded = arrived.fold()
    revision = _take_turn(connection, len(touched))
    held = _held(connection, touched)
    folded |= _fold_all(connection, {ref for ref in touched if ref in held or ref not in folded})
    moved = {ref: one for ref, one in folded.items() if one.standing != (held[ref].standing if ref in held else "")}
    again = {ref for ref, row in held.items() if row.rated_before}
    others: set[SessionRef] = set()
    if moved:
        concerned = store_keys(connection, moved, {ref for ref in moved if ref in held and held[ref].standing})
        others = concerned.sessions - touched
        again = again - concerned.sessions - moved.keys() | concerned.again
    if others:
        folded |= _fold_all(connection, others)
        held |= _held(connection, others)
        revision = _take_turn(connection, len(folded))
    _store(connection, folded, held, again, revision - len(folded))
    return again & touched


@dataclass(frozen=True, slots=True)
class Expected:
    """What the tables should hold of a session: its document, its standing, and which keys it has with which rank."""

    document: str
    standing: str
    keys: frozenset[tuple[bytes, str]]


def expected_ratings(connection: Connection, refs: set[SessionRef]) -> dict[SessionRef, Expected]:
    """What `ratings` and `rating_keys` should hold for these sessions."""
    folded = _fold_all(connection, refs)
    again = rated_before(connection, folded)
    return {
        ref: Expected(one.document(ref in again), one.standing, frozenset((key, one.rank) for key in one.keys))
        for ref, one in folded.items()
    }


def _take_turn(connection: Connection, count: int) -> int:
    """Reserve revisions; returns the last. Other projecting transactions wait here until this one has ended."""
    return int(connection.execute(_TAKE_TURN, {"count": count}).scalar_one())


def _fold_all(connection: Connection, refs: Collection[SessionRef]) -> dict[SessionRef, Folded]:
    """What everything that is stored of these sessions says."""
    if not refs:
        return {}
    parts: dict[SessionRef, list[Part]] = defaultdict(list)
    owners: dict[int, Owner] = {}
    sessions = {"sessions": [session for _, session in refs]}
    for row in connection.execute(_entries_of(connection.dialect.name), sessions).all():
        parts[row.device_id, row.session].append(part_of(row))
        owners[row.device_id] = Owner(row.uuid, Window(row.hall, row.name, row.number))
    return {ref: fold_session(ref[1], owners[ref[0]], parts[ref]) for ref in refs if parts[ref]}


def _held(connection: Connection, refs: Collection[SessionRef]) -> dict[SessionRef, Record]:
    found = connection.execute(_held_of(connection.dialect.name), {"sessions": [session for _, session in refs]}).all()
    return {ref: row for row in found if (ref := (row.device_id, row.session)) in refs}


def _store(
    connection: Connection,
    folded: dict[SessionRef, Folded],
    held: dict[SessionRef, Record],
    again: set[SessionRef],
    revision: int,
) -> None:
    """Write the ratings that changed, with revisions above `revision`."""
    changed = []
    for ref in sorted(folded, key=lambda ref: (folded[ref].rank, ref)):
        document = folded[ref].document(ref in again)
        if ref not in held or held[ref].document != document or held[ref].standing != folded[ref].standing:
            revision += 1
            changed.append(
                {
                    "device_id": ref[0],
                    "session": ref[1],
                    "revision": revision,
                    "standing": folded[ref].standing,
                    "rated_before": ref in again,
                    "document": document,
                }
            )
    if changed:
        dialect = connection.dialect.name
        connection.execute(_upsert(dialect, len(changed) > 1), row_parameters(dialect, changed))


def ratings_after(connection: Connection, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Up to `limit` ratings with a revision above `after`, oldest first: (revision, JSON object with the revision in it)."""
    found = connection.execute(_AFTER, {"after": after, "limit": limit})
    return [(row.revision, _GIVEN % (row.revision, row.document[1:].encode())) for row in found]


def revision_before_last(connection: Connection, count: int) -> int:
    """The revision after which the newest `count` ratings come."""
    newest = sa.select(ratings.c.revision).order_by(ratings.c.revision.desc()).limit(count).subquery()
    first = connection.execute(sa.select(sa.func.min(newest.c.revision))).scalar()
    return int(first) - 1 if first is not None else 0
