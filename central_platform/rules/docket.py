"""The docket: the cases and bad ratings that the platform has to look at, and when next. Turns and touching.

Whatever changes what is known of a case or rating touches it; `settle` looks at what was touched, and at what falls due.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.schema import counters, duties, standings

MAY_BE_BAD = 4
"""No region calls a higher level bad: ratings above it are not put on the docket."""

_TAKE_TURN = (
    sa.update(counters)
    .where(counters.c.name == "docket")
    .values(value=counters.c.value + sa.bindparam("count"))
    .returning(counters.c.value)
)


def take_turn(connection: Connection, count: int) -> int:
    """Reserve `count` revisions; returns the one before the first. All that writes here waits in turn until it is
    committed, so that revisions grow in the order of commits."""
    return int(connection.execute(_TAKE_TURN, {"count": count}).scalar_one()) - count


def touch_cases(connection: Connection, numbers: Collection[str]) -> None:
    """Have these cases looked at again."""
    _touch(connection, standings, "number", numbers, {})


def touch_ratings(connection: Connection, ratings: Collection[str]) -> None:
    """Have what is owed for these ratings looked at again."""
    _touch(connection, duties, "rating", ratings, {"open": False})


def look_again(connection: Connection, ratings: Collection[str]) -> None:
    """The same, for those of the ratings that are on the docket."""
    if ratings:
        connection.execute(sa.update(duties).where(duties.c.rating.in_(ratings)).values(due_at=0))


def _touch(connection: Connection, table: sa.Table, key: str, values: Collection[str], more: dict[str, Any]) -> None:
    if not values:
        return
    before = take_turn(connection, len(values))
    rows = [
        {key: value, "revision": before + place, "due_at": 0, "document": "", **more}
        for place, value in enumerate(sorted(values), 1)
    ]
    connection.execute(_upsert(connection.dialect.name, table, key), rows)


@cache
def _upsert(dialect: str, table: sa.Table, key: str) -> sa.Executable:
    return insert(dialect, table).on_conflict_do_update(index_elements=[key], set_={"due_at": 0})
