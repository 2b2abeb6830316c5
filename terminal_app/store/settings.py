"""The store's own settings, each a row: the secret under which rated cases are kept, and whether a new chain is due."""

import os
import sqlite3

from terminal_app.store.connection import reading, transaction

_RATING_SECRET = "rating_secret"
_NEW_CHAIN = "new_chain_due"
_SECRET_BYTES = 32


def rating_secret(connection: sqlite3.Connection) -> bytes:
    """The random secret under which rated cases are remembered, made at first use. Raises StoreError."""
    secret = _get(connection, _RATING_SECRET)
    if secret is None:
        secret = os.urandom(_SECRET_BYTES)
        with transaction(connection):
            _put(connection, _RATING_SECRET, secret)
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
        with transaction(connection):
            connection.execute("DELETE FROM settings WHERE key = ?", (_NEW_CHAIN,))


def _get(connection: sqlite3.Connection, key: str) -> bytes | None:
    with reading():
        row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def _put(connection: sqlite3.Connection, key: str, value: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO settings(key, value) VALUES (?, ?)", (key, value))
