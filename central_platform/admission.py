"""How much work is taken on at once: what is beyond that is answered at once with 429 and a moment to come again.

Bodies are held up to a sum of bytes, and up to a smaller one they wait for a thread. Taps have a way of their own, and so has
what is left of a visit, so that a citizen's rating never stands behind the backlogs of a thousand windows, however small each
of them is. Never looks into a request. Belongs to the event loop; each replica counts for itself.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from central_platform.problems import Problem, overloaded
from sync.wire import BATCH_BYTES

T = TypeVar("T")

HELD_BYTES = 64 << 20
BULK_BYTES = 1 << 20
"""What waits in front of a backlog is a thousand or two of entries: a second of work, whatever the number of requests."""
TAP_BYTES, VISIT_BYTES = 2 << 10, 8 << 10
"""A body up to the first holds what was tapped just now, up to the second what a visit made, above it what an outage left."""
AGAIN_S = (2, 12)
"""Windows that were sent away come again spread over this time, and each adds a back-off of its own (sync/policy.py)."""


class _Lane:
    """Requests with bodies up to `largest`, on their own threads, and up to a sum of bytes; one alone always fits."""

    def __init__(self, largest: int, most: int, threads: int) -> None:
        self.largest = largest
        self._most = most
        self._threads = threads
        self._inside = 0
        self._limiter: anyio.CapacityLimiter | None = None

    def is_full(self, size: int) -> bool:
        return self._inside > 0 and self._inside + size > self._most

    async def run(self, size: int, work: Callable[[], T]) -> T:
        self._limiter = self._limiter or anyio.CapacityLimiter(self._threads)
        self._inside += size
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= size


class Admission:
    """The deliveries of one process. `held`: bytes of bodies; `bulk`: bytes of backlogs that are worked on or wait for it."""

    def __init__(self, held: int = HELD_BYTES, bulk: int = BULK_BYTES) -> None:
        self._room = held
        self._lanes = (_Lane(TAP_BYTES, 1 << 18, 2), _Lane(VISIT_BYTES, 1 << 19, 2), _Lane(BATCH_BYTES, bulk, 2))

    def has_room(self, size: int) -> bool:
        """Whether a body of this size may be read now."""
        return size <= self._room

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """A body of this size is in memory meanwhile."""
        self._room -= size
        try:
            yield
        finally:
            self._room += size

    async def run(self, size: int, work: Callable[[], T]) -> T:
        """What `work` returns, on a thread, when it is the turn of a request with a body of this size. Raises Problem."""
        lane = next((lane for lane in self._lanes if size <= lane.largest), self._lanes[-1])
        if lane.is_full(size):
            raise self.sent_away()
        return await lane.run(size, work)

    def sent_away(self) -> Problem:
        """The answer to whom there is no room for, with a moment that not everybody is given."""
        return overloaded(random.randint(*AGAIN_S))
