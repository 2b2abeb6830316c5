"""What can go wrong in the store: the environment's troubles, each with a name. Bugs are not caught here."""

import sqlite3
from pathlib import Path

from terminal_app.ports import StoreFailure, StoreUnavailable

_REASONS = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
}


class StoreOpenError(Exception):
    """The store cannot be opened; the message names the folder, what is wrong and the remedy."""

    def __init__(self, folder: Path, wrong: str, remedy: str) -> None:
        super().__init__(f"data folder {folder}: {wrong}; {remedy}")


class InstanceRunning(StoreOpenError):
    """Another process holds this data folder."""


class NewerDatabase(StoreOpenError):
    """A newer build wrote this database."""


class OlderDatabase(StoreOpenError):
    """An older build wrote this database, or nobody yet; only a start brings it up to date."""


class KeyUnusable(StoreOpenError):
    """The device's private key is missing or damaged."""


class FolderUnusable(StoreOpenError):
    """The data folder or a file in it cannot be written or is held by another program."""


class StoreError(StoreUnavailable):
    """A transaction that did not happen: `disk_full`, `io_error`, `read_only` or `corrupt`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def failure(self) -> StoreFailure:
        return StoreFailure(self.reason)


class StoreSlow(StoreUnavailable):
    """The disk did not answer in time; what was asked for may still happen."""


class StoreStopped(StoreUnavailable):
    """The store's thread has ended; nothing more is written."""


def reason_of(error: sqlite3.Error) -> str:
    """The environment's trouble behind a database error. Re-raises what is a bug: broken constraints, wrong SQL.

    A table or column that is not there is the file's trouble: what it says of its tables is damaged.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_ERROR and str(error).startswith("no such "):
        return "corrupt"
    if code in (
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_MISMATCH,
    ):
        raise error
    return _REASONS.get(code, "io_error")
