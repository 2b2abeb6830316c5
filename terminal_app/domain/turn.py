"""What every rule of the behaviour is made of: one step in the making. The rules are in behaviour.py and its *_acts.py."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.rating import Outcome
from terminal_app.domain.staff import StaffMember


def current_session(phase: s.Phase) -> s.Session | None:
    """The session that is open in this phase, if any."""
    holding = s.AwaitScope | s.AwaitStars | s.AwaitReasons | s.Recording | s.Thanks | s.StaffMenu
    return phase.session if isinstance(phase, holding) else None


def closed_by(phase: s.Phase) -> s.Unenrolled | s.Locked | s.OutOfOrder | None:
    """Why nobody can rate in this phase, also while an administrator looks into the terminal; None: somebody can."""
    if isinstance(phase, a.EnterPin | a.Administration):
        return phase.below
    return phase if isinstance(phase, s.Unenrolled | s.Locked | s.OutOfOrder) else None


def home(state: s.Terminal) -> s.Phase:
    """Where the window stands while nothing goes on at it."""
    if state.paused_since_ms is not None:
        return s.Paused()
    return s.Idle() if state.on_duty else s.LoggedOut()


def rated_keys(session: s.Session | None) -> frozenset[str]:
    """What this session has rated, which whoever looked a later ticket up may not have known yet."""
    if session is None or session.star is None:
        return frozenset()
    return session.offer.keys(session.covered, session.day)


class Turn(ABC):
    """One step in the making: the state so far and the effects collected."""

    def __init__(self, state: s.Terminal, now_ms: int) -> None:
        self.state = state
        self.now = now_ms
        self.effects: list[s.Effect] = []
        self._replaying = False

    @abstractmethod
    def handle(self, event: s.Event) -> None:
        """What the event means; behaviour.py knows."""

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def number(self) -> int:
        self.change(counter=self.state.counter + 1)
        return self.state.counter

    def timer(self, delay_ms: int, phase: type | str, session: s.Session | None = None) -> int:
        arm = self.number()
        name = phase if isinstance(phase, str) else phase.__name__
        self.effects.append(s.StartTimer(delay_ms, s.TimerFired(session.id if session else None, name, arm)))
        return arm

    def append(self, kind: Kind, session: s.Session | None, data: Mapping[str, Any]) -> int:
        number = self.number()
        self.effects.append(s.Append(number, Draft(kind, session.id if session else None, data)))
        return number

    def notify(self, what: str, staff: StaffMember | None = None) -> None:
        self.change(notice=s.Notice(what, self.timer(self.state.timing.notice_ms, "Notice"), staff))

    def go_home(self) -> None:
        self.change(phase=home(self.state))

    def remember(self, event: s.Event) -> None:
        self.change(remembered=(*self.state.remembered, event))
        if not self._replaying and not isinstance(event, s.TicketPresented | s.Revoked | s.Reinstated):
            self.notify("remembered")

    def replay(self) -> None:
        """Offer what was remembered again; what is still not allowed is remembered anew."""
        events = self.state.remembered
        self.change(remembered=())
        outer, self._replaying = self._replaying, True
        for event in events:
            self.handle(event)
        self._replaying = outer

    def record(self, kind: Kind, session: s.Session, data: Mapping[str, Any], wrote: str) -> None:
        """Append for a session and stand still until it is durable; a disk that does not answer is a broken one."""
        phase = self.state.phase
        stays = s.AwaitScope | s.AwaitStars | s.AwaitReasons | s.Idle | s.LoggedOut
        shown = phase if isinstance(phase, stays) else s.Idle()
        number = self.append(kind, session, data)
        self.effects.append(s.StartTimer(self.state.timing.durable_ms, s.TimerFired(session.id, s.Recording.__name__, number)))
        self.change(phase=s.Recording(session, number, wrote, shown), notice=None)

    def ask(self, session: s.Session) -> None:
        """What is rated first, where that has to be chosen; else the stars."""
        if session.offer.is_choice and session.scope is None:
            self.ask_scope(session, listing=not session.offer.overall)
        else:
            self.ask_stars(session)

    def ask_scope(self, session: s.Session, *, listing: bool) -> None:
        limit = self.state.timing.stars_ms
        arm = self.timer(limit, s.AwaitScope, session)
        self.change(phase=s.AwaitScope(session, arm, self.now + limit, listing))

    def ask_stars(self, session: s.Session, until_ms: int = 0) -> None:
        until = max(until_ms, self.now + self.state.timing.stars_ms)
        arm = self.timer(until - self.now, s.AwaitStars, session)
        self.change(phase=s.AwaitStars(session, arm, until))

    def ask_reasons(self, session: s.Session, until_ms: int = 0) -> None:
        """Wait for reasons: the limit counts from the last touch, and never takes away time that was given before."""
        until = max(until_ms, self.now + self.state.timing.reasons_ms)
        arm = self.timer(until - self.now, s.AwaitReasons, session)
        self.change(phase=s.AwaitReasons(session, arm, until))

    def thank(self, session: s.Session) -> None:
        limit = self.state.timing.thanks_ms
        done = replace(session, submitted=True)
        arm = self.timer(limit, s.Thanks, done)
        self.change(phase=s.Thanks(done, arm, self.now + limit))

    def close(self, session: s.Session, before_tap: Outcome) -> None:
        """End a session: `rated` when a star is durable, else `before_tap`; then do what was remembered."""
        outcome = Outcome.RATED if session.star else before_tap
        self.append(Kind.SESSION_CLOSED, session, {"outcome": outcome, "submitted": session.submitted})
        recent = self.state.recent_scans if outcome is Outcome.SUPERSEDED else ()
        if outcome in (Outcome.TIMED_OUT, Outcome.CANCELLED):
            self.change(unrated_arm=self.timer(self.state.timing.invite_ms, "Invitation"))
        else:
            self.change(unrated=None)
        self.forget_citizen()
        self.change(recent_scans=recent)
        self.go_home()
        self.replay()

    def forget_citizen(self) -> None:
        self.change(notice=None, recent_scans=())
        self.forget_preferences()

    def forget_preferences(self) -> None:
        self.change(language=None, large_print=False, high_contrast=None, voice=None)

    def open_before_tap(self) -> s.Session | None:
        """The open session while nothing of it was tapped and nothing is being written."""
        phase = self.state.phase
        if isinstance(phase, s.AwaitScope | s.AwaitStars | s.StaffMenu) and phase.session and phase.session.star is None:
            return phase.session
        return None

    def in_session(self) -> bool:
        return current_session(self.state.phase) is not None

    def is_closed_to_people(self) -> bool:
        return closed_by(self.state.phase) is not None

    def reopen(self) -> None:
        """What kept people from rating is over; an administrator who looks into the terminal goes on."""
        phase = self.state.phase
        if isinstance(phase, a.EnterPin | a.Administration):
            self.change(phase=replace(phase, below=None))
        else:
            self.go_home()
