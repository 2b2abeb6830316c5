"""Builders for the window's behaviour, and `Window`: the behaviour with disk, timers and time driven by hand."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial, step
from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.policy import After, ChainRule, RegionPolicy
from terminal_app.domain.rateable import rating_key
from terminal_app.domain.rating import Level, Outcome, Rating, Reason, ReasonCatalogue, fold
from terminal_app.domain.staff import Role, StaffMember
from terminal_app.domain.ticket import Case, CaseTicket, Grouping
from terminal_app.domain.turn import current_session

DAY = "2026-11-21"
LI = StaffMember("001", "李", "综合受理")
WANG = StaffMember("002", "王", "综合受理")
ZHAO = StaffMember("009", "赵", "管理员", Role.ADMINISTRATOR)
PIN = "280616"


def reason(level: int, nth: int) -> Reason:
    """The `nth` reason of a level: code 201 is the first of level 2."""
    code = f"{level}0{nth}"
    return Reason(code, Level(level), nth == 1, {"zh-CN": f"原因{code}", "en": f"reason {code}"})


CATALOGUE = ReasonCatalogue("reasons-test", "1", tuple(reason(level, nth) for level in range(1, 6) for nth in (1, 2, 3)))


def rules(version: str = "1", *, reasons_required: bool = False) -> s.Rules:
    name = {"zh-CN": "测试", "en": "Test"}
    policy = RegionPolicy(
        "test",
        version,
        name,
        CATALOGUE.id,
        CATALOGUE.version,
        reasons_required=reasons_required,
        chain=ChainRule(overall=True, single=True, after=After.SERVICE),
        follow_ups=1,
    )
    return s.Rules(policy, CATALOGUE)


def case(name: str, visit: str | None = None) -> Case:
    return Case(f"CASE-{name}", visit=visit)


def ticket(names: str, visit: str | None = None, grouping: Grouping = Grouping.SINGLE) -> CaseTicket:
    """A ticket of one case per letter."""
    return CaseTicket(tuple(case(name, visit) for name in names), grouping, staff_number=LI.number)


def presented(
    names: str,
    device: str = "scanner",
    *,
    rated: str = "",
    session: str | None = None,
    visit: str | None = None,
    grouping: Grouping = Grouping.SINGLE,
) -> s.TicketPresented:
    """The ticket of these cases is read; its session is called like its cases. `rated`: cases rated here before."""
    keys = frozenset(rating_key(case(name, visit), DAY) for name in rated)
    return s.TicketPresented(ticket(names, visit, grouping), "scanner", device, session or names, DAY, keys)


@dataclass(frozen=True, slots=True)
class Turn:
    """One step that was taken."""

    before: s.Terminal
    event: s.Event
    after: s.Terminal
    effects: tuple[s.Effect, ...]
    now_ms: int

    @property
    def drafts(self) -> tuple[Draft, ...]:
        return tuple(effect.draft for effect in self.effects if isinstance(effect, s.Append))


class Window:
    """Performs effects by hand: `writing` holds appends on their way to the disk, `journal` what is durable, in order, `asked`
    what else the outside was asked to do."""

    def __init__(self, state: s.Terminal | None = None) -> None:
        self.state = state or initial(rules(), on_duty=LI)
        self.now = 1_000
        self.turns: list[Turn] = []
        self.writing: deque[s.Append] = deque()
        self.timers: list[tuple[int, s.TimerFired]] = []
        self.fired: list[s.TimerFired] = []
        self.journal: list[Draft] = []
        self.closed_by_store: set[str] = set()
        self.asked: list[s.Effect] = []

    @property
    def phase(self) -> s.Phase:
        return self.state.phase

    @property
    def notice(self) -> str | None:
        return self.state.notice.what if self.state.notice else None

    @property
    def kinds(self) -> list[str]:
        return [str(draft.kind) for draft in self.journal]

    def send(self, *events: s.Event) -> "Window":
        for event in events:
            before = self.state
            self.state, effects = step(before, event, self.now)
            self.turns.append(Turn(before, event, self.state, effects, self.now))
            for effect in effects:
                if isinstance(effect, s.Append):
                    self.writing.append(effect)
                elif isinstance(effect, s.StartTimer):
                    self.timers.append((self.now + effect.delay_ms, effect.event))
                else:
                    self.asked.append(effect)
        return self

    def write_one(self) -> "Window":
        """The oldest append becomes durable."""
        if self.writing:
            effect = self.writing.popleft()
            self.journal.append(effect.draft)
            self.send(s.AppendDone(effect.number, f"{effect.number:064x}"))
        return self

    def fail_one(self) -> "Window":
        """The oldest append does not become durable."""
        if self.writing:
            self.send(s.AppendFailed(self.writing.popleft().number, "io_error"))
        return self

    def write(self) -> "Window":
        """Everything becomes durable."""
        while self.writing:
            self.write_one()
        return self

    def recover(self) -> "Window":
        """The journal works again: what was on its way is through, and the store has closed what was open."""
        self.write()
        for session, drafts in self.sessions().items():
            if all(draft.kind != Kind.SESSION_CLOSED for draft in drafts):
                starred = any(draft.kind == Kind.STAR_CHOSEN for draft in drafts)
                outcome = Outcome.RATED if starred else Outcome.INTERRUPTED
                self.journal.append(Draft(Kind.SESSION_CLOSED, session, {"outcome": outcome, "submitted": False}))
                self.closed_by_store.add(session)
        return self.send(s.FaultCleared())

    def wait(self, ms: int) -> "Window":
        """Let time pass; timers fire when they are due."""
        until = self.now + ms
        while due := [timer for timer in self.timers if timer[0] <= until]:
            first = min(due, key=lambda timer: timer[0])
            self.timers.remove(first)
            self.fired.append(first[1])
            self.now = max(self.now, first[0])
            self.send(first[1])
        self.now = until
        return self

    def sessions(self) -> dict[str, list[Draft]]:
        """The durable entries of each session, in order."""
        found: dict[str, list[Draft]] = {}
        for draft in self.journal:
            if draft.session is not None:
                found.setdefault(draft.session, []).append(draft)
        return found

    def rating(self, session: str = "A") -> Rating:
        return folded(session, self.sessions().get(session, []))

    def type(self, pin: str = PIN) -> "Window":
        return self.send(*map(a.PinDigit, pin))

    def administration(self) -> "Window":
        """An administrator's card and PIN."""
        self.send(s.CardLaid(ZHAO)).type().send(a.PinSubmitted())
        assert isinstance(self.phase, a.EnterPin) and self.phase.checking is not None
        return self.send(a.PinChecked(self.phase.checking))

    # --- scenes that many tests begin with ----------------------------------------------------------------------

    def asks_stars(self, names: str = "A") -> "Window":
        return self.send(presented(names)).write()

    def asks_scope(self, names: str = "CD") -> "Window":
        """A chain of these cases was read: rated overall, or one alone?"""
        return self.send(presented(names, grouping=Grouping.CHAIN)).write()

    def tap(self, level: int) -> "Window":
        return self.send(s.StarTapped(Level(level))).write()

    def mark(self, *codes: str) -> "Window":
        for code in codes:
            self.send(s.ReasonToggled(code)).write()
        return self


def folded(session: str, drafts: Iterable[Draft]) -> Rating:
    return fold(session, ((draft.kind, "", draft.data) for draft in drafts))


def session_at(window: Window) -> s.Session:
    session = current_session(window.phase)
    assert session is not None, window.phase
    return session


def entries(window: Window, kind: Kind) -> list[dict[str, object]]:
    """What the durable entries of this kind say, in order."""
    return [dict(draft.data) for draft in window.journal if draft.kind == kind]


def outcomes(window: Window) -> dict[str, tuple[object, object]]:
    """How each session ended, by its name: outcome, and whether it was submitted."""
    closes = [draft for draft in window.journal if draft.kind == Kind.SESSION_CLOSED]
    return {str(draft.session): (draft.data["outcome"], draft.data["submitted"]) for draft in closes}
