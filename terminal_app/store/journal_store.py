"""The terminal's own journal in SQLite: appending, and closing what was left open.

Belongs to the thread that owns the writing connection. Entries are only ever inserted. The head of the chain is kept in
memory and moves only after a COMMIT.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial

from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import GENESIS, Draft, Entry, Head, Kind, Moment, read_entry, write_entry
from terminal_app.domain.rateable import SessionKeys
from terminal_app.domain.rating import Outcome
from terminal_app.domain.signed import NotSigned
from terminal_app.ports import Clock, Ids
from terminal_app.store.connection import reading, to_blob, to_text, transaction
from terminal_app.store.errors import StoreError
from terminal_app.store.reserve import Reserve
from terminal_app.store.settings import is_new_chain_due, new_chain_begun, try_writing

_INSERT_ENTRY = "INSERT INTO entries(id, chain, seq, session, kind, hash, line) VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_PENDING = "INSERT INTO outbox(n) VALUES (last_insert_rowid())"
_INSERT_RATED = "INSERT OR IGNORE INTO rated_cases(key) VALUES (?)"
_LAST_ENTRY = "SELECT hash, line FROM entries ORDER BY n DESC LIMIT 1"
_LAST_OF_WINDOW = """
    SELECT n, line FROM entries WHERE n = (SELECT max(n) FROM entries WHERE session IS NULL AND kind = ?)
"""
_OPEN_SESSIONS = """
    SELECT session, EXISTS (
        SELECT 1 FROM entries e WHERE e.n > o.n AND e.session = o.session AND e.kind = 'star_chosen'
    ) FROM open_sessions o WHERE NOT EXISTS (
        SELECT 1 FROM entries e WHERE e.session = o.session AND e.kind = 'session_closed'
    ) ORDER BY o.n
