"""One button evaluator at the window: which of its presses are a tap, and what the device is told when.

It changes nothing itself: a press that counts is a `StarTapped` like a finger's. Source: device protocols, “The framed serial
evaluator”. Repeats carry no number, so a run of the same press, no two of it 2 s apart, is one press; and one that came before
the device was asked never becomes a rating, however often it is repeated.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from terminal_app.domain import session as s
from terminal_app.domain.frozen import frozen
from terminal_app.domain.rating import Level
from terminal_app.domain.turn import current_session
from terminal_app.ports import Clock

REPEAT_MS = 2_000

log = logging.getLogger(__name__)


class Prompts(Protocol):
    """What the device is told, the same for every level; empty where it has no such thing."""

    @property
    def ask(self) -> bytes:
        """Stars are asked now."""
        ...

    @property
    def thank(self) -> bytes:
        """A star is durable."""
        ...

    @property
    def rest(self) -> bytes:
        """Nothing is asked any more."""
        ...


@frozen
class _Run:
    """The last press and its repeats: its level, when it was last heard, whether it counts, and is not durable yet."""

    level: Level
    heard_ms: int
    counts: bool
    waits: bool = False


class Evaluator:
    """Shown every state, told every press.

    `keys`: how many levels it has keys for. `tap` takes what counts; `write` says whether the line took the bytes.
    """

    def __init__(
        self,
        name: str,
        keys: int,
        prompts: Prompts,
        clock: Clock,
        tap: Callable[[s.StarTapped], None],
        write: Callable[[bytes], bool],
    ) -> None:
        self._name = name
        self._keys = keys
        self._prompts = prompts
        self._clock = clock
        self._tap = tap
        self._write = write
        self._phase: s.Phase = s.Unenrolled()
        self._asked: str | None = None
        self._thanked: str | None = None
        self._run: _Run | None = None
        self._owed = b""

    def show(self, state: s.Terminal) -> None:
        """Ask when stars are asked, thank when one is durable, whoever chose it; rest when the session has ended."""
        self._phase = state.phase
        session = current_session(state.phase)
        if isinstance(state.phase, s.AwaitStars):
            self._ask(state.phase.session)
        if session is None:
            self._end()
        elif session.star_hash and session.star_hash != self._thanked:
            self._thanked = session.star_hash
            self._told_durable()

    def connected(self) -> None:
        """The line is open, perhaps again: ask once more where stars are asked."""
        self._asked = None
        if isinstance(self._phase, s.AwaitStars | s.AwaitReasons):
            self._ask(self._phase.session)

    def pressed(self, level: Level, answer: bytes) -> None:
        """A rating key. `answer` acknowledges it, once the tap is durable and again for each repeat."""
        now = self._clock.mono_ms()
        run = self._run
        if run and run.level == level and now - run.heard_ms < REPEAT_MS:
            self._run = replace(run, heard_ms=now)
            if run.counts and not run.waits:
                self._write(answer)
            return
        session = current_session(self._phase)
        asked = session is not None and session.id == self._asked
        if asked and isinstance(self._phase, s.Recording):
            return  # as a finger's would be; a device that waits for its acknowledgement comes again
        counts = asked and isinstance(self._phase, s.AwaitStars | s.AwaitReasons)
        self._run = _Run(level, now, counts)
        if not counts:
            log.info("%s: a key was pressed while nothing was asked", self._name)
        elif isinstance(self._phase, s.AwaitReasons) and self._phase.session.star == level:
            self._write(answer)
        else:
            self._run = replace(self._run, waits=True)
            self._owed = answer
            self._tap(s.StarTapped(level, "evaluator", self._keys))

    def _ask(self, session: s.Session) -> None:
        if session.id != self._asked and (not self._prompts.ask or self._write(self._prompts.ask)):
            self._asked = session.id

    def _told_durable(self) -> None:
        self._write(self._owed + self._prompts.thank)
        self._owed = b""
        if self._run:
            self._run = replace(self._run, waits=False)

    def _end(self) -> None:
        """What was not durable by now never will be: no repeat of it is acknowledged."""
        if self._asked is not None:
            self._write(self._prompts.rest)
        self._asked = self._thanked = None
        self._owed = b""
        if self._run and self._run.waits:
            self._run = replace(self._run, counts=False, waits=False)
