"""Single rules of the window's behaviour, each with its source. What holds for all sequences is in test_behaviour_laws.py."""

from dataclasses import replace

import pytest
from support.behaviour import DAY, LI, WANG, Window, case, presented, rules, session_at, ticket

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.rateable import rating_key
from terminal_app.domain.rating import Level, Outcome, Reason, ReasonCatalogue
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import CaseTicket, Grouping, Refusal, is_same_ticket


def entries(window: Window, kind: Kind) -> list[dict[str, object]]:
    return [dict(draft.data) for draft in window.journal if draft.kind == kind]


def outcomes(window: Window) -> dict[str, tuple[object, object]]:
    closes = [draft for draft in window.journal if draft.kind == Kind.SESSION_CLOSED]
    return {str(draft.session): (draft.data["outcome"], draft.data["submitted"]) for draft in closes}


# --- tickets --------------------------------------------------------------------------------------------------------


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


# --- stars and reasons ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", Level)
def test_good_stars_are_done_and_bad_ones_open_the_reasons(level: Level) -> None:
    """taian 二(三): after ≥ 3 nothing more is asked; after ≤ 2 the reasons open by themselves."""
    window = Window().asks_stars().tap(level)
    assert isinstance(window.phase, s.Thanks if level >= 3 else s.AwaitReasons)


@pytest.mark.parametrize("level", Level)
def test_a_choice_can_be_changed_after_every_level(level: Level) -> None:
    """The screen, principle 2: “修改” after every level for the same few seconds."""
    window = Window().asks_stars().tap(level).wait(11_999)
    assert window.send(s.ChangeRequested()).phase == s.AwaitStars(session_at(window), window.state.counter, window.now + 60_000)
    window.tap(3)
    assert window.rating().level == Level.FAIRLY_SATISFIED
    assert len(window.rating().stars) == 2


@pytest.mark.parametrize("level", Level)
def test_a_change_that_is_not_made_returns_to_where_it_came_from(level: Level) -> None:
    """The screen, principle 2."""
    window = Window().asks_stars().tap(level)
    came_from = type(window.phase)
    window.send(s.ChangeRequested(), s.Finished())
    assert type(window.phase) is came_from
    assert len(window.rating().stars) == 1


@pytest.mark.parametrize("level", Level)
def test_a_change_that_is_never_made_leaves_the_choice_complete(level: Level) -> None:
    """Design §4.4 and §5: the last durable star counts, and what was asked about it has been answered."""
    window = Window().asks_stars().tap(level)
    if isinstance(window.phase, s.AwaitReasons):
        window.send(s.ReasonsSkipped()).write()
    window.send(s.ChangeRequested()).wait(60_000).write()
    assert outcomes(window) == {"A": (Outcome.RATED, True)}
    assert window.rating().level == level


@pytest.mark.parametrize("level", Level)
def test_thanks_last_twelve_seconds_for_every_level(level: Level) -> None:
    """The screen, “Measures”: thanks 12 s for every level."""
    window = Window().asks_stars().tap(level)
    if isinstance(window.phase, s.AwaitReasons):
        window.send(s.ReasonsSkipped()).write()
    assert isinstance(window.wait(11_999).phase, s.Thanks)
    assert window.wait(1).phase == s.Idle()
    assert outcomes(window.write()) == {"A": (Outcome.RATED, True)}


def test_a_better_star_leaves_the_reasons_and_drops_them() -> None:
    """Design §5: reasons of another level are dropped; a change to ≥ 3 leaves the reasons screen."""
    window = Window().asks_stars().tap(2).mark("201").tap(4)
    assert isinstance(window.phase, s.Thanks)
    assert (window.rating().level, window.rating().reasons) == (Level.SATISFIED, ())


def test_another_bad_star_asks_for_its_own_reasons() -> None:
    """Design §5: reasons of another level are dropped."""
    window = Window().asks_stars().tap(2).mark("201").tap(1).mark("102")
    assert session_at(window).toggled == ("102",)
    assert window.rating().reasons == ("102",)


