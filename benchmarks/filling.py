"""Fills the journal of an enrolled terminal with real entries, chained and signed, in seconds instead of years.

Writes rows into the store's own schema, in one transaction, with no kiosk running. Nothing of it outlives the run.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminal_app.domain import suite
from terminal_app.domain.journal import Draft, Entry, Head, Kind, read_entry, write_entry
from terminal_app.domain.rateable import SessionKeys
from terminal_app.domain.signed import split_line, to_line
from terminal_app.ids import Uuid7Ids
from terminal_app.store.connection import to_blob
from terminal_app.store.journal_store import keyed, local_day
from terminal_app.store.keys import DeviceKey, load_key
from terminal_app.store.opening import DATABASE
from terminal_app.store.settings import rating_secret
from terminal_app.system_clock import SystemClock

_CHUNK = 1_000
_CHUNKS_AHEAD = 4
_INSERT = "INSERT INTO entries(id, chain, seq, session, kind, hash, line) VALUES (?, ?, ?, ?, ?, ?, ?)"
_LAST = "SELECT line FROM entries ORDER BY n DESC LIMIT 1"


def fill(data_dir: Path, entries: int, *, pending: bool) -> None:
    """Append `entries` entries of whole sessions; `pending`: they wait for the platform, else it has acknowledged them."""
    connection = sqlite3.connect(data_dir / DATABASE, isolation_level=None)
    head = last_head(connection)
    secret = rating_secret(connection)
    connection.execute("BEGIN IMMEDIATE")
    for entry in _signed(islice(_written(head), entries), load_key(data_dir)):
        session = to_blob(entry.session) if entry.session else None
        row = (to_blob(entry.id), to_blob(entry.chain), entry.seq, session, entry.kind, bytes.fromhex(entry.hash), entry.line)
        connection.execute(_INSERT, row)
        if pending:
            connection.execute("INSERT INTO outbox(n) VALUES (last_insert_rowid())")
        if entry.kind == Kind.SESSION_OPENED:
            keys = [(keyed(secret, key),) for key in SessionKeys.of(entry.data, local_day(entry.moment.wall)).all]
            connection.executemany("INSERT OR IGNORE INTO rated_cases(key) VALUES (?)", keys)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def last_head(connection: sqlite3.Connection) -> Head:
    """The last entry in a journal that has begun."""
    return read_entry(connection.execute(_LAST).fetchone()[0]).head


def sessions() -> Iterator[Draft]:
    """Drafts of one rated session after the other."""
    ids = Uuid7Ids()
    for number in count(1):
        session = ids.uuid7()
        yield Draft(Kind.SESSION_OPENED, session, session_opened(f"TB20161121{number:06d}"))
        yield Draft(Kind.STAR_CHOSEN, session, {"level": number % 5 + 1, "offset_ms": 4_200, "source": "touch"})
        yield Draft(Kind.SESSION_CLOSED, session, {"outcome": "rated", "submitted": True})


def session_opened(number: str, *, visit: str | None = None, **more: object) -> dict[str, object]:
    """What `session_opened` says of a ticket of one case (docs/wire.md), and `more`."""
    case = {"number": number, "matter_code": None, "matter_name": "个体工商户设立登记", "kind": "immediate", "visit": visit}
    unknown = dict.fromkeys(("staff_name", "accepting_body", "served_at", "service_count"))
    return {
        "ticket": {"cases": [case], "grouping": "single", "staff_number": "0823", "verification": "unverified", **unknown},
        "covered": [number],
        "left_out": [],
        "source": "serial",
        "device": "ticket-line",
        "on_duty": "0823",
        "policy": {"id": "taian", "version": "1"},
        "catalogue": {"id": "reasons-2020", "version": "1"},
        **more,
    }


def _written(head: Head) -> Iterator[Entry]:
    """A chain after `head`, not signed yet."""
    clock, ids = SystemClock(), Uuid7Ids()
    for draft in sessions():
        entry = write_entry(draft, ids.uuid7(), head, clock.moment(), lambda _: bytes(64))
        head = entry.head
        yield entry


def _signed(entries: Iterator[Entry], key: DeviceKey) -> Iterator[Entry]:
    """The same entries with their signatures, which are made on all cores: they are most of the work."""
    raw_key = key.private.private_bytes_raw()
    in_work: deque[tuple[list[Entry], Future[list[bytes]]]] = deque()
    with ProcessPoolExecutor() as pool:
        while chunk := list(islice(entries, _CHUNK)):
            in_work.append((chunk, pool.submit(_signatures, raw_key, [entry.hash for entry in chunk])))
            if len(in_work) > _CHUNKS_AHEAD:
                yield from _joined(*in_work.popleft())
        while in_work:
            yield from _joined(*in_work.popleft())


def _signatures(raw_key: bytes, hashes: list[str]) -> list[bytes]:
    key = Ed25519PrivateKey.from_private_bytes(raw_key)
    return [suite.sign(key, bytes.fromhex(entry_hash)) for entry_hash in hashes]


def _joined(entries: list[Entry], signatures: "Future[list[bytes]]") -> Iterator[Entry]:
    for entry, signature in zip(entries, signatures.result(), strict=True):
        yield replace(entry, line=to_line(split_line(entry.line).body, signature))
