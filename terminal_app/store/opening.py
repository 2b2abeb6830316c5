"""Opening a data folder: lock, check, migrate, salvage if need be, close what was left open. Milliseconds when all is well."""

import logging
import os
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_app.domain.enrolment import EnrolmentRecord
from terminal_app.domain.journal import Kind
from terminal_app.ports import Clock, Ids
from terminal_app.store import unmendable
from terminal_app.store.connection import connect, make_durable, wal_of
from terminal_app.store.delivery import SLICE, Delivery
from terminal_app.store.documents import StoredDocuments, read_enrolment
from terminal_app.store.errors import FolderUnusable, StoreError, reason_of
from terminal_app.store.executor import Post, StoreExecutor
from terminal_app.store.folder import make_folder
from terminal_app.store.journal_store import JournalStore, Recovered
from terminal_app.store.keys import DeviceKey, load_key, load_or_create_key
from terminal_app.store.lock import FolderLock, lock_folder
from terminal_app.store.outbox import Outbox
from terminal_app.store.reserve import Reserve
from terminal_app.store.schema import bring_up_to_date
from terminal_app.store.settings import StoredDeadline, StoredFailures, rating_secret, try_writing

if TYPE_CHECKING:
    from terminal_app.store.salvage import Salvaged

DATABASE = "journal.sqlite3"
KEEP_DAYS = 180
"""The platform's backup window: younger entries are never pruned."""

ASKED_WITHIN_S = 3.0
"""So long at most administration waits for a disk that may not answer."""

_DISTRUSTED = "check-at-next-start"
_LEAST_SPACE = 256 << 10
_CHECK_THE_DISK = "check the disk and who owns the folder"
_REMEDIES = {
    "disk_full": ("the disk is full", "free some space"),
    "read_only": (f"{DATABASE} is read-only", "make it writable for the user that runs the terminal"),
    "io_error": (f"{DATABASE} cannot be read or written", "check the disk, and that no other program holds the file"),
    "corrupt": (
        f"{DATABASE} cannot be opened even after it was salvaged, and is left as it is",
        "what was there before lies in set-aside; check the disk, and take the folder to who supports this terminal",
    ),
}

_log = logging.getLogger(__name__)


