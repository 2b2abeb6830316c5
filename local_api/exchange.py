"""Between the connections' threads and the main thread: hands calls over, holds back whoever asks too often."""

import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue

from local_api.calls import Answer, Call
from local_api.invitations import Invitations, Reply

CALLS_PER_S = 10.0
BURST = 20.0
ANSWER_S = 5.0
"""The main thread answers in milliseconds; while it does not, a client is told so."""
HOLD_S = 0.2
"""A client that asks too often waits this long for each refusal, so that it cannot ask faster than it is refused."""


class RateLimit:
    """A bucket of `burst` calls that fills at `per_s`. Each thread-safe call takes one out."""

    def __init__(self, per_s: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._level = burst
        self._at = clock()
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether one more is allowed now."""
        with self._lock:
            now = self._clock()
            self._level = min(self._burst, self._level + (now - self._at) * self._per_s)
            self._at = now
            if self._level < 1:
                return False
            self._level -= 1
            return True


class Exchange:
    """Takes calls from any thread. After `close` everything is answered at once: the terminal stops."""

    def __init__(self, invitations: Invitations, post: Callable[[Callable[[], None]], None], clients: list[str]) -> None:
        self._invitations = invitations
        self._post = post
        self._limits = {client: RateLimit(CALLS_PER_S, BURST) for client in clients}
        self._closing = threading.Event()

    def give(self, client: str, call: Call, reply: Reply) -> None:
        """Hand a call over. `reply` is called on the main thread, or here and now when the client asks too often."""
        if not self.hold_back(client):
            reply(Answer("rate_limited"))
            return
        self._post(partial(self._invitations.take, client, call, reply))

    def hold_back(self, client: str) -> bool:
        """Count a message of a client: whether it may be taken. One that may not keeps its client waiting."""
        admitted = self._limits[client].admits()
        if not admitted:
            self._closing.wait(HOLD_S)
        return admitted

    def ask(self, client: str, call: Call) -> Answer:
        """Hand a call over and wait for its answer; an outcome that does not come within `wait_s` is None."""
        answers: SimpleQueue[Answer] = SimpleQueue()
        self.give(client, call, answers.put)
        end = time.monotonic() + (max(call.wait_s, 1.0) if call.wait_s else ANSWER_S)
        while not self._closing.is_set() and (left := end - time.monotonic()) > 0:
            try:
                return answers.get(timeout=min(left, HOLD_S))
            except Empty:
                continue
        return Answer(invitation=call.invitation) if call.wait_s else Answer("busy")

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._closing.set()
