"""`ports.Outbox`: picks over a connection of its own, settles through the store's thread."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from terminal_app.domain.checkpoint import Checkpoint, read_checkpoint
from terminal_app.domain.enrolment import EnrolmentRecord
from terminal_app.domain.signed import NotSigned
from terminal_app.ports import OutboxItem, Verdict
from terminal_app.store.chains import chains
from terminal_app.store.connection import Caller, connect_read_only, reading, to_text
from terminal_app.store.delivery import PLATFORM_LOST_ENTRIES, REFUSED, SETTLED, SLICE, Delivery
from terminal_app.store.settings import alarms

FRESH = 50
"""At most this many of a batch are the newest entries that were never offered; the rest goes by attempts and age."""

_PICK = """
    WITH fresh AS MATERIALIZED (SELECT n FROM outbox WHERE state = 0 AND attempts = 0 ORDER BY n DESC LIMIT :fresh)
    SELECT n, id, line FROM entries WHERE n IN (
        SELECT n FROM fresh
        UNION ALL SELECT n FROM (
            SELECT n FROM outbox WHERE state = 0 AND n NOT IN (SELECT n FROM fresh) ORDER BY attempts, n
            LIMIT :limit - (SELECT count(*) FROM fresh)
        )
    ) ORDER BY n
"""

_PENDING = "SELECT count(*) FROM outbox WHERE state = 0"
_QUARANTINED = "SELECT count(*) FROM outbox WHERE state = 1"
_FORK = "fork"

_log = logging.getLogger(__name__)


class Outbox:
    """What waits for the platform. Used by one thread; `call` runs work on the store's thread."""

    def __init__(self, path: Path, delivery: Delivery, call: Caller, enrolment: Callable[[], EnrolmentRecord | None]) -> None:
        self._path = path
        self._delivery = delivery
        self._call = call
        self._enrolment = enrolment
        self._own: sqlite3.Connection | None = None

    def pick(self, limit: int) -> Sequence[OutboxItem]:
        """Entries in chain order, some of the newest, the others by attempts and age: `limit`, or all that wait.

        Raises StoreError.
        """
        with reading():
            rows = self._reading().execute(_PICK, {"fresh": min(FRESH, limit // 2), "limit": limit}).fetchall()
        return [OutboxItem(n, to_text(entry_id), line) for n, entry_id, line in rows]

    def chains(self) -> Sequence[str]:
        """All chains in the file, 32 hex digits each. Raises StoreError."""
        with reading():
            return [chain.hex() for chain in chains(self._reading())]

    def pending(self) -> int:
        """How many entries wait, quarantined ones not counted. Raises StoreError."""
        return self._count(_PENDING)

    def quarantined(self) -> int:
        """How many entries the platform refused. Raises StoreError."""
        return self._count(_QUARANTINED)

    def lost_at(self) -> int | None:
        """When the platform was last found to have lost entries, by its own clock. Raises StoreError."""
        return alarms(self._reading()).get(PLATFORM_LOST_ENTRIES)

    def settle(self, verdicts: Sequence[Verdict], checkpoints: Sequence[bytes]) -> None:
        """Record verdicts and counter-signed heads; durable on return. Raises StoreError, StoreStopped.

        A head that is not signed by the platform's key, or is another device's, is ignored. What the platform acknowledged
        and lost is pending again. Where it holds another chain under the present one's name, or refuses a part of it, a new
        chain begins.
        """
        for start in range(0, len(verdicts), SETTLED):
            self._call(partial(self._delivery.settle, verdicts[start : start + SETTLED]))
        heads = [head for line in checkpoints if (head := self._checked(line))]
        contradicting = [head for head in heads if not self._keep(head)]
        refused = [verdict.number for verdict in verdicts if verdict.status == REFUSED]
        if refused:
            self._call(partial(self._delivery.leave_broken_chain, refused))
        forked = [verdict.number for verdict in verdicts if _FORK in verdict.marks]
        if forked or contradicting:
            now_ms = max((head.at_ms for head in heads), default=0)
            self._call(partial(self._delivery.leave_forked_chain, forked, contradicting, now_ms))

    def close(self) -> None:
        """Close the reading connection; the next `pick` opens a new one."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def _count(self, query: str) -> int:
        with reading():
            return int(self._reading().execute(query).fetchone()[0])

    def _reading(self) -> sqlite3.Connection:
        if self._own is None:
            self._own = connect_read_only(self._path)
        return self._own

    def _checked(self, line: bytes) -> Checkpoint | None:
        enrolment = self._enrolment()
        if enrolment is None:
            return None
        try:
            head = read_checkpoint(line, enrolment.platform_key)
            if head.device != enrolment.device:
                raise NotSigned("of another device")
        except NotSigned as error:
            _log.warning("checkpoint ignored: %s", error)
            return None
        return head

    def _keep(self, head: Checkpoint) -> bool:
        """Store a head and offer again what the platform lost after it; false when it contradicts this file."""
        if self._call(partial(self._delivery.contradicts, head)):
            _log.warning("the platform's head %d is not an entry of this file", head.seq)
            return False
        upper = self._call(partial(self._delivery.keep, head)) or head.seq
        # From the end backwards: an interrupted run leaves the gap after the platform's head, which is what shows the loss.
        while upper > head.seq:
            lower = max(upper - SLICE, head.seq)
            self._call(partial(self._delivery.offer_again, head.chain, lower, upper))
            upper = lower
        return True