class Store:
    """An open data folder. Its parts belong to the store's thread once `start` was called.

    `executor` is `ports.Journal`, `outbox` is `ports.Outbox`, `documents` is `ports.DocumentStore`,
    `deadline` outlives restarts for sync, `pin_failures` for administration. `recovered` is None while
    the terminal is not enrolled; `unclean`: the last run did not end by `stop`; `salvaged`: its database was damaged.
    """

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        journal: JournalStore,
        key: DeviceKey,
        reserve: Reserve,
        lock: FolderLock,
    ) -> None:
        self.folder = folder
        self.path = folder / DATABASE
        self.key = key
        self.journal = journal
        self.enrolment: EnrolmentRecord | None = None
        self.recovered: Recovered | None = None
        self.unclean = False
        self.salvaged: Salvaged | None = None
        self._lock = lock
        self._connection = connection
        self._reserve = reserve
        self.executor = StoreExecutor(journal, tidy=self._tidy, distrust=self.distrust, close=self._close)
        self.delivery = Delivery(connection, journal)
        self.outbox = Outbox(self.path, self.delivery, self.executor.call, lambda: self.enrolment)
        self.documents = StoredDocuments(connection, self.executor.call)
        self.deadline = StoredDeadline(connection, self.executor.call)
        self.pin_failures = StoredFailures(connection, partial(self.executor.call_within, ASKED_WITHIN_S))

    def begin(self) -> None:
        """Take up the journal if the terminal is enrolled by now; harmless when repeated. Raises StoreError."""
        self.executor.call(self._begin)

    def start(self, post: Post, on_append: Callable[[Kind], None], on_crash: Callable[[Exception], None]) -> None:
        """Start the store's thread; see StoreExecutor.start."""
        self.executor.start(post, on_append, on_crash)

    def requeue(self, entry_ids: list[str] | None = None) -> int:
        """Offer quarantined entries again, all of them for None; how many. Raises StoreError, StoreStopped."""
        return self.executor.call(partial(self.delivery.requeue, entry_ids))

    def prune(self, keep_days: int = KEEP_DAYS) -> int:
        """Delete acknowledged, counter-signed entries older than `keep_days`; how many. Raises StoreError, StoreStopped."""
        total = 0
        while deleted := self.executor.call(partial(self.delivery.prune, keep_days)):
            total += deleted
        return total

    def offer_overlooked(self) -> None:
        """Offer again whatever neither waits nor is behind a counter-signed head. Raises StoreError, StoreStopped.

        Most of it is what had been delivered ahead of others; the platform answers `duplicate`. The rest is what a damaged file
        holds for delivered.
        """
        for chain, head, last in self.executor.call(self.delivery.uncovered):
            for after in range(head, last, SLICE):
                self.executor.call(partial(self.delivery.offer_again, chain, after, min(after + SLICE, last)))

    def try_writing(self) -> None:
        """Whether something can be made durable, behind all appends. Raises StoreError, StoreSlow, StoreStopped."""
        self.executor.call_within(ASKED_WITHIN_S, partial(try_writing, self._connection))

    def distrust(self) -> None:
        """Make the next start check the file, however this run ends. Any thread."""
        (self.folder / _DISTRUSTED).touch()

    def stop(self, deadline_s: float = 5.0) -> bool:
        """End cleanly after everything that was appended is durable; False when that took longer. Sync has stopped before."""
        self.outbox.close()
        return self.executor.stop(deadline_s)

    def _begin(self) -> None:
        if self.recovered is not None:
            return
        self.enrolment = read_enrolment(self._connection)
        if self.enrolment is not None:
            self.journal.begin(self.enrolment.device)
            self.recovered = self.journal.recover()

    def _tidy(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            _log.error("write-ahead log could not be copied back: %s", reason_of(error))
        if not self._reserve.held:
            self._reserve.hold()

    def _close(self) -> None:
        self._connection.close()
        self._lock.release()


def open_store(folder: Path, clock: Clock, ids: Ids, *, app_version: str) -> Store:
    """Open, or make, the data folder of one terminal and close whatever was left open in its journal.

    After an unclean stop the file is checked first. On a full disk the reserve is given up, and it is tried once more. Raises
    StoreOpenError (InstanceRunning, NewerDatabase, KeyUnusable, FolderUnusable), whose message names the folder and the remedy.
    """
    _prepare(folder)
    open_it = partial(_open_locked, folder, clock, ids, app_version)
    try:
        return open_it()
    except FolderUnusable:
        if not (_is_full(folder) and Reserve(folder).release()):
            raise
    return open_it()


def _open_locked(folder: Path, clock: Clock, ids: Ids, app_version: str) -> Store:
    try:
        lock = lock_folder(folder)
    except OSError as error:
        raise FolderUnusable(folder, f"{error.strerror}", _CHECK_THE_DISK) from error
    try:
        return _Opening(folder, lock, clock, ids, app_version).open()
    except BaseException:
        lock.release()
        raise


def _is_full(folder: Path) -> bool:
    """Whether there is too little space to start in: SQLite says `io_error` where it cannot make the files beside its own."""
    left = os.statvfs(folder)
    return left.f_bavail * left.f_frsize < _LEAST_SPACE


class _Opening:
    """The steps of one opening."""

    def __init__(self, folder: Path, lock: FolderLock, clock: Clock, ids: Ids, app_version: str) -> None:
        self._folder = folder
        self._lock = lock
        self._path = folder / DATABASE
        self._clock = clock
        self._ids = ids
        self._app_version = app_version

    def open(self) -> Store:
        try:
            return self._open()
        except StoreError as error:
            raise FolderUnusable(self._folder, *_REMEDIES[error.reason]) from error
        except OSError as error:
            raise FolderUnusable(self._folder, f"{error.strerror}", _CHECK_THE_DISK) from error

    def _open(self) -> Store:
        if not self._path.exists():
            self._finish_interrupted_salvage()
        unclean = self._was_unclean()
        try:
            store, salvaged = self._open_or_salvage(unclean)
        except StoreError as error:
            if error.reason == "corrupt":
                unmendable.note_unmendable(self._path, self._app_version)
            raise
        unmendable.forget(self._path)
        (self._folder / _DISTRUSTED).unlink(missing_ok=True)
        store.unclean, store.salvaged = unclean, salvaged
        return store

    def _open_or_salvage(self, unclean: bool) -> "tuple[Store, Salvaged | None]":
        """Salvages once at the most, and not at all what a salvage did not mend before."""
        if unmendable.is_unmendable(self._path, self._app_version):
            return self._assemble(), None
        if unclean and self._is_damaged():
            salvaged = self._salvage()
            return self._assemble(), salvaged
        try:
            return self._assemble(), None
        except StoreError as error:
            if error.reason != "corrupt":
                raise
        salvaged = self._salvage()
        return self._assemble(), salvaged

    def _was_unclean(self) -> bool:
        """A clean stop leaves no write-ahead log behind, and nothing that says the file is not to be trusted."""
        wal = wal_of(self._path)
        return (wal.exists() and wal.stat().st_size > 0) or (self._folder / _DISTRUSTED).exists()

    def _finish_interrupted_salvage(self) -> None:
        from terminal_app.store.salvage import finish_interrupted  # most starts have nothing to salvage

        finish_interrupted(self._path)

    def _is_damaged(self) -> bool:
        from terminal_app.store.salvage import is_sound

        try:
            return self._path.exists() and not is_sound(self._path, thorough=(self._folder / _DISTRUSTED).exists())
        except sqlite3.Error as error:
            raise StoreError(reason_of(error)) from error

    def _salvage(self) -> "Salvaged":
        from terminal_app.store.salvage import salvage

        return salvage(self._path, self._stamp(), load_key(self._folder).public, self._open_database)

    def _stamp(self) -> str:
        """A name for what is kept of this moment: the wall time, and something that makes it the only one."""
        return f"{self._clock.moment().wall[:19].replace(':', '')}-{self._ids.uuid7()[-6:]}"

    def _open_database(self, path: Path) -> sqlite3.Connection:
        connection = connect(path)
        try:
            bring_up_to_date(connection, path, self._stamp)
            make_durable(connection)
        except sqlite3.Error as error:
            connection.close()
            raise StoreError(reason_of(error)) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _assemble(self) -> Store:
        """The store on the file as it is. Content that no build can have written makes the file a damaged one."""
        existed = self._path.exists()
        try:
            return self._build()
        except (ValueError, TypeError, AttributeError, KeyError, sqlite3.IntegrityError, sqlite3.OperationalError) as error:
            if not existed:
                raise
            _log.error("%s holds what no build wrote (%s)", DATABASE, type(error).__name__)
            raise StoreError("corrupt") from error

    def _build(self) -> Store:
        connection = self._open_database(self._path)
        try:
            reserve = Reserve(self._folder)
            reserve.hold()
            enrolled = read_enrolment(connection) is not None
            key = load_key(self._folder) if enrolled else load_or_create_key(self._folder)
            journal = JournalStore(
                connection,
                clock=self._clock,
                ids=self._ids,
                sign=key.sign,
                rating_secret=rating_secret(connection),
                reserve=reserve,
                app_version=self._app_version,
            )
            store = Store(self._folder, connection, journal, key, reserve, self._lock)
            store.begin()
        except BaseException:
            connection.close()
            raise
        return store


def _prepare(folder: Path) -> None:
    """The folder exists, belongs to us alone, and everything in it can be written. Raises FolderUnusable."""
    remedy = "make it and its files belong to, and writable for, the user that runs the terminal"
    try:
        make_folder(folder)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise FolderUnusable(folder, f"cannot be used: {error.strerror}", remedy) from error
    for path in (folder, *folder.glob(f"{DATABASE}*")):
        if not os.access(path, os.W_OK):
            raise FolderUnusable(folder, f"{path.name} cannot be written", remedy)
