"""Rules for tickets at the window: what opens a session, what ends one, what is refused; each with its source."""

import pytest
from support.behaviour import DAY, LI, WANG, Window, case, entries, outcomes, presented, rules, session_at, ticket

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.rateable import rating_key
from terminal_app.domain.rating import Level, Outcome
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import CaseTicket, Grouping, Refusal, is_same_ticket


def test_stars_are_shown_only_when_the_opened_session_is_durable() -> None:
    """Design §4.2: pulling the plug before the first tap leaves a trace."""
    window = Window().send(presented("A"))
    assert isinstance(window.phase, s.Recording) and window.phase.shown == s.Idle()
    window.send(s.StarTapped(Level(5)))
    assert isinstance(window.phase, s.Recording)
    window.write()
    assert isinstance(window.phase, s.AwaitStars)
    assert window.kinds == [Kind.SESSION_OPENED]


@pytest.mark.parametrize(("on_duty", "shown"), [(None, s.LoggedOut()), (LI, s.Idle())])
def test_a_ticket_takes_the_staff_screens_away(on_duty: StaffMember | None, shown: s.Phase) -> None:
    """The screen, principle 4; design §5: not logging in does not avoid ratings."""
    window = Window(initial(rules(), on_duty=on_duty)).send(s.LoginRequested(), presented("A"))
    assert isinstance(window.phase, s.Recording) and window.phase.shown == shown


def test_the_opening_entry_says_where_the_ticket_came_from_and_who_is_concerned() -> None:
    """Design §5: source, verification, the ticket's clerk and the clerk on duty; wire protocol, `session_opened`."""
    window = Window(initial(rules(), on_duty=WANG)).send(presented("AB", "ticket line", rated="A")).write()
    (opened,) = entries(window, Kind.SESSION_OPENED)
    described = opened.pop("ticket")
    assert isinstance(described, dict)
    assert (described["staff_number"], described["verification"]) == (LI.number, "unverified")
    assert opened == {
        "covered": ["CASE-B"],
        "left_out": ["CASE-A"],
        "points": [{"number": "CASE-B", "situation": "in_visits", "once": "per_service"}],
        "follow_up": False,
        "source": "scanner",
        "device": "ticket line",
        "on_duty": WANG.number,
        "policy": {"id": "test", "version": "1"},
        "catalogue": {"id": "reasons-test", "version": "1"},
        "person": None,
        "receipt": None,
    }


def test_nobody_on_duty_is_no_way_round_a_rating() -> None:
    """Design §5: a ticket with nobody on duty is rated all the same."""
    window = Window(initial(rules())).asks_stars().tap(1).wait(60_000).write()
    assert entries(window, Kind.SESSION_OPENED)[0]["on_duty"] is None
    assert window.rating().level == Level.VERY_DISSATISFIED
    assert window.phase == s.LoggedOut()


def test_the_same_ticket_extends_nothing() -> None:
    """Design §5: “已读取”, nothing else, no extension."""
    window = Window().asks_stars().wait(59_000).send(presented("A"))
    assert window.notice == "already_read"
    window.wait(1_000).write()
    assert outcomes(window) == {"A": (Outcome.TIMED_OUT, False)}


@pytest.mark.parametrize(
    ("taps", "expected"),
    [([], (Outcome.SUPERSEDED, False)), ([5], (Outcome.RATED, True)), ([1], (Outcome.RATED, False))],
)
def test_another_ticket_ends_a_session(taps: list[int], expected: tuple[Outcome, bool]) -> None:
    """Design §5: before a tap `superseded`; after a tap `rated` with what is durable; then the new one opens."""
    window = Window().asks_stars()
    for level in taps:
        window.tap(level)
    window.send(presented("B")).write()
    assert outcomes(window) == {"A": expected}
    assert window.kinds[-2:] == [Kind.SESSION_CLOSED, Kind.SESSION_OPENED]
    assert session_at(window).id == "B"


def test_a_ticket_that_arrives_while_a_star_is_written_waits_for_it() -> None:
    """Design §5: after a tap the session closes as `rated` with what is durable; then the new one opens."""
    window = Window().asks_stars().send(s.StarTapped(Level(2)), presented("B"))
    assert isinstance(window.phase, s.Recording) and session_at(window).id == "A"
    window.write()
    assert outcomes(window) == {"A": (Outcome.RATED, False)}
    assert session_at(window).id == "B"


