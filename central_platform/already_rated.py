"""Who rated a service first: of all sessions that share a key, the one with the lowest rank counts, wherever and whenever
the others arrived. The table `rating_keys` holds the keys of every session with a star."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import among, insert_rows, row_parameters
from central_platform.schema import rating_keys
from central_platform.session_fold import Folded

SessionRef = tuple[int, bytes]
"""A session at a device: (row of the device, 16 bytes). Another device that writes into it makes a session of its own."""

_earlier = rating_keys.alias()
_FORGET = sa.delete(rating_keys).where(
    rating_keys.c.session == sa.bindparam("of_session"), rating_keys.c.device_id == sa.bindparam("of_device")
)
_lowest = sa.select(sa.func.min(_earlier.c.rank)).where(_earlier.c.key == rating_keys.c.key).scalar_subquery()


@cache
def _held_of(dialect: str) -> "sa.Select[Any]":
    return sa.select(rating_keys).where(among(dialect, rating_keys.c.session, "sessions"))


@cache
def _add(dialect: str, many: bool) -> sa.Insert:
    return insert_rows(dialect, rating_keys, many=many)


@cache
def _first_of(dialect: str) -> "sa.Select[Any]":
    return sa.select(rating_keys.c.device_id, rating_keys.c.session).where(
        among(dialect, rating_keys.c.key, "keys"), rating_keys.c.rank == _lowest
    )


@cache
def _again_of(dialect: str) -> "sa.Select[Any]":
    return (
        sa.select(rating_keys.c.device_id, rating_keys.c.session)
        .join(_earlier, rating_keys.c.key == _earlier.c.key)
        .where(among(dialect, rating_keys.c.session, "sessions"))
        .where(sa.tuple_(_earlier.c.rank, _earlier.c.device_id) < sa.tuple_(rating_keys.c.rank, rating_keys.c.device_id))
        .distinct()
    )


class Concerned(NamedTuple):
    """`sessions` were, or now are, the first of a key concerned: besides those that moved, only they can gain or lose the
    mark. `again`: which of all these share a key with a session of a lower rank."""

    sessions: set[SessionRef]
    again: set[SessionRef]


def store_keys(connection: Connection, moved: Mapping[SessionRef, Folded], had: Collection[SessionRef]) -> Concerned:
    """Write the keys of sessions whose standing changed, of which `had` had keys before."""
    dialect = connection.dialect.name
    concerned = set().union(*(one.keys for one in moved.values()), _keys_of(connection, had))
    before = _first_of_each(connection, concerned)
    if had:
        connection.execute(_FORGET, [{"of_device": device, "of_session": session} for device, session in had])
    rows = [
        {"key": key, "session": session, "device_id": device, "rank": one.rank}
        for (device, session), one in moved.items()
        for key in one.keys
    ]
    if rows:
        connection.execute(_add(dialect, len(rows) > 1), row_parameters(dialect, rows))
    if not before and len(rows) == len(concerned):
        return Concerned({ref for ref, one in moved.items() if one.keys}, set())
    sessions = before | _first_of_each(connection, concerned)
    return Concerned(sessions, rated_before(connection, sessions | moved.keys()))


def _keys_of(connection: Connection, refs: Collection[SessionRef]) -> set[bytes]:
    if not refs:
        return set()
    rows = connection.execute(_held_of(connection.dialect.name), {"sessions": [session for _, session in refs]}).all()
    return {row.key for row in rows if (row.device_id, row.session) in refs}


def _first_of_each(connection: Connection, keys: Collection[bytes]) -> set[SessionRef]:
    return _refs(connection.execute(_first_of(connection.dialect.name), {"keys": list(keys)}))


def rated_before(connection: Connection, refs: Iterable[SessionRef]) -> set[SessionRef]:
    """Those of the sessions that share a key with one of a lower rank."""
    wanted = set(refs)
    if not wanted:
        return set()
    return wanted & _refs(
        connection.execute(_again_of(connection.dialect.name), {"sessions": [session for _, session in wanted]})
    )


def _refs(found: "sa.CursorResult[Any]") -> set[SessionRef]:
    return {(row.device_id, row.session) for row in found.all()}
