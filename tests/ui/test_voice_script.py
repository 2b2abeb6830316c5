"""What is spoken, when (issue 5, point 3; design ui.md, principle 1: the loudspeaker never says the level)."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.behaviour import Window, presented
from support.hearing import shipped_texts
from support.window_samples import (
    FACTS,
    LANGUAGES,
    NOW_MS,
    Sample,
    await_reasons,
    await_scope,
    await_stars,
    follow_up,
    noticed,
    samples,
    session,
    terminal,
    thanks,
)

from terminal_app.domain import session as s
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Level
from terminal_app.regions.library import load_pack, regions
from ui.view_state import derive_view
from ui.views import ButtonView, Facts
from ui.voice.recordings import SOUNDS, Recordings
from ui.voice.script import Picture, Shown, Utterance, focus, news, warning, warning_at, where_we_are
from ui.voice.wav import chunks_of
from ui.wording import wording

LOUD, PRIVATE = False, True
IDLE = terminal(s.Idle())
STAFFS = (("screen-staff",), ("screen-login",))
"""Whoever works there sees, and types a PIN; a citizen who asks is told that staff is at it."""
NEUTRAL_TABLES = ("screen", "notice", "control")
"""Of these a loudspeaker may say something; the rest is for earphones."""


def picture(state: s.Terminal, facts: Facts = FACTS) -> Picture:
    """At a terminal that speaks."""
    return Picture(state, derive_view(state, replace(facts, speaks=True)))


def said(*states: s.Terminal, private: bool) -> list[Utterance]:
    """What is said while these are shown after each other."""
    pictures = [picture(state) for state in states]
    pairs = pairwise(pictures)
    return [utterance for before, now in pairs if (utterance := news(before, now, private))]


def files_of(language: str, part: str | Shown) -> list[str]:
    return [file.stem for file in Recordings().of(language, (part,))]


# --- every state, every language ------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [LOUD, PRIVATE], ids=["loud", "private"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name, sample in samples().items() if not derive_view(sample.state, FACTS).still])
def test_every_state_has_a_phrase_and_each_phrase_a_shipped_recording(name: str, language: str, private: bool) -> None:
    sample: Sample = samples()[name]
    now = picture(replace(sample.state, language=language), sample.facts)
    utterance = where_we_are(now, private)
    assert utterance
    for part in utterance:
        if isinstance(part, str):
            assert files_of(language, part) == [part], part


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_a_recording_of_that_text_and_every_recording_a_phrase(language: str) -> None:
    """A text that was changed is spoken anew: `./dev recordings`. Each recording names its speaker, who is credited."""
    texts = shipped_texts(language)
    assert texts.keys() == shipped_texts(LANGUAGES[0]).keys()
    assert {file.stem for file in (SOUNDS / language).glob("*.wav")} == set(texts)
    for name, text in texts.items():
        recording = (SOUNDS / language / f"{name}.wav").read_bytes()
        chunks = chunks_of(recording)
        info = chunks[b"LIST"]
        assert b"INAM" + len(text.encode()).to_bytes(4, "little") + text.encode() in info, (
            f"{name} was recorded with another text"
        )
        assert b"eSpeak NG" in info
        seconds = len(chunks[b"data"]) * 2 / 12_000
        assert 0.1 < seconds < 12, f"{name} lasts {seconds:.1f} s"


def test_all_recordings_together_are_small() -> None:
    """Issue 5: sounds are packaged in the wheel; 3 MB is what a slow line takes without a second thought."""
    assert sum(file.stat().st_size for file in SOUNDS.rglob("*.wav")) < 3 << 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_on_every_screen_is_named_in_earphones(language: str) -> None:
    for name, sample in samples().items():
        now = picture(replace(sample.state, language=language), sample.facts)
        for button in buttons(now):
            utterance = focus(now, button, PRIVATE)
            missing = [part for part in utterance if not files_of(language, part)]
            is_staffs = now.view.notice is None and where_we_are(now, PRIVATE) in STAFFS
            assert bool(utterance) != is_staffs, f"{name}: {button.name}"
            assert missing == [], f"{name}: {missing}"


def buttons(now: Picture) -> Iterator[ButtonView]:
    """Every control of a picture."""

    def below(value: object) -> Iterator[ButtonView]:
        if isinstance(value, ButtonView):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                yield from below(part)
        elif is_dataclass(value):
            for each in fields(value):
                yield from below(getattr(value, each.name))

    for button in below(now.view):
        if button.text and button.enabled:
            yield button


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_of_the_national_list_and_promises_of_every_pack_are_recorded_as_they_stand(language: str) -> None:
    """Reasons after what the packs call bad; the texts are those that people see and that the journal keeps."""
    column = "text" if language == "zh-CN" else "text_en"
    with files("terminal_app.regions").joinpath("reasons-2020.csv").open(encoding="utf-8") as file:
        reasons = {row["code"]: row[column] for row in csv.DictReader(file) if int(row["level"]) <= 2}
    assert len(reasons) == 16
    assert {code: files_of(language, Shown(text)) for code, text in reasons.items()} == {
        code: [f"reason-{code}"] for code in reasons
    }
    for promise in promises(language):
        assert files_of(language, Shown(promise)), promise


def promises(language: str) -> list[str]:
    return [row[language] for region in regions() for row in load_pack(region).after_bad]


@pytest.mark.parametrize("language", LANGUAGES)
def test_stars_and_controls_are_called_as_on_the_screen(language: str) -> None:
    texts, say = shipped_texts(language), wording(language)
    for level in range(1, 6):
        assert texts[f"star-{level}"] == say(f"level_name.{level}")
    for name, text in texts.items():
        table, _, key = name.partition("-")
        if table == "control" and key not in ("chinese", "english"):
            assert text == say(f"button.{key}")


# --- a loudspeaker --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_loudspeaker_may_say_names_no_level_and_no_reason(language: str) -> None:
    say = wording(language)
    forbidden = [word for level in range(1, 6) for word in re.split("[,，]", say(f"level_name.{level}"))]
    forbidden += [text for name, text in shipped_texts(language).items() if name.startswith("reason-")]
    for name, text in shipped_texts(language).items():
        if name.startswith(NEUTRAL_TABLES):
            assert not any(word.strip().lower() in text.lower() for word in forbidden), name


ENDINGS: dict[str, Callable[[int], list[s.Terminal]]] = {
    "walks away": lambda level: [after(level), IDLE],
    "changes": lambda level: [after(level), terminal(await_stars(star=level)), after(6 - level), IDLE],
    "keeps": lambda level: [after(level), terminal(await_stars(star=level)), after(level), IDLE],
    "is told that the ticket was read": lambda level: [after(level), replace(after(level), notice=s.Notice("already_read", 9))],
    "pauses": lambda level: [after(level), terminal(s.Paused(), paused_since_ms=5)],
    "staff waits": lambda level: [after(level), noticed("welcome")],
}


def after(level: int) -> s.Terminal:
    """The screen that follows this star."""
    return terminal(await_reasons(level)) if level <= 2 else terminal(thanks(level))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_loudspeaker_says_the_same_after_every_star_and_says_it_once(ending: str) -> None:
    """Neither the words nor how often or in what order they come tell a one from a five."""
    heard = [said(IDLE, terminal(await_stars()), *ENDINGS[ending](level), private=LOUD) for level in range(1, 6)]
    assert heard == [[("screen-rate",), ("screen-recorded",)]] * 5


def test_reasons_are_given_in_silence_before_a_loudspeaker() -> None:
    states = [
        terminal(await_reasons(2)),
        terminal(await_reasons(2, ("208",))),
        terminal(await_reasons(2, ("208",), extended=True)),
        terminal(thanks(2)),
        IDLE,
    ]
    assert said(*states, private=LOUD) == []
    now = picture(states[1])
    assert [focus(now, button, LOUD) for button in buttons(now)] == [()] * len(list(buttons(now)))


@given(level=st.sampled_from(list(Level)), acts=st.lists(st.integers(0, 12), max_size=25))
@settings(max_examples=150, deadline=None)
def test_whatever_a_citizen_does_a_loudspeaker_never_tells_one_level_from_another(level: Level, acts: list[int]) -> None:
    """As a property over the real behaviour: from the first star to the session's end one phrase, unasked at most once."""
    window = Window()
    tell = Listener(window)
    tell.send(presented("A"))
    heard = tell.heard()
    tell.send(s.StarTapped(level))
    while window.writing:
        tell.write()
    for act in acts:
        tell.do(act)
    of_the_session = tell.heard()[len(heard) :]
    assert all(utterance == ("screen-recorded",) for utterance in of_the_session)
    assert len(of_the_session) - tell.asked == 1


