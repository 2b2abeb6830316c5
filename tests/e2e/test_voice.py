"""A person who only hears rates with keypad and voice alone, at the real kiosk, through a real player. Issue 5, point 3.

They know nothing but what was said: each of their keys follows something that they heard. What ends in the journal is what
they meant.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import Counter, OpenKiosk, fresh_case, kiosk_at, wait_until
from support.hearing import recorder, speaking_folder, spelled
from support.platform import RunningPlatform

from device_drivers.input_events import ENTER, PAD_DIGITS
from device_drivers.simulators import KeyboardSimulator, PtyDevice
from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Outcome, Rating, fold

KEYS = {
    **{str(digit): code for code, digit in PAD_DIGITS.items()},
    "enter": ENTER,
    "back": 14,
    "right": 106,
    "left": 105,
    "up": 103,
}
MOST_STEPS = 30


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speaking_folder(tmp_path_factory.mktemp("hall") / "recordings")


class Listener:
    """Ears and a keypad. `mark` is how many utterances were heard before the last key."""

    def __init__(self, kiosk: OpenKiosk, keypad: KeyboardSimulator, heard: Path) -> None:
        self.kiosk = kiosk
        self._keypad = keypad
        self._heard = heard
        self._mark = 0

    def press(self, key: str) -> None:
        """A key, once the screen takes one: who hears is slower than a screen changes."""
        wait_until(lambda: self.kiosk.window.takes_input, "keys are taken")
        self._mark = len(self.all())
        self._keypad.press(KEYS[key])

    def all(self) -> list[tuple[str, ...]]:
        return spelled(self._heard)

    def hears(self, *phrases: str, language: str = "zh-CN") -> None:
        """Wait for these, in this order, in one utterance after the last key."""
        wanted = [f"{language}/{phrase}" for phrase in phrases]
        wait_until(
            lambda: any(is_within(wanted, utterance) for utterance in self.all()[self._mark :]),
            f"{wanted} in {self.all()[-4:]}",
        )

    def presents(self) -> str:
        """Lay down a ticket; the case."""
        self._mark = len(self.all())
        self.kiosk.counter.send_ticket(case := fresh_case())
        return case

    def seeks(self, phrase: str, key: str = "right", language: str = "zh-CN") -> None:
        """Press an arrow until this is heard to be marked."""
        for _ in range(MOST_STEPS):
            self.press(key)
            wait_until(lambda: self.all()[self._mark :] and self.all()[-1], f"anything after {key}")
            if self.all()[-1][0] == f"{language}/{phrase}":
                return
        raise AssertionError(f"{phrase} was not found: {self.all()[-MOST_STEPS:]}")

    def meant(self, case: str) -> Rating:
        """What the journal holds of a session, once it is closed."""
        wait_until(lambda: Kind.SESSION_CLOSED in self.kiosk.counter.kinds(case), f"the session of {case} is closed")
        entries = self.kiosk.counter.entries()
        opened = next(entry for entry in entries if entry.kind == Kind.SESSION_OPENED and case in entry.data["covered"])
        own = [(entry.kind, entry.moment.wall, entry.data) for entry in entries if entry.session == opened.session]
        return fold(str(opened.session), own)


def is_within(wanted: list[str], utterance: tuple[str, ...]) -> bool:
    rest = iter(utterance)
    return all(any(phrase == one for one in rest) for phrase in wanted)


@contextmanager
def listening(
    mode: str, at: Counter, platform: RunningPlatform, recordings: Path, timing: str = "", voice: str = ""
) -> Iterator[Listener]:
    """A person at the counter with a keypad, and the kiosk that speaks to them."""
    heard = at.folder / "heard"
    player = ", ".join("'''" + word + "'''" for word in recorder(heard))
    with ExitStack() as stack:
        port = stack.enter_context(PtyDevice("keypad", at.folder))
        at.configure(platform.url, timing=timing)
        at.enroll(platform)
        tables = f'[[devices]]\nname = "keypad"\ndriver = "keypad"\naddress = "{port.address}"\n'
        tables += f'[voice]\nmode = "{mode}"\n{mode}_volume = 100\nrecordings = "{recordings}"\n'
        tables += voice or f"player = [{player}]\n"
        at.config.write_text(at.config.read_text("utf-8") + tables, "utf-8")
        kiosk = stack.enter_context(kiosk_at(at))
        at.wait_until_open()
        assert port.wait_until_open(10)
        wait_until(lambda: kiosk.window._voice is not None, "the voice has begun")
        yield Listener(kiosk, KeyboardSimulator(port), heard)


@pytest.fixture
def person(bare_counter: Counter, platform: RunningPlatform, recordings: Path, qapp: QApplication) -> Iterator[Listener]:
    """Somebody with earphones."""
    with listening("earphone", bare_counter, platform, recordings) as somebody:
        yield somebody


@pytest.fixture
def passer_by(bare_counter: Counter, platform: RunningPlatform, recordings: Path, qapp: QApplication) -> Iterator[Listener]:
    """Somebody who hears what the loudspeaker says, at the same counter."""
    with listening("loudspeaker", bare_counter, platform, recordings) as somebody:
        yield somebody


def test_who_only_hears_rates_with_any_star_by_its_key(person: Listener) -> None:
    for level in range(1, 6):
        case = person.presents()
        person.hears("screen-rate", "keys-rate")
        person.press(str(level))
        person.hears("private-recorded", f"star-{level}")
        if level <= 2:
            person.hears("keys-reasons")
            person.press("back")
            person.hears("private-recorded", f"star-{level}", "keys-thanks")
        person.press("enter")
        person.hears("private-finished")
        meant = person.meant(case)
        assert (meant.level, meant.reasons, meant.outcome) == (level, (), Outcome.RATED)


def test_who_only_hears_listens_to_the_stars_and_confirms_one(person: Listener) -> None:
    case = person.presents()
    person.hears("screen-rate")
    person.seeks("star-4")
    assert Kind.STAR_CHOSEN not in person.kiosk.counter.kinds(case), "listening chooses nothing"
    person.press("enter")
    person.hears("private-recorded", "star-4", "keys-thanks")
    person.press("enter")
    assert person.meant(case).stars[-1][0] == 4


def test_who_only_hears_changes_their_mind_and_gives_reasons(person: Listener) -> None:
    case = person.presents()
    person.hears("screen-rate")
    person.press("5")
    person.hears("private-recorded", "star-5", "keys-thanks")
    person.seeks("control-change")
    person.press("enter")
    person.hears("private-your_choice", "star-5", "keys-change")
    person.press("2")
    person.hears("private-recorded", "star-2", "private-reasons", "keys-reasons")
    person.seeks("reason-208")
    person.press("enter")
    person.hears("reason-208", "private-marked")
    person.seeks("reason-209")
    person.press("enter")
    person.hears("reason-209", "private-marked")
    person.press("enter")
    person.hears("reason-209", "private-unmarked")
    person.press("0")
    person.hears("private-recorded", "star-2", "keys-reasons")
    person.seeks("control-submit")
    person.hears("control-submit", "private-marked", "number-1")
    person.press("enter")
    person.hears(
        "private-recorded", "star-2", "private-with_reasons", "number-1", "promise-taian_1", "promise-taian_2", "keys-thanks"
    )
    person.press("enter")
    person.hears("private-finished")
    meant = person.meant(case)
    assert ([level for level, _ in meant.stars], meant.reasons, meant.submitted) == ([5, 2], ("208",), True)


def test_who_only_hears_keeps_their_choice_and_asks_for_english(person: Listener) -> None:
    case = person.presents()
    person.hears("screen-rate")
    person.seeks("control-english", key="up")
    person.press("enter")
    person.hears("screen-rate", "keys-rate", language="en")
    person.press("3")
    person.hears("private-recorded", "star-3", language="en")
    person.seeks("control-change", language="en")
    person.press("enter")
    person.hears("private-your_choice", "star-3", language="en")
    person.press("back")
    person.hears("private-recorded", "star-3", "keys-thanks", language="en")
    person.press("enter")
    person.hears("private-finished")
    assert [level for level, _ in person.meant(case).stars] == [3]


def test_who_only_hears_learns_that_time_is_over_and_what_was_kept(
    bare_counter: Counter, platform: RunningPlatform, recordings: Path, qapp: QApplication
) -> None:
    timing = "stars_s = 4\nreasons_s = 1\nthanks_s = 1"
    with listening("earphone", bare_counter, platform, recordings, timing) as person:
        silent = person.presents()
        person.hears("screen-rate")
        person.hears("private-not_rated")
        assert (person.meant(silent).level, person.meant(silent).outcome) == (None, Outcome.TIMED_OUT)
        left = person.presents()
        person.hears("screen-rate")
        person.press("1")
        person.hears("private-recorded", "star-1")
        person.hears("private-finished")
        assert (person.meant(left).level, person.meant(left).submitted) == (1, False)


def test_before_a_loudspeaker_all_levels_sound_the_same(passer_by: Listener) -> None:
    """Principle 1: nothing that staff can hear reveals a choice."""
    heard = []
    for level in range(1, 6):
        begun = len(passer_by.all())
        case = passer_by.presents()
        passer_by.hears("screen-rate")
        passer_by.press(str(level))
        passer_by.hears("screen-recorded")
        if level <= 2:
            passer_by.press("1")
            wait_until(lambda case=case: Kind.REASON_TOGGLED in passer_by.kiosk.counter.kinds(case), "a reason is marked")  # type: ignore[misc]
            passer_by.press("enter")
        passer_by.kiosk.wait_for("thanks")
        passer_by.press("enter")
        assert passer_by.meant(case).level == level
        heard.append(passer_by.all()[begun:])
    assert heard == [[("zh-CN/screen-rate",), ("zh-CN/screen-recorded",)]] * 5


@pytest.mark.parametrize(
    ("player", "problem"),
    [
        ('player = ["no-such-player"]\n', "voice_missing"),
        ('player = ["false"]\n', "voice_failed"),
        ('player = ["sleep", "300"]\n', None),
    ],
)
def test_without_sound_a_rating_is_made_as_ever(
    bare_counter: Counter,
    platform: RunningPlatform,
    recordings: Path,
    qapp: QApplication,
    player: str,
    problem: str | None,
) -> None:
    with listening("earphone", bare_counter, platform, recordings, voice=player) as person:
        case = person.kiosk.rate(4)
        if problem:
            wait_until(lambda: problem in person.kiosk.problems.values(), "staff is told")
        assert Kind.STAR_CHOSEN in person.kiosk.counter.kinds(case)
