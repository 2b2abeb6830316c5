"""Checks administrators' PINs, one at a time on a thread of its own, and makes who tries wait. Logs and keeps no PIN.

Each attempt is counted durably before its PIN is looked at, so that neither a restart nor a pulled plug gives another one.
The count is the terminal's, whichever card was laid. After a restart the whole delay begins anew: no clock can shorten it.
While the store is broken the count goes on in memory, without free attempts where it is not known: whoever repairs the
terminal has to look into it then.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from terminal_app.domain import pin as pins
from terminal_app.domain.administration import Denial
from terminal_app.ports import Clock, StoreUnavailable

Answered = Callable[[Denial | None, int], None]

log = logging.getLogger(__name__)


class Failures(Protocol):
    """How many wrong PINs came in a row, durably. Both raise StoreUnavailable."""

    def load(self) -> int: ...

    def save(self, failures: int) -> None: ...


class PinGate:
    """`post` carries to the main thread; `crashed` gets an error that nobody expected."""

    def __init__(
        self,
        failures: Failures,
        clock: Clock,
        post: Callable[[Callable[[], None]], None],
        crashed: Callable[[BaseException], None],
    ) -> None:
        self._failures = failures
        self._clock = clock
        self._post = post
        self._crashed = crashed
        self._one_at_a_time = threading.Lock()
        self._waited_from_ms = clock.mono_ms()
        self._counted: int | None = None

    def check(self, hashed: str | None, pin: str, answered: Answered) -> None:
        """Whether `hashed` was made of `pin`; None: this administrator has none. `answered` gets it on the main thread."""
        threading.Thread(target=self._run, args=(hashed, pin, answered), name="pin", daemon=True).start()

    def _run(self, hashed: str | None, pin: str, answered: Answered) -> None:
        denied: Denial | None = Denial.UNAVAILABLE
        wait_s = 0
        try:
            with self._one_at_a_time:
                denied, wait_s = self._decide(hashed, pin)
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._crashed(error)
        self._post(partial(answered, denied, wait_s))

    def _decide(self, hashed: str | None, pin: str) -> tuple[Denial | None, int]:
        if hashed is None:
            return Denial.NO_PIN, 0
        failures = self._in_a_row()
        if wait_s := self._wait_s(failures):
            return Denial.TOO_SOON, wait_s
        self._count(failures + 1)
        if pins.matches(hashed, pin):
            self._count(0)
            log.info("administration was opened")
            return None, 0
        self._waited_from_ms = self._clock.mono_ms()
        log.warning("a wrong PIN, %d in a row", failures + 1)
        return Denial.WRONG, self._wait_s(failures + 1)

    def _in_a_row(self) -> int:
        """Wrong PINs in a row: as many as are kept, or were counted while nothing could be."""
        try:
            self._counted = max(self._failures.load(), self._counted or 0)
        except StoreUnavailable as error:
            log.error("wrong PINs are counted in memory alone: %s", error)
        return pins.FREE_ATTEMPTS if self._counted is None else self._counted

    def _count(self, failures: int) -> None:
        self._counted = failures
        try:
            self._failures.save(failures)
        except StoreUnavailable as error:
            log.error("the count of wrong PINs could not be kept: %s", error)

    def _wait_s(self, failures: int) -> int:
        left_ms = self._waited_from_ms + pins.delay_ms(failures) - self._clock.mono_ms()
        return max(0, -(-left_ms // 1000))