class Listener:
    """Somebody who hears what a loudspeaker says of a window, until the first session ends."""

    ACTS: tuple[s.Event, ...] = (
        *(s.StarTapped(level) for level in Level),
        s.ReasonToggled("101"),
        s.ReasonToggled("201"),
        s.ReasonsSubmitted(),
        s.ReasonsSkipped(),
        s.ChangeRequested(),
        s.MoreTimeRequested(),
        s.Finished(),
        s.LanguageChosen("en"),
    )

    def __init__(self, window: Window) -> None:
        self.window = window
        self.asked = 0
        self._last: Picture | None = None
        self._said: list[Utterance] = []
        self._over = False
        self._look()

    def send(self, event: s.Event) -> None:
        before = self.window.state.language
        self.window.send(event)
        if isinstance(event, s.LanguageChosen) and not self._over:
            spoken = self.window.state.language != before
            self.asked += spoken
        self._look()
        self.window.write()
        self._look()

    def write(self) -> None:
        self.window.write_one()
        self._look()

    def do(self, act: int) -> None:
        self.send(self.ACTS[act])

    def heard(self) -> list[Utterance]:
        return list(self._said)

    def _look(self) -> None:
        now = picture(self.window.state)
        if now.view.still or self._over:
            return
        if self._last and (utterance := news(self._last, now, LOUD)):
            self._said.append(utterance)
        self._over = self._last is not None and self._last.session is not None and now.session is None
        self._last = now


