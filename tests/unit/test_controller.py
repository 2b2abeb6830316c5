"""The controller between behaviour and ports: what it performs, what it logs, and how it comes back after trouble.

The ports are driven by hand: nothing is written, looked up or due before the test says so.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from support.behaviour import LI, WANG, rules
from support.hand_ports import SECRET, HandClock, HandIds, HandJournal, HandScheduler, HandStaff
from support.identity import identity_number

from terminal_app.application.controller import RECOVERY_DELAY_MS, Controller
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.person import open_person
from terminal_app.domain.rating import Level

CASE = b"TA20261121000417"


class Screen:
    """Remembers what it was shown. `broken`: raises once, as a bug would."""

    def __init__(self) -> None:
        self.shown: list[s.Terminal] = []
        self.broken = False

    def show(self, state: s.Terminal) -> None:
        if self.broken:
            self.broken = False
            raise RuntimeError(SECRET)
        self.shown.append(state)


class Desk:
    """A controller among its ports."""

    def __init__(self, state: s.Terminal | None = None) -> None:
        self.clock = HandClock()
        self.journal = HandJournal(self.clock)
        self.staff = HandStaff()
        self.scheduler = HandScheduler(self.clock)
        self.screen = Screen()
        self.controller = Controller(
            self.clock, HandIds(), self.journal, self.staff, self.scheduler, state or initial(rules(), on_duty=LI)
        )
        self.controller.show_on(self.screen)

    @property
    def phase(self) -> s.Phase:
        return self.controller.state.phase

    @property
    def notice(self) -> str | None:
        notice = self.controller.state.notice
        return notice.what if notice else None

    def asks_stars(self) -> "Desk":
        self.controller.ticket_read(CASE, "serial", "case_ticket")
        self.journal.answer()
        assert isinstance(self.phase, s.AwaitStars)
        return self


# --- the way of a rating --------------------------------------------------------------------------------------------


def test_from_bytes_to_stars_to_idle() -> None:
    """Design §4.1–§4.4: the look-up, then the opening entry, then the stars; the close comes with the end of thanks."""
    desk = Desk()
    desk.controller.ticket_read(CASE, "serial", "case_ticket")
    assert desk.journal.keys == [f"{CASE.decode()}|{how}" for how in ("d2026-11-21", "c", "f1")]
    assert desk.phase == s.Idle()
    desk.journal.answer_one()
    assert isinstance(desk.phase, s.Recording)
    desk.journal.answer_one()
    assert isinstance(desk.phase, s.AwaitStars)
    desk.controller.handle(s.StarTapped(Level(4)))
    desk.journal.answer_one()
    assert isinstance(desk.phase, s.Thanks)
    desk.scheduler.pass_ms(12_000)
    assert desk.phase == s.Idle()
    desk.journal.answer()
    assert [draft.kind for draft in desk.journal.durable] == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN, Kind.SESSION_CLOSED]
    assert {draft.session for draft in desk.journal.durable} == {"session-1"}


NAMED = CASE + b"|userName=\xe7\x94\xb2"
SEALING = X25519PrivateKey.from_private_bytes(bytes([7]) * 32)


@pytest.mark.parametrize(
    ("key", "payload", "said"),
    [
        (SEALING.public_key().public_bytes_raw(), b"case=" + NAMED, {"name": "甲"}),
        (SEALING.public_key().public_bytes_raw(), CASE, None),
        (None, b"case=" + NAMED, None),
        (bytes(32), b"case=" + NAMED, None),
    ],
    ids=["sealed", "nobody named", "older platform", "unusable key"],
)
def test_what_a_ticket_says_of_a_person_is_sealed_or_dropped(
    key: bytes | None, payload: bytes, said: dict[str, str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    """issue 3, point 4: sealed when the ticket is read, before the stars; never a reason not to rate."""
    sealing = s.Rules(replace(rules().policy, sealing_key=key), rules().catalogue)
    desk = Desk(initial(sealing, on_duty=LI))
    desk.controller.ticket_read(payload, "serial", "case_ticket")
    desk.journal.answer()
    assert isinstance(desk.phase, s.AwaitStars)
    opened = desk.journal.durable[0]
    sealed = opened.data["person"]
    assert (sealed is None) == (said is None)
    if sealed is not None:
        assert open_person(sealed, SEALING.private_bytes_raw(), str(opened.session)) == said
    assert "甲" not in caplog.text + repr(desk.controller.state) + repr(opened)


def test_every_ticket_gets_a_session_of_its_own() -> None:
    """Design §4.2."""
    desk = Desk().asks_stars()
    desk.controller.ticket_read(b"TA20261121000418", "scanner", "scanner")
    desk.journal.answer()
    opened = [draft for draft in desk.journal.durable if draft.kind == Kind.SESSION_OPENED]
    assert [draft.session for draft in opened] == ["session-1", "session-2"]
    assert [(draft.data["source"], draft.data["device"]) for draft in opened] == [
        ("serial", "case_ticket"),
        ("scanner", "scanner"),
    ]


def test_a_case_that_was_rated_here_is_not_taken_again() -> None:
    """Design §5: the terminal refuses locally what it knows for certain."""
    desk = Desk()
    desk.journal.rated = frozenset({f"{CASE.decode()}|d2026-11-21"})
    desk.controller.ticket_read(CASE, "serial", "case_ticket")
    desk.journal.answer()
    assert (desk.phase, desk.notice, desk.journal.drafts) == (s.Idle(), "already_rated", [])


def test_the_screen_is_shown_each_change_and_nothing_else() -> None:
    """Design §1: the screen is a function of the state."""
    desk = Desk()
    assert desk.screen.shown == [desk.controller.state]
    desk.controller.handle(s.MenuClosed())
    assert len(desk.screen.shown) == 1
    desk.controller.handle(s.ScreenTouched())
    assert desk.screen.shown[1:] == [desk.controller.state]


def test_cards_are_looked_up_in_the_directory() -> None:
    """The screen, “Staff login”."""
    desk = Desk(initial(rules()))
    desk.controller.card_read("FFFF")
    assert (desk.phase, desk.notice) == (s.LoggedOut(), "unknown_card")
    desk.controller.card_read("04A2")
    assert (desk.controller.state.on_duty, desk.notice) == (WANG, "welcome")


# --- what is refused, and what a log may hold -----------------------------------------------------------------------


def test_the_region_s_own_form_of_case_numbers_wins_over_an_identity_number() -> None:
    """Device protocols, “Case tickets”: the region's pattern is tried first and wins."""
    number = identity_number()
    refused = Desk()
    refused.controller.ticket_read(number.encode(), "scanner", "scanner")
    assert refused.notice == "not_a_case_number" and not refused.journal.is_waiting
    own = rules()
    with_pattern = replace(own, policy=replace(own.policy, case_pattern=re.compile(r"[0-9]{17}[0-9X]")))
    taken = Desk(initial(with_pattern, on_duty=LI))
    taken.controller.ticket_read(number.encode(), "scanner", "scanner")
    taken.journal.answer()
    assert isinstance(taken.phase, s.AwaitStars)


