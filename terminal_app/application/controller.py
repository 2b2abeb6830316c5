"""Holds the state of the window: feeds events to the behaviour and performs its effects through ports.

Lives on the main thread. It never touches a port, a socket or the database itself, and never decides anything that the
behaviour should decide.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import step
from terminal_app.domain.counter_command import CounterCommand, Order
from terminal_app.domain.journal import Entry, Moment
from terminal_app.domain.person import seal_person
from terminal_app.domain.presented import stands_at_window, why_not_taken
from terminal_app.domain.rateable import possible_keys
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import TicketRefused, Verification, parse_person, parse_ticket
from terminal_app.domain.turn import closed_by
from terminal_app.ports import Clock, Ids, Journal, Office, Scheduler, StaffDirectory, StoreFailure, View, Witness

RECOVERY_DELAY_MS = 3_000

Told = Callable[[str, str], None]
"""Gets the id of an invitation's session, and why its ticket was not taken: empty when it stands at the window."""

log = logging.getLogger(__name__)


class Controller:
    """The terminal's one mutable place for behaviour; everything else is derived from its `state`.

    An error in here is a bug: the window goes out of order and comes back by itself once the journal can be written.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        journal: Journal,
        staff: StaffDirectory,
        scheduler: Scheduler,
        state: s.Terminal,
        check: Callable[[bytes, Moment], Verification] = lambda payload, now: Verification.UNVERIFIED,
        words_pass: Callable[[str], str | None] = lambda session: None,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._journal = journal
        self._staff = staff
        self._scheduler = scheduler
        self._check = check
        self._words_pass = words_pass
        self._view: View | None = None
        self._witness: Witness | None = None
        self._office: Office | None = None
        self._recovering = False
        self._faults = 0
        self.state = state

    def show_on(self, view: View) -> None:
        """Show the state, now and after each change."""
        self._view = view
        view.show(self.state)

    def tell(self, witness: Witness) -> None:
        """Tell `witness` too, from now on."""
        self._witness = witness

    def attend(self, office: Office) -> None:
        """Whom to ask for what administration needs, from now on."""
        self._office = office

    def handle(self, event: s.Event) -> None:
        """Take one event."""
        self._guarded(partial(self._take, event))

    def ticket_read(self, payload: bytes, source: str, device: str) -> None:
        """A frame from the case-ticket line or the scanner (`source`: serial, scanner)."""
        self._guarded(partial(self._read_ticket, payload, source, device, _nobody))

    def invite(self, payload: bytes, client: str, told: Told) -> None:
        """A ticket from a business system, which is told once what became of it."""
        self._guarded(partial(self._read_ticket, payload, "api", client, told))

    def command(self, command: CounterCommand) -> None:
        """A command of a business system. It does nothing that staff could not do at the window."""
        match command.order:
            case Order.PAUSE:
                self.handle(s.PauseRequested())
            case Order.RESUME:
                self.handle(s.ResumeRequested())
            case Order.CANCEL:
                self.handle(s.CancelRequested())
            case Order.WELCOME:
                self.welcome(command.staff)

    def welcome(self, number: str | None) -> StaffMember | None:
        """Put the member with this staff number on duty; None: nobody has it. Who is on duty already stays so."""
        member = self._staff.find(number)
        if member is None:
            log.info("nobody with the staff number that a business system welcomed")
        elif (taken := a.DutyTaken(member)) not in self.state.remembered:
            self.handle(taken)
        return member

    def card_read(self, uid: str) -> None:
        """A canonical card UID from the reader."""
        self._guarded(partial(self._read_card, uid))

    def card_removed(self, uid: str | None) -> None:
        """The card with this UID was taken from the reader: its owner goes off duty. None: whoever's it was."""
        self._guarded(partial(self._take_card_away, uid))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - logged below without its message, which may hold what nobody may read
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("internal error, %s at\n%s", type(error).__name__, where)
            if not isinstance(self.state.phase, s.OutOfOrder):
                self._take(s.FaultRaised("internal"))

    def _read_ticket(self, payload: bytes, source: str, device: str, told: Told) -> None:
        rules = self.state.rules
        ticket = parse_ticket(payload, rules.policy.case_pattern if rules else None)
        if isinstance(ticket, TicketRefused):
            log.info("ticket from %s refused: %s, %d bytes", device, ticket.reason, len(payload))
            self._take(s.TicketUnreadable(ticket.reason))
            told("", ticket.reason)
            return
        now = self._clock.moment()
        day = now.wall[:10]
        ticket = replace(ticket, verification=self._check(payload, now))
        session = self._ids.uuid7()
        person = self._sealed_person(payload, session)
        token, words_pass = self._ids.token(), self._words_pass(session)
        presented = s.TicketPresented(ticket, source, device, session, day, person=person, token=token, words_pass=words_pass)
        self._look_up(presented, told)

    def _present_again(self, ticket: s.TicketPresented) -> None:
        """A session of its own; what was sealed for the first one is not in it."""
        session, day = self._ids.uuid7(), self._clock.moment().wall[:10]
        token, words_pass = self._ids.token(), self._words_pass(session)
        self._look_up(replace(ticket, session_id=session, day=day, token=token, words_pass=words_pass), _nobody)

    def _look_up(self, presented: s.TicketPresented, told: Told) -> None:
        keys = possible_keys(presented.ticket, presented.day)
        self._journal.rated_before(keys, partial(self._ticket_looked_up, presented, told))

    def _sealed_person(self, payload: bytes, session: str) -> str | None:
        """What the ticket says of the person served, for the platform alone; dropped where its key is not known."""
        key = self.state.rules.policy.sealing_key if self.state.rules else None
        person = parse_person(payload) if key else None
        if not key or not person:
            return None
        try:
            return seal_person(person, key, session)
        except ValueError:
            log.error("personal data could not be sealed with the platform's key, and was dropped")
            return None

    def _ticket_looked_up(self, presented: s.TicketPresented, told: Told, rated: frozenset[str]) -> None:
        before = self.state
        self.handle(replace(presented, rated=rated))
        taken = stands_at_window(self.state, presented.session_id)
        told(presented.session_id, "" if taken else why_not_taken(before, self.state))

    def _read_card(self, uid: str) -> None:
        self._take(s.CardLaid(self._staff.by_card(uid)))

    def _take_card_away(self, uid: str | None) -> None:
        on_duty = self.state.on_duty
        if on_duty and (uid is None or self._staff.by_card(uid) == on_duty):
            self._take(s.LogoutRequested())

    def _take(self, event: s.Event) -> None:
        before = self.state
        self._faults += isinstance(event, s.FaultRaised)
        self.state, effects = step(before, event, self._clock.mono_ms())
        for effect in effects:
            self._perform(effect)
        self._recover_if_needed()
        if self._view and self.state != before:
            self._view.show(self.state)
        if self._witness:
            self._witness.saw(self.state)

    def _perform(self, effect: s.Effect) -> None:
        match effect:
            case s.Append():
                self._journal.append(effect.draft, partial(self._appended, effect.number))
            case s.StartTimer():
                self._scheduler.call_later(effect.delay_ms, partial(self.handle, effect.event))
            case s.PresentAgain():
                self._present_again(effect.ticket)
            case a.CheckPin():
                self._check_pin(effect)
            case a.Perform():
                if self._office:
                    self._office.perform(effect.task)

    def _check_pin(self, asked: a.CheckPin) -> None:
        if self._office:
            self._office.check_pin(asked.number, asked.pin, partial(self._pin_checked, asked.check))
        else:
            self._pin_checked(asked.check, a.Denial.UNAVAILABLE, 0)

    def _pin_checked(self, check: int, denied: a.Denial | None, wait_s: int) -> None:
        self.handle(a.PinChecked(check, denied, wait_s))

    def _appended(self, number: int, result: Entry | StoreFailure) -> None:
        if isinstance(result, StoreFailure):
            log.error("journal append failed: %s", result.reason)
            self.handle(s.AppendFailed(number, result.reason))
        else:
            self.handle(s.AppendDone(number, result.hash))
            if self._witness:
                self._witness.durable(result)

    def _recover_if_needed(self) -> None:
        """While out of order, one attempt at a time; it counts when nothing broke meanwhile."""
        if isinstance(closed_by(self.state.phase), s.OutOfOrder) and not self._recovering:
            self._recovering = True
            recovered = partial(self._recovered, self._faults)
            self._scheduler.call_later(RECOVERY_DELAY_MS, partial(self._journal.recover, recovered))

    def _recovered(self, faults: int, works: bool) -> None:
        self._recovering = False
        if works and faults == self._faults:
            if self._witness:
                self._witness.recovered()
            self.handle(s.FaultCleared())
        self._recover_if_needed()


def _nobody(session: str, why_not: str) -> None:
    """The screen says it all."""