# --- earphones ------------------------------------------------------------------------------------------------------


def test_earphones_say_what_was_recorded_and_what_can_be_done_now() -> None:
    heard = said(IDLE, terminal(await_stars()), terminal(thanks(4)), terminal(await_stars(star=4)), private=PRIVATE)
    assert heard == [
        ("screen-rate", "keys-rate"),
        ("private-recorded", "star-4", "keys-thanks"),
        ("private-your_choice", "star-4", "keys-change"),
    ]


def test_earphones_say_reasons_marks_and_what_the_region_promises() -> None:
    promised = tuple(Shown(text.texts["zh-CN"]) for text in session(star=2).rules.policy.after_bad)
    marked = terminal(s.Thanks(session(star=2, toggled=("208",), submitted=True), 3, NOW_MS))
    assert said(
        terminal(await_stars()),
        terminal(await_reasons(2)),
        terminal(await_reasons(2, ("208",))),
        terminal(await_reasons(2, ())),
        marked,
        private=PRIVATE,
    ) == [
        ("private-recorded", "star-2", "private-reasons", "keys-reasons"),
        (Shown("没有提供材料清单", ("number-2", "private-no_recording")), "private-marked"),
        (Shown("没有提供材料清单", ("number-2", "private-no_recording")), "private-unmarked"),
        ("private-recorded", "star-2", "private-with_reasons", "number-1", *promised, "keys-thanks"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (terminal(thanks(3)), IDLE, ("private-finished",)),
        (terminal(await_reasons(1)), IDLE, ("private-finished",)),
        (terminal(await_stars()), IDLE, ("private-not_rated",)),
        (terminal(await_stars()), terminal(s.Paused()), ("private-not_rated",)),
        (terminal(await_stars()), terminal(s.OutOfOrder("storage")), ("screen-out_of_order",)),
        (terminal(await_stars()), noticed("paused", s.Paused()), ("private-not_rated", "notice-paused")),
        (IDLE, terminal(s.OutOfOrder("storage")), ()),
        (IDLE, terminal(s.Paused()), ()),
        (IDLE, noticed("already_rated"), ("notice-already_rated",)),
        (terminal(await_stars()), noticed("already_read", await_stars()), ("notice-already_read",)),
        (IDLE, terminal(follow_up()), ("screen-rate_follow_up", "keys-rate")),
        (IDLE, terminal(await_scope()), ("screen-scope", "keys-choose")),
        (terminal(await_scope()), terminal(await_scope(listing=True)), ("screen-cases", "keys-choose")),
        (terminal(await_reasons(2)), terminal(await_reasons(2, extended=True)), ("private-more_time",)),
    ],
)
def test_what_earphones_say_of_a_change(before: s.Terminal, after: s.Terminal, told: Utterance) -> None:
    assert news(picture(before), picture(after), PRIVATE) == told


