"""Arriving ratings as an event stream (server-sent events), for the live page.

A stream goes on from the revision that its reader has seen last, so a reader who was away misses nothing. It is woken
by this process's own intake, and looks by itself now and then for what another process took in.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

RECENT = 50
_PAGE = 200
_LOOK_S = 1.0
_ALIVE_LOOKS = 15
_RETRY = b"retry: 1000\n\n"
_ALIVE = b": alive\n\n"


@dataclass(frozen=True, slots=True)
class Page:
    """Ratings after a revision: (revision, JSON) each; `allowed` False: the reader's token is no longer valid."""

    allowed: bool
    ratings: list[tuple[int, bytes]]


class Feed:
    """Wakes the streams of one process. `announce` may be called from any thread, all else on the event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    def announce(self) -> None:
        """Something was taken in."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self.announce()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def stream(self, after: int, page: Callable[[int, int], Page], reasons: bytes) -> AsyncIterator[bytes]:
        """The events after revision `after`; `page(after, limit)` reads them, on a thread of its own.

        The first event carries the texts of the `reasons` by code, as JSON.
        """
        self._loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            yield _RETRY + b"event: reasons\ndata: %b\n\n" % reasons
            quiet = 0
            while not self._closed:
                woken.clear()
                found = await run_in_threadpool(page, after, _PAGE)
                if not found.allowed:
                    return
                for revision, rating in found.ratings:
                    yield b"id: %d\nevent: rating\ndata: %b\n\n" % (revision, rating)
                    after = revision
                if len(found.ratings) == _PAGE:
                    continue
                quiet = 0 if found.ratings else quiet + 1
                if quiet and quiet % _ALIVE_LOOKS == 0:
                    yield _ALIVE
                await self._wait(woken)
        finally:
            self._waiting.discard(woken)

    @staticmethod
    async def _wait(woken: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(woken.wait(), _LOOK_S)
        except TimeoutError:
            return
