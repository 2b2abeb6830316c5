"""Stores what others tell of cases and ratings: once each, never changed. Says of each statement what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.documents import POLICY, current
from central_platform.rules.additions import completed
from central_platform.rules.docket import look_again, take_turn, touch_cases, touch_ratings
from central_platform.rules.statements import NotTaken, Taken, read_case, read_own, read_rating
from central_platform.schema import case_statements, channel_ratings
from sync.wire import RefusalCode, Status

_OF_CASE = sa.select(channel_ratings.c.id).where(channel_ratings.c.number == sa.bindparam("number"))
_HELD = sa.select(channel_ratings.c.hash).where(channel_ratings.c.id == sa.bindparam("rating"))


class StatementVerdict(msgspec.Struct):
    """What became of one statement; `code` and `detail` say why it was refused."""

    index: int
    status: Status
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Store:
    """How one kind of statement is read and stored; `store` gives its verdict, and touches what it concerns."""

    read: Callable[[Any], Taken]
    store: Callable[[Connection, Taken, int], tuple[Status, str | None]]


def take_cases(connection: Connection, rows: Sequence[Any], received_at: int) -> list[StatementVerdict]:
    """Statements on cases, decoded."""
    return _take(connection, rows, received_at, _Store(read_case, _store_case))


def take_ratings(connection: Connection, rows: Sequence[Any], received_at: int) -> list[StatementVerdict]:
    """Ratings from other channels, decoded. An id that is held with other content is refused; nothing is ever replaced."""
    return _take(connection, rows, received_at, _Store(read_rating, _store_rating))


def take_from_form(connection: Connection, row: Any, received_at: int) -> StatementVerdict:
    """The rating of a paper form, as its entry found it."""
    return _take(connection, [row], received_at, _Store(read_own, _store_own))[0]


def _take(connection: Connection, rows: Sequence[Any], received_at: int, store: _Store) -> list[StatementVerdict]:
    take_turn(connection, 0)
    verdicts = []
    for index, row in enumerate(rows):
        try:
            status, code = store.store(connection, store.read(row), received_at)
            verdicts.append(StatementVerdict(index, status, code))
        except NotTaken as refused:
            verdicts.append(StatementVerdict(index, Status.REFUSED, refused.code, str(refused)))
    return verdicts


def _store_case(connection: Connection, taken: Taken, received_at: int) -> tuple[Status, str | None]:
    region = msgspec.json.decode(taken.document).get("region")
    if region is not None and current(connection, POLICY, region) is None:
        return Status.REFUSED, "unknown_region"
    row = {"id": taken.id, "number": taken.number, "as_of": taken.at_ms, "received_at": received_at, "document": taken.document}
    statement = insert(connection.dialect.name, case_statements).values(**row).on_conflict_do_nothing()
    if connection.execute(statement.returning(case_statements.c.id)).scalar() is None:
        return Status.DUPLICATE, None
    touch_cases(connection, {str(taken.number)})
    _link(connection, str(taken.number))
    look_again(connection, connection.execute(_OF_CASE, {"number": taken.number}).scalars().all())
    return Status.ACCEPTED, None


def _link(connection: Connection, number: str) -> None:
    """What came by a window's QR for a case of which nobody had told belongs to it from now on, and is listed again."""
    waiting = sa.select(channel_ratings.c.id).where(channel_ratings.c.number == number, ~channel_ratings.c.linked)
    for name in connection.execute(waiting.order_by(channel_ratings.c.revision)).scalars().all():
        values = {"linked": True, "revision": take_turn(connection, 1) + 1}
        connection.execute(sa.update(channel_ratings).where(channel_ratings.c.id == name).values(**values))


def _store_own(connection: Connection, taken: Taken, received_at: int) -> tuple[Status, str | None]:
    return _store_rating(connection, taken, received_at, is_own=True)


def _store_rating(connection: Connection, taken: Taken, received_at: int, *, is_own: bool = False) -> tuple[Status, str | None]:
    rating = str(msgspec.json.decode(taken.document)["id"])
    revision = take_turn(connection, 1) + 1
    held = connection.execute(_HELD, {"rating": rating}).scalar()
    if held is not None:
        return (Status.DUPLICATE, None) if held == taken.id else (Status.REFUSED, str(RefusalCode.ID_TAKEN))
    document = taken.document if is_own else completed(connection, taken)
    row = {
        "id": rating,
        "revision": revision,
        "hash": taken.id,
        "number": taken.number,
        "linked": taken.number is not None,
        "received_at": received_at,
        "document": document,
    }
    connection.execute(sa.insert(channel_ratings).values(**row))
    if taken.number is not None:
        touch_cases(connection, {taken.number})
    touch_ratings(connection, {rating})
    return Status.ACCEPTED, None