def test_the_same_star_on_the_reasons_screen_is_no_new_choice() -> None:
    """Device protocols: while reasons are asked a *different* code is a change of star, like a finger's."""
    window = Window().asks_stars().tap(2).mark("201").send(s.StarTapped(Level(2), "evaluator"))
    assert not window.writing
    assert session_at(window).toggled == ("201",)


def test_whoever_walks_away_has_been_heard() -> None:
    """Design §5: the last durable star with the reasons toggled so far, `submitted=false`; product rule 2."""
    window = Window().asks_stars().tap(1).mark("101", "102", "101").wait(45_000).write()
    rating = window.rating()
    assert (rating.level, rating.reasons, rating.submitted) == (Level.VERY_DISSATISFIED, ("102",), False)
    assert outcomes(window) == {"A": (Outcome.RATED, False)}


def test_submitted_reasons_are_recorded_with_the_texts_that_were_seen() -> None:
    """Product rules, “Reason lists”: every rating stores the codes and the texts that the citizen saw."""
    window = (
        Window().asks_stars().tap(2).mark("202").send(s.LanguageChosen("en")).mark("203").send(s.ReasonsSubmitted()).write()
    )
    assert [row["text"] for row in entries(window, Kind.REASON_TOGGLED)] == ["原因202", "reason 203"]
    assert entries(window, Kind.REASONS_CHOSEN) == [
        {
            "level": 2,
            "reasons": [{"code": "202", "text": "reason 202"}, {"code": "203", "text": "reason 203"}],
            "skipped": False,
        }
    ]
    assert window.rating().submitted


def test_the_recorded_text_follows_the_window_s_own_language() -> None:
    """Wire protocol, `reason_toggled`: the text as shown; the default language is the terminal's configuration."""
    window = Window(initial(rules(), on_duty=LI, default_language="en")).asks_stars().tap(2).mark("201")
    assert entries(window, Kind.REASON_TOGGLED)[0]["text"] == "reason 201"


@pytest.mark.parametrize(
    ("texts", "shown"),
    [({"zh-CN": "慢", "en": "slow"}, "slow"), ({"zh-CN": "慢", "en": ""}, "慢"), ({"zh-CN": "慢"}, "慢"), ({}, "201")],
)
def test_a_reason_always_has_something_to_read(texts: dict[str, str], shown: str) -> None:
    """Product rules, “Reason lists”."""
    assert Reason("201", Level(2), True, texts).text_in("en") == shown


def test_skipping_takes_the_marks_away() -> None:
    """The screen, principle 2: “跳过”."""
    window = Window().asks_stars().tap(2).mark("201").send(s.ReasonsSkipped()).write()
    assert entries(window, Kind.REASONS_CHOSEN) == [{"level": 2, "reasons": [], "skipped": True}]
    assert (window.rating().reasons, window.rating().submitted) == ((), True)
    assert isinstance(window.phase, s.Thanks)


def test_no_reason_is_an_answer_too() -> None:
    """taian 二(三): the reasons open; the document does not say that one has to be chosen."""
    window = Window().asks_stars().tap(2).send(s.ReasonsSubmitted()).write()
    assert entries(window, Kind.REASONS_CHOSEN) == [{"level": 2, "reasons": [], "skipped": False}]
    assert isinstance(window.phase, s.Thanks)


def test_where_a_reason_is_required_nobody_is_kept_and_nobody_is_lost() -> None:
    """Product rules, `reasons_required`; what happens when the citizen leaves is product rule 2."""
    window = Window(initial(rules(reasons_required=True), on_duty=LI)).asks_stars().tap(2)
    window.send(s.ReasonsSubmitted(), s.ReasonsSkipped())
    assert isinstance(window.phase, s.AwaitReasons) and not window.writing
    window.wait(45_000).write()
    assert outcomes(window) == {"A": (Outcome.RATED, False)}
    other = Window(initial(rules(reasons_required=True), on_duty=LI)).asks_stars().tap(2).mark("201")
    assert isinstance(other.send(s.ReasonsSubmitted()).write().phase, s.Thanks)


