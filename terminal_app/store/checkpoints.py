"""The platform's counter-signed heads: how far it holds each chain without a gap (docs/wire.md, POST /v1/entries)."""

import sqlite3
from datetime import datetime

from terminal_app.domain.enrolment import EnrolmentRecord
from terminal_app.domain.frozen import frozen
from terminal_app.domain.signed import NotSigned, open_document

_DAY_MS = 86_400_000
_NEXT_IS_ACKNOWLEDGED = """
    SELECT NOT EXISTS (SELECT 1 FROM outbox o WHERE o.n = e.n) FROM entries e
    WHERE e.chain = ? AND e.seq > ? ORDER BY e.seq LIMIT 1
"""


@frozen
class Checkpoint:
    """Chain (16 bytes), contiguous head, its hash (32 bytes), the platform's time in milliseconds, the signed line."""

    chain: bytes
    seq: int
    hash: bytes
    at_ms: int
    line: bytes


def read_checkpoint(line: bytes, enrolment: EnrolmentRecord) -> Checkpoint:
    """The checkpoint in a signed line. Raises NotSigned when malformed, another device's or not the platform's."""
    body = open_document(line, enrolment.platform_key)
    try:
        if body["type"] != "checkpoint" or body["device"] != enrolment.device:
            raise NotSigned("not a checkpoint of this device")
        at_ms = int(datetime.fromisoformat(body["at"]).timestamp() * 1000)
        return Checkpoint(bytes.fromhex(body["chain"]), int(body["seq"]), bytes.fromhex(body["hash"]), at_ms, line)
    except (KeyError, TypeError, ValueError) as error:
        raise NotSigned(f"checkpoint field missing or malformed: {error}") from None


def contradicts(connection: sqlite3.Connection, checkpoint: Checkpoint) -> bool:
    """Whether this file has another entry at the checkpoint's place, or ends before it. What was pruned agrees."""
    own = connection.execute(
        "SELECT hash FROM entries WHERE chain = ? AND seq = ?", (checkpoint.chain, checkpoint.seq)
    ).fetchone()
    return checkpoint.seq > last_seq(connection, checkpoint.chain) if own is None else bool(own[0] != checkpoint.hash)


def keep(connection: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """Store a checkpoint inside a transaction: the last one of each chain and day, none beyond the newest head.

    A head that has not moved keeps its older counter-signature, which says more.
    """
    chain, seq, at_ms = checkpoint.chain, checkpoint.seq, checkpoint.at_ms
    connection.execute(
        "DELETE FROM checkpoints WHERE chain = ? AND (seq > ? OR at_ms / ? = ?)", (chain, seq, _DAY_MS, at_ms // _DAY_MS)
    )
    connection.execute(
        "INSERT OR IGNORE INTO checkpoints(chain, seq, hash, at_ms, line) VALUES (?, ?, ?, ?, ?)",
        (chain, seq, checkpoint.hash, at_ms, checkpoint.line),
    )


def platform_lost_entries(connection: sqlite3.Connection, checkpoint: Checkpoint) -> bool:
    """Whether what follows the platform's head is acknowledged here: it was restored from a backup."""
    following = connection.execute(_NEXT_IS_ACKNOWLEDGED, (checkpoint.chain, checkpoint.seq)).fetchone()
    return following is not None and bool(following[0])


def last_seq(connection: sqlite3.Connection, chain: bytes) -> int:
    """The last sequence number of a chain in this file; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM entries WHERE chain = ?", (chain,)).fetchone()[0])