def test_a_case_is_told_by_its_place_and_the_end_of_its_number() -> None:
    now = picture(terminal(await_scope(3, listing=True)))
    second = next(button for button in buttons(now) if button.name == "case-2")
    assert focus(now, second, PRIVATE) == (
        "private-case",
        "number-2",
        "private-ending",
        *("number-1", "number-1", "number-0", "number-1"),
    )
    assert focus(now, second, LOUD) == ()


def test_a_reason_that_nobody_recorded_is_told_by_its_number() -> None:
    now = picture(terminal(await_reasons(2)))
    third = next(button for button in buttons(now) if button.name == "reason-209")
    assert focus(now, replace(third, text="未录音"), PRIVATE) == (
        Shown("未在承诺时间内办结", ("number-3", "private-no_recording")),
    )


# --- both -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [LOUD, PRIVATE], ids=["loud", "private"])
def test_nothing_is_said_twice_for_the_same_state(private: bool) -> None:
    """What changes in print, colours, connection, time left or by a touch is no news."""
    for sample in samples().values():
        now = picture(sample.state, sample.facts)
        for again in (
            picture(sample.state, replace(sample.facts, online=not sample.facts.online, backlog=7)),
            picture(replace(sample.state, large_print=True, high_contrast=True), sample.facts),
            picture(replace(sample.state, counter=99), sample.facts),
        ):
            assert news(now, again, private) == ()


@pytest.mark.parametrize("private", [LOUD, PRIVATE], ids=["loud", "private"])
def test_voice_and_language_are_heard_when_they_are_chosen_and_not_when_they_go_back(private: bool) -> None:
    rate = terminal(await_stars())
    told = where_we_are(picture(rate), private)
    muted = replace(rate, voice=False)
    assert news(picture(rate), picture(muted), private) == ()
    assert news(picture(muted), picture(replace(rate, voice=True)), private) == told
    english = replace(rate, language="en")
    assert news(picture(rate), picture(english), private) == told
    assert news(picture(english), picture(replace(rate, language="zh-CN")), private) == told
    idle_english = replace(IDLE, language="en", voice=False)
    assert news(picture(idle_english), picture(IDLE), private) == ()


def test_a_terminal_that_speaks_on_request_is_silent_until_then() -> None:
    quiet = replace(FACTS, speaks=False)
    rate = terminal(await_stars())
    before, now = (Picture(state, derive_view(state, quiet)) for state in (IDLE, rate))
    assert news(before, now, LOUD) == ()
    asked = replace(rate, voice=True)
    assert news(now, Picture(asked, derive_view(asked, quiet)), LOUD) == ("screen-rate",)


def test_every_rating_of_a_new_ticket_is_asked_for_anew() -> None:
    first, second = (terminal(s.AwaitStars(replace(session(), id=name), 3, NOW_MS)) for name in ("s-1", "s-2"))
    assert said(first, second, private=LOUD) == [("screen-rate",)]


def test_time_is_told_to_run_out_in_earphones_alone() -> None:
    """WCAG 2.2.1: who cannot see the ring is warned before the time is over, and told how to have more."""
    now = picture(terminal(await_stars()))
    ring = now.view.footer.ring
    assert ring is not None
    assert warning_at(now, PRIVATE) == ring.until_ms - 15_000
    assert warning_at(now, LOUD) is None
    assert warning(now) == ("private-time_short",)
    assert warning(picture(terminal(await_reasons(2, extended=True)))) == ("private-time_short_last",)
    assert [warning_at(picture(terminal(phase)), PRIVATE) for phase in (s.Idle(), thanks(5))] == [None, None]


def test_nothing_is_recorded_aloud_before_it_is_durable() -> None:
    """“已记录” only after the commit: the still picture says nothing."""
    window = Window().asks_stars().send(s.StarTapped(Level(2)))
    assert picture(window.state).view.still
    assert Kind.STAR_CHOSEN not in window.kinds
