"""The real window speaks: what a keypad marks, the button, the time; nothing of it touches a rating. Issue 5, point 3."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import wait_until
from support.kiosk_page import KioskPage, kiosk
from support.window_samples import FACTS, NOW_MS, await_reasons, await_stars, session, terminal, thanks

from terminal_app.domain import session as s
from terminal_app.domain.rating import Level
from ui.voice import script
from ui.voice.script import Shown, Utterance
from ui.voice.voice import Voice

SPEAKING = replace(FACTS, speaks=True)
IDLE = terminal(s.Idle())


class Heard:
    """A mouth that remembers."""

    def __init__(self) -> None:
        self.said: list[Utterance] = []

    def say(self, language: str, utterance: Utterance) -> None:
        self.said.append(utterance)

    def taken(self) -> list[Utterance]:
        """What was said since the last time."""
        said, self.said = self.said, []
        return said


@contextmanager
def speaking(state: s.Terminal, *, private: bool) -> Iterator[tuple[KioskPage, Heard]]:
    with kiosk(state, facts=SPEAKING) as page:
        heard = Heard()
        page.window.speak_with(Voice(heard, private, page.window.widget, page.clock.mono_ms))
        yield page, heard


def test_the_arrows_tell_what_they_mark_and_enter_chooses_it(qapp: QApplication) -> None:
    with speaking(terminal(await_stars()), private=True) as (page, heard):
        for _ in range(3):
            page.window.keypad_pressed("right")
        assert heard.taken() == [("star-1",), ("star-2",), ("star-3",)]
        page.window.keypad_pressed("enter")
        assert page.events == [s.StarTapped(Level.FAIRLY_SATISFIED, "keypad")]


def test_a_loudspeaker_is_silent_on_stars_and_tells_of_controls(qapp: QApplication) -> None:
    with speaking(terminal(await_stars()), private=False) as (page, heard):
        for _ in range(6):
            page.window.keypad_pressed("right")
        assert heard.taken() == [(Shown("再给我一点时间"),)]
        page.show(terminal(thanks(1)))
        heard.taken()
        for _ in range(9):
            page.window.keypad_pressed("right")
        assert heard.taken() == []


def test_zero_says_again_where_one_is(qapp: QApplication) -> None:
    with speaking(terminal(await_stars()), private=True) as (page, heard):
        page.window.keypad_pressed("0")
        assert heard.taken() == [("screen-rate", "keys-rate")]
        page.show(terminal(thanks(4)), wait=False)
        heard.taken()
        page.window.keypad_pressed("0")
        assert heard.taken() == [("private-recorded", "star-4", "keys-thanks")]
        assert page.events == []


@pytest.mark.parametrize("private", [True, False])
def test_a_key_without_a_meaning_is_answered_in_earphones_alone(qapp: QApplication, private: bool) -> None:
    """Before a loudspeaker it would tell the reasons, where 4 marks one, from the thanks, where it does nothing."""
    with speaking(terminal(thanks(4)), private=private) as (page, heard):
        page.window.keypad_pressed("4")
        assert heard.taken() == ([("private-recorded", "star-4", "keys-thanks")] if private else [])


def test_after_a_choice_right_and_enter_change_it(qapp: QApplication) -> None:
    """As the voice says; for every level and on either screen."""
    for phase in (await_reasons(1), await_reasons(2), thanks(3), thanks(4), thanks(5)):
        with speaking(terminal(phase), private=True) as (page, heard):
            page.window.keypad_pressed("right")
            assert heard.taken() == [(Shown("修改"),)]
            page.window.keypad_pressed("enter")
            assert page.events == [s.ChangeRequested()]


@pytest.mark.parametrize("private", [True, False])
def test_another_page_is_told_in_earphones_alone(qapp: QApplication, private: bool) -> None:
    with speaking(terminal(await_reasons(2), large_print=True), private=private) as (page, heard):
        page.tap("more-reasons")
        assert heard.taken() == ([("private-page",)] if private else [])


def test_up_finds_more_time(qapp: QApplication) -> None:
    """As the warning says."""
    with speaking(terminal(await_stars()), private=True) as (page, heard):
        for _ in range(6):
            page.window.keypad_pressed("up")
            if heard.taken() == [(Shown("再给我一点时间"),)]:
                break
        page.window.keypad_pressed("enter")
        assert page.events == [s.MoreTimeRequested()]


@pytest.mark.parametrize("on", [True, False])
def test_the_button_mutes_and_speaks_until_the_session_ends(qapp: QApplication, on: bool) -> None:
    with kiosk(terminal(await_stars(), voice=on), facts=SPEAKING) as page:
        assert page.control("voice").accessibleName() == ("静音" if on else "语音")
        page.tap("voice")
        assert page.events == [s.VoiceChosen(not on)]


def test_a_terminal_without_a_voice_offers_none(qapp: QApplication) -> None:
    with kiosk(terminal(await_stars())) as page:
        assert "voice" not in page.names


def test_zero_lets_a_muted_window_speak_again(qapp: QApplication) -> None:
    """Who cannot see the button is not left in silence."""
    with speaking(terminal(await_stars(), voice=False), private=True) as (page, heard):
        page.window.keypad_pressed("0")
        assert (page.events, heard.taken()) == ([s.VoiceChosen(True)], [])
        page.show(terminal(await_stars(), voice=True))
        assert heard.taken() == [("screen-rate", "keys-rate")]


def test_muting_is_heard_at_once(qapp: QApplication) -> None:
    with speaking(terminal(await_stars()), private=False) as (page, heard):
        page.show(terminal(await_stars(), voice=False))
        assert heard.taken() == [()]
        page.window.keypad_pressed("right")
        page.show(terminal(thanks(2), voice=False))
        assert heard.taken() == []


def test_a_star_is_told_once_it_has_been_painted_and_not_while_it_is_written(qapp: QApplication) -> None:
    with speaking(terminal(await_stars()), private=True) as (page, heard):
        page.show(terminal(s.Recording(session(star=4), 4, "star", await_stars())), wait=False)
        page.finish_sweep()
        assert heard.taken() == []
        page.show(terminal(thanks(4)))
        assert heard.taken() == [("private-recorded", "star-4", "keys-thanks")]


def test_time_that_runs_out_is_told_once(qapp: QApplication) -> None:
    """The warning comes 15 s before the end, by the same clock as the ring."""
    with speaking(IDLE, private=True) as (page, heard):
        page.show(terminal(s.AwaitStars(session(), 3, NOW_MS + script.WARNING_MS + 30)))
        wait_until(lambda: len(heard.said) == 2, "the warning")
        assert heard.taken() == [("screen-rate", "keys-rate"), ("private-time_short",)]
        page.show(terminal(s.AwaitStars(session(extended=True), 4, NOW_MS + 90_000)))
        assert heard.taken() == [("private-more_time",)]


def test_an_error_in_the_voice_ends_the_voice_and_no_rating(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with speaking(IDLE, private=True) as (page, heard):
        monkeypatch.setattr(script, "news", lambda *_: 1 / 0)
        page.show(terminal(await_stars()))
        page.window.keypad_pressed("4")
        page.window.keypad_pressed("0")
        assert page.events == [s.StarTapped(Level.SATISFIED, "keypad")]
        assert heard.taken() == []
    assert caplog.text.count("the voice ended: ZeroDivisionError") == 1
