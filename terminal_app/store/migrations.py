"""The schema, step by step, through sqlite-utils' Migrations. Imported only when a step is due.

A step that was released is never edited; a change of schema is a new step and a new SCHEMA_VERSION.
"""

import sqlite3

from sqlite_utils import Database, Migrations

_steps = Migrations("store")

_JOURNAL = (
    """CREATE TABLE entries(
        n INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        chain BLOB NOT NULL,
        seq INTEGER NOT NULL,
        session BLOB,
        kind TEXT NOT NULL,
        hash BLOB NOT NULL,
        line BLOB NOT NULL,
        UNIQUE(chain, seq)
    ) STRICT""",
    "CREATE UNIQUE INDEX entries_opened ON entries(session) WHERE kind = 'session_opened'",
    "CREATE UNIQUE INDEX entries_closed ON entries(session) WHERE kind = 'session_closed'",
    "CREATE INDEX entries_window ON entries(kind) WHERE session IS NULL",
    """CREATE TABLE outbox(
        n INTEGER PRIMARY KEY REFERENCES entries(n),
        attempts INTEGER NOT NULL DEFAULT 0,
        state INTEGER NOT NULL DEFAULT 0 CHECK(state IN (0, 1)),
        reason TEXT
    ) STRICT""",
    "CREATE INDEX outbox_pending ON outbox(attempts, n) WHERE state = 0",
    "CREATE INDEX outbox_quarantined ON outbox(n) WHERE state = 1",
    """CREATE TABLE checkpoints(
        chain BLOB NOT NULL,
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL,
        at_ms INTEGER NOT NULL,
        line BLOB NOT NULL,
        PRIMARY KEY(chain, seq)
    ) STRICT, WITHOUT ROWID""",
    "CREATE TABLE rated_cases(key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
    "CREATE TABLE open_sessions(session BLOB PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE settings(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE documents(kind TEXT PRIMARY KEY, etag TEXT NOT NULL, line BLOB NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'journal entries are never changed'); END""",
    """CREATE TRIGGER entries_stay_until_acknowledged BEFORE DELETE ON entries
        WHEN EXISTS (SELECT 1 FROM outbox WHERE n = OLD.n)
          OR NOT EXISTS (SELECT 1 FROM checkpoints WHERE chain = OLD.chain AND seq >= OLD.seq)
        BEGIN SELECT RAISE(ABORT, 'journal entries stay until the platform has counter-signed them'); END""",
    """CREATE TRIGGER session_opens AFTER INSERT ON entries WHEN NEW.kind = 'session_opened'
        BEGIN INSERT INTO open_sessions(session, n) VALUES (NEW.session, NEW.n); END""",
    """CREATE TRIGGER session_closes AFTER INSERT ON entries WHEN NEW.kind = 'session_closed'
        BEGIN DELETE FROM open_sessions WHERE session = NEW.session; END""",
    "PRAGMA user_version = 1",
)


@_steps(name="0001_journal")
def _journal(db: Database) -> None:
    for statement in _JOURNAL:
        db.conn.execute(statement)


def migrate(connection: sqlite3.Connection) -> None:
    """Every step that is due, each in a transaction together with its version number."""
    _steps.apply(Database(connection, strict=True, execute_plugins=False))
