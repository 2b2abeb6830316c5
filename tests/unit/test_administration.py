"""Administration and “invite again” at the window. Sources: the screen, “Screens” and “Measures”; issue 5, point 7.

Every state with every event is in test_behaviour_table.py; here are the rules that need more than one step.
"""

from dataclasses import replace

import pytest
from support.behaviour import LI, PIN, WANG, ZHAO, Window, presented, rules

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.pin import DIGITS_MOST
from terminal_app.domain.rating import Level
from terminal_app.domain.staff import StaffMember


def at_pin() -> Window:
    return Window().send(s.CardLaid(ZHAO))


def the_pin(window: Window) -> a.EnterPin:
    assert isinstance(window.phase, a.EnterPin)
    return window.phase


def the_administration(window: Window) -> a.Administration:
    assert isinstance(window.phase, a.Administration)
    return window.phase


# --- card and PIN -------------------------------------------------------------------------------------------------------


def test_an_administrators_card_asks_for_the_pin_and_changes_nobodys_duty() -> None:
    window = at_pin()
    assert the_pin(window).member == ZHAO
    assert window.state.on_duty == LI
    assert not window.writing


def test_a_card_alone_opens_nothing() -> None:
    """“Administration is card + PIN.”"""
    window = at_pin().send(a.PinChecked(0), a.PageChosen(a.Page.DEVICES), a.TaskRequested(a.Task.SELF_TEST))
    assert isinstance(window.phase, a.EnterPin)
    assert window.asked == []


def test_the_digits_leave_the_state_with_the_question_and_are_in_no_text_of_it() -> None:
    window = at_pin().type()
    assert PIN not in repr(window.state)
    window.send(a.PinSubmitted())
    assert the_pin(window).typed == ""
    (asked,) = window.asked
    assert asked == a.CheckPin(asked.check, ZHAO.number, PIN)  # type: ignore[union-attr]
    assert PIN not in repr((asked, a.PinDigit("2")))


@pytest.mark.parametrize("typed", ["", "2", "28061"])
def test_too_few_digits_are_not_asked_about(typed: str) -> None:
    assert at_pin().type(typed).send(a.PinSubmitted()).asked == []


def test_digits_can_be_taken_back_and_are_bounded() -> None:
    window = at_pin().type("1" * 20)
    assert len(the_pin(window).typed) == DIGITS_MOST
    window.send(*[a.PinErased()] * 30)
    assert the_pin(window).typed == ""


def test_while_a_pin_is_checked_nothing_is_typed_and_no_second_one_is_asked_about() -> None:
    window = at_pin().type().send(a.PinSubmitted()).type().send(a.PinSubmitted())
    assert len(window.asked) == 1
    assert the_pin(window).typed == ""


def test_a_wrong_pin_is_told_until_the_next_digit() -> None:
    window = at_pin().type().send(a.PinSubmitted())
    window.send(a.PinChecked(the_pin(window).checking or 0, a.Denial.TOO_SOON, 30))
    assert (the_pin(window).denied, the_pin(window).wait_s) == (a.Denial.TOO_SOON, 30)
    window.type("1")
    assert (the_pin(window).denied, the_pin(window).wait_s) == (None, 0)


def test_a_check_that_ends_after_somebody_left_opens_nothing() -> None:
    window = at_pin().type().send(a.PinSubmitted())
    check = the_pin(window).checking or 0
    window.send(s.MenuClosed(), a.PinChecked(check))
    assert isinstance(window.phase, s.Idle)
    window.send(s.CardLaid(ZHAO), a.PinChecked(check))
    assert isinstance(window.phase, a.EnterPin)


# --- who goes first, and how it ends --------------------------------------------------------------------------------------


def test_a_citizen_goes_first() -> None:
    window = Window().administration().send(presented("A")).write()
    assert isinstance(window.phase, s.AwaitStars)
    window.tap(5).wait(20_000)
    assert isinstance(window.phase, s.Idle), "administration does not come back by itself"


@pytest.mark.parametrize("star", [None, 1, 5])
def test_during_a_session_an_administrators_card_opens_nothing_and_is_not_remembered(star: int | None) -> None:
    window = Window().asks_stars()
    if star:
        window.tap(star)
    before = window.phase
    window.send(s.CardLaid(ZHAO))
    assert (window.phase, window.notice, window.state.remembered) == (before, "after_rating", ())


# --- where nobody can rate ------------------------------------------------------------------------------------------------


def test_a_card_and_the_pin_open_administration_of_a_terminal_that_is_out_of_order() -> None:
    """“Never half-dead” and whoever repairs it has to look into it: issue 5, points 7 and 8."""
    window = Window().send(s.FaultRaised("storage")).administration()
    assert window.phase == replace(the_administration(window), below=s.OutOfOrder("storage"))
    assert window.send(presented("A"), s.StarTapped(Level(5))).journal == [] and not window.writing
    window.wait(window.state.timing.administration_ms)
    assert window.phase == s.OutOfOrder("storage")


def test_what_heals_while_an_administrator_looks_is_open_to_citizens_at_once() -> None:
    window = Window().send(s.FaultRaised("storage")).administration().recover()
    assert the_administration(window).below is None
    window.asks_stars().tap(1)
    assert window.rating().level == 1


@pytest.mark.parametrize("member", [None, LI, WANG])
def test_no_other_card_opens_anything_while_it_is_out_of_order(member: StaffMember | None) -> None:
    assert Window().send(s.FaultRaised("storage"), s.CardLaid(member)).phase == s.OutOfOrder("storage")


