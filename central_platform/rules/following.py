"""Follows the terminals' ratings by their revision, and keeps which cases they rate. Intake never waits for it.

Revisions grow in the order of commits, so that whoever goes on from the last one misses nothing.
"""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.already_rated import SessionRef
from central_platform.database import among, insert
from central_platform.entry_data import SessionOpened, Ticket, read_opened
from central_platform.rules.docket import MAY_BE_BAD, look_again, touch_cases, touch_ratings
from central_platform.schema import Record, counters, entries, rated_cases, ratings
from terminal_app.domain.policy import Once
from terminal_app.domain.ticket import Grouping

_FOLLOWED = sa.select(counters.c.value).where(counters.c.name == "followed")
_columns = (ratings.c.revision, ratings.c.device_id, ratings.c.session, ratings.c.document)


class _Rated(msgspec.Struct):
    session: str
    cases: list[str]
    level: int | None


_rated = msgspec.json.Decoder(_Rated)
_NOTHING = SessionOpened(Ticket([]), [])


def follow(connection: Connection, limit: int) -> int:
    """Take up to `limit` ratings further; how many there were."""
    after = int(connection.execute(_FOLLOWED).scalar_one())
    wanted = sa.select(*_columns).where(ratings.c.revision > after).order_by(ratings.c.revision).limit(limit)
    found = connection.execute(wanted).all()
    if not found:
        return 0
    given = [(row, said) for row in found if (said := _rated.decode(row.document)).level is not None]
    opened = _opened(connection, {row.session for row, _ in given})
    rows = [one for row, said in given for one in _rows(row, said, opened.get((row.device_id, row.session), _NOTHING))]
    if rows:
        connection.execute(insert(connection.dialect.name, rated_cases).on_conflict_do_nothing(), rows)
    touch_cases(connection, {one["number"] for one in rows})
    touch_ratings(connection, {said.session for _, said in given if said.level is not None and said.level <= MAY_BE_BAD})
    look_again(connection, {said.session for _, said in given})
    connection.execute(sa.update(counters).where(counters.c.name == "followed").values(value=found[-1].revision))
    return len(found)


def _opened(connection: Connection, sessions: Collection[bytes]) -> dict[SessionRef, SessionOpened]:
    """What each session's first readable `session_opened` says."""
    if not sessions:
        return {}
    columns = (entries.c.device_id, entries.c.session, entries.c.line)
    wanted = sa.select(*columns).where(among(connection.dialect.name, entries.c.session, "sessions")).order_by(entries.c.id)
    said: dict[SessionRef, SessionOpened] = {}
    for row in connection.execute(wanted, {"sessions": list(sessions)}):
        opened = read_opened(row.line)
        if opened is not None:
            said.setdefault((row.device_id, row.session), opened)
    return said


def _rows(row: Record, said: _Rated, opened: SessionOpened) -> Iterator[dict[str, Any]]:
    """A row for each case that a rating covers. What a terminal left out is None."""
    visits = {case.number: case.visit for case in opened.ticket.cases}
    points = {point.number: point for point in opened.points or ()}
    for number in dict.fromkeys(said.cases):
        point = points.get(number)
        yield {
            "number": number,
            "session": row.session,
            "device_id": row.device_id,
            "visit": visits.get(number),
            "situation": point.situation if point else None,
            "in_chain": opened.ticket.grouping == Grouping.CHAIN and point is not None and point.once is Once.PER_CASE,
            "follow_up": opened.follow_up,
        }
