"""Looking into a data folder from outside, beside a running terminal or without one. Never writes."""

from collections.abc import Iterator
from pathlib import Path

from terminal_app.domain.enrolment import EnrolmentRecord
from terminal_app.domain.frozen import frozen
from terminal_app.store.connection import connect_read_only, reading, to_blob, to_text
from terminal_app.store.documents import read_enrolment, read_line
from terminal_app.store.schema import expect_current
from terminal_app.store.settings import alarms


@frozen
class Counts:
    """How many entries the file holds, and how many of them wait or are quarantined."""

    entries: int
    pending: int
    quarantined: int


@frozen
class Waiting:
    """An entry without acknowledgement; `reason` is the platform's code when it is quarantined, else None."""

    entry_id: str
    kind: str
    attempts: int
    reason: str | None


class JournalReader:
    """A read-only view of the journal database at `path`. Every method raises StoreError."""

    def __init__(self, path: Path) -> None:
        """Raises StoreOpenError, too, when the file's schema is not this build's."""
        with reading():
            self._connection = connect_read_only(path)
        try:
            with reading():
                expect_current(self._connection, path)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> "JournalReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def lines(self, last: int | None = None, session: str | None = None) -> Iterator[bytes]:
        """Signed lines, oldest first: all, only the `last` ones, or only those of one session."""
        if session is not None:
            return self._lines("SELECT line FROM entries WHERE session = ? ORDER BY n", to_blob(session))
        if last is not None:
            newest = "SELECT n, line FROM entries ORDER BY n DESC LIMIT ?"
            return self._lines(f"SELECT line FROM ({newest}) ORDER BY n", last)
        return self._lines("SELECT line FROM entries ORDER BY n")

    def checkpoints(self) -> Iterator[bytes]:
        """The platform's counter-signed heads that are kept, as signed lines."""
        return self._lines("SELECT line FROM checkpoints ORDER BY chain, seq")

    def enrolment(self) -> EnrolmentRecord | None:
        """Who this terminal is, if it is enrolled."""
        return read_enrolment(self._connection)

    def document(self, kind: str) -> bytes | None:
        """The signed line of a document of the platform's, as it was downloaded; None when there is none."""
        return read_line(self._connection, kind)

    def alarms(self) -> dict[str, int]:
        """What an administrator has to know of this journal and the platform, and when it was last seen (see delivery)."""
        return alarms(self._connection)

    def counts(self) -> Counts:
        with reading():
            row = self._connection.execute(
                "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM outbox WHERE state = 0),"
                " (SELECT count(*) FROM outbox WHERE state = 1)"
            ).fetchone()
        return Counts(*row)

    def pending(self, limit: int = 100) -> list[Waiting]:
        """Entries that wait, oldest first."""
        return self._waiting(0, limit)

    def quarantined(self, limit: int = 100) -> list[Waiting]:
        """Entries that the platform refused, oldest first."""
        return self._waiting(1, limit)

    def _waiting(self, state: int, limit: int) -> list[Waiting]:
        query = (
            "SELECT e.id, e.kind, o.attempts, o.reason FROM outbox o JOIN entries e ON e.n = o.n"
            " WHERE o.state = ? ORDER BY o.n LIMIT ?"
        )
        with reading():
            rows = self._connection.execute(query, (state, limit)).fetchall()
        return [Waiting(to_text(entry_id), kind, attempts, reason) for entry_id, kind, attempts, reason in rows]

    def _lines(self, query: str, *values: int | bytes) -> Iterator[bytes]:
        with reading():
            for (line,) in self._connection.execute(query, values):
                yield line
