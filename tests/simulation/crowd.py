"""The people at one window: citizens who come, tap, hesitate, change their minds and walk away; staff who interfere.

They know only what a screen shows and what they touched; that is what they write into the record.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from simulation.machine import Machine, card
from simulation.record import Act, Record, Visit
from simulation.timeline import Timeline

from terminal_app.domain import session as s
from terminal_app.domain.rating import Level

_SLACK_MS = 5
_TURN_AWAY = 0.95
"""So many of those who find the window dark come again later."""


@dataclass(slots=True)
class _Errand:
    """What the citizen at the window wants: whose turn it is (`turn`), with which ticket, how patient."""

    turn: int
    cases: tuple[str, ...]
    payload: bytes
    touches: int
    seen: bool = False


class Crowd:
    """Everybody at one machine. `want` visits are made, then nobody comes any more. `on_visit`: told of each citizen."""

    def __init__(self, machine: Machine, timeline: Timeline, record: Record, seed: str, want: int, pace_ms: int) -> None:
        self._machine = machine
        self._timeline = timeline
        self._record = record
        self._chance = random.Random(seed)
        self._want = want
        self._pace_ms = pace_ms
        self._errand: _Errand | None = None
        self._turn = 0
        self._number = 0
        self._tickets: list[tuple[tuple[str, ...], bytes]] = []
        self._state: s.Terminal | None = None
        self._open: Visit | None = None
        self._pending: Act | None = None
        self._promised_until: int | None = None
        self._touching = False
        self.on_visit: Callable[[], None] = lambda: None
        machine.on_screen = self.see
        record.presented.setdefault(machine.name, set())

    @property
    def done(self) -> bool:
        return self._turn >= self._want and self._errand is None

    # --- what the screen shows --------------------------------------------------------------------------------------

    def see(self, state: s.Terminal | None) -> None:
        """A new picture."""
        self._state = state
        phase = state.phase if state else None
        if isinstance(phase, s.Recording | s.StaffMenu):
            if self._open is not None and phase.session is not None and phase.session.id != self._open.session:
                self._leaves(phase)
            return
        session = phase.session if isinstance(phase, s.AwaitStars | s.AwaitReasons | s.Thanks) else None
        if session is None or (self._open is not None and self._open.session != session.id):
            self._leaves(phase)
        if session is None:
            return
        visit = self._record.visits.get(session.id)
        if visit is None:
            cases = tuple(case.number for case in session.ticket.cases)
            visit = self._record.visits[session.id] = Visit(session.id, self._machine.name, cases)
        visit.asked = True
        if self._pending is not None and self._open is visit:
            self._pending.confirmed = True
            self._note(f"sees {type(phase).__name__}", visit.session)
        self._pending = None
        self._open = visit
        self._promised_until = phase.until_ms

    def _leaves(self, phase: s.Phase | None) -> None:
        """The visit is over for whoever stood here. Unless somebody did something, its time must have been up."""
        visit, self._open, self._pending = self._open, None, None
        if visit is None:
            return
        self._note(f"screen goes to {type(phase).__name__}", visit.session)
        by_itself = isinstance(phase, s.Idle | s.LoggedOut) and not self._touching
        if by_itself and self._promised_until is not None and self._mono() + _SLACK_MS < self._promised_until:
            early = self._promised_until - self._mono()
            self._record.complain(f"session {visit.session}: the screen was taken away {early} ms before its time")

    def _mono(self) -> int:
        return self._machine.clock.mono_ms()

    # --- citizens ---------------------------------------------------------------------------------------------------

    def come(self) -> None:
        """The next citizen comes, and asks the next one to come some time later."""
        if self._turn >= self._want:
            self._errand = None
            return
        if self._controller() is None and self._chance.random() < _TURN_AWAY:
            self._timeline.after(self._pace_ms * self._chance.uniform(2, 20), self.come)
            return
        self._turn += 1
        self.on_visit()
        cases, payload = self._ticket()
        self._errand = _Errand(self._turn, cases, payload, self._chance.choice((1, 2, 4, 6, 8, 12)))
        self._present(payload, cases)
        self._think(self._errand)
        self._timeline.after(self._pace_ms * self._chance.uniform(0.3, 2.0), self.come)

    def _ticket(self) -> tuple[tuple[str, ...], bytes]:
        if self._tickets and self._chance.random() < 0.06:
            return self._chance.choice(self._tickets[-5:])
        count = 1 if self._chance.random() < 0.85 else self._chance.randint(2, 4)
        cases = []
        for _ in range(count):
            self._number += 1
            cases.append(f"SIM-{self._machine.name}-{self._number:05}".upper())
        group = "&group=chain" if count > 1 and self._chance.random() < 0.5 else ""
        text = (
            "&".join(f"case={case}" for case in cases) + group + self._chance.choice(("", "&count=1", "&staff=001", "&count=2"))
        )
        payload = f"https://t.example/?{text}".encode() if count > 1 or "&" in text else cases[0].encode()
        self._tickets.append((tuple(cases), payload))
        return self._tickets[-1]

    def _present(self, payload: bytes, cases: tuple[str, ...]) -> None:
        controller = self._controller()
        if controller is None:
            return
        self._record.presented[self._machine.name].update(cases)
        source = self._chance.choice(("serial", "scanner"))
        self._do(f"presents a ticket of {len(cases)}", partial(controller.ticket_read, payload, source, source))

    def _think(self, errand: _Errand) -> None:
        self._timeline.after(self._chance.choice((90, 400, 1_500, 4_000, 9_000)), partial(self._turn_to_screen, errand))

    def _turn_to_screen(self, errand: _Errand) -> None:
        """Look, touch something, go on until patience ends; most leave after the thanks."""
        if errand is not self._errand or errand.touches <= 0 or self._state is None:
            return
        errand.touches -= 1
        controller = self._controller()
        if controller is not None:
            self._touch(self._state.phase, controller)
        if self._chance.random() < 0.95:
            self._think(errand)

    def _touch(self, phase: s.Phase, controller) -> None:
        roll = self._chance.random()
        if isinstance(phase, s.AwaitScope):
            self._touch_scope(phase, controller, roll)
        elif isinstance(phase, s.AwaitStars):
            if roll < 0.85:
                self._star(controller, phase)
            elif roll < 0.9:
                self._do("finishes", partial(controller.handle, s.Finished()))
            else:
                self._idle_touch(controller)
        elif isinstance(phase, s.AwaitReasons):
            self._touch_reasons(phase, controller, roll)
        elif isinstance(phase, s.Thanks):
            if roll < 0.25:
                self._do("wants to change", partial(controller.handle, s.ChangeRequested()))
            elif roll < 0.6:
                self._do("finishes", partial(controller.handle, s.Finished()))
        elif roll < 0.3:
            self._idle_touch(controller)

    def _touch_scope(self, phase: s.AwaitScope, controller, roll: float) -> None:
        if roll < 0.4:
            self._do("chooses all", partial(controller.handle, s.OverallChosen()))
        elif roll < 0.8:
            case = self._chance.choice(phase.session.offer.ratable)
            self._do("chooses one", partial(controller.handle, s.SingleChosen(case.number)))
        elif roll < 0.9:
            self._do("asks which", partial(controller.handle, s.SinglesRequested()))
        else:
            self._idle_touch(controller)

    def _touch_reasons(self, phase: s.AwaitReasons, controller, roll: float) -> None:
        level = int(phase.session.star or 0)
        if roll < 0.42:
            reasons = phase.session.rules.catalogue.of_level(phase.session.star)
            code = self._chance.choice(reasons).code
            self._act(controller, s.ReasonToggled(code), "toggle", code, level)
        elif roll < 0.59:
            self._act(controller, s.ReasonsSubmitted(), "submit", None, level)
        elif roll < 0.66:
            self._act(controller, s.ReasonsSkipped(), "skip", None, level)
        elif roll < 0.74:
            self._do("wants to change", partial(controller.handle, s.ChangeRequested()))
        elif roll < 0.79:
            self._do("asks for time", partial(controller.handle, s.MoreTimeRequested()))
        elif roll < 0.95:
            self._star(controller, phase)
        else:
            self._idle_touch(controller)

    def _star(self, controller, phase: s.AwaitStars | s.AwaitReasons) -> None:
        level = self._chance.choice((1, 1, 2, 2, 3, 4, 5, 5))
        self._act(controller, s.StarTapped(Level(level), self._chance.choice(("touch", "keypad"))), "star", level, level)

    def _idle_touch(self, controller) -> None:
        event = self._chance.choice((s.LanguageChosen("en"), s.LargePrintToggled(), s.ScreenTouched()))
        self._do("touches the screen", partial(controller.handle, event))

    def _act(self, controller, event: s.Event, what: str, value: int | str | None, level: int) -> None:
        """Touch something that is to be recorded; it counts as touched when the screen takes it."""
        visit, touched_at = self._open, self._state
        self._do(f"{what} {value if what != 'star' else level}", partial(controller.handle, event))
        if visit is not None and self._state is not touched_at and isinstance(self._state.phase, s.Recording):
            self._pending = Act(self._timeline.now, what, value, level)
            visit.acts.append(self._pending)

    # --- staff and passers-by ---------------------------------------------------------------------------------------

    def interfere(self) -> None:
        """Staff does something, in whatever state the window is; a pause ends some time later."""
        if self.done:
            return
        self._timeline.after(self._pace_ms * self._chance.uniform(0.5, 6), self.interfere)
        controller = self._controller()
        if controller is None:
            return
        roll = self._chance.random()
        if isinstance(controller.state.phase, s.Paused) and roll < 0.7:
            self.resume()
        elif roll < 0.35:
            self._met("card laid")
            self._do("lays a card", partial(controller.card_read, card(self._chance.randint(1, 6))))
        elif roll < 0.5:
            self._met("ticket presented")
            cases, payload = self._ticket()
            self._present(payload, cases)
        elif roll < 0.58:
            self._do("presents rubbish", partial(controller.ticket_read, b"?=%%", "scanner", "scanner"))
        else:
            event = self._chance.choice(
                (
                    s.PauseRequested(),
                    s.ResumeRequested(),
                    s.LogoutRequested(),
                    s.CancelRequested(),
                    s.LoginRequested(),
                    s.MenuClosed(),
                )
            )
            if isinstance(event, s.PauseRequested):
                self._met("pause asked for")
            self._do(type(event).__name__, partial(controller.handle, event))
            if isinstance(event, s.PauseRequested):
                self._timeline.after(self._chance.uniform(5_000, 90_000), self.resume)

    def resume(self) -> None:
        """Whoever paused comes back."""
        controller = self._controller()
        if controller is not None:
            self._do("resumes", partial(controller.handle, s.ResumeRequested()))

    def next_morning(self) -> None:
        """Staff comes back: something is written, and so the platform is contacted."""
        controller = self._controller()
        if controller is not None:
            self._do("pauses", partial(controller.handle, s.PauseRequested()))
            self.resume()

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _controller(self):
        process = self._machine.process
        return process.controller if process else None

    def _do(self, what: str, act: Callable[[], None]) -> None:
        self._note(what, self._open.session if self._open else "")
        self._touching = True
        try:
            act()
        finally:
            self._touching = False

    def _met(self, what: str) -> None:
        if self._state is not None:
            self._record.met(what, type(self._state.phase).__name__)

    def _note(self, what: str, session: str) -> None:
        self._record.trace.append((self._timeline.now, f"{self._machine.name} {session}", what))