def test_reasons_wait_from_the_last_touch() -> None:
    """The screen, “Measures”: reasons 45 s after the last touch."""
    window = Window().asks_stars().tap(2).wait(44_000).mark("201").wait(44_000).send(s.ScreenTouched()).wait(44_999)
    assert isinstance(window.phase, s.AwaitReasons)
    assert window.wait(1).phase == s.Idle()


def test_more_time_is_given_once_and_never_taken_away() -> None:
    """The screen, “Measures”: plus one extension of 60 s."""
    window = Window().asks_stars().tap(2).wait(10_000).send(s.MoreTimeRequested())
    assert isinstance(window.phase, s.AwaitReasons)
    until = window.phase.until_ms
    assert until - window.now == 35_000 + 60_000
    window.send(s.MoreTimeRequested()).mark("201").tap(1)
    assert isinstance(window.phase, s.AwaitReasons) and window.phase.until_ms == until


def test_the_limits_are_the_design_s() -> None:
    """The screen, “Measures”; design §5."""
    timing = s.Timing()
    assert (timing.stars_ms, timing.reasons_ms, timing.extension_ms, timing.thanks_ms) == (60_000, 45_000, 60_000, 12_000)
    assert timing.duplicate_scan_ms == 2_000


# --- staff ----------------------------------------------------------------------------------------------------------


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


# --- sentences and preferences --------------------------------------------------------------------------------------


def test_a_sentence_goes_after_its_time_and_not_with_an_older_one() -> None:
    """The screen, principle 4."""
    window = Window().send(s.ScreenTouched()).wait(3_000).send(s.CardLaid(None)).wait(3_999)
    assert window.notice == "unknown_card"
    assert window.wait(1).notice is None


def test_a_ticket_takes_every_sentence_away() -> None:
    """The screen, principle 5: gone the moment a ticket is read."""
    assert Window().send(s.ScreenTouched(), presented("A")).notice is None


def test_preferences_hold_through_a_session_and_end_with_it() -> None:
    """The screen, “Measures”: a language returns to the default after each session."""
    window = Window().send(s.LanguageChosen("en"), s.LargePrintToggled(), s.ContrastChosen(True), s.VoiceChosen(False))
    window.wait(30_000).asks_stars().wait(31_000)
    assert _preferences(window.state) == ("en", True, True, False)
    window.tap(5).wait(12_000)
    assert _preferences(window.state) == (None, False, None, None)


def _preferences(state: s.Terminal) -> tuple[object, ...]:
    return (state.language, state.large_print, state.high_contrast, state.voice)


def test_more_time_for_the_stars_is_given_once_and_holds() -> None:
    """The screen, “Rate”: time left as a quiet ring; one extension of 60 s in a session."""
    window = Window().asks_stars().wait(50_000).send(s.MoreTimeRequested(), s.MoreTimeRequested()).wait(69_999)
    assert isinstance(window.phase, s.AwaitStars)
    assert isinstance(window.wait(1).phase, s.Idle)


def test_the_next_ticket_begins_in_the_default_language() -> None:
    """The screen, principle 4: nothing remains for the next person."""
    window = Window().asks_stars().send(s.LanguageChosen("en")).tap(5).send(presented("B")).write()
    assert session_at(window).id == "B"
    assert window.state.language is None


def test_preferences_that_nobody_used_go_after_a_minute() -> None:
    """The screen, principle 4."""
    window = Window().send(s.LanguageChosen("en")).wait(59_999)
    assert window.state.language == "en"
    assert window.wait(1).state.language is None


# --- disk, faults and the platform ----------------------------------------------------------------------------------


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
