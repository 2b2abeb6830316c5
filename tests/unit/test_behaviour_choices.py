"""Rules for what citizens choose: stars, reasons, changes of mind and time for them; each with its source."""

import pytest
from support.behaviour import LI, Window, entries, outcomes, rules, session_at

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Level, Outcome, Reason


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
