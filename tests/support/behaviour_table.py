"""The states and the events of the behaviour's table, by the names that its rows use."""

from collections.abc import Callable

from support.behaviour import LI, WANG, ZHAO, Turn, Window, presented, rules

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.rating import Level
from terminal_app.domain.ticket import Refusal

NOW_MS = 11_000


def _bad() -> Window:
    return Window().asks_stars().tap(2)


def _single() -> Window:
    return Window().asks_scope().send(s.SingleChosen("CASE-C")).write()


def _broken() -> Window:
    return Window().send(s.FaultRaised("storage"))


STATES: dict[str, Callable[[], Window]] = {
    "Unenrolled": lambda: Window(initial(None)),
    "Locked": lambda: Window().send(s.Revoked("revoked")),
    "LoggedOut": lambda: Window(initial(rules())),
    "Idle": lambda: Window(),
    "StaffLogin": lambda: Window(initial(rules())).send(s.LoginRequested()),
    "AwaitStars A": lambda: Window().asks_stars(),
    "AwaitStars A2+201": lambda: _bad().mark("201").send(s.ChangeRequested()),
    "AwaitReasons A2+201": lambda: _bad().mark("201"),
    "AwaitScope CD": lambda: Window().asks_scope(),
    "AwaitScope CD which": lambda: Window().asks_scope().send(s.SinglesRequested()),
    "AwaitStars CD/C": lambda: _single(),
    "Recording scope CD/C": lambda: Window().asks_scope().send(s.SingleChosen("CASE-C")),
    "Recording star CD/C2": lambda: _single().send(s.StarTapped(Level(2))),
    "StaffMenu CD": lambda: Window().asks_scope().send(s.CardLaid(LI)),
    "Recording opened A": lambda: Window().send(presented("A")),
    "Recording star A2": lambda: Window().asks_stars().send(s.StarTapped(Level(2))),
    "Recording toggle A2+201": lambda: _bad().send(s.ReasonToggled("201")),
    "Recording reasons A2+201!": lambda: _bad().mark("201").send(s.ReasonsSubmitted()),
    "Thanks A5!": lambda: Window().asks_stars().tap(5),
    "Paused": lambda: Window().send(s.PauseRequested()),
    "StaffMenu": lambda: Window().send(s.CardLaid(LI)),
    "StaffMenu A": lambda: Window().asks_stars().send(s.CardLaid(LI)),
    "StaffMenu in a pause": lambda: Window().send(s.PauseRequested(), s.CardLaid(LI)),
    "StaffMenu of an administrator": lambda: Window(initial(rules(), on_duty=ZHAO)).send(s.CardLaid(ZHAO)),
    "EnterPin 009 ••••••": lambda: Window().send(s.CardLaid(ZHAO)).type(),
    "EnterPin 009 checking": lambda: Window().send(s.CardLaid(ZHAO)).type().send(a.PinSubmitted()),
    "Administration overview": lambda: Window().administration(),
    "OutOfOrder storage": lambda: _broken(),
    "EnterPin 009 •••••• over OutOfOrder storage": lambda: _broken().send(s.CardLaid(ZHAO)).type(),
    "EnterPin 009 checking over OutOfOrder storage": lambda: _broken().send(s.CardLaid(ZHAO)).type().send(a.PinSubmitted()),
    "Administration overview over OutOfOrder storage": lambda: _broken().administration(),
    "Administration overview over Locked": lambda: Window().send(s.Revoked("revoked")).administration(),
}