def test_a_bug_while_an_administrator_looks_shows_that_it_is_out_of_order() -> None:
    """It might be of that very screen; a disk that fails once more is none."""
    window = Window().send(s.FaultRaised("storage")).administration().send(s.FaultRaised("storage"))
    assert the_administration(window).below == s.OutOfOrder("storage")
    assert window.send(s.FaultRaised("internal")).phase == s.OutOfOrder("storage")


def test_nobody_goes_on_duty_from_the_pin_pad_of_a_terminal_that_is_out_of_order() -> None:
    window = Window().send(s.FaultRaised("storage"), s.CardLaid(ZHAO), a.DutyTaken(ZHAO))
    assert (window.state.on_duty, list(window.writing)) == (LI, [])


def test_administration_closes_when_nobody_touches_it() -> None:
    window = Window().administration()
    for _ in range(5):
        window.wait(window.state.timing.administration_ms - 1).send(s.ScreenTouched())
    assert isinstance(window.phase, a.Administration)
    window.wait(window.state.timing.administration_ms)
    assert isinstance(window.phase, s.Idle)


def test_administration_writes_nothing() -> None:
    """It can never create or alter a rating: no event in it leads to an entry but those that end it."""
    window = Window().administration()
    inside = [a.PageChosen(page) for page in a.Page] + [a.TaskRequested(task) for task in a.Task]
    taps = [s.StarTapped(Level(1)), s.ReasonToggled("101"), s.ReasonsSubmitted(), s.Finished(), s.ChangeRequested()]
    window.send(*inside, *taps, *inside, s.MenuClosed())
    assert (list(window.writing), window.journal) == ([], [])


def test_an_administrator_who_serves_at_the_window_has_the_menu_and_administration_from_there() -> None:
    window = at_pin().send(a.DutyTaken(ZHAO)).write()
    assert (window.state.on_duty, window.kinds) == (ZHAO, [Kind.STAFF_LOGGED_OUT, Kind.STAFF_LOGGED_IN])
    window.send(s.CardLaid(ZHAO))
    assert isinstance(window.phase, s.StaffMenu)
    window.send(a.AdministrationRequested())
    assert isinstance(window.phase, a.EnterPin)


def test_a_clerks_menu_has_no_administration() -> None:
    window = Window().send(s.CardLaid(LI), a.AdministrationRequested())
    assert isinstance(window.phase, s.StaffMenu)


# --- invite again ---------------------------------------------------------------------------------------------------------


def unrated() -> Window:
    """A ticket was read, and nobody rated it within the time."""
    window = Window().asks_stars().wait(60_000).write()
    assert window.rating().outcome == "timed_out"
    return window


def test_a_citizen_who_did_not_rate_can_be_invited_again() -> None:
    window = unrated().send(s.CardLaid(LI), s.InviteRequested())
    (again,) = window.asked
    assert isinstance(again, s.PresentAgain) and again.ticket.ticket == presented("A").ticket
    window.send(replace(again.ticket, session_id="A again")).write()
    assert isinstance(window.phase, s.AwaitStars)
    window.tap(2)
    assert window.rating("A again").level == 2


def test_after_a_staffs_cancel_as_well() -> None:
    window = Window().asks_stars().send(s.CardLaid(LI), s.CancelRequested(), s.CardLaid(LI), s.InviteRequested())
    assert len(window.asked) == 1


@pytest.mark.parametrize("level", Level)
def test_whoever_has_rated_is_not_invited_again(level: Level) -> None:
    """Whatever the level, and whether reasons were given."""
    window = Window().asks_stars().tap(int(level)).wait(200_000).write().send(s.CardLaid(LI), s.InviteRequested())
    assert (window.state.unrated, window.asked) == (None, [])


def test_what_a_ticket_said_of_a_person_and_its_receipt_are_not_kept_for_it() -> None:
    ticket = replace(presented("A"), person="sealed", token=b"0" * 16)
    window = Window().send(ticket).write().wait(60_000)
    assert window.state.unrated == replace(ticket, person=None, token=None)


@pytest.mark.parametrize(
    "forgets",
    [
        lambda window: window.wait(window.state.timing.invite_ms),
        lambda window: window.send(s.CardLaid(WANG)).write(),
        lambda window: window.send(s.LogoutRequested()).write(),
        lambda window: window.send(s.FaultRaised("internal"), s.FaultCleared()),
        lambda window: window.asks_stars("B").tap(5).wait(20_000).write(),
        lambda window: window.send(s.CardLaid(LI), s.InviteRequested(), s.CardLaid(LI)),
    ],
    ids=["time", "another clerk", "logged out", "out of order", "the next citizen", "invited"],
)
def test_it_is_forgotten(forgets: object) -> None:
    """“Nothing remains”: a ticket is kept for five minutes at most, for whoever was on duty."""
    window = unrated()
    assert window.state.unrated is not None
    forgets(window)  # type: ignore[operator]
    assert window.state.unrated is None


def test_the_time_of_one_ticket_does_not_forget_the_next() -> None:
    window = unrated()
    window.wait(window.state.timing.invite_ms - 30_000)
    window.send(presented("B")).write().wait(45_000)
    assert window.state.unrated is not None and window.state.unrated.session_id == "B"


def test_nobody_is_invited_in_a_pause() -> None:
    window = unrated().send(s.PauseRequested(), s.CardLaid(LI), s.InviteRequested())
    assert window.asked == []


def test_a_terminal_that_begins_has_nobody_to_invite() -> None:
    assert Window(initial(rules(), on_duty=LI)).send(s.CardLaid(LI), s.InviteRequested()).asked == []
