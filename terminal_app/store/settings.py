"""Small things that outlive a restart, each a row: the secret of rated cases, a chain that is due, delivery's deadline, wrong
PINs in a row."""

import os
import sqlite3
from functools import partial

from terminal_app.store.connection import Caller, reading, transaction

_RATING_SECRET = "rating_secret"
_NEW_CHAIN = "new_chain_due"
_DEADLINE = "delivery_deadline"
_ALARM = "alarm_"
_PIN_FAILURES = "pin_failures"
_SELF_TEST = "self_test"
_SECRET_BYTES = 32
_DIGITS = 14
"""Of a number that is kept; milliseconds since 1970 have so many until the year 5138."""
_MANY = 10_000


class StoredDeadline:
    """Until when the platform asked to be left alone: wall milliseconds since 1970. Both raise StoreError, StoreStopped."""

    def __init__(self, connection: sqlite3.Connection, call: Caller) -> None:
        self._connection = connection
        self._call = call

    def load(self) -> int | None:
        """The deadline that is kept; None when there is none, or the file has no longer a time."""
        return _number(self._call(partial(_get, self._connection, _DEADLINE)))

    def save(self, wall_ms: int | None) -> None:
        """Keep a deadline, or forget it; durable on return."""
        self._call(partial(_replace, self._connection, _DEADLINE, None if wall_ms is None else b"%d" % wall_ms))


class StoredFailures:
    """How many wrong PINs came in a row. Both raise StoreError, StoreSlow, StoreStopped."""

    def __init__(self, connection: sqlite3.Connection, call: Caller) -> None:
        self._connection = connection
        self._call = call

    def load(self) -> int:
        """A count that is damaged is a high one: nobody gains attempts by damage."""
        kept = self._call(partial(_get, self._connection, _PIN_FAILURES))
        number = _number(kept)
        return 0 if kept is None else _MANY if number is None else number

    def save(self, failures: int) -> None:
        """Durable on return: pulling the plug gives nobody another attempt."""
        self._call(partial(_replace, self._connection, _PIN_FAILURES, b"%d" % failures if failures else None))


def try_writing(connection: sqlite3.Connection) -> None:
    """Write something durably and take it away again. Raises StoreError."""
    _replace(connection, _SELF_TEST, b"")
    _replace(connection, _SELF_TEST, None)


def rating_secret(connection: sqlite3.Connection) -> bytes:
    """The random secret under which rated cases are remembered, made at first use. Raises StoreError."""
    secret = _get(connection, _RATING_SECRET)
    if secret is None:
        secret = os.urandom(_SECRET_BYTES)
        _replace(connection, _RATING_SECRET, secret)
    return secret


def is_new_chain_due(connection: sqlite3.Connection) -> bool:
    """Whether the entries in this file were salvaged and the chain must not be continued. Raises StoreError."""
    return _get(connection, _NEW_CHAIN) is not None


def demand_new_chain(connection: sqlite3.Connection) -> None:
    """The next `begin` starts a chain. Inside a transaction."""
    _put(connection, _NEW_CHAIN, b"")


def new_chain_begun(connection: sqlite3.Connection) -> None:
    """The chain that was due has its first entry. Raises StoreError."""
    if is_new_chain_due(connection):
        _replace(connection, _NEW_CHAIN, None)


def sound_alarm(connection: sqlite3.Connection, what: str, at_ms: int) -> None:
    """Remember for the administrator when this was last seen, by the platform's clock. Inside a transaction."""
    _put(connection, _ALARM + what, b"%d" % at_ms)


def alarms(connection: sqlite3.Connection) -> dict[str, int]:
    """What was ever seen, and when last (milliseconds since 1970; 0 when the file has no longer a time). Raises StoreError."""
    with reading():
        rows = connection.execute("SELECT key, value FROM settings WHERE key GLOB ?", (f"{_ALARM}*",)).fetchall()
    return {key.removeprefix(_ALARM): _number(value) or 0 for key, value in rows}


def _number(value: bytes | None) -> int | None:
    return int(value) if value is not None and value.isdigit() and len(value) <= _DIGITS else None


def _get(connection: sqlite3.Connection, key: str) -> bytes | None:
    with reading():
        row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def _replace(connection: sqlite3.Connection, key: str, value: bytes | None) -> None:
    with transaction(connection):
        connection.execute("DELETE FROM settings WHERE key = ?", (key,))
        if value is not None:
            _put(connection, key, value)


def _put(connection: sqlite3.Connection, key: str, value: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO settings(key, value) VALUES (?, ?)", (key, value))
