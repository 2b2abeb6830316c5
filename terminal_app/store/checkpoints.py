"""The platform's counter-signed heads in the database: what they say of this file, and which of them are kept."""

import sqlite3

from terminal_app.domain.checkpoint import Checkpoint
from terminal_app.store.chains import EACH_CHAIN

_DAY_MS = 86_400_000
_NEXT = """
    SELECT e.seq, NOT EXISTS (SELECT 1 FROM outbox o WHERE o.n = e.n) FROM entries e
    WHERE e.chain = ? AND e.seq > ? ORDER BY e.seq LIMIT 1
"""

_HEADS_AND_ENDS = """
    SELECT chain, coalesce((SELECT max(seq) FROM checkpoints c WHERE c.chain = each_chain.chain), 0),
        coalesce((SELECT max(seq) FROM entries e WHERE e.chain = each_chain.chain), 0)
    FROM each_chain
"""


def contradicts(connection: sqlite3.Connection, checkpoint: Checkpoint) -> bool:
    """Whether this file has another entry at the checkpoint's place, or ends before it. What was pruned agrees."""
    own = connection.execute(
        "SELECT hash FROM entries WHERE chain = ? AND seq = ?", (checkpoint.chain, checkpoint.seq)
    ).fetchone()
    return checkpoint.seq > last_seq(connection, checkpoint.chain) if own is None else bool(own[0] != checkpoint.hash)


def is_replayed(connection: sqlite3.Connection, checkpoint: Checkpoint) -> bool:
    """Whether a head goes back behind one that the platform signed later: an old line, which shows nothing of today."""
    newer = "SELECT 1 FROM checkpoints WHERE chain = ? AND seq > ? AND at_ms > ?"
    return connection.execute(newer, (checkpoint.chain, checkpoint.seq, checkpoint.at_ms)).fetchone() is not None


def keep(connection: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """Store a checkpoint inside a transaction: the last one of each chain and day, none beyond the newest head.

    A head that has not moved keeps its older counter-signature, which says more; one at 0 says that the platform has nothing.
    """
    chain, seq, at_ms = checkpoint.chain, checkpoint.seq, checkpoint.at_ms
    connection.execute(
        "DELETE FROM checkpoints WHERE chain = ? AND (seq > ? OR at_ms / ? = ?)", (chain, seq, _DAY_MS, at_ms // _DAY_MS)
    )
    if seq == 0:
        return
    connection.execute(
        "INSERT OR IGNORE INTO checkpoints(chain, seq, hash, at_ms, line) VALUES (?, ?, ?, ?, ?)",
        (chain, seq, checkpoint.hash, at_ms, checkpoint.line),
    )


def kept_head(connection: sqlite3.Connection, chain: bytes) -> int:
    """The last head of a chain that was kept; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM checkpoints WHERE chain = ?", (chain,)).fetchone()[0])


def platform_lost_entries(connection: sqlite3.Connection, checkpoint: Checkpoint, head_before: int) -> bool:
    """Whether what follows the platform's head is acknowledged here: it was restored from a backup.

    Where this file does not have the very next entry any more, the head can never move on. Then only one that went back says
    so; otherwise the rest would be offered at each contact for ever.
    """
    following = connection.execute(_NEXT, (checkpoint.chain, checkpoint.seq)).fetchone()
    if following is None or not following[1]:
        return False
    return bool(following[0] == checkpoint.seq + 1 or head_before > checkpoint.seq)


def uncovered(connection: sqlite3.Connection) -> list[tuple[bytes, int, int]]:
    """Chains that go on behind their counter-signed head: chain, head (0 for none), last sequence number.

    A damaged index may name a chain of which the file holds no entry.
    """
    rows = connection.execute(EACH_CHAIN + _HEADS_AND_ENDS).fetchall()
    return [(chain, head, last) for chain, head, last in rows if head < last]


def last_seq(connection: sqlite3.Connection, chain: bytes) -> int:
    """The last sequence number of a chain in this file; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM entries WHERE chain = ?", (chain,)).fetchone()[0])
