"""What the platform holds of one month, read for a replay: its ratings, their cases with all that is known, their tickets."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import NAMED_AT_ONCE, among, slices
from central_platform.entry_data import stored_body
from central_platform.month import Month
from central_platform.rules.given_in_month import given_at_terminals, given_elsewhere, says
from central_platform.rules.views import (
    RatingView,
    case_views,
    rating_views,
    session_of,
)
from central_platform.schema import case_statements, counters, entries, ratings
from central_platform.what_if.replay import Presented, RecordedCase
from terminal_app.domain.journal import Kind
from terminal_app.domain.ticket import ticket_from_data

Progress = Callable[[int], None]


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
    given = _given(connection, month)
    numbers = sorted({number for cases in given.values() for number in cases} | _told_of(connection, month))
    cases: list[RecordedCase] = []
    for some in slices(numbers):
        views = case_views(connection, some)
        cases += [RecordedCase(one.number, one.region, one.began_at, one.known, tuple(one.given)) for one in views.values()]
        if len(some) == NAMED_AT_ONCE:
            progress(len(cases))
    views_of = [view for some in slices(sorted(given)) for view in rating_views(connection, some).values()]
    sessions = {one.id for case in cases for one in case.given} | set(given)
    return MonthRecord(month, tuple(cases), tuple(views_of), _tickets(connection, sorted(sessions)), _not_followed(connection))


def _given(connection: Connection, month: Month) -> dict[str, tuple[str, ...]]:
    """Rating → its cases."""
    at_terminals = {item.session: tuple(item.cases) for _, item in given_at_terminals(connection, month)}
    elsewhere = {row.id: (row.number,) if row.linked else () for row, _ in given_elsewhere(connection, month)}
    return at_terminals | elsewhere


def _told_of(connection: Connection, month: Month) -> set[str]:
    """Cases of which a business system says that something was received or finished in the month."""
    said = case_statements.c.document
    near = says(said, "received_at", month) | says(said, "finished_at", month)
    return set(connection.execute(sa.select(case_statements.c.number).where(near)).scalars())


def _tickets(connection: Connection, names: Iterable[str]) -> dict[str, Presented]:
    """The ticket of each terminal's rating, as its session's first readable beginning tells it."""
    columns = (entries.c.session, entries.c.line)
    wanted = sa.select(*columns).where(among(connection.dialect.name, entries.c.session, "sessions")).order_by(entries.c.id)
    found: dict[str, Presented] = {}
    for some in slices([session for name in names if (session := session_of(name)) is not None]):
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
