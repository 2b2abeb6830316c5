"""Rules for a disk that fails, faults, revocation and new rules; each with its source."""

from dataclasses import replace

import pytest
from support.behaviour import LI, Window, entries, outcomes, presented, rules, session_at

from terminal_app.domain import session as s
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Level, Outcome, ReasonCatalogue


def test_a_star_that_is_not_durable_is_not_thanked_for() -> None:
    """The screen, “Say only what is true”: “已记录” only after the commit."""
    window = Window().asks_stars().send(s.StarTapped(Level(5))).fail_one()
    assert window.phase == s.OutOfOrder("storage")
    window.recover()
    assert window.phase == s.Idle()
    assert outcomes(window) == {"A": (Outcome.INTERRUPTED, False)}


def test_a_durable_star_survives_a_fault() -> None:
    """Product rule 2; design §5: restart keeps the last durable star with the reasons toggled so far."""
    window = Window().asks_stars().tap(2).mark("201").send(s.FaultRaised("internal")).recover()
    assert outcomes(window) == {"A": (Outcome.RATED, False)}
    assert window.rating().reasons == ("201",)


def test_what_staff_did_survives_a_fault_and_a_waiting_ticket_does_not() -> None:
    """Design §5; the screen, principle 4: whoever held the ticket may have gone, nobody else finds it open."""
    window = Window().asks_stars().send(s.StarTapped(Level(2)), presented("B"), s.LogoutRequested()).fail_one()
    window.wait(3_600_000).recover().write()
    assert window.phase == s.LoggedOut()
    assert Kind.STAFF_LOGGED_OUT in window.kinds
    assert list(window.sessions()) == ["A"]


def test_a_second_fault_changes_nothing() -> None:
    """Design §6: out of order, not a half-dead screen."""
    window = Window().send(s.FaultRaised("storage"))
    before = window.state
    assert window.send(s.FaultRaised("internal")).state == before


def test_a_late_completion_after_a_fault_changes_nothing() -> None:
    """Design §5: completions of appends carry the entry in the same way."""
    window = Window().asks_stars().send(s.StarTapped(Level(5)), s.FaultRaised("internal"))
    before = window.state
    assert window.write().state == before


def test_a_revoked_device_locks_between_two_people() -> None:
    """Design §8: 403 revoked → lock the window, keep the data; §5: after a tap when the session has ended."""
    window = Window().asks_stars().tap(1).send(s.Revoked("revoked"))
    assert isinstance(window.phase, s.AwaitReasons) and window.notice is None
    window.wait(45_000).write()
    assert window.phase == s.Locked("revoked")
    assert outcomes(window) == {"A": (Outcome.RATED, False)}
    assert window.send(presented("B"), s.CardLaid(LI), s.StarTapped(Level(5))).phase == s.Locked("revoked")
    assert window.send(s.Reinstated()).phase == s.Idle()


def test_a_ticket_that_ends_the_last_session_of_a_revoked_device_opens_none() -> None:
    """Design §8; §5: in order. The revocation came before the ticket."""
    window = Window().asks_stars().tap(5).send(s.Revoked("revoked"), presented("B")).write()
    assert window.phase == s.Locked("revoked")
    assert list(window.sessions()) == ["A"]


def test_a_device_that_is_reinstated_before_it_was_locked_stays_open() -> None:
    """Design §8 and §5: in order."""
    window = Window().asks_stars().tap(5).send(s.Revoked("revoked"), s.Reinstated())
    assert window.notice is None
    assert window.wait(12_000).phase == s.Idle()


@pytest.mark.parametrize("trouble", [s.Revoked("revoked"), s.FaultRaised("storage")])
def test_a_pause_is_not_ended_at_a_window_that_is_closed(trouble: s.Event) -> None:
    """Design §8, §10: locked stays locked, out of order stays out of order; the pause is still there afterwards."""
    window = Window().send(s.PauseRequested(), trouble).write()
    closed = window.state
    assert window.send(s.ResumeRequested()).state == closed
    assert window.send(s.Reinstated(), s.FaultCleared()).phase == s.Paused()


def test_a_locked_window_whose_last_entry_failed_closes_the_session_and_stays_locked() -> None:
    """Design §4.4: exactly one close per session whatever happens; §8: keep the data."""
    window = Window().asks_stars().tap(5).send(s.Revoked("revoked"), s.Finished())
    assert window.phase == s.Locked("revoked")
    assert window.fail_one().phase == s.OutOfOrder("storage")
    assert window.recover().phase == s.Locked("revoked")
    assert outcomes(window) == {"A": (Outcome.RATED, False)}


def test_new_rules_begin_with_the_next_ticket() -> None:
    """Design §4.2: pack and catalogue are frozen for the session; a new pack takes effect between two sessions."""
    stricter = replace(rules("2", reasons_required=True), catalogue=ReasonCatalogue("reasons-test", "2", ()))
    window = Window().asks_stars().send(s.RulesChanged(stricter)).tap(2).mark("201").send(s.ReasonsSkipped()).write()
    assert isinstance(window.phase, s.Thanks)
    window.send(presented("B")).write()
    assert session_at(window).rules == stricter
    assert entries(window, Kind.SESSION_OPENED)[1]["catalogue"] == {"id": "reasons-test", "version": "2"}
