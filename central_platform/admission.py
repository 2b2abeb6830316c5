"""How much work is taken on at once: what is beyond that is answered at once with 429 and a moment to come again.

Bodies are held up to a sum of bytes, and up to a smaller one they wait for a thread. Who is sent away is given an appointment
behind all who were sent away before, at the pace at which work was done lately. Taps have a way of their own, and so has
what is left of a visit, so that a citizen's rating never stands behind the backlogs of a thousand windows, however small each
of them is. Never looks into a request. Belongs to the event loop; each replica counts for itself.
"""

import math
import time
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
AGAIN_S = (2, 300)
"""No appointment is sooner or later than this; a window spreads its own a little further (sync/policy.py)."""
PACE = 1 << 20
"""Bytes a second that are taken for granted until something was done."""
NEWEST = 1 / 16
"""What the request that was done last counts for in the pace."""


class Appointments:
    """When who is sent away may come again: one behind the other, as fast as work was done lately."""

    def __init__(self) -> None:
        self._pace: float = PACE
        self._booked_until_s = 0.0

    def done(self, inside: int, took_s: float) -> None:
        """A request was done after `took_s`, with so many bytes inside meanwhile: what is inside passes in that time."""
        self._pace += (inside / max(took_s, 1e-3) - self._pace) * NEWEST

    def book(self, size: int, now_s: float) -> int:
        """Whole seconds from now until there is time for `size` bytes."""
        soonest, latest = AGAIN_S
        self._booked_until_s = max(now_s, self._booked_until_s) + size / self._pace
        return min(latest, soonest + math.floor(self._booked_until_s - now_s))


class _Lane:
    """Requests with bodies up to `largest`, on their own threads, and up to a sum of bytes; one alone always fits."""

    def __init__(self, largest: int, most: int, threads: int) -> None:
        self.largest = largest
        self._most = most
        self._threads = threads
        self._inside = 0
        self._limiter: anyio.CapacityLimiter | None = None
        self._appointments = Appointments()

    def is_full(self, size: int) -> bool:
        return self._inside > 0 and self._inside + size > self._most

    async def run(self, size: int, work: Callable[[], T]) -> T:
        self._limiter = self._limiter or anyio.CapacityLimiter(self._threads)
        self._inside += size
        inside, begun_s = self._inside, time.monotonic()
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= size
            self._appointments.done(inside, time.monotonic() - begun_s)

    def sent_away(self, size: int) -> Problem:
        return overloaded(self._appointments.book(size, time.monotonic()))


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
        lane = self._lane(size)
        if lane.is_full(size):
            raise lane.sent_away(size)
        return await lane.run(size, work)

    def sent_away(self, size: int) -> Problem:
        """The answer to whom there is no room for, with an appointment of its own."""
        return self._lane(size).sent_away(size)

    def _lane(self, size: int) -> _Lane:
        return next((lane for lane in self._lanes if size <= lane.largest), self._lanes[-1])
