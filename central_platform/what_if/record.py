"""What the platform holds of one month, read for a replay: its ratings, their cases with all that is known, their tickets."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import among
from central_platform.entry_data import stored_body
from central_platform.month import Month
from central_platform.rules.statements import milliseconds
from central_platform.rules.views import (
    RatingView,
    case_views,
    own_time,
    rated_items,
    rating_views,
    said_elsewhere,
    session_of,
)
from central_platform.schema import case_statements, channel_ratings, counters, entries, ratings
from central_platform.what_if.replay import Presented, RecordedCase
from terminal_app.domain.journal import Kind
from terminal_app.domain.ticket import ticket_from_data

_AT_ONCE = 500

Progress = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MonthRecord:
    """`cases`: all in which something was received, finished or rated in the month. `ratings`: those given in it.

    `tickets`: of terminals' ratings, by rating. `not_followed`: ratings that `serve` or `defaults run` did not look at yet.
    """

    month: Month
    cases: tuple[RecordedCase, ...]
    ratings: tuple[RatingView, ...]
    tickets: Mapping[str, Presented]
    not_followed: int


def read_month(connection: Connection, month: Month, progress: Progress = lambda _: None) -> MonthRecord:
    """All that a replay needs, in memory: a few kilobytes a case. `progress` is told how many cases were read."""
    given = {**_given_at_terminals(connection, month), **_given_elsewhere(connection, month)}
    numbers = sorted({number for cases in given.values() for number in cases} | _told_of(connection, month))
    cases: list[RecordedCase] = []
    for some in _slices(numbers):
        views = case_views(connection, some)
        cases += [RecordedCase(one.number, one.region, one.began_at, one.known, tuple(one.given)) for one in views.values()]
        if len(some) == _AT_ONCE:
            progress(len(cases))
    views_of = [view for some in _slices(sorted(given)) for view in rating_views(connection, some).values()]
    sessions = {one.id for case in cases for one in case.given} | set(given)
    return MonthRecord(month, tuple(cases), tuple(views_of), _tickets(connection, sorted(sessions)), _not_followed(connection))


def _given_at_terminals(connection: Connection, month: Month) -> dict[str, tuple[str, ...]]:
    """Rating → its cases."""
    session = ratings.c.session
    first, last = month.sessions()
    near = sa.select(session, ratings.c.document).where(session >= first, session < last)
    found = ((row.session, rated_items.decode(row.document)) for row in connection.execute(near))
    return {
        item.session: tuple(item.cases)
        for name, item in found
        if item.level is not None and month.holds(own_time(item, name)[0])
    }


def _given_elsewhere(connection: Connection, month: Month) -> dict[str, tuple[str, ...]]:
    table = channel_ratings.c
    near = sa.select(table.id, table.number, table.linked, table.document).where(_says(table.document, "at", month))
    return {
        row.id: (row.number,) if row.linked else ()
        for row in connection.execute(near)
        if month.holds(milliseconds(said_elsewhere.decode(row.document).at))
    }


def _told_of(connection: Connection, month: Month) -> set[str]:
    """Cases of which a business system says that something was received or finished in the month."""
    said = case_statements.c.document
    near = _says(said, "received_at", month) | _says(said, "finished_at", month)
    return set(connection.execute(sa.select(case_statements.c.number).where(near)).scalars())


def _says(document: "sa.Column[Any]", name: str, month: Month) -> "sa.ColumnElement[bool]":
    """Times in statements are written in China's time, so that a month is a beginning."""
    return document.contains(f'"{name}":"{month.name}-', autoescape=True)


def _tickets(connection: Connection, names: Iterable[str]) -> dict[str, Presented]:
    """The ticket of each terminal's rating, as its session's first readable beginning tells it."""
    columns = (entries.c.session, entries.c.line)
    wanted = sa.select(*columns).where(among(connection.dialect.name, entries.c.session, "sessions")).order_by(entries.c.id)
    found: dict[str, Presented] = {}
    for some in _slices([session for name in names if (session := session_of(name)) is not None]):
        for row in connection.execute(wanted, {"sessions": list(some)}):
            presented = _presented(row.line)
            if presented is not None:
                found.setdefault(str(uuid.UUID(bytes=row.session)), presented)
    return found


def _presented(line: bytes) -> Presented | None:
    """None for an entry that opens no session, or that cannot be read: its rating is replayed as it was counted."""
    body = stored_body(line)
    if body is None or body.kind != Kind.SESSION_OPENED:
        return None
    try:
        return Presented(ticket_from_data(body.data["ticket"]), body.wall[:10])
    except (KeyError, TypeError, ValueError):
        return None


def _not_followed(connection: Connection) -> int:
    followed = sa.select(counters.c.value).where(counters.c.name == "followed").scalar_subquery()
    return int(connection.execute(sa.select(sa.func.count()).where(ratings.c.revision > followed)).scalar_one())


def _slices(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))