"""
"""That a session is closed says its entry; what is salvaged out of order may be held for open nevertheless."""

_log = logging.getLogger(__name__)


@frozen
class Recovered:
    """What was found at a start or after a failure.

    `closed`: (session, outcome) of every session that had to be closed. `on_duty`: staff number of who logged in on this
    local day and not out. `paused_since`: when the pause that still lasts began.
    """

    closed: tuple[tuple[str, Outcome], ...]
    on_duty: str | None
    paused_since: Moment | None


class JournalStore:
    """The journal of one device. `device` is None until the terminal is enrolled; nothing can be appended before."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        clock: Clock,
        ids: Ids,
        sign: Callable[[bytes], bytes],
        rating_secret: bytes,
        reserve: Reserve,
        app_version: str,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._ids = ids
        self._sign = sign
        self._rating_secret = rating_secret
        self._reserve = reserve
        self._app_version = app_version
        self._head: Head | None = None
        self._unrated: dict[str, SessionKeys] = {}

    @property
    def head(self) -> Head | None:
        """The last durable entry; None before `begin`."""
        return self._head

    def begin(self, device: str) -> None:
        """Take up the chain in the file; a new chain when there is none or it is another device's. Raises StoreError."""
        last = self._last_in_file()
        if last is None or last.device != device or is_new_chain_due(self._connection):
            self._start_chain(device, last)
            new_chain_begun(self._connection)
        else:
            self._head = last

    def start_chain(self) -> None:
        """Leave the present chain, which the platform knows otherwise or in part only. Raises StoreError."""
        head = self._enrolled()
        self._start_chain(head.device, head)
        _log.warning("the present chain is left, a new one started")

    def append(self, draft: Draft) -> Entry:
        """Write an entry and the fact that it waits for the platform; durable on return.

        The first star of a session registers its covered cases as rated in the same transaction. Raises StoreError, and
        then nothing has changed. When the disk is full the reserve is given up and the append tried once more.
        """
        return self._append(draft, self._enrolled())

    def recover(self) -> Recovered:
        """Close every open session and tell what lasts. Raises StoreError."""
        with reading():
            left_open = self._connection.execute(_OPEN_SESSIONS).fetchall()
        closed = tuple((to_text(session), Outcome.RATED if starred else Outcome.INTERRUPTED) for session, starred in left_open)
        for session, outcome in closed:
            self.append(Draft(Kind.SESSION_CLOSED, session, {"outcome": outcome.value, "submitted": False}))
        self._unrated.clear()
        if closed:
            _log.warning("closed %d session(s) that were left open", len(closed))
        return Recovered(closed, self._on_duty(), self._paused_since())

    def try_writing(self) -> None:
        """Make something durable as an append would, and take it away again. Raises StoreError."""
        self._made_room_for(partial(try_writing, self._connection))

    def rated_before(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of these rating keys (domain.rateable.rating_key) were rated at this terminal. Raises StoreError."""
        with reading():
            found = [key for key in keys if self._is_rated(key)]
        return frozenset(found)

    def _enrolled(self) -> Head:
        if self._head is None:
            raise RuntimeError("the journal has not begun: the terminal is not enrolled")
        return self._head

    def _last_in_file(self) -> Head | None:
        with reading():
            row = self._connection.execute(_LAST_ENTRY).fetchone()
        if row is None:
            return None
        try:
            head = read_entry(row[1]).head
        except NotSigned:
            raise StoreError("corrupt") from None
        if bytes.fromhex(head.hash) != row[0]:
            raise StoreError("corrupt")
        return head

    def _start_chain(self, device: str, last: Head | None) -> None:
        previous = None if last is None else {"chain": last.chain, "seq": last.seq, "hash": last.hash}
        draft = Draft(Kind.CHAIN_STARTED, None, {"app": self._app_version, "previous": previous})
        self._append(draft, Head(device, self._ids.uuid7().replace("-", ""), 0, GENESIS))

    def _append(self, draft: Draft, head: Head) -> Entry:
        entry = write_entry(draft, self._ids.uuid7(), head, self._clock.moment(), self._sign)
        keys = self._unrated.get(draft.session) if draft.session and draft.kind is Kind.STAR_CHOSEN else None
        rated = [keyed(self._rating_secret, key) for key in keys.all] if keys else []
        self._made_room_for(partial(self._write, entry, draft.kind.value, rated))
        self._head = entry.head
        self._remember(draft, entry)
        return entry

    def _made_room_for(self, write: Callable[[], None]) -> None:
        """Write; when the disk is full the reserve is given up, and it is tried once more."""
        try:
            write()
        except StoreError as error:
            if error.reason != "disk_full" or not self._reserve.release():
                raise
            write()

    def _write(self, entry: Entry, kind: str, rated: Sequence[bytes]) -> None:
        session = None if entry.session is None else to_blob(entry.session)
        row = (to_blob(entry.id), to_blob(entry.chain), entry.seq, session, kind, bytes.fromhex(entry.hash), entry.line)
        execute = self._connection.execute
        with transaction(self._connection):
            execute(_INSERT_ENTRY, row)
            execute(_INSERT_PENDING)
            for key in rated:
                execute(_INSERT_RATED, (key,))

    def _remember(self, draft: Draft, entry: Entry) -> None:
        if draft.session is None:
            return
        if draft.kind is Kind.SESSION_OPENED:
            self._unrated[draft.session] = SessionKeys.of(draft.data, local_day(entry.moment.wall))
        elif draft.kind is Kind.SCOPE_CHOSEN and draft.session in self._unrated:
            self._unrated[draft.session] = self._unrated[draft.session].in_scope(draft.data)
        elif draft.kind in (Kind.STAR_CHOSEN, Kind.SESSION_CLOSED):
            self._unrated.pop(draft.session, None)

    def _is_rated(self, key: str) -> bool:
        hidden = keyed(self._rating_secret, key)
        return self._connection.execute("SELECT 1 FROM rated_cases WHERE key = ?", (hidden,)).fetchone() is not None

    def _last_of_window(self, kind: Kind) -> tuple[int, Entry | None]:
        with reading():
            row = self._connection.execute(_LAST_OF_WINDOW, (kind.value,)).fetchone()
        try:
            return (row[0], read_entry(row[1])) if row else (0, None)
        except NotSigned:
            raise StoreError("corrupt") from None

    def _on_duty(self) -> str | None:
        came, login = self._last_of_window(Kind.STAFF_LOGGED_IN)
        left, _ = self._last_of_window(Kind.STAFF_LOGGED_OUT)
        if login is None or left > came or local_day(login.moment.wall) != local_day(self._clock.local_time()):
            return None
        number = login.data.get("number")
        return number if isinstance(number, str) else None

    def _paused_since(self) -> Moment | None:
        began, pause = self._last_of_window(Kind.PAUSED)
        ended, _ = self._last_of_window(Kind.RESUMED)
        return pause.moment if pause is not None and began > ended else None


def local_day(wall: str) -> str:
    """The local calendar day (yyyy-mm-dd) of a wall time."""
    return wall[:10]


def keyed(secret: bytes, key: str) -> bytes:
    """What is remembered of a rating key: its HMAC-SHA256 (32 bytes) under this terminal's secret."""
    import hmac  # a start does without it

    return hmac.digest(secret, key.encode(), "sha256")
