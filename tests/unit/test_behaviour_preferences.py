"""Rules for sentences at the window and for a citizen's preferences: when they go; each with its source."""

from support.behaviour import Window, presented, session_at

from terminal_app.domain import session as s


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
