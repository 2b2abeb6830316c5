"""Delivery states of entries, changed in transactions short enough that a tap never waits long behind one.

Belongs to the thread that owns the writing connection. `pending` and `quarantined` entries have an outbox row, acknowledged
ones have none.
"""

import json
import logging
import sqlite3
from collections.abc import Sequence

from terminal_app.domain.checkpoint import Checkpoint
from terminal_app.ports import Verdict
from terminal_app.store import checkpoints
from terminal_app.store.connection import reading, to_blob, transaction
from terminal_app.store.journal_store import JournalStore
from terminal_app.store.settings import sound_alarm

PLATFORM_LOST_ENTRIES = "platform_lost_entries"
"""Alarm: the platform has less of a chain than it had counter-signed or acknowledged, as after an old backup."""
CHAIN_LEFT = "chain_left"
"""Alarm: the platform holds another chain under this one's name, as where a disk was set back or cloned."""

SLICE = 100
"""Rows per transaction: well below 5 ms."""
SETTLED = 250
"""Verdicts per transaction. Nearly all of it is the flush, which five transactions for a batch would wait for five times; while
somebody is at the window a batch has no more than 100."""

_ACKNOWLEDGE = "DELETE FROM outbox WHERE n IN (SELECT value FROM json_each(?))"
_PUT_OFF = "UPDATE outbox SET attempts = attempts + 1 WHERE n IN (SELECT value FROM json_each(?))"
_QUARANTINE = "UPDATE outbox SET state = 1, reason = ? WHERE n = ?"
_REQUEUE = "UPDATE outbox SET state = 0, attempts = 0, reason = NULL WHERE state = 1"
_OFFER_AGAIN = """
    INSERT INTO outbox(n) SELECT e.n FROM entries e
    WHERE e.chain = ? AND e.seq > ? AND e.seq <= ? AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.n = e.n)
        AND EXISTS (SELECT 1 FROM entries whole WHERE whole.n = e.n)
"""
"""A damaged index may name entries that the table has no more."""
_IN_COUNTERSIGNED = """
    SELECT 1 FROM entries e WHERE chain = ? AND n IN (SELECT value FROM json_each(?))
        AND EXISTS (SELECT 1 FROM checkpoints c WHERE c.chain = e.chain)
"""
_PRUNABLE = """
    SELECT chain, max(seq) FROM checkpoints WHERE at_ms <= (SELECT max(at_ms) FROM checkpoints) - ? GROUP BY chain
"""
_FIRST_WAITING = "SELECT e.seq FROM outbox o JOIN entries e ON e.n = o.n WHERE e.chain = ? ORDER BY o.n LIMIT 1"
_PRUNE = "DELETE FROM entries WHERE n IN (SELECT n FROM entries WHERE chain = ? AND seq <= ? ORDER BY seq LIMIT ?)"
_ACKNOWLEDGED = ("accepted", "duplicate")
REFUSED = "refused"
_DAY_MS = 86_400_000

_log = logging.getLogger(__name__)


