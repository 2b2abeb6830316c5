"""Which version a database file has, and bringing it up to this build's.

The everyday answer, “it is current”, costs one pragma; sqlite-utils is imported only when a migration is due.
"""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from terminal_app.store.errors import NewerDatabase

SCHEMA_VERSION = 1
_BACKUPS = "backups"

_log = logging.getLogger(__name__)


def bring_up_to_date(connection: sqlite3.Connection, path: Path, stamp: Callable[[], str]) -> None:
    """Migrate the file behind `connection` if it is older, after a backup named with `stamp()`.

    Raises NewerDatabase, before anything is written, when a newer build wrote it.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == SCHEMA_VERSION:
        return
    if version > SCHEMA_VERSION:
        raise NewerDatabase(
            path.parent,
            f"{path.name} has schema {version}, this build knows {SCHEMA_VERSION}",
            "install the newer build again; nothing was changed",
        )
    if version:
        _back_up(connection, path.parent / _BACKUPS / f"{path.stem}-schema{version}-{stamp()}{path.suffix}")
    from terminal_app.store.migrations import migrate

    migrate(connection)
    _log.info("database %s migrated from schema %d to %d", path.name, version, SCHEMA_VERSION)


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    _log.info("database backed up to %s before migrating", target.name)
