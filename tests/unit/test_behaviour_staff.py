"""Rules for what staff do at the window, before and after the first tap; each with its source."""

import pytest
from support.behaviour import LI, WANG, Window, entries, outcomes, presented, rules

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Level, Outcome


def test_a_card_logs_in_hands_over_and_opens_the_menu() -> None:
    """The screen: the own card laid in Idle opens the staff menu, another's card is a hand-over."""
    window = Window(initial(rules())).send(s.CardLaid(LI)).write()
    assert (window.phase, window.notice, window.kinds) == (s.Idle(), "welcome", [Kind.STAFF_LOGGED_IN])
    assert isinstance(window.send(s.CardLaid(LI)).phase, s.StaffMenu)
    window.send(s.CardLaid(WANG)).write()
    assert (window.phase, window.state.on_duty) == (s.Idle(), WANG)
    assert [(draft.kind, draft.data["number"]) for draft in window.journal[1:]] == [
        (Kind.STAFF_LOGGED_OUT, "001"),
        (Kind.STAFF_LOGGED_IN, "002"),
    ]


def test_a_card_of_nobody_is_told_only_where_nobody_is_rating() -> None:
    """The screen, principle 5."""
    assert Window().send(s.CardLaid(None)).notice == "unknown_card"
    assert Window().asks_stars().send(s.CardLaid(None)).notice is None


def test_a_hand_over_during_a_session_leaves_the_session_to_who_served() -> None:
    """Design §4.2: staff are frozen for the session; §5: a card is remembered."""
    window = Window().asks_stars().send(s.CardLaid(WANG)).tap(5).wait(12_000).write()
    assert entries(window, Kind.SESSION_OPENED)[0]["on_duty"] == LI.number
    assert window.state.on_duty == WANG
    assert window.kinds[-3:] == [Kind.SESSION_CLOSED, Kind.STAFF_LOGGED_OUT, Kind.STAFF_LOGGED_IN]


def test_the_menu_over_a_session_takes_no_time_from_the_citizen() -> None:
    """The screen, “Staff menu”."""
    window = Window().asks_stars().wait(50_000).send(s.CardLaid(LI)).wait(29_999)
    assert isinstance(window.phase, s.StaffMenu)
    window.wait(1)
    assert isinstance(window.phase, s.AwaitStars) and window.phase.until_ms == window.now + 60_000


def test_cancel_is_possible_until_the_first_tap() -> None:
    """The screen, “Staff menu”: cancel only before the first tap."""
    window = Window().asks_stars().send(s.CardLaid(LI), s.CancelRequested()).write()
    assert outcomes(window) == {"A": (Outcome.CANCELLED, False)}
    early = Window().send(presented("A"), s.CancelRequested()).write()
    assert outcomes(early) == {"A": (Outcome.CANCELLED, False)}
    late = Window().asks_stars().send(s.StarTapped(Level(1)), s.CancelRequested()).write()
    assert isinstance(late.phase, s.AwaitReasons)


def test_a_pause_before_the_first_tap_closes_the_session_and_every_pause_has_its_length() -> None:
    """Design §5: before a tap, pause closes the session with its entry; every pause is an entry with its length."""
    window = Window().asks_stars().send(s.PauseRequested()).write()
    assert window.kinds == [Kind.SESSION_OPENED, Kind.SESSION_CLOSED, Kind.PAUSED]
    window.wait(90_000).send(s.ResumeRequested()).write()
    assert entries(window, Kind.RESUMED) == [{"length_ms": 90_000}]


def test_logging_out_in_a_pause_ends_the_pause_first() -> None:
    """Design §5: every pause is an entry with its length."""
    window = Window().send(s.PauseRequested()).wait(5_000).send(s.LogoutRequested()).write()
    assert window.kinds == [Kind.PAUSED, Kind.RESUMED, Kind.STAFF_LOGGED_OUT]
    assert window.phase == s.LoggedOut()


def test_a_hand_over_in_a_pause_leaves_the_window_paused() -> None:
    """Design §5: every pause is an entry with its length."""
    window = Window().send(s.PauseRequested(), s.CardLaid(WANG))
    assert (window.phase, window.state.on_duty) == (s.Paused(), WANG)


def test_a_pause_after_the_first_tap_comes_after_the_session() -> None:
    """Design §5: after a tap they are remembered and applied when the session has ended."""
    window = Window().asks_stars().tap(1).send(s.PauseRequested())
    assert window.notice == "remembered"
    assert isinstance(window.phase, s.AwaitReasons)
    window.wait(45_000).write()
    assert window.kinds[-2:] == [Kind.SESSION_CLOSED, Kind.PAUSED]
    assert window.phase == s.Paused()


def test_what_is_remembered_is_said_once() -> None:
    """The screen, principle 5: calm. It is offered again when the star is durable, and waits on without a word."""
    window = Window().asks_stars().send(s.StarTapped(Level(5)), s.PauseRequested())
    said = window.state.notice
    assert said is not None and window.write().state.notice == said
    assert window.state.remembered == (s.PauseRequested(),)


def test_a_pause_that_was_taken_back_before_it_began_is_an_entry_all_the_same() -> None:
    """Design §5: remembered acts are applied in order."""
    window = Window().asks_stars().tap(5).send(s.PauseRequested(), s.ResumeRequested(), s.Finished()).write()
    assert window.kinds[-2:] == [Kind.PAUSED, Kind.RESUMED]
    assert window.phase == s.Idle()


def test_a_remembered_pause_keeps_the_next_ticket_out() -> None:
    """Design §5: in order. The pause came before the ticket."""
    window = Window().asks_stars().tap(5).send(s.PauseRequested(), presented("B")).write()
    assert (window.phase, window.notice) == (s.Paused(), "paused")
    assert list(outcomes(window)) == ["A"]


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (initial(None), s.Unenrolled()),
        (initial(rules()), s.LoggedOut()),
        (initial(rules(), on_duty=LI), s.Idle()),
        (initial(rules(), on_duty=LI, paused_since_ms=5), s.Paused()),
    ],
)
def test_a_start_takes_up_what_lasts(state: s.Terminal, phase: s.Phase) -> None:
    """Design §5: on-duty survives a restart on the same day."""
    assert state.phase == phase


def test_a_touch_on_the_idle_screen_is_told_what_to_do() -> None:
    """The screen, “Look”: a touch there answers “请先出示回执”."""
    assert Window().send(s.ScreenTouched()).notice == "show_ticket"
