"""What staff do at the window: log in and out, pause, resume, invite again, cancel before the first tap. Never a rating.

Source of the rules: design §5. After the first tap nothing of it changes a session: it is remembered, and done afterwards.
"""

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.administration_acts import AdministrationActs
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Outcome
from terminal_app.domain.staff import Role, StaffMember


class StaffActs(AdministrationActs):
    """The rules for what comes from the staff side."""

    def card_laid(self, event: s.CardLaid) -> None:
        phase, member = self.state.phase, event.member
        if self.is_closed_to_people():
            self.card_laid_while_closed(member)
        elif member is None:
            if not self.in_session():
                self.notify("unknown_card")
        elif self._is_own(member) and isinstance(phase, s.StaffMenu):
            self.leave_staff_screen()
        elif self._is_own(member) and (session := self.open_before_tap()):
            self._open_menu(session)
        elif self.in_session() and not self._is_own(member) and member.role is Role.ADMINISTRATOR:
            self.notify("after_rating")
        elif self.in_session():
            self.remember(event)
            self.leave_staff_screen()
        elif isinstance(phase, a.EnterPin | a.Administration) and member.number == phase.member.number:
            self.leave_staff_screen()
        elif self._is_own(member):
            self._open_menu(None)
        elif member.role is Role.ADMINISTRATOR:
            self.open_pin(member)
        else:
            self._log_in(member)

    def duty_taken(self, event: a.DutyTaken) -> None:
        """Like a clerk's card, for whoever it is; who is on duty already stays so."""
        if self.is_closed_to_people() or self._is_own(event.member):
            return
        if self.in_session():
            self.remember(event)
            self.leave_staff_screen()
        else:
            self._log_in(event.member)

    def _is_own(self, member: StaffMember) -> bool:
        return self.state.on_duty is not None and member.number == self.state.on_duty.number

    def _open_menu(self, session: s.Session | None) -> None:
        arm = self.timer(self.state.timing.staff_ms, s.StaffMenu, session)
        self.change(phase=s.StaffMenu(arm, session), notice=None)

    def _log_in(self, member: StaffMember) -> None:
        self._log_out()
        self.append(Kind.STAFF_LOGGED_IN, None, {"number": member.number})
        self.change(on_duty=member)
        self.go_home()
        self.notify("welcome", member)

    def _log_out(self) -> None:
        if self.state.on_duty:
            self.append(Kind.STAFF_LOGGED_OUT, None, {"number": self.state.on_duty.number})
            self.change(on_duty=None, unrated=None)

    def login_requested(self, _: s.LoginRequested) -> None:
        if isinstance(self.state.phase, s.Idle | s.LoggedOut | s.Paused):
            arm = self.timer(self.state.timing.staff_ms, s.StaffLogin)
            self.change(phase=s.StaffLogin(arm), notice=None)

    def menu_closed(self, _: s.MenuClosed) -> None:
        self.leave_staff_screen()

    def leave_staff_screen(self) -> None:
        phase = self.state.phase
        if isinstance(phase, s.StaffMenu) and phase.session:
            self.ask(phase.session)
        elif isinstance(phase, a.EnterPin | a.Administration):
            self.leave_administration(phase)
        elif isinstance(phase, s.StaffMenu | s.StaffLogin):
            self.go_home()

    def invite_requested(self, _: s.InviteRequested) -> None:
        phase, ticket = self.state.phase, self.state.unrated
        if isinstance(phase, s.StaffMenu) and not phase.session and ticket and self.state.paused_since_ms is None:
            self.change(unrated=None)
            self.effects.append(s.PresentAgain(ticket))
            self.leave_staff_screen()

    def pause_requested(self, event: s.PauseRequested) -> None:
        if self.is_closed_to_people() or self.state.paused_since_ms is not None:
            return
        if session := self.open_before_tap():
            self.close(session, Outcome.CANCELLED)
            self.handle(event)
        elif self.in_session():
            self.remember(event)
        else:
            self.append(Kind.PAUSED, None, {})
            self.change(paused_since_ms=self.now, notice=None)
            self.go_home()

    def resume_requested(self, event: s.ResumeRequested) -> None:
        if self.in_session():
            if self.state.remembered:
                self.remember(event)
        elif self.state.paused_since_ms is not None and not self.is_closed_to_people():
            self._resume()
            self.go_home()

    def _resume(self) -> None:
        since = self.state.paused_since_ms
        if since is not None:
            self.append(Kind.RESUMED, None, {"length_ms": self.now - since})
            self.change(paused_since_ms=None)

    def logout_requested(self, event: s.LogoutRequested) -> None:
        if self.is_closed_to_people():
            return
        if self.in_session():
            self.remember(event)
            self.leave_staff_screen()
        elif self.state.on_duty:
            self._resume()
            self._log_out()
            self.go_home()

    def cancel_requested(self, event: s.CancelRequested) -> None:
        phase = self.state.phase
        if session := self.open_before_tap():
            self.close(session, Outcome.CANCELLED)
        elif isinstance(phase, s.Recording) and phase.wrote in ("opened", "scope"):
            self.remember(event)
