"""Which presses of a button evaluator are taps, and what it is told. Device protocols, “The framed serial evaluator”."""

from collections.abc import Callable

import pytest
from support.behaviour import Window, presented

from device_drivers.spec import Prompts
from terminal_app.application.evaluator import REPEAT_MS, Evaluator
from terminal_app.domain import session as s
from terminal_app.domain.journal import Kind, Moment
from terminal_app.domain.rating import Level

ASK, THANK, REST = b"ask", b"thank", b"rest"


class Counter:
    """A window and its evaluator; nothing is durable before `write`."""

    def __init__(self, prompts: Prompts | None = None) -> None:
        self.window = Window()
        self.told: list[bytes] = []
        self.is_open = True
        self.evaluator = Evaluator(
            "keys", 4, prompts or Prompts(ASK, THANK, REST), self, lambda tap: self.send(tap) and None, self._write
        )
        self.evaluator.show(self.window.state)

    def moment(self) -> Moment:
        raise AssertionError("wall time plays no part")

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return self.window.now

    def _write(self, data: bytes) -> bool:
        if self.is_open and data:
            self.told.append(data)
        return self.is_open and bool(data)

    def send(self, *events: s.Event) -> "Counter":
        self.window.send(*events)
        self.evaluator.show(self.window.state)
        return self

    def write(self) -> "Counter":
        while self.window.writing:
            self.window.write_one()
            self.evaluator.show(self.window.state)
        return self

    def press(self, level: int, answer: bytes = b"ack") -> "Counter":
        self.evaluator.pressed(Level(level), answer)
        return self

    def later(self, ms: int) -> "Counter":
        self.window.now += ms
        return self

    def close(self) -> "Counter":
        """The citizen leaves the thanks screen."""
        return self.send(s.Finished()).write()

    @property
    def stars(self) -> list[tuple[str | None, int, object]]:
        chosen = [draft for draft in self.window.journal if draft.kind == Kind.STAR_CHOSEN]
        return [(draft.session, draft.data["level"], draft.data["source"]) for draft in chosen]


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_a_press_is_a_tap_that_says_where_it_came_from(counter: Counter) -> None:
    counter.send(presented("A")).write().press(4).write()
    assert counter.stars == [("A", 4, "evaluator")]
    (chosen,) = (draft for draft in counter.window.journal if draft.kind == Kind.STAR_CHOSEN)
    assert chosen.data["keys"] == 4, "the record says that it came from a four-key device"


def test_the_device_is_asked_once_the_stars_are(counter: Counter) -> None:
    counter.send(presented("A"))
    assert counter.told == []
    counter.write()
    assert counter.told == [ASK]


def test_the_acknowledgement_comes_when_the_tap_is_durable_and_for_every_repeat(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5).later(300).press(5)
    assert counter.told == [ASK]
    counter.write()
    assert counter.told == [ASK, b"ack" + THANK]
    counter.later(300).press(5).later(300).press(5)
    assert counter.told == [ASK, b"ack" + THANK, b"ack", b"ack"]
    assert len(counter.stars) == 1


def test_a_repeat_within_two_seconds_is_dropped_even_in_the_next_session(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5).write().close().send(presented("B")).write()
    counter.later(REPEAT_MS - 1).press(5).write()
    assert counter.stars == [("A", 5, "evaluator")]
    assert counter.told[-1] == b"ack"


def test_the_same_press_two_seconds_later_is_another_one(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5).write().close().send(presented("B")).write()
    counter.later(REPEAT_MS).press(5).write()
    assert counter.stars == [("A", 5, "evaluator"), ("B", 5, "evaluator")]


def test_a_device_that_never_stops_repeating_rates_for_nobody_else(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5).write().close().send(presented("B")).write()
    for _ in range(20):
        counter.later(REPEAT_MS - 1).press(5).write()
    assert counter.stars == [("A", 5, "evaluator")]


def test_another_key_within_two_seconds_counts(counter: Counter) -> None:
    """The next citizen may be quick; and what is pressed anew after another key is no repeat."""
    counter.send(presented("A")).write().press(5).write().close().send(presented("B")).write().press(1).later(100).write()
    assert counter.stars[-1] == ("B", 1, "evaluator")
    counter.press(2).write().press(1).write()
    assert [level for _, level, _ in counter.stars] == [5, 1, 2, 1]


