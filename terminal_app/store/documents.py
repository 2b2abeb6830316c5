"""`ports.DocumentStore`: signed documents of the platform."""

import sqlite3
from collections.abc import Mapping
from functools import partial

from terminal_app.application.documents import ENROLMENT
from terminal_app.domain.enrolment import BadEnrolment, EnrolmentRecord
from terminal_app.store.connection import Caller, reading, transaction


class StoredDocuments:
    """Documents by kind. Any thread; `call` runs the work on the one that owns the connection."""

    def __init__(self, connection: sqlite3.Connection, call: Caller) -> None:
        self._connection = connection
        self._call = call

    def get(self, kind: str) -> tuple[str, bytes] | None:
        """ETag and signed line of the stored document of this kind, if any. Raises StoreError, StoreStopped."""
        return self._call(partial(_get, self._connection, kind))

    def put(self, kind: str, etag: str, line: bytes) -> None:
        """Replace the document of this kind; durable on return. Raises StoreError, StoreStopped."""
        self.put_all({kind: (etag, line)})

    def put_all(self, documents: Mapping[str, tuple[str, bytes]]) -> None:
        """Replace several documents in one transaction; durable on return. Raises StoreError, StoreStopped."""
        self._call(partial(_put_all, self._connection, documents))


def read_enrolment(connection: sqlite3.Connection) -> EnrolmentRecord | None:
    """Who this terminal is; None when it is not enrolled or the record is not usable. Raises StoreError."""
    kept = _get(connection, ENROLMENT)
    try:
        return None if kept is None else EnrolmentRecord.from_line(kept[1])
    except BadEnrolment:
        return None


def read_line(connection: sqlite3.Connection, kind: str) -> bytes | None:
    """The signed line of the stored document of this kind, if any. Raises StoreError."""
    kept = _get(connection, kind)
    return None if kept is None else kept[1]


def _get(connection: sqlite3.Connection, kind: str) -> tuple[str, bytes] | None:
    with reading():
        row = connection.execute("SELECT etag, line FROM documents WHERE kind = ?", (kind,)).fetchone()
    return None if row is None else (row[0], row[1])


def _put_all(connection: sqlite3.Connection, documents: Mapping[str, tuple[str, bytes]]) -> None:
    rows = [(kind, etag, line) for kind, (etag, line) in documents.items()]
    with transaction(connection):
        connection.executemany("INSERT OR REPLACE INTO documents(kind, etag, line) VALUES (?, ?, ?)", rows)
