"""SQLite connections of the store: how they are opened, and one transaction at a time on them.

Writing connections are durable at COMMIT (WAL, synchronous=FULL) and never copy the WAL back inside a COMMIT: the
store's thread does that when nobody waits.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from terminal_app.store.errors import StoreError, reason_of

BUSY_TIMEOUT_MS = 2_000
_JOURNAL_SIZE_LIMIT = 8 << 20

T = TypeVar("T")


class Caller(Protocol):
    """Runs work on the thread that owns the writing connection and returns its result; raises what the work raises."""

    def __call__(self, work: Callable[[], T], /) -> T: ...


def connect(path: Path) -> sqlite3.Connection:
    """A writing connection without pragmas of the file itself yet; any thread may take it over."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def make_durable(connection: sqlite3.Connection) -> None:
    """WAL, and an fsync with every COMMIT."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA journal_size_limit={_JOURNAL_SIZE_LIMIT}")
    connection.execute("PRAGMA wal_autocheckpoint=0")


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside a writing one if there is one. Raises sqlite3.Error when there is no file."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block durably, or nothing. Raises StoreError for the environment's troubles."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        roll_back(connection)
        raise StoreError(reason_of(error)) from error
    except BaseException:
        roll_back(connection)
        raise


@contextmanager
def reading() -> Iterator[None]:
    """Lookups. Raises StoreError for the environment's troubles."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(reason_of(error)) from error


def roll_back(connection: sqlite3.Connection) -> None:
    """End whatever transaction is open; SQLite may have ended it already."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def wal_of(path: Path) -> Path:
    """The write-ahead log beside a database file."""
    return path.with_name(f"{path.name}-wal")


def files_of(path: Path) -> list[Path]:
    """A database file and those that SQLite keeps beside it."""
    return [path, path.with_name(f"{path.name}-shm"), wal_of(path)]


def to_blob(uuid: str) -> bytes:
    """The 16 bytes of a UUID text."""
    return bytes.fromhex(uuid.replace("-", ""))


def to_text(blob: bytes) -> str:
    """The text (36) of a UUID's 16 bytes."""
    digits = blob.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