class Delivery:
    """The outbox of one journal. Every method is one transaction and raises StoreError."""

    def __init__(self, connection: sqlite3.Connection, journal: JournalStore) -> None:
        self._connection = connection
        self._journal = journal

    def settle(self, verdicts: Sequence[Verdict]) -> None:
        """Record at most SETTLED verdicts. A status that this build does not know means: offer again."""
        acknowledged = [verdict.number for verdict in verdicts if verdict.status in _ACKNOWLEDGED]
        refused = [(verdict.code, verdict.number) for verdict in verdicts if verdict.status == REFUSED]
        put_off = [verdict.number for verdict in verdicts if verdict.status not in (*_ACKNOWLEDGED, REFUSED)]
        with transaction(self._connection):
            self._connection.execute(_ACKNOWLEDGE, (json.dumps(acknowledged),))
            self._connection.execute(_PUT_OFF, (json.dumps(put_off),))
            self._connection.executemany(_QUARANTINE, refused)
        if refused:
            _log.warning("the platform refused %d entries; they are quarantined", len(refused))

    def leave_forked_chain(self, numbers: Sequence[int], heads: Sequence[Checkpoint], now_ms: int) -> None:
        """Start a new chain if one of these entries, or of these contradicting heads, shows a fork of the present one.

        `now_ms`: the platform's time, for the alarm.
        """
        head = self._journal.head
        if head is None:
            return
        chain = to_blob(head.chain)
        with reading():
            marked = self._connection.execute(
                "SELECT 1 FROM entries WHERE chain = ? AND n IN (SELECT value FROM json_each(?))",
                (chain, json.dumps(list(numbers))),
            ).fetchone()
        if marked is not None or any(other.chain == chain for other in heads):
            self._journal.start_chain()
            with transaction(self._connection):
                sound_alarm(self._connection, CHAIN_LEFT, now_ms)

    def leave_broken_chain(self, numbers: Sequence[int]) -> None:
        """Start a new chain if one of these refused entries is in the present one.

        The platform's head stays before it, and does not show what is lost behind it. Not where the platform has nothing of
        this chain: it would refuse the next one as well.
        """
        head = self._journal.head
        if head is None or not numbers:
            return
        with reading():
            found = self._connection.execute(_IN_COUNTERSIGNED, (to_blob(head.chain), json.dumps(list(numbers)))).fetchone()
        if found is not None:
            self._journal.start_chain()

    def uncovered(self) -> list[tuple[bytes, int, int]]:
        """Chains that go on behind their counter-signed head: chain, head, last sequence number."""
        with reading():
            return checkpoints.uncovered(self._connection)

    def contradicts(self, checkpoint: Checkpoint) -> bool:
        """Whether the platform's chain is not the one in this file."""
        with reading():
            return checkpoints.contradicts(self._connection, checkpoint)

    def keep(self, checkpoint: Checkpoint) -> int | None:
        """Store a checkpoint. The chain's last sequence number if the platform has lost acknowledged entries, else None."""
        with transaction(self._connection):
            before = checkpoints.kept_head(self._connection, checkpoint.chain)
            if checkpoints.is_replayed(self._connection, checkpoint):
                _log.warning("an old head of the platform, %d, is ignored", checkpoint.seq)
                return None
            checkpoints.keep(self._connection, checkpoint)
            if not checkpoints.platform_lost_entries(self._connection, checkpoint, before):
                return None
            sound_alarm(self._connection, PLATFORM_LOST_ENTRIES, checkpoint.at_ms)
            _log.warning("the platform lost acknowledged entries after %d; they are offered again", checkpoint.seq)
            return checkpoints.last_seq(self._connection, checkpoint.chain)

    def offer_again(self, chain: bytes, after: int, through: int) -> None:
        """Make the acknowledged entries of a chain with `after` < seq ≤ `through` pending."""
        with transaction(self._connection):
            self._connection.execute(_OFFER_AGAIN, (chain, after, through))

    def requeue(self, entry_ids: Sequence[str] | None = None) -> int:
        """Offer quarantined entries again, all of them for None; how many there were."""
        with transaction(self._connection):
            if entry_ids is None:
                return self._connection.execute(_REQUEUE).rowcount
            one = f"{_REQUEUE} AND n = (SELECT n FROM entries WHERE id = ?)"
            return sum(self._connection.execute(one, (to_blob(entry_id),)).rowcount for entry_id in entry_ids)

    def prune(self, keep_days: int) -> int:
        """Delete at most SLICE of the oldest entries; how many.

        Only the beginning of a chain goes, up to what the platform had counter-signed `keep_days` before its newest
        checkpoint, by the platform's own clock; nothing that waits, nothing after it, and never the last entry.
        """
        with transaction(self._connection):
            for chain, counter_signed in self._connection.execute(_PRUNABLE, (keep_days * _DAY_MS,)).fetchall():
                waiting = self._connection.execute(_FIRST_WAITING, (chain,)).fetchone()
                last = checkpoints.last_seq(self._connection, chain)
                through = min(counter_signed, last - 1, waiting[0] - 1 if waiting else last)
                deleted = self._connection.execute(_PRUNE, (chain, through, SLICE)).rowcount
                if deleted:
                    return deleted
        return 0
