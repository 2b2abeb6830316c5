"""Citizens' receipts: kept when a session arrives, and compared with what a screen showed. Never says a level.

A receipt is known by the hash of its token, and its short code is the first bits of that hash, so that one index finds
both. Whoever asks with a code learns whether the rating arrived and nothing else: the answer is one row's, whatever was
rated. An unknown receipt and one that has not arrived yet are the same, because the platform cannot tell them apart.
"""

import base64
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert_rows, row_parameters
from central_platform.entry_data import MalformedData, StarChosen, read_data, stored_body
from central_platform.journal_lines import ReceivedEntry
from central_platform.schema import Record, chains, devices, entries, ratings, receipts
from terminal_app.domain.journal import Kind
from terminal_app.domain.receipt import Receipt, read_short_code

_HASH_BYTES = 32
_HASH_CHARACTERS = 43


class State(Enum):
    """What the platform can say of a receipt."""

    NOT_YET = "not_yet"
    ARRIVED = "arrived"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`received_at` (milliseconds since 1970) and `level` of the star that was shown; None unless it is the one that counts.

    `region`: whose rules apply at the window; None: the platform's.
    """

    state: State
    received_at: int | None = None
    level: int | None = None
    region: str | None = None


_NOTHING = Comparison(State.NOT_YET)
_WHOSE = (
    sa.select(receipts.c.session, receipts.c.device_id, devices.c.region)
    .join(devices, devices.c.id == receipts.c.device_id)
    .where(receipts.c.hash == sa.bindparam("hash"))
)
_ENTRIES = (
    sa.select(
        *(entries.c[name] for name in ("id", "chain_id", "seq", "hash", "received_at", "line")),
        chains.c.contiguous_seq,
    )
    .join(chains, chains.c.id == entries.c.chain_id)
    .where(entries.c.session == sa.bindparam("session"), entries.c.device_id == sa.bindparam("device"))
)
_ARRIVED = (
    sa.select(devices.c.number)
    .select_from(receipts)
    .join(devices, devices.c.id == receipts.c.device_id)
    .join(ratings, (ratings.c.session == receipts.c.session) & (ratings.c.device_id == receipts.c.device_id))
    .where(receipts.c.hash.between(sa.bindparam("low"), sa.bindparam("high")), ratings.c.standing != "")
)


@cache
def _keep(dialect: str, many: bool) -> sa.Executable:
    return insert_rows(dialect, receipts, many=many).on_conflict_do_nothing()


def keep_receipts(connection: Connection, device: int, fresh: Iterable[ReceivedEntry]) -> None:
    """Remember whose receipts these new entries carry."""
    rows = [
        {"hash": hashed, "session": one.session, "device_id": device}
        for one in fresh
        if one.entry.kind == Kind.SESSION_OPENED and one.session and (hashed := _hash_in(one.entry.data.get("receipt")))
    ]
    if rows:
        dialect = connection.dialect.name
        connection.execute(_keep(dialect, len(rows) > 1), row_parameters(dialect, rows))


def carried_receipt(line: bytes) -> bytes | None:
    """The receipt's hash that a stored entry carries, if it is one that opens a session with a receipt."""
    if b'"kind":"session_opened"' not in line:
        return None
    body = stored_body(line)
    return _hash_in(body.data.get("receipt")) if body and body.kind == Kind.SESSION_OPENED else None


def compare(connection: Connection, text: str) -> Comparison:
    """What became of the rating that a screen showed with this receipt (`token.hash`, the end of its address)."""
    receipt = Receipt.parse(text)
    if receipt is None:
        return _NOTHING
    owner = connection.execute(_WHOSE, {"hash": receipt.hash}).first()
    if owner is None:
        return _NOTHING
    rows = connection.execute(_ENTRIES, {"session": owner.session, "device": owner.device_id}).all()
    return replace(_compared(connection, rows, receipt.shown), region=owner.region)


def has_arrived(connection: Connection, window_number: str, code: str) -> bool:
    """Whether a rating with this short code has arrived from a window of this number."""
    bits = read_short_code(code)
    if bits is None:
        return False
    rest = _HASH_BYTES - len(bits)
    found = connection.execute(_ARRIVED, {"low": bits + bytes(rest), "high": bits + b"\xff" * rest}).scalars()
    return _plain(window_number) in {_plain(number) for number in found}


def _compared(connection: Connection, rows: Sequence[Record], shown: bytes) -> Comparison:
    stars = [row for row in _in_chain_order(rows) if _kind(row) == Kind.STAR_CHOSEN]
    if stars and stars[-1].hash.startswith(shown):
        return Comparison(State.ARRIVED, stars[-1].received_at, _level(stars[-1]))
    changed = any(star.hash.startswith(shown) for star in stars)
    return Comparison(State.DIFFERS) if changed or _is_over(connection, rows) else _NOTHING


def _is_over(connection: Connection, rows: Sequence[Record]) -> bool:
    """Whether everything of a session is here: its end, or something after it, lies where its chain has no gap before."""
    if any(_kind(row) == Kind.SESSION_CLOSED and row.seq <= row.contiguous_seq for row in rows):
        return True
    last = max(rows, key=lambda row: row.seq, default=None)
    return last is not None and last.contiguous_seq > last.seq


def _in_chain_order(rows: Sequence[Record]) -> list[Record]:
    """Chains by the time of their first entry in this session (ids are time-ordered), entries by their place."""
    first: dict[int, bytes] = {}
    for row in rows:
        first[row.chain_id] = min(row.id, first.get(row.chain_id, row.id))
    return sorted(rows, key=lambda row: (first[row.chain_id], row.seq, row.hash))


def _kind(row: Record) -> str | None:
    body = stored_body(row.line)
    return body.kind if body else None


def _level(row: Record) -> int | None:
    body = stored_body(row.line)
    try:
        star = read_data(body.kind, body.data) if body else None
    except MalformedData:
        return None
    return star.level if isinstance(star, StarChosen) else None


def _hash_in(text: object) -> bytes | None:
    if not isinstance(text, str) or len(text) != _HASH_CHARACTERS or not text.isascii():
        return None
    try:
        return base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except ValueError:
        return None


def _plain(number: str) -> str:
    return unicodedata.normalize("NFKC", number).strip().upper().lstrip("0")
