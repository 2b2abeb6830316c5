"""The screens of staff, derived from state and facts: login, menu, PIN pad, administration. Pure; never a rating.

`derive_view` in view_state.py asks for them.
"""

import re
from dataclasses import replace

from terminal_app.application.inside import Check, Inside, SelfTest
from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.closed import Closed
from terminal_app.domain.pin import DIGITS_LEAST, DIGITS_MOST
from terminal_app.domain.staff import Role
from terminal_app.ports import DeviceReport, Link
from ui.button_view import ButtonView
from ui.staff_views import DIGIT, AdministrationView, PinView, RowView, TabView
from ui.views import Facts, LoginView, MenuView
from ui.wording import Wording

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_LONG_RUN = r"([9A.~•]{8})(?=[9A.~•])"


class StaffViews:
    """The views of one state."""

    def __init__(self, state: s.Terminal, facts: Facts, say: Wording) -> None:
        self.state = state
        self.facts = facts
        self.say = say

    def button(self, name: str, key: str, event: s.Event | None) -> ButtonView:
        return ButtonView(name, self.say(f"button.{key}"), event)

    @property
    def back(self) -> ButtonView:
        return self.button("menu-close", "back", s.MenuClosed())

    def login(self) -> LoginView:
        unknown = self.state.notice is not None and self.state.notice.what == "unknown_card"
        return LoginView(
            self.say("login.title"),
            self.say("login.line"),
            self.say("login.unknown_card") if unknown else "",
            self.back,
        )

    # --- the menu -----------------------------------------------------------------------------------------------

    def menu(self, session: s.Session | None) -> MenuView:
        member = self.state.on_duty
        return MenuView(
            self.say("menu.title"),
            self.say("menu.on_duty", name=member.name, number=member.number) if member else "",
            self.upload(),
            self.problems(),
            tuple(self.menu_buttons(session)),
            self.back,
        )

    def menu_buttons(self, session: s.Session | None) -> list[ButtonView]:
        member, paused = self.state.on_duty, self.state.paused_since_ms is not None
        buttons = []
        if session and session.star is None:
            buttons.append(self.button("cancel", "cancel", s.CancelRequested()))
        if not session and not paused and self.state.unrated:
            buttons.append(self.button("invite", "invite", s.InviteRequested()))
        if paused:
            buttons.append(self.button("resume", "resume", s.ResumeRequested()))
        else:
            buttons.append(self.button("pause", "pause", s.PauseRequested()))
        if not session:
            buttons.append(self.button("clean", "clean", None))
        buttons.append(self.button("logout", "logout", s.LogoutRequested()))
        if not session and member and member.role is Role.ADMINISTRATOR:
            buttons.append(self.button("administration", "administration", a.AdministrationRequested()))
        return buttons

    def upload(self) -> str:
        count = self.facts.backlog
        if self.facts.online:
            return self.say("menu.upload_waiting", count=count) if count else self.say("menu.upload_done")
        return self.say("menu.upload_offline", count=count) if count else self.say("menu.upload_offline_none")

    def problems(self) -> tuple[str, ...]:
        return tuple(self.say(f"problem.{problem.what}", name=problem.name) for problem in self.facts.problems)

    # --- the PIN pad --------------------------------------------------------------------------------------------

    def pin(self, phase: a.EnterPin) -> PinView:
        member, count = phase.member, len(phase.typed)
        own = self.state.on_duty is not None and self.state.on_duty.number == member.number
        return PinView(
            self.say("pin.title"),
            self.say("menu.on_duty", name=member.name, number=member.number),
            self.pin_line(phase),
            "●" * count + "○" * (DIGITS_LEAST - count),
            self.say("pin.typed", count=count),
            tuple(ButtonView(f"{DIGIT}{digit}", digit, a.PinDigit(digit)) for digit in "1234567890"),
            self.button("pin-erase", "pin_erase", a.PinErased()),
            replace(self.button("pin-done", "pin_done", a.PinSubmitted()), enabled=count >= DIGITS_LEAST),
            None if own or phase.below else self.button("duty", "duty", a.DutyTaken(member)),
            self.back,
        )

    def pin_line(self, phase: a.EnterPin) -> str:
        if phase.checking is not None:
            return self.say("pin.checking")
        if phase.denied is None:
            return self.say("pin.line", least=DIGITS_LEAST, most=DIGITS_MOST)
        wait = self.say("pin.wait", age=self.wait(phase.wait_s)) if phase.wait_s else ""
        return self.say(f"pin.{phase.denied}") + wait

    def wait(self, seconds: int) -> str:
        """Never shorter than it is: whole minutes are rounded up."""
        return self.age(1000 * (seconds if seconds < 2 * _MINUTE_S else -(-seconds // _MINUTE_S) * _MINUTE_S))

    # --- administration -----------------------------------------------------------------------------------------

    def administration(self, phase: a.Administration) -> AdministrationView:
        inside = self.facts.inside
        return AdministrationView(
            self.say("administration.title", name=phase.member.name),
            tuple(TabView(self.tab(page), page is phase.page) for page in a.Page),
            self.rows(phase, inside) if inside else (),
            phase.page is a.Page.ABOUT,
            self.actions(phase.page, inside),
            self.button("more-rows", "more_rows", None),
            self.button("first-rows", "first_rows", None),
            self.back,
        )

    def tab(self, page: a.Page) -> ButtonView:
        return self.button(f"page-{page.replace('_', '-')}", f"page_{page}", a.PageChosen(page))

    def actions(self, page: a.Page, inside: Inside | None) -> tuple[ButtonView, ...]:
        if page is a.Page.ABOUT and inside and inside.stick:
            export = self.button("export-log", "export_log", a.TaskRequested(a.Task.EXPORT_LOG))
            return (replace(export, enabled=not inside.exporting),)
        return self.test_actions(inside) if page is a.Page.SELF_TEST else ()

    def test_actions(self, inside: Inside | None) -> tuple[ButtonView, ...]:
        idle = inside is not None and not inside.testing
        test = replace(self.button("self-test", "self_test", a.TaskRequested(a.Task.SELF_TEST)), enabled=idle)
        sheet = self.button("sheet", "sheet", a.TaskRequested(a.Task.SHEET))
        return (test, sheet) if inside and inside.self_test else (test,)

    def rows(self, phase: a.Administration, inside: Inside) -> tuple[RowView, ...]:
        match phase.page:
            case a.Page.OVERVIEW:
                return (*self.closed(phase.below), *self.overview(inside))
            case a.Page.DEVICES:
                return tuple(self.device(one, inside.now_ms) for one in inside.devices) or (self.row("devices", "none"),)
            case a.Page.SELF_TEST:
                return self.self_test(inside)
            case a.Page.ABOUT:
                return self.about(inside)

    def row(self, label: str, value: str, **values: object) -> RowView:
        return RowView(self.say(f"inside.{label}"), self.say(f"inside.{value}", **values))

    def closed(self, below: Closed | None) -> tuple[RowView, ...]:
        """Why nobody can rate, where that is so."""
        match below:
            case None:
                return ()
            case s.Locked():
                why = "locked"
            case _:
                why = "storage" if below.reason == "storage" else "internal"
        return (RowView(self.say("inside.problem"), self.say(f"problem.{why}"), stands_out=True),)

    def overview(self, inside: Inside) -> tuple[RowView, ...]:
        delivery = inside.delivery
        last = self.ago(delivery.last_success_ms, inside.now_ms)
        return (
            *(RowView(self.say("inside.problem"), problem, stands_out=True) for problem in self.problems()),
            RowView(
                self.say("inside.platform"),
                self.say(f"inside.link_{delivery.link}"),
                delivery.detail,
                delivery.link is not Link.ONLINE,
            ),
            RowView(self.say("inside.last_success"), last),
            self.row("waiting", "entries", count=delivery.pending),
            replace(self.row("quarantined", "entries", count=delivery.quarantined), stands_out=delivery.quarantined > 0),
            RowView(self.say("inside.clock"), self.say(f"inside.clock_{inside.quality}"), inside.wall[:19].replace("T", " ")),
            self.row("disk", "free", count=inside.free_mib),
        )

    def device(self, one: DeviceReport, now_ms: int) -> RowView:
        good = self.say("inside.frames", count=one.frames, bad=one.bad_frames, last=self.ago(one.last_good_ms, now_ms))
        raw = self.say("inside.last_bytes", bytes=_apart(one.last_bytes)) if one.last_bytes else ""
        label = f"{self.say(f'inside.role_{one.role}')} · {one.name}"
        state = self.say(f"inside.state_{one.state}", ago=self.age(now_ms - one.since_ms))
        return RowView(label, state, "\n".join(part for part in (good, raw) if part), one.state != "connected")

    def self_test(self, inside: Inside) -> tuple[RowView, ...]:
        test = inside.self_test
        if test is None:
            row = self.row("test", "testing" if inside.testing else "untested")
            return (replace(row, line=self.say("inside.test_line")),)
        verdict = self.say("inside.passed" if test.passed else "inside.failed")
        head = RowView(self.say("inside.test"), verdict, self.sheet_line(test), not test.passed)
        return (head, *(self.check(check) for check in sorted(test.checks, key=lambda check: check.good)))

    def sheet_line(self, test: SelfTest) -> str:
        if test.printed is not None:
            return self.say("inside.printed" if test.printed else "inside.not_printed")
        return self.say("inside.sheet", file=test.file.rpartition("/")[2]) if test.file else self.say("inside.no_sheet")

    def check(self, check: Check) -> RowView:
        label = self.say(f"inside.check_{check.what}") + (f" · {check.name}" if check.name else "")
        return RowView(label, self.say("inside.good" if check.good else "inside.bad"), self.found(check), not check.good)

    def found(self, check: Check) -> str:
        """What the self-test found, in words where it is a state."""
        match check.what:
            case "clock":
                return self.say(f"inside.clock_{check.value}")
            case "device":
                return self.say(f"inside.device_{check.value}")
            case _:
                return check.value

    def about(self, inside: Inside) -> tuple[RowView, ...]:
        place = f"{self.facts.hall} · {self.facts.window} {self.facts.window_number}"
        log = RowView(self.say("inside.log"), self.say("inside.log_value"), self.log_line(inside), inside.exported == "")
        rows = (
            RowView(self.say("inside.device"), inside.device),
            RowView(self.say("inside.place"), place, self.say("inside.region", region=inside.region)),
            RowView(self.say("inside.address"), inside.platform_url),
            RowView(self.say("inside.version"), inside.version),
            RowView(self.say("inside.folder"), inside.data_dir),
        )
        return (*rows, log) if inside.exported is None else (log, *rows)

    def log_line(self, inside: Inside) -> str:
        if inside.exported is None:
            return self.say("inside.log_line")
        return self.say("inside.exported", file=inside.exported) if inside.exported else self.say("inside.not_exported")

    def ago(self, then_ms: int | None, now_ms: int) -> str:
        return self.say("inside.never") if then_ms is None else self.say("inside.ago", age=self.age(now_ms - then_ms))

    def age(self, ms: int) -> str:
        seconds = max(0, ms // 1000)
        for unit, length in (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", _MINUTE_S)):
            if seconds >= 2 * length:
                return self.say(f"inside.{unit}", count=seconds // length)
        return self.say("inside.seconds", count=seconds)


def _apart(masked: str) -> str:
    """Where a line may end within bytes that have no words: a blank is no byte of a mask."""
    return re.sub(_LONG_RUN, r"\1 ", masked)
