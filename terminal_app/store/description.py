"""What a database file says of its own tables, and reading one in which just that is damaged. Never changes the file itself."""

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from terminal_app.store.connection import connect_read_only, files_of
from terminal_app.store.schema import SCHEMA_VERSION, version_of

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""SQLite quotes damaged text in its messages, which then are no text themselves."""

_DESCRIPTION = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
_TABLES = "SELECT name, rootpage, sql FROM sqlite_master WHERE type = 'table'"
_PUT_RIGHT = "UPDATE sqlite_master SET type = 'table', name = :name, tbl_name = :name, sql = :sql"

_log = logging.getLogger(__name__)


def is_as_built(connection: sqlite3.Connection) -> bool:
    """Whether the file describes its tables, indexes and triggers as this build makes them; of other builds' files it is
    believed. SQLite's own checks take a damaged name for another name. Raises sqlite3.Error."""
    if version_of(connection) != SCHEMA_VERSION:
        return True
    with _built_anew() as fresh:
        return _described(connection) == _described(fresh)


@contextmanager
def opened_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """The damaged file at `path`, or a copy whose description is put right if that is damaged. Raises OSError."""
    copy = path.with_name(f"{path.name}.described")
    _remove(copy)
    described_well = False
    damaged = connect_read_only(path)
    with suppress(*UNREADABLE):
        described_well = is_as_built(damaged)
    if not described_well:
        damaged.close()
        damaged = connect_read_only(copy if _is_put_right(path, copy) else path)
    try:
        yield damaged
    finally:
        damaged.close()
        _remove(copy)


def _is_put_right(path: Path, copy: Path) -> bool:
    """Make `copy` of the file, with this build's description of the tables and none of indexes and triggers."""
    for file, target in zip(files_of(path), files_of(copy), strict=True):
        if file.exists():
            shutil.copyfile(file, target)
    connection = sqlite3.connect(copy, isolation_level=None)
    try:
        _put_right(connection)
    except UNREADABLE as error:
        _log.error("what the file says of its tables could not be put right: %s", error)
        return False
    finally:
        connection.close()
    _log.error("what the file says of its tables is damaged and was put right to read it")
    return True


def _put_right(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    with _built_anew() as fresh:
        for name, page, sql in fresh.execute(_TABLES).fetchall():
            values = {"name": name, "page": page, "sql": sql}
            if not connection.execute(f"{_PUT_RIGHT} WHERE name = :name", values).rowcount:
                connection.execute(f"{_PUT_RIGHT} WHERE rootpage = :page", values)
    connection.execute("DELETE FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL")
    (version,) = connection.execute("PRAGMA schema_version").fetchone()
    connection.execute(f"PRAGMA schema_version = {version + 1}")


def _described(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """As bytes: damaged text is none."""
    text, connection.text_factory = connection.text_factory, bytes
    try:
        return connection.execute(_DESCRIPTION).fetchall()
    finally:
        connection.text_factory = text


@contextmanager
def _built_anew() -> Iterator[sqlite3.Connection]:
    from terminal_app.store.migrations import migrate

    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        yield connection
    finally:
        connection.close()


def _remove(path: Path) -> None:
    for file in files_of(path):
        file.unlink(missing_ok=True)
