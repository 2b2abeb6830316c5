"""Opens the platform's database, SQLite by default or PostgreSQL by URL, and runs transactions on it.

Both behave alike: a write transaction sees what other writers committed, and one that had to give way to another is
tried again. Nothing here knows what is stored.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from central_platform.arrays import array_of, teach

T = TypeVar("T")

SCHEMA_VERSION = "0010"
DEFAULT_URL = "sqlite:///var/central-platform.sqlite"

NAMED_AT_ONCE = 500
"""So many rows a query names at most: a database takes no more than so many parameters."""

_ATTEMPTS = 4
_GAVE_WAY = {"40001", "40P01", "23514"}
"""Serialisation failure, deadlock, and a row that waited for a partition which no longer takes it, a new month having come."""

_BUSY_MS = 2_000
_MIGRATING = 0x52544D47


class DatabaseUnusable(Exception):
    """The database cannot be used; the message says which one, why, and what to do."""


class Database:
    """Transactions on one database. `read` and `write` hand a connection to `work` and commit when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._one_writer = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    def read(self, work: Callable[[Connection], T]) -> T:
        return self._run(self._engine, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """As one transaction; `work` may be called again when the transaction had to give way to another."""
        with self._one_writer:
            return self._run(self._writing, work)

    def connect(self) -> Connection:
        """A connection for reading much, row by row, as it stands at the first statement; the caller closes it."""
        connection = self._engine.connect()
        if self.dialect == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        return connection

    def close(self) -> None:
        self._engine.dispose()

    @staticmethod
    def _run(engine: Engine, work: Callable[[Connection], T]) -> T:
        for left in reversed(range(_ATTEMPTS)):
            try:
                with engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not (left and (error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _GAVE_WAY)):
                    raise
        raise AssertionError("the last attempt returns or raises")


def insert(dialect: str, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what happens on a conflict, in the words of the database's dialect."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def among(dialect: str, column: "sa.Column[Any]", name: str) -> "sa.ColumnElement[bool]":
    """Whether `column` is one of the values bound as `name`: one array where the dialect has arrays, so that every length is
    the same statement to it."""
    if dialect == "postgresql":
        return column == sa.func.any(array_of(column, name))
    return column.in_(sa.bindparam(name, expanding=True))


def slices(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of at most NAMED_AT_ONCE, for queries that name each."""
    return (whole[start : start + NAMED_AT_ONCE] for start in range(0, len(whole), NAMED_AT_ONCE))


def insert_rows(dialect: str, table: sa.Table, *, many: bool) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT to execute with `row_parameters`. Many rows are one statement with an array for each column where the dialect
    has arrays: for one row that is slower than plain values, for 500 it spares a third of the time."""
    if dialect != "postgresql" or not many:
        return insert(dialect, table)
    given = sa.func.unnest(*(array_of(column, column.name) for column in table.c))
    rows = given.table_valued(*(sa.column(column.name, column.type) for column in table.c)).render_derived()
    return postgresql.insert(table).from_select([column.name for column in table.c], sa.select(*rows.c))


def row_parameters(dialect: str, rows: "list[dict[str, Any]]") -> "list[dict[str, Any]] | dict[str, list[Any]]":
    """What to execute `insert_rows` with, `many` being more than one; every row has every column."""
    if dialect != "postgresql" or len(rows) == 1:
        return rows
    return {name: [row[name] for row in rows] for name in rows[0]}


def open_database(url_text: str, *, create: bool = True) -> Database:
    """Open, and bring the schema up to date. With `create` False a SQLite file has to exist. Raises DatabaseUnusable."""
    url = _parse(url_text)
    if url.get_backend_name() == "sqlite":
        _prepare_file(url, create)
    engine = _engine(url)
    try:
        _migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        raise _cannot_open(url, error) from error
    except DatabaseUnusable:
        engine.dispose()
        raise
    return Database(engine)


def open_for_reading(url_text: str) -> Database:
    """Open what is there so that the database itself refuses every change. Raises DatabaseUnusable, for another schema too."""
    url = _parse(url_text)
    if url.get_backend_name() == "sqlite":
        _prepare_file(url, create=False)
    engine = _reading_engine(url)
    try:
        with engine.begin() as connection:
            found = _schema_version(connection)
    except DBAPIError as error:
        engine.dispose()
        raise _cannot_open(url, error) from error
    if found != SCHEMA_VERSION:
        engine.dispose()
        raise DatabaseUnusable(
            f"the database {_show(url)} has schema {found}, and this build reads {SCHEMA_VERSION}; "
            "`central-platform serve` of this build brings an older one up to date."
        )
    return Database(engine)


def _reading_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        arguments = {"connect_timeout": 5, "options": "-c default_transaction_read_only=on"}
        engine = sa.create_engine(url, hide_parameters=True, connect_args=arguments)
        sa.event.listen(engine, "connect", lambda connection, _record: teach(connection))
        return engine
    address = f"{Path(url.database or '').absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
        for pragma in ("query_only=ON", f"busy_timeout={_BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.QueuePool, hide_parameters=True)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _cannot_open(url: URL, error: DBAPIError) -> DatabaseUnusable:
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return DatabaseUnusable(f"cannot open the database {_show(url)}: {reason}. Check the address and its rights.")


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise DatabaseUnusable(
            "--db is no database address; use sqlite:///path/file.sqlite or postgresql+psycopg://user@host/name."
        ) from None
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise DatabaseUnusable(f"--db names {url.get_backend_name()}, which is not supported; use sqlite or postgresql.")
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise DatabaseUnusable("--db needs a file for SQLite: sqlite:///path/file.sqlite.")
    return url


def _show(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _prepare_file(url: URL, create: bool) -> None:
    """The file holds the platform's signing key, so nobody but its owner may read it."""
    path = Path(url.database or "")
    if path.exists():
        return
    if not create:
        raise DatabaseUnusable(
            f"there is no database at {path}; name another with --db, or start `central-platform serve` once."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnusable(
            f"cannot create {path}: {error.strerror}. Name a folder that can be written with --db."
        ) from error


def _engine(url: URL) -> Engine:
    arguments = {"connect_timeout": 5} if url.get_backend_name() == "postgresql" else {}
    engine = sa.create_engine(url, pool_size=8, max_overflow=32, pool_timeout=5, hide_parameters=True, connect_args=arguments)
    if url.get_backend_name() == "postgresql":
        sa.event.listen(engine, "connect", lambda connection, _record: teach(connection))
        return engine
    sa.event.listen(engine, "connect", _configure_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a transaction that turns into a writing one later can only fail."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    with engine.begin() as connection:
        if _schema_version(connection) == SCHEMA_VERSION:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "central_platform:migrations")
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            found = _schema_version(connection)
            raise DatabaseUnusable(
                f"the database {_show(engine.url)} has schema {found}, which this build does not know; "
                "a newer build wrote it. Use that build, or a copy of the data from before."
            ) from None


def _schema_version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
