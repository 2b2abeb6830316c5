"""The whole behaviour at the window: `step(state, event, now)` → the next state and its effects. Pure.

Source of the rules: design §4 and §5. The law above all others: after the first tap nothing from the staff side can
cancel or change anything, and every session gets exactly one closing entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.citizen_acts import CitizenActs
from terminal_app.domain.journal import Kind
from terminal_app.domain.opening import opened_data
from terminal_app.domain.rateable import Offer, make_offer
from terminal_app.domain.rating import Outcome
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.staff_acts import StaffActs
from terminal_app.domain.ticket import Refusal, is_same_ticket
from terminal_app.domain.turn import closed_by, current_session, home, rated_keys

_TOUCHES = (
    s.StarTapped,
    s.ReasonToggled,
    s.ReasonsSubmitted,
    s.ReasonsSkipped,
    s.LanguageChosen,
    s.LargePrintToggled,
    s.ContrastChosen,
    s.VoiceChosen,
    s.MoreTimeRequested,
    s.ScreenTouched,
)


def initial(
    rules: s.Rules | None,
    timing: s.Timing | None = None,
    on_duty: StaffMember | None = None,
    paused_since_ms: int | None = None,
    default_language: str = "zh-CN",
) -> s.Terminal:
    """The state at start, after the store has closed whatever was open. Without rules the terminal is not enrolled."""
    state = s.Terminal(
        s.Unenrolled(),
        rules=rules,
        timing=timing or s.Timing(),
        on_duty=on_duty,
        paused_since_ms=paused_since_ms,
        default_language=default_language,
    )
    return replace(state, phase=home(state)) if rules else state


def step(state: s.Terminal, event: s.Event, now_ms: int) -> tuple[s.Terminal, tuple[s.Effect, ...]]:
    """The next state and the effects to perform, in order. `now_ms` is monotonic. Total: no event raises in any state."""
    turn = _Turn(state, now_ms)
    turn.handle(event)
    return turn.state, tuple(turn.effects)


class _Turn(CitizenActs, StaffActs):
    """The rules for tickets, time, disk and platform, beside those for citizens and staff."""

    def handle(self, event: s.Event) -> None:
        before = self.state.phase
        _HANDLERS[type(event)](self, event)
        if isinstance(before, s.AwaitReasons) and self.state.phase is before and isinstance(event, _TOUCHES):
            self.ask_reasons(before.session, before.until_ms)

    # --- tickets ------------------------------------------------------------------------------------------------

    def ticket_presented(self, event: s.TicketPresented) -> None:
        phase = self.state.phase
        if self.is_closed_to_people():
            return
        session = current_session(phase)
        if session and is_same_ticket(session.ticket, event.ticket):
            self.notify("already_read")
        elif self._is_bounce(event):
            return
        elif isinstance(phase, s.Recording):
            self.remember(replace(event, rated=event.rated | rated_keys(session)))
        elif self.state.paused_since_ms is not None:
            self.notify("paused")
        else:
            self._open_or_explain(event, session)

    def _is_bounce(self, event: s.TicketPresented) -> bool:
        """The same from the same device within two seconds; a ticket from another device in between does not change that."""
        return any(
            device == event.device
            and self.now - read_ms < self.state.timing.duplicate_scan_ms
            and is_same_ticket(ticket, event.ticket)
            for device, ticket, read_ms in self.state.recent_scans
        )

    def _note_scan(self, event: s.TicketPresented) -> None:
        others = tuple(scan for scan in self.state.recent_scans if scan[0] != event.device)
        self.change(recent_scans=(*others, (event.device, event.ticket, self.now)))

    def _open_or_explain(self, event: s.TicketPresented, before: s.Session | None) -> None:
        assert self.state.rules is not None
        offer = make_offer(event.ticket, self.state.rules.policy, event.day, event.rated | rated_keys(before))
        if offer.refused:
            self._note_scan(event)
            self.notify(offer.refused)
            return
        if before:
            self.close(before, Outcome.SUPERSEDED)
        if self.state.paused_since_ms is not None or self.is_closed_to_people():
            self.ticket_presented(event)
            return
        self._open(event, offer)

    def _open(self, event: s.TicketPresented, offer: Offer) -> None:
        assert self.state.rules is not None
        on_duty, rules = self.state.on_duty, self.state.rules
        session = s.Session(
            *(event.session_id, event.ticket, offer.ratable, on_duty, rules, self.now, event.day),
            token=event.token,
            words_pass=event.words_pass,
            offer=offer,
        )
        self.go_home()
        self.change(unrated=replace(event, rated=frozenset(), person=None, token=None, words_pass=None), unrated_arm=0)
        self._note_scan(event)
        self.record(Kind.SESSION_OPENED, session, opened_data(event, session), "opened")

    def ticket_unreadable(self, event: s.TicketUnreadable) -> None:
        if not self.is_closed_to_people():
            self.notify("not_a_case_number" if event.reason == Refusal.IDENTITY_NUMBER else "unreadable_ticket")

    # --- anybody --------------------------------------------------------------------------------------------

    def screen_touched(self, _: s.ScreenTouched) -> None:
        if isinstance(self.state.phase, s.Idle | s.LoggedOut):
            self.notify("show_ticket")
        elif isinstance(self.state.phase, s.AwaitScope):
            self.ask_scope(self.state.phase.session, listing=self.state.phase.listing)
        else:
            self.administration_touched()

    # --- time, disk, platform -----------------------------------------------------------------------------------

    def timer_fired(self, event: s.TimerFired) -> None:
        notice = self.state.notice
        if notice and event == s.TimerFired(None, "Notice", notice.arm):
            self.change(notice=None)
        elif event == s.TimerFired(None, "Preferences", self.state.preferences_arm):
            if not self.in_session():
                self.forget_preferences()
        elif event == s.TimerFired(None, "Invitation", self.state.unrated_arm):
            self.change(unrated=None)
        else:
            self._phase_timer(event)

    def _phase_timer(self, event: s.TimerFired) -> None:
        phase = self.state.phase
        session = current_session(phase)
        if type(phase).__name__ != event.phase or getattr(phase, "arm", None) != event.arm:
            return
        if (session.id if session else None) != event.session:
            return
        if isinstance(phase, s.StaffMenu | s.StaffLogin | a.EnterPin | a.Administration):
            self.leave_staff_screen()
        elif isinstance(phase, s.Recording):
            self.fault_raised(s.FaultRaised("storage"))
        elif session:
            self.close(session, Outcome.TIMED_OUT)

    def append_done(self, event: s.AppendDone) -> None:
        phase = self.state.phase
        if not isinstance(phase, s.Recording) or phase.append != event.append:
            return
        until = phase.shown.until_ms if isinstance(phase.shown, s.AwaitReasons) else 0
        if phase.wrote in ("opened", "scope"):
            self.ask(phase.session)
        elif phase.wrote == "toggle":
            self.ask_reasons(phase.session, until)
        elif phase.wrote == "star":
            self.after_star(replace(phase.session, star_hash=event.hash), until)
        else:
            self.after_star(phase.session, until)
        self.replay()

    def append_failed(self, _: s.AppendFailed) -> None:
        self.fault_raised(s.FaultRaised("storage"))

    def fault_raised(self, event: s.FaultRaised) -> None:
        """Leave what is open to the store. A ticket that waits is given back to its owner; a locked window stays locked.

        Out of order already, it closes administration where it is a bug: that might be of the screen itself.
        """
        closed = closed_by(self.state.phase)
        if isinstance(closed, s.Unenrolled):
            return
        if isinstance(closed, s.OutOfOrder):
            if event.reason != "storage":
                self.change(phase=closed)
            return
        lock = (s.Revoked(closed.reason),) if closed else ()
        waiting = tuple(act for act in self.state.remembered if not isinstance(act, s.TicketPresented))
        self.change(phase=s.OutOfOrder(event.reason), remembered=(*lock, *waiting), unrated=None)
        self.forget_citizen()

    def fault_cleared(self, _: s.FaultCleared) -> None:
        if isinstance(closed_by(self.state.phase), s.OutOfOrder):
            self.reopen()
            self.replay()

    def enrolled(self, event: s.Enrolled) -> None:
        self.change(rules=event.rules)
        if isinstance(self.state.phase, s.Unenrolled):
            self.go_home()

    def rules_changed(self, event: s.RulesChanged) -> None:
        """A session keeps the rules that were frozen into it, so new ones take effect between two sessions."""
        if self.state.rules is not None:
            self.change(rules=event.rules)

    def revoked(self, event: s.Revoked) -> None:
        closed = closed_by(self.state.phase)
        if isinstance(closed, s.Unenrolled | s.Locked):
            return
        if session := self.open_before_tap():
            self.close(session, Outcome.INTERRUPTED)
            self.handle(event)
        elif self.in_session() or isinstance(closed, s.OutOfOrder):
            self.remember(event)
        else:
            self.change(phase=s.Locked(event.reason), notice=None)

    def reinstated(self, event: s.Reinstated) -> None:
        if self.state.remembered:
            self.remember(event)
        elif isinstance(closed_by(self.state.phase), s.Locked):
            self.reopen()


_HANDLERS: Mapping[type, Callable[[_Turn, Any], None]] = {
    s.TicketPresented: _Turn.ticket_presented,
    s.TicketUnreadable: _Turn.ticket_unreadable,
    s.OverallChosen: _Turn.overall_chosen,
    s.SinglesRequested: _Turn.singles_requested,
    s.SingleChosen: _Turn.single_chosen,
    s.ScopeReopened: _Turn.scope_reopened,
    s.StarTapped: _Turn.star_tapped,
    s.ReasonToggled: _Turn.reason_toggled,
    s.ReasonsSubmitted: _Turn.reasons_submitted,
    s.ReasonsSkipped: _Turn.reasons_skipped,
    s.ChangeRequested: _Turn.change_requested,
    s.MoreTimeRequested: _Turn.more_time_requested,
    s.Finished: _Turn.finished,
    s.LanguageChosen: _Turn.language_chosen,
    s.LargePrintToggled: _Turn.large_print_toggled,
    s.ContrastChosen: _Turn.contrast_chosen,
    s.VoiceChosen: _Turn.voice_chosen,
    s.ScreenTouched: _Turn.screen_touched,
    s.CardLaid: _Turn.card_laid,
    s.LoginRequested: _Turn.login_requested,
    s.PauseRequested: _Turn.pause_requested,
    s.ResumeRequested: _Turn.resume_requested,
    s.LogoutRequested: _Turn.logout_requested,
    s.CancelRequested: _Turn.cancel_requested,
    s.InviteRequested: _Turn.invite_requested,
    s.MenuClosed: _Turn.menu_closed,
    a.AdministrationRequested: _Turn.administration_requested,
    a.DutyTaken: _Turn.duty_taken,
    a.PinDigit: _Turn.pin_digit,
    a.PinErased: _Turn.pin_erased,
    a.PinSubmitted: _Turn.pin_submitted,
    a.PinChecked: _Turn.pin_checked,
    a.PageChosen: _Turn.page_chosen,
    a.TaskRequested: _Turn.task_requested,
    s.TimerFired: _Turn.timer_fired,
    s.AppendDone: _Turn.append_done,
    s.AppendFailed: _Turn.append_failed,
    s.Enrolled: _Turn.enrolled,
    s.RulesChanged: _Turn.rules_changed,
    s.Revoked: _Turn.revoked,
    s.Reinstated: _Turn.reinstated,
    s.FaultRaised: _Turn.fault_raised,
    s.FaultCleared: _Turn.fault_cleared,
}
