"""A damaged database is set aside whole; what can be read of it goes, byte for byte, into a fresh one.

A file that is damaged is not believed about what was acknowledged: every salvaged entry is offered again, and the platform
answers `duplicate`. May be interrupted at any point and starts over.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import Entry, Kind, is_signed_by, read_entry
from terminal_app.domain.rateable import SessionKeys
from terminal_app.domain.signed import NotSigned
from terminal_app.store.connection import connect_read_only, files_of, to_blob, transaction
from terminal_app.store.description import UNREADABLE, is_as_built, opened_to_read
from terminal_app.store.errors import reason_of
from terminal_app.store.folder import make_folder, sync_folder
from terminal_app.store.journal_store import keyed, local_day
from terminal_app.store.settings import demand_new_chain, rating_secret

_SET_ASIDE = "set-aside"
_CHUNK = 1_000
_LEAST_ENTRY_BYTES = 64
_COPIED_TABLES = {"settings": 2, "documents": 3, "checkpoints": 5, "rated_cases": 1}
_LAST_NUMBER = ("SELECT max(n) FROM entries", "SELECT max(n) FROM (SELECT n FROM entries ORDER BY id DESC LIMIT 1000)")
_FIRST_NUMBER = ("SELECT min(n) FROM entries",)
_RANGE = "SELECT hash, line, n FROM entries WHERE n BETWEEN ? AND ? ORDER BY n"
_INSERT = "INSERT OR IGNORE INTO entries(n, id, chain, seq, session, kind, hash, line) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OF_NO_SHAPE = (AttributeError, KeyError, TypeError, ValueError)

_log = logging.getLogger(__name__)


@frozen
class Salvaged:
    """Where the damaged database stands now, how many entries were read from it and how many could not be."""

    set_aside: Path
    entries: int
    missing: int


def is_sound(path: Path, *, thorough: bool = False) -> bool:
    """Whether SQLite's quick check finds nothing wrong; `thorough`: nor its full one, which looks for what an index
    hides, and every table is described as it was made.

    Raises sqlite3.Error when the file cannot be looked at.
    """
    connection = connect_read_only(path)
    connection.text_factory = bytes
    try:
        check = "integrity_check" if thorough else "quick_check"
        whole = bool(connection.execute(f"PRAGMA {check}(1)").fetchone()[0] == b"ok")
        return whole and (not thorough or is_as_built(connection))
    except sqlite3.DatabaseError as error:
        if reason_of(error) != "corrupt":
            raise
        return False
    finally:
        connection.close()


def finish_interrupted(path: Path) -> None:
    """Complete a salvage that was cut off after the damaged file had been set aside."""
    if not path.exists() and _fresh(path).exists():
        aside = max((path.parent / _SET_ASIDE).iterdir(), key=lambda folder: folder.stat().st_mtime_ns)
        _replace(path, aside)


def salvage(path: Path, stamp: str, public_key: bytes, open_database: Callable[[Path], sqlite3.Connection]) -> Salvaged:
    """Replace the damaged database at `path`, which nobody has open. Raises StoreError or OSError."""
    fresh = _fresh(path)
    for leftover in files_of(fresh):
        leftover.unlink(missing_ok=True)
    connection = open_database(fresh)
    try:
        entries, missing = _copy_all(path, connection, public_key)
    finally:
        connection.close()
    aside = path.parent / _SET_ASIDE / stamp
    make_folder(aside)
    _replace(path, aside)
    _log.error("database damaged: set aside as %s; %d entries salvaged, %d missing", aside.name, entries, missing)
    return Salvaged(aside, entries, missing)


def _replace(path: Path, aside: Path) -> None:
    """Set the damaged files aside, the database first: as long as it is there the salvage starts over.

    Its log must be gone before the fresh database takes its place, or SQLite would play it back into that one.
    """
    for file in files_of(path):
        if file.exists():
            file.rename(aside / file.name)
    sync_folder(path.parent)
    _fresh(path).rename(path)
    sync_folder(path.parent)


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}.salvage")


def _copy_all(path: Path, fresh: sqlite3.Connection, public_key: bytes) -> tuple[int, int]:
    """Everything readable into `fresh`; how many entries came over and how many did not."""
    with opened_to_read(path) as damaged:
        for table, columns in _COPIED_TABLES.items():
            _copy_table(damaged, fresh, table, columns)
        secret = rating_secret(fresh)
        with transaction(fresh):
            copied = _copy_entries(damaged, fresh, secret, public_key, _numbers(damaged, path))
            demand_new_chain(fresh)
            return copied


def _copy_table(damaged: sqlite3.Connection, fresh: sqlite3.Connection, table: str, columns: int) -> None:
    insert = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * columns)})"
    with transaction(fresh):
        for row in _rows_until_damage(damaged, table):
            try:
                fresh.execute(insert, row)
            except sqlite3.IntegrityError as error:
                _log.error("a row of table %s is damaged and left out: %s", table, error)


def _rows_until_damage(damaged: sqlite3.Connection, table: str) -> Iterator[tuple[object, ...]]:
    try:
        yield from damaged.execute(f"SELECT * FROM {table}")
    except UNREADABLE as error:
        _log.error("table %s could be read only in part: %s", table, error)


def _numbers(damaged: sqlite3.Connection, path: Path) -> range:
    """The range of local numbers that the damaged file may hold, bounded by its size."""
    first = _first_answer(damaged, _FIRST_NUMBER, 1)
    last = _first_answer(damaged, _LAST_NUMBER, 0)
    most = sum(file.stat().st_size for file in files_of(path) if file.exists()) // _LEAST_ENTRY_BYTES
    return range(first, min(last, first + most) + 1)


def _first_answer(damaged: sqlite3.Connection, queries: tuple[str, ...], otherwise: int) -> int:
    for query in queries:
        try:
            number = damaged.execute(query).fetchone()[0]
        except UNREADABLE:
            continue
        if number is not None:
            return int(number)
    return otherwise


def _copy_entries(
    damaged: sqlite3.Connection, fresh: sqlite3.Connection, secret: bytes, public_key: bytes, numbers: range
) -> tuple[int, int]:
    unrated: dict[str, SessionKeys] = {}
    copied = 0
    for hashed, line, n in _readable_rows(damaged, numbers):
        entry = _trusted(line, hashed, public_key)
        if entry is None:
            continue
        session = None if entry.session is None else to_blob(entry.session)
        row = (n, to_blob(entry.id), to_blob(entry.chain), entry.seq, session, entry.kind, bytes.fromhex(entry.hash), line)
        if not fresh.execute(_INSERT, row).rowcount:
            continue
        fresh.execute("INSERT INTO outbox(n) VALUES (?)", (n,))
        copied += 1
        for key in _newly_rated(entry, unrated):
            fresh.execute("INSERT OR IGNORE INTO rated_cases(key) VALUES (?)", (keyed(secret, key),))
    return copied, len(numbers) - copied


def _readable_rows(damaged: sqlite3.Connection, numbers: range) -> Iterator[tuple[bytes, bytes, int]]:
    """Rows in order; a range that cannot be read is halved until only the unreadable rows are left out."""
    ranges = [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)][::-1]
    while ranges:
        part = ranges.pop()
        try:
            rows = damaged.execute(_RANGE, (part[0], part[-1])).fetchall()
        except UNREADABLE:
            if len(part) > 1:
                middle = len(part) // 2
                ranges += [part[middle:], part[:middle]]
            continue
        yield from rows


def _trusted(line: object, hashed: object, public_key: bytes) -> Entry | None:
    """The entry in a line whose bytes are as they were written: its stored hash, or else its signature, says so."""
    if not isinstance(line, bytes):
        return None
    try:
        entry = read_entry(line)
    except NotSigned:
        return None
    return entry if bytes.fromhex(entry.hash) == hashed or is_signed_by(entry, public_key) else None


def _newly_rated(entry: Entry, unrated: dict[str, SessionKeys]) -> tuple[str, ...]:
    """The rating keys that this entry makes known as rated: those of a session's ticket, at its first star.

    An entry whose data has not the shape of its kind tells nothing here; it is kept and delivered like every other.
    """
    try:
        return _told_by(entry, unrated)
    except _OF_NO_SHAPE as error:
        _log.error("entry %d of its chain tells no rating: its data is malformed (%s)", entry.seq, type(error).__name__)
        return ()


def _told_by(entry: Entry, unrated: dict[str, SessionKeys]) -> tuple[str, ...]:
    if entry.session is None:
        return ()
    if entry.kind == Kind.SESSION_OPENED:
        unrated[entry.session] = SessionKeys.of(entry.data, local_day(entry.moment.wall))
    elif entry.kind == Kind.SCOPE_CHOSEN and entry.session in unrated:
        unrated[entry.session] = unrated[entry.session].in_scope(entry.data)
    elif entry.kind in (Kind.STAR_CHOSEN, Kind.SESSION_CLOSED):
        keys = unrated.pop(entry.session, None)
        return keys.all if keys and entry.kind == Kind.STAR_CHOSEN else ()
    return ()