@pytest.mark.parametrize("payload", [identity_number().encode(), b"http://example/\xff\xfe", b"no case at all", b"9" * 5_000])
def test_a_refused_payload_is_neither_shown_nor_stored_nor_logged(payload: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Device protocols, “an ID card is laid on the scanner”; design §10."""
    caplog.set_level(logging.DEBUG)
    desk = Desk()
    desk.controller.ticket_read(payload, "scanner", "scanner-1")
    assert desk.notice in ("not_a_case_number", "unreadable_ticket")
    assert not desk.journal.is_waiting
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert caplog.messages[0].startswith("ticket from scanner-1 refused: ")
    assert caplog.messages[0].endswith(f", {len(payload)} bytes")
    assert payload.decode("latin-1")[:12] not in caplog.text


def test_a_rating_leaves_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Design §7: levels and reasons appear in no log; §10: case numbers only masked."""
    caplog.set_level(logging.DEBUG)
    desk = Desk().asks_stars()
    for event in (s.StarTapped(Level(1)), s.ReasonToggled("101"), s.ReasonsSubmitted(), s.Finished()):
        desk.controller.handle(event)
        desk.journal.answer()
    assert desk.phase == s.Idle()
    assert caplog.records == []


def test_nothing_is_opened_before_enrolment() -> None:
    """Design §5."""
    desk = Desk(initial(None))
    desk.controller.ticket_read(CASE, "serial", "case_ticket")
    desk.journal.answer()
    assert (desk.phase, desk.journal.drafts) == (s.Unenrolled(), [])


# --- trouble --------------------------------------------------------------------------------------------------------


def test_a_full_disk_puts_the_window_out_of_order_until_the_journal_works(caplog: pytest.LogCaptureFixture) -> None:
    """Design §10: the environment's errors have a promised behaviour; §4.4: what is open is closed before it takes input."""
    desk = Desk().asks_stars()
    desk.controller.handle(s.StarTapped(Level(5)))
    desk.journal.answer_one("disk_full")
    assert desk.phase == s.OutOfOrder("storage")
    assert "disk_full" in caplog.text
    desk.scheduler.pass_ms(RECOVERY_DELAY_MS)
    desk.journal.answer_one("disk_full")
    assert desk.phase == s.OutOfOrder("storage")
    desk.scheduler.pass_ms(RECOVERY_DELAY_MS - 1)
    assert desk.journal.attempts == 1
    desk.scheduler.pass_ms(1)
    desk.journal.answer()
    assert (desk.phase, desk.journal.attempts) == (s.Idle(), 2)
    assert desk.screen.shown[-1] == desk.controller.state
    desk.scheduler.pass_ms(600_000)
    assert desk.journal.attempts == 2


def test_one_attempt_to_recover_at_a_time() -> None:
    """Design §6: the store has one worker; it is not buried under attempts while it hangs."""
    desk = Desk().asks_stars()
    for event in (s.FaultRaised("storage"), s.FaultRaised("internal"), s.AppendFailed(1, "io_error")):
        desk.controller.handle(event)
    desk.scheduler.pass_ms(60_000)
    desk.controller.handle(s.ScreenTouched())
    desk.scheduler.pass_ms(60_000)
    assert desk.journal.attempts == 1


def test_a_second_failure_after_a_recovery_is_recovered_too() -> None:
    """Design §10."""
    desk = Desk()
    for _ in range(2):
        desk.asks_stars()
        desk.controller.handle(s.FaultRaised("storage"))
        desk.scheduler.pass_ms(RECOVERY_DELAY_MS)
        desk.journal.answer()
        assert desk.phase == s.Idle()
    assert desk.journal.attempts == 2


def _break_journal(desk: Desk) -> None:
    desk.journal.broken = True
    desk.controller.handle(s.StarTapped(Level(1)))
    desk.journal.broken = False


def _break_look_up(desk: Desk) -> None:
    desk.journal.broken = True
    desk.controller.ticket_read(CASE, "serial", "case_ticket")
    desk.journal.broken = False


def _break_directory(desk: Desk) -> None:
    desk.staff.broken = True
    desk.controller.card_read("04A1")


def _break_screen(desk: Desk) -> None:
    desk.screen.broken = True
    desk.controller.handle(s.StarTapped(Level(1)))


@pytest.mark.parametrize("break_it", [_break_journal, _break_look_up, _break_directory, _break_screen])
def test_a_bug_puts_the_window_out_of_order_and_it_comes_back(
    break_it: Callable[[Desk], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Design §6: an uncaught exception leads to Out of order and a log entry, not to a half-dead screen; §10: no content."""
    desk = Desk().asks_stars()
    break_it(desk)
    assert desk.phase == s.OutOfOrder("internal")
    assert desk.screen.shown[-1] == desk.controller.state
    assert "internal error, RuntimeError" in caplog.text and "raise RuntimeError" in caplog.text
    assert SECRET not in caplog.text
    desk.scheduler.pass_ms(RECOVERY_DELAY_MS)
    desk.journal.answer()
    assert desk.phase == s.Idle()
    desk.asks_stars()


def test_a_bug_that_strikes_again_on_the_way_back_is_tried_again() -> None:
    """Design §6. Here the remembered pause cannot be handed to the journal the first time."""
    desk = Desk().asks_stars()
    desk.controller.handle(s.StarTapped(Level(5)))
    desk.controller.handle(s.PauseRequested())
    desk.controller.handle(s.FaultRaised("internal"))
    desk.journal.answer()
    desk.journal.broken = True
    desk.scheduler.pass_ms(RECOVERY_DELAY_MS)
    desk.journal.answer()
    assert desk.phase == s.OutOfOrder("internal")
    desk.journal.broken = False
    desk.scheduler.pass_ms(RECOVERY_DELAY_MS)
    desk.journal.answer()
    assert isinstance(desk.phase, s.Paused)


def test_a_completion_that_comes_after_a_bug_does_not_act() -> None:
    """Design §5: completions carry the entry they belong to."""
    desk = Desk().asks_stars()
    desk.controller.handle(s.StarTapped(Level(5)))
    desk.controller.handle(s.FaultRaised("internal"))
    desk.journal.answer()
    assert desk.phase == s.OutOfOrder("internal")


def test_events_before_there_is_a_screen_are_taken() -> None:
    """Design §4.1: headless as well."""
    clock = HandClock()
    controller = Controller(
        clock, HandIds(), HandJournal(clock), HandStaff(), HandScheduler(clock), initial(rules(), on_duty=LI)
    )
    controller.handle(s.PauseRequested())
    assert controller.state.phase == s.Paused()
