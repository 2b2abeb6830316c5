"""Virtual time: things happen in the order of their times, one at a time, and nothing waits for a real clock.

What blocks in the real program (delivery waiting for an answer) runs on a fiber: a thread that is held still except while
it alone is running. So everything stays deterministic, as on one thread.
"""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Gone(BaseException):
    """The process that a fiber belonged to has ended."""


class PowerCut(BaseException):
    """The plug of a machine was pulled in the middle of its work."""

    def __init__(self, machine: str) -> None:
        super().__init__(machine)
        self.machine = machine


@dataclass(order=True, slots=True)
class _Due:
    at: int
    order: int
    act: Callable[[], None] = field(compare=False)


class Timeline:
    """Milliseconds from the beginning of a run, and what is still to come."""

    def __init__(self) -> None:
        self.now = 0
        self._due: list[_Due] = []
        self._order = 0

    def after(self, delay_ms: float, act: Callable[[], None]) -> None:
        """Do something later; what is due at the same time happens in the order of asking."""
        self._order += 1
        heapq.heappush(self._due, _Due(self.now + max(0, round(delay_ms)), self._order, act))

    def step(self, until_ms: int) -> Callable[[], None] | None:
        """The next thing that is due by then, time set to it; None, and time is then, when there is none."""
        if self._due and self._due[0].at <= until_ms:
            due = heapq.heappop(self._due)
            self.now = due.at
            return due.act
        self.now = max(self.now, until_ms)
        return None


def _closed() -> threading.Lock:
    """A lock that opens when the other side gives way; a semaphore written in Python takes ten times as long."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class Fiber:
    """A thread that runs only between `resume` and its next `pause`. Whatever ends it is handed to `ended`."""

    def __init__(self, work: Callable[["Fiber"], None], ended: Callable[[BaseException | None], None]) -> None:
        self._work = work
        self._ended = ended
        self._mine, self._theirs = _closed(), _closed()
        self._killed = False
        self._cause: BaseException | None = None
        self.alive = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Let it run until it pauses or ends. From the main thread only."""
        if not self.alive:
            return
        self._mine.release()
        self._theirs.acquire()
        if not self.alive:
            self._thread.join()
            if not isinstance(self._cause, Gone):
                self._ended(self._cause)

    def pause(self) -> None:
        """Give way until resumed. From the fiber only."""
        self._theirs.release()
        self._mine.acquire()
        if self._killed:
            raise Gone

    def kill(self) -> None:
        """End it where it stands."""
        if self.alive:
            self._killed = True
            self.resume()

    def _run(self) -> None:
        self._mine.acquire()
        try:
            if not self._killed:
                self._work(self)
        except BaseException as error:  # noqa: BLE001 - handed to whoever looks after the fiber
            self._cause = error
        self.alive = False
        self._theirs.release()
