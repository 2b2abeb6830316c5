"""Months of the journal on PostgreSQL: `entries` is partitioned by range on its UUIDv7 ids, whose first six bytes are a time.

The id alone stays the key, whichever partition a row lies in. Months are made ahead; what belongs to no month that was made (a
terminal's clock is wrong, an old journal is carried here) lies in the default partition and moves when its month is made. Never
removes a row. Does nothing on SQLite, which keeps one table.
"""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from central_platform.database import Database
from central_platform.times import at

MONTHS_BEFORE, MONTHS_AHEAD = 1, 3
_LOOK_AGAIN_MS = 24 * 3600 * 1000
_TRY_AGAIN_MS = 10 * 60 * 1000
_PARTITIONING = 0x52544D48
_PATIENCE = "2s"
"""A long reader may hold the default partition; whoever waits for it alone in front of all others would stop intake."""

_THERE = sa.text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'entries'::regclass"
)

_log = logging.getLogger("central_platform")


class Month(NamedTuple):
    """A month of UTC."""

    year: int
    month: int

    @property
    def partition(self) -> str:
        return f"entries_{self.year:04d}_{self.month:02d}"

    @property
    def first_id(self) -> str:
        """The hex digits that the ids of this month begin at: its first millisecond."""
        return f"{round(datetime(self.year, self.month, 1, tzinfo=UTC).timestamp() * 1000):012x}"

    def plus(self, months: int) -> "Month":
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)


def month_of(ms: int) -> Month:
    """The month that a moment (milliseconds since 1970) lies in."""
    moment = at(ms)
    return Month(moment.year, moment.month)


def months_about(ms: int) -> Iterator[Month]:
    """The months that there have to be at a moment: its own, the one before and some ahead."""
    return (month_of(ms).plus(offset) for offset in range(-MONTHS_BEFORE, MONTHS_AHEAD + 1))


def make_months(connection: Connection, now_ms: int) -> list[str]:
    """Make the partitions about now that are missing; their names. Programs that share the database take turns."""
    if connection.dialect.name != "postgresql" or not (missing := _missing(connection, now_ms)):
        return []
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PARTITIONING)))
    missing = _missing(connection, now_ms)
    for month in missing:
        _make(connection, month)
    return [month.partition for month in missing]


def _missing(connection: Connection, now_ms: int) -> list[Month]:
    """Reads the catalogue's tables: what to_regclass() says may be of before a lock was waited for."""
    there = set(connection.execute(_THERE).scalars())
    return [month for month in months_about(now_ms) if month.partition not in there]


def _make(connection: Connection, month: Month) -> None:
    """A new partition takes over what the default one holds of its month; nothing may be added to that one meanwhile."""
    name, first, end = month.partition, month.first_id, month.plus(1).first_id
    for statement in (
        "LOCK TABLE entries_default IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE entries INCLUDING DEFAULTS INCLUDING INDEXES)",
        f"WITH moved AS (DELETE FROM entries_default WHERE id >= '\\x{first}' AND id < '\\x{end}' RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE entries ATTACH PARTITION {name} FOR VALUES FROM ('\\x{first}') TO ('\\x{end}')",
    ):
        connection.exec_driver_sql(statement)


class Months:
    """Keeps the months of one database ahead of time, from any thread: at the start, and with the first delivery of a day."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due_ms = 0
        self._looking = threading.Lock()

    def keep_ahead(self, now_ms: int) -> None:
        """Make what is missing, if it is time to look. Months are made long before they are needed, so that what stands in
        the way is only told, and tried again."""
        if now_ms < self._due_ms or not self._looking.acquire(blocking=False):
            return
        try:
            made = self._database.write(lambda connection: make_months(connection, now_ms))
            self._due_ms = now_ms + _LOOK_AGAIN_MS
            if made:
                _log.info("made the partitions %s", ", ".join(made))
        except OperationalError as error:
            self._due_ms = now_ms + _TRY_AGAIN_MS
            _log.warning("the months ahead have no partition yet, which is tried again: %s", type(error.orig).__name__)
        finally:
            self._looking.release()
