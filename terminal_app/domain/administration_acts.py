"""How an administrator comes into administration and what can be done there: PIN, pages, tasks. Never anything of a rating.

Whoever has a session at the window goes first: a ticket closes all of this (behaviour.py), and so does time. Where nobody can
rate it opens as well, and what was the matter is there again when it ends.
"""

from dataclasses import replace

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.closed import Closed
from terminal_app.domain.pin import DIGITS_LEAST, DIGITS_MOST
from terminal_app.domain.staff import Role, StaffMember
from terminal_app.domain.turn import Turn


class AdministrationActs(Turn):
    """The rules for administration."""

    def open_pin(self, member: StaffMember, below: Closed | None = None) -> None:
        arm = self.timer(self.state.timing.staff_ms, a.EnterPin)
        self.change(phase=a.EnterPin(arm, member, below=below), notice=None)

    def card_laid_while_closed(self, member: StaffMember | None) -> None:
        """An administrator's card alone does something: whoever repairs a terminal has to look into it."""
        phase = self.state.phase
        if isinstance(phase, s.Locked | s.OutOfOrder) and member and member.role is Role.ADMINISTRATOR:
            self.open_pin(member, phase)
        elif isinstance(phase, a.EnterPin | a.Administration) and phase.member == member:
            self.leave_administration(phase)

    def leave_administration(self, phase: a.EnterPin | a.Administration) -> None:
        if phase.below:
            self.change(phase=phase.below)
        else:
            self.go_home()

    def administration_requested(self, _: a.AdministrationRequested) -> None:
        phase, member = self.state.phase, self.state.on_duty
        if isinstance(phase, s.StaffMenu) and not phase.session and member and member.role is Role.ADMINISTRATOR:
            self.open_pin(member)

    def pin_digit(self, event: a.PinDigit) -> None:
        phase = self.state.phase
        if isinstance(phase, a.EnterPin) and phase.checking is None and len(phase.typed) < DIGITS_MOST:
            self._type(phase, phase.typed + event.digit)

    def pin_erased(self, _: a.PinErased) -> None:
        phase = self.state.phase
        if isinstance(phase, a.EnterPin) and phase.typed:
            self._type(phase, phase.typed[:-1])

    def _type(self, phase: a.EnterPin, typed: str) -> None:
        arm = self.timer(self.state.timing.staff_ms, a.EnterPin)
        self.change(phase=replace(phase, arm=arm, typed=typed, denied=None, wait_s=0))

    def pin_submitted(self, _: a.PinSubmitted) -> None:
        """The digits leave the state with the question."""
        phase = self.state.phase
        if isinstance(phase, a.EnterPin) and phase.checking is None and len(phase.typed) >= DIGITS_LEAST:
            check = self.number()
            self.effects.append(a.CheckPin(check, phase.member.number, phase.typed))
            arm = self.timer(self.state.timing.staff_ms, a.EnterPin)
            self.change(phase=a.EnterPin(arm, phase.member, checking=check, below=phase.below))

    def pin_checked(self, event: a.PinChecked) -> None:
        phase = self.state.phase
        if not isinstance(phase, a.EnterPin) or phase.checking != event.check:
            return
        if event.denied is None:
            self._show(a.Administration(0, phase.member, below=phase.below))
        else:
            arm = self.timer(self.state.timing.staff_ms, a.EnterPin)
            self.change(phase=replace(phase, arm=arm, checking=None, denied=event.denied, wait_s=event.wait_s))

    def page_chosen(self, event: a.PageChosen) -> None:
        phase = self.state.phase
        if isinstance(phase, a.Administration):
            self._show(replace(phase, page=event.page))

    def task_requested(self, event: a.TaskRequested) -> None:
        phase = self.state.phase
        if isinstance(phase, a.Administration):
            self.effects.append(a.Perform(event.task))
            self._show(phase)

    def administration_touched(self) -> None:
        """A touch that chooses nothing, such as one that turns a page of rows."""
        phase = self.state.phase
        if isinstance(phase, a.Administration):
            self._show(phase)

    def _show(self, phase: a.Administration) -> None:
        arm = self.timer(self.state.timing.administration_ms, a.Administration)
        self.change(phase=replace(phase, arm=arm), notice=None)
