"""Which version a database file has, and bringing it up to this build's.

The everyday answer, “it is current”, costs one pragma; sqlite-utils is imported only when a migration is due.
"""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from terminal_app.store.errors import NewerDatabase, OlderDatabase

SCHEMA_VERSION = 1
_BACKUPS = "backups"

_log = logging.getLogger(__name__)


def bring_up_to_date(connection: sqlite3.Connection, path: Path, stamp: Callable[[], str]) -> None:
    """Migrate the file behind `connection` if it is older, after a backup named with `stamp()`.

    Raises NewerDatabase, before anything is written, when a newer build wrote it.
    """
    version = version_of(connection)
    if version == SCHEMA_VERSION:
        return
    if version > SCHEMA_VERSION:
        raise _newer(path, version)
    if version:
        _back_up(connection, path.parent / _BACKUPS / f"{path.stem}-schema{version}-{stamp()}{path.suffix}")
    from terminal_app.store.migrations import migrate

    migrate(connection)
    _log.info("database %s migrated from schema %d to %d", path.name, version, SCHEMA_VERSION)


def expect_current(connection: sqlite3.Connection, path: Path) -> None:
    """Raises NewerDatabase or OlderDatabase when the file's schema is not this build's."""
    version = version_of(connection)
    if version > SCHEMA_VERSION:
        raise _newer(path, version)
    if version < SCHEMA_VERSION:
        raise OlderDatabase(
            path.parent, f"{path.name} has schema {version}, this build reads {SCHEMA_VERSION}", "start the terminal once"
        )


def version_of(connection: sqlite3.Connection) -> int:
    """The schema that the file behind `connection` has; 0 where nobody has written it yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _newer(path: Path, version: int) -> NewerDatabase:
    return NewerDatabase(
        path.parent,
        f"{path.name} has schema {version}, this build knows {SCHEMA_VERSION}",
        "install the newer build again; nothing was changed",
    )


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    _log.info("database backed up to %s before migrating", target.name)