Before = Callable[[Counter], object]
NOT_ASKED: dict[str, Before] = {
    "no ticket": lambda at: None,
    "its ticket is being written": lambda at: at.send(presented("A")),
    "thanks": lambda at: at.send(presented("A")).write().send(s.StarTapped(Level(3))).write(),
    "out of order": lambda at: at.send(presented("A")).write().send(s.FaultRaised("storage")),
    "paused": lambda at: at.send(s.PauseRequested()).write(),
    "revoked": lambda at: at.send(s.Revoked("revoked")),
}


@pytest.mark.parametrize("when", NOT_ASKED)
def test_a_press_while_nothing_is_asked_never_counts_however_often_it_is_repeated(when: str) -> None:
    """Counted only after the host's start for that session."""
    counter = Counter()
    NOT_ASKED[when](counter)
    told, stars = list(counter.told), list(counter.stars)
    for _ in range(5):
        counter.press(5).later(REPEAT_MS - 1)
    assert counter.told == told, "and it is not acknowledged"
    if when in ("no ticket", "its ticket is being written", "thanks"):
        counter.write().close().send(presented("B")).write().press(5).write()
        assert [star for star in counter.stars if star not in stars] == []
        assert counter.later(REPEAT_MS).press(5).write().stars[-1][2] == "evaluator"


def test_another_level_while_reasons_are_asked_is_a_change_of_mind(counter: Counter) -> None:
    counter.send(presented("A")).write().press(2).write().press(4, b"other").write()
    assert [level for _, level, _ in counter.stars] == [2, 4]
    assert counter.told == [ASK, b"ack" + THANK, b"other" + THANK]


def test_the_same_level_while_reasons_are_asked_is_acknowledged_and_nothing_else(counter: Counter) -> None:
    counter.send(presented("A")).write().press(2).write().later(REPEAT_MS).press(2).write()
    assert len(counter.stars) == 1
    assert counter.told[-1] == b"ack"


@pytest.mark.parametrize("source", ["finger", "key"])
def test_the_device_is_told_the_same_at_the_same_moment_for_every_level(source: str) -> None:
    """Neutral, whoever chose and whatever was chosen."""
    stories = set()
    for level in Level:
        counter = Counter()
        counter.send(presented("A")).write()
        if source == "finger":
            counter.send(s.StarTapped(level))
        else:
            counter.press(level)
        before = list(counter.told)
        counter.write()
        durable = list(counter.told)
        counter.send(s.FaultRaised("storage"))
        stories.add((tuple(before), tuple(durable), tuple(counter.told)))
    assert len(stories) == 1


def test_a_tap_that_did_not_become_durable_is_never_acknowledged(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5)
    counter.window.fail_one()
    counter.evaluator.show(counter.window.state)
    counter.press(5).later(500).press(5)
    counter.window.recover()
    counter.evaluator.show(counter.window.state)
    counter.press(5)
    assert b"ack" not in b"".join(counter.told)


def test_a_device_that_is_plugged_in_late_is_asked_then(counter: Counter) -> None:
    counter.is_open = False
    counter.send(presented("A")).write().press(5).write()
    assert (counter.told, counter.stars) == ([], [])
    counter.is_open = True
    counter.evaluator.connected()
    assert counter.told == [ASK]
    counter.later(REPEAT_MS).press(5).write()
    assert counter.stars == [("A", 5, "evaluator")]


def test_a_device_that_cannot_be_told_anything_rates_all_the_same() -> None:
    counter = Counter(Prompts())
    counter.send(presented("A")).write().press(3, b"").write()
    assert (counter.stars, counter.told) == ([("A", 3, "evaluator")], [])


def test_it_rests_when_the_session_has_ended(counter: Counter) -> None:
    counter.send(presented("A")).write().press(5).write().close()
    assert counter.told[-1] == REST
    told = len(counter.told)
    counter.send(s.LanguageChosen("en"))
    assert len(counter.told) == told