FIXED: dict[str, s.Event] = {
    "ticket_A": presented("A"),
    "ticket_A_elsewhere": presented("A", "ticket line"),
    "ticket_B": presented("B"),
    "ticket_B_rated": presented("B", rated="B"),
    "unreadable": s.TicketUnreadable(Refusal.MALFORMED),
    "id_number": s.TicketUnreadable(Refusal.IDENTITY_NUMBER),
    "overall": s.OverallChosen(),
    "singles": s.SinglesRequested(),
    "single_C": s.SingleChosen("CASE-C"),
    "single_other": s.SingleChosen("CASE-Z"),
    "reselect": s.ScopeReopened(),
    "tap_1": s.StarTapped(Level(1)),
    "tap_2": s.StarTapped(Level(2)),
    "tap_5": s.StarTapped(Level(5)),
    "mark_201": s.ReasonToggled("201"),
    "mark_101": s.ReasonToggled("101"),
    "mark_unknown": s.ReasonToggled("999"),
    "submit": s.ReasonsSubmitted(),
    "skip": s.ReasonsSkipped(),
    "change": s.ChangeRequested(),
    "more_time": s.MoreTimeRequested(),
    "finish": s.Finished(),
    "english": s.LanguageChosen("en"),
    "large_print": s.LargePrintToggled(),
    "contrast": s.ContrastChosen(True),
    "voice": s.VoiceChosen(True),
    "touch": s.ScreenTouched(),
    "card_own": s.CardLaid(LI),
    "card_other": s.CardLaid(WANG),
    "card_unknown": s.CardLaid(None),
    "card_admin": s.CardLaid(ZHAO),
    "duty_admin": a.DutyTaken(ZHAO),
    "administration": a.AdministrationRequested(),
    "pin_digit": a.PinDigit("7"),
    "pin_erase": a.PinErased(),
    "pin_done": a.PinSubmitted(),
    "page": a.PageChosen(a.Page.DEVICES),
    "task": a.TaskRequested(a.Task.SELF_TEST),
    "invite": s.InviteRequested(),
    "login": s.LoginRequested(),
    "pause": s.PauseRequested(),
    "resume": s.ResumeRequested(),
    "logout": s.LogoutRequested(),
    "cancel": s.CancelRequested(),
    "menu_close": s.MenuClosed(),
    "enrolled": s.Enrolled(rules("2")),
    "new_rules": s.RulesChanged(rules("2")),
    "revoked": s.Revoked("revoked"),
    "reinstated": s.Reinstated(),
    "fault": s.FaultRaised("internal"),
    "fault_cleared": s.FaultCleared(),
}

OF_THE_STATE: dict[str, Callable[[s.Terminal], s.Event]] = {
    "timer": lambda state: timer_of(state),
    "timer_old": lambda state: timer_of(state, arm=-1),
    "timer_other_session": lambda state: timer_of(state, session="Z"),
    "timer_other_phase": lambda state: timer_of(state, phase="Thanks" if _name(state) != "Thanks" else "AwaitStars"),
    "done": lambda state: s.AppendDone(_append(state), "a" * 64),
    "done_other": lambda state: s.AppendDone(_append(state) - 1, "b" * 64),
    "pin_right": lambda state: a.PinChecked(_check(state)),
    "pin_wrong": lambda state: a.PinChecked(_check(state), a.Denial.WRONG),
    "pin_other": lambda state: a.PinChecked(_check(state) - 1),
    "failed": lambda state: s.AppendFailed(_append(state), "io_error"),
    "failed_other": lambda state: s.AppendFailed(_append(state) - 1, "io_error"),
}


def _name(state: s.Terminal) -> str:
    return type(state.phase).__name__


def timer_of(state: s.Terminal, *, session: str | None = None, phase: str | None = None, arm: int = 0) -> s.TimerFired:
    """The timer that the phase waits for, or one that would be its if it had any; off by what is given."""
    own = getattr(state.phase, "session", None)
    number = getattr(state.phase, "arm", state.counter) + arm
    return s.TimerFired(session or (own.id if own else None), phase or _name(state), number)


def _append(state: s.Terminal) -> int:
    return state.phase.append if isinstance(state.phase, s.Recording) else state.counter


def _check(state: s.Terminal) -> int:
    checking = getattr(state.phase, "checking", None)
    return state.counter if checking is None else checking


def take(state: str, event: str) -> Turn:
    """The step that the event makes in the state, at `NOW_MS`."""
    window = STATES[state]()
    window.now = NOW_MS
    happens = FIXED.get(event) or OF_THE_STATE[event](window.state)
    window.send(happens)
    return window.turns[-1]