def test_a_ticket_whose_look_up_is_older_than_the_star_is_not_rated_twice() -> None:
    """Design §5: the same case and visit, or the same case on this day, is refused."""
    window = Window().asks_stars("A").send(s.StarTapped(Level(2)), presented("B"), presented("AC")).write()
    assert [draft.data["covered"] for draft in window.journal if draft.kind == Kind.SESSION_OPENED] == [
        ["CASE-A"],
        ["CASE-B"],
        ["CASE-C"],
    ]
    assert outcomes(window) == {"A": (Outcome.RATED, False), "B": (Outcome.SUPERSEDED, False)}


def test_a_batch_is_offered_while_one_case_of_it_can_be_rated() -> None:
    """Device protocols, “Case tickets”: the entry lists the cases it covers and those it left out."""
    window = Window().send(presented("ABC", rated="AC")).write()
    assert session_at(window).covered == (case("B"),)
    assert Window().send(presented("ABC", rated="ABC")).notice == "already_rated"


def test_the_case_that_is_being_rated_is_known_to_a_batch_that_follows() -> None:
    """Design §5: the terminal refuses what it knows for certain, also before the journal could tell."""
    window = Window().asks_stars("A").tap(3).send(presented("AB")).write()
    assert session_at(window).covered == (case("B"),)
    untapped = Window().asks_stars("A").send(presented("AB")).write()
    assert session_at(untapped).covered == (case("A"), case("B"))


def test_a_rated_case_does_not_disturb_the_session_of_another() -> None:
    """Design §5; the screen, “Already rated”."""
    window = Window().asks_stars("A")
    before = window.phase
    assert window.send(presented("B", rated="B")).notice == "already_rated"
    assert window.phase == before


@pytest.mark.parametrize(("visit", "key"), [("2", "CASE-A|v2"), (None, f"CASE-A|d{DAY}")])
def test_what_can_be_rated_once(visit: str | None, key: str) -> None:
    """Design §5: the same (case, visit), or without a visit number the same case on the same day."""
    assert rating_key(case("A", visit), DAY) == key


def test_two_tickets_are_the_same_when_they_name_the_same_visits_of_the_same_cases() -> None:
    """Device protocols, “one scan arrives twice”."""
    assert is_same_ticket(ticket("AB"), ticket("BA"))
    assert is_same_ticket(ticket("AB"), CaseTicket((case("A"), case("B")), Grouping.BATCH))
    assert not is_same_ticket(ticket("A", "1"), ticket("A", "2"))
    assert not is_same_ticket(ticket("A"), ticket("AB"))


@pytest.mark.parametrize(
    ("device", "after_ms", "said_again"),
    [("scanner", 1_999, False), ("scanner", 2_000, True), ("ticket line", 100, True)],
)
def test_a_trigger_that_bounces_says_nothing_twice(device: str, after_ms: int, said_again: bool) -> None:
    """Device protocols, “one scan arrives twice”; design §5: 2 s, monotonic, per device."""
    window = Window().send(presented("B", rated="B")).wait(after_ms)
    before = window.state
    window.send(presented("B", device, rated="B"))
    assert (window.state != before) == said_again


def test_a_ticket_that_timed_out_can_be_read_again_at_once() -> None:
    """Design §5: the duplicate-scan window ends with the session."""
    window = Window(initial(rules(), s.Timing(stars_ms=500), on_duty=LI)).asks_stars().wait(500).write()
    assert window.phase == s.Idle()
    window.send(presented("A", session="A2")).write()
    assert session_at(window).id == "A2"


def test_a_bounce_that_comes_after_another_device_s_ticket_does_not_bring_the_old_ticket_back() -> None:
    """Devices, “one scan arrives twice”: the lines of two devices may overtake each other by milliseconds."""
    window = Window().send(presented("A", "scanner")).write()
    window.send(presented("B", "line")).write()
    window.send(presented("A", "scanner", session="A2")).write()
    assert session_at(window).id == "B"
    assert window.sessions().keys() == {"A", "B"}


def test_a_ticket_in_a_pause_is_not_taken() -> None:
    """Design §5; the screen, “Paused”."""
    window = Window().send(s.PauseRequested()).send(presented("A")).write()
    assert (window.phase, window.notice) == (s.Paused(), "paused")
    assert Kind.SESSION_OPENED not in window.kinds


@pytest.mark.parametrize(
    ("refusal", "said"),
    [(refusal, "not_a_case_number" if refusal is Refusal.IDENTITY_NUMBER else "unreadable_ticket") for refusal in Refusal],
)
def test_a_refused_ticket_is_answered_and_changes_nothing(refusal: Refusal, said: str) -> None:
    """Design §4.2: refused → a message, state unchanged."""
    for window in (Window(), Window().asks_stars(), Window().asks_stars().tap(1)):
        before = window.phase
        assert window.send(s.TicketUnreadable(refusal)).notice == said
        assert window.phase == before and not window.writing
