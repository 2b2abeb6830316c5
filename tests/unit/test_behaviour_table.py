"""The window's behaviour as a table: every state × every event. Source: design §4, §5; the screen, “Principles” and “Measures”.

The rows stand in behaviour/, in a file for each module of the product, which has the rows of the events that it handles.
A row says everything that may be seen of a step; what it does not name stays as it was. “ignored” lists the events that
change nothing and have no effect. Reading a row:

    -> PHASE      the next phase. Session A2+201!: ticket A, two stars, reason 201 marked, complete (!), extended (x); CD/C:
                  a chain of C and D, of which C is rated alone; “which”: asks for the case. Then the time limit that starts.
                  A phase that is named again starts its time anew. “over”: why nobody can rate while an administrator looks.
    write …       an entry, in order, with its session
    say …         the sentence for the people at the window
    keep …        what is remembered until the session allows it
    check …       what the outside is asked to do; so for “perform” and “present … again”
    scan …        what the two seconds of “already read” are about
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.behaviour import Turn, Window
from support.behaviour_seen import differences, phase_name
from support.behaviour_table import FIXED, NOW_MS, OF_THE_STATE, STATES, take, timer_of

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import _HANDLERS

EVENTS = (*FIXED, *OF_THE_STATE)


def _rows(table: Path) -> Iterator[tuple[str, str, str]]:
    """(state, event, what is seen) of every row of a file."""
    state = ""
    for line in filter(None, table.read_text("utf-8").splitlines()):
        if line.startswith("# "):
            state = line[2:]
            continue
        event, seen = line.split(maxsplit=1)
        if event == "ignored":
            yield from ((state, one, "ignored") for one in seen.split())
        else:
            yield state, event, seen


TABLES = {file.stem: tuple(_rows(file)) for file in sorted(Path(__file__).with_name("behaviour").glob("*.txt"))}
ROWS = [row for rows in TABLES.values() for row in rows]


def test_the_table_is_complete() -> None:
    """Design §5: “a table in the tests lists every state × every event”."""
    pairs = [(state, event) for state, event, _ in ROWS]
    assert len(pairs) == len(set(pairs)), "a pair stands twice"
    assert set(pairs) == {(state, event) for state in STATES for event in EVENTS}


def test_the_table_knows_every_kind_of_state_and_event() -> None:
    """Design §5."""
    assert {type(make().phase) for make in STATES.values()} == set(s.Phase.__args__)
    state = Window().state
    made = {type(event) for event in FIXED.values()} | {type(make(state)) for make in OF_THE_STATE.values()}
    assert made == set(s.Event.__args__)


def _handled_in(event: str) -> str:
    made = FIXED.get(event) or OF_THE_STATE[event](Window().state)
    return _HANDLERS[type(made)].__module__.rpartition(".")[2]


def test_an_event_stands_in_the_table_of_the_module_that_handles_it() -> None:
    """So that a module's rules and their rows are found beside each other."""
    assert {name: {event for _, event, _ in rows} for name, rows in TABLES.items()} == {
        name: {event for event in EVENTS if _handled_in(event) == name} for name in map(_handled_in, EVENTS)
    }


@pytest.mark.parametrize("name", STATES)
def test_a_state_of_the_table_is_what_its_name_says(name: str) -> None:
    window = STATES[name]()
    assert phase_name(window.phase, window.now).startswith(
        name.removesuffix(" in a pause").removesuffix(" of an administrator")
    )
    assert (window.state.paused_since_ms is not None) == (name in ("Paused", "StaffMenu in a pause"))
    assert (window.state.remembered, window.state.notice) == ((), None)


@pytest.mark.parametrize(("state", "event", "seen"), ROWS, ids=lambda part: part.replace(" ", "_"))
def test_row(state: str, event: str, seen: str) -> None:
    """Design §4, §5."""
    turn = take(state, event)
    if seen == "ignored":
        assert (turn.after, turn.effects) == (turn.before, ())
    else:
        assert "; ".join(differences(turn)) == seen


@pytest.mark.parametrize("state", STATES)
def test_whatever_waits_has_a_timer_and_a_timer_belongs_to_what_waits(state: str) -> None:
    """Design §5: a timer carries (session, state, arm number); the time on the screen is the time of the timer."""
    for event in EVENTS:
        turn = take(state, event)
        assert _armed(turn) == _due(turn), event


def _armed(turn: Turn) -> dict[s.TimerFired, int]:
    return {effect.event: effect.delay_ms for effect in turn.effects if isinstance(effect, s.StartTimer)}


def _due(turn: Turn) -> dict[s.TimerFired, int]:
    before, after = turn.before, turn.after
    phase, timing = after.phase, after.timing
    due: dict[s.TimerFired, int] = {}
    if phase != before.phase and isinstance(phase, s.AwaitScope | s.AwaitStars | s.AwaitReasons | s.Thanks):
        due[timer_of(after)] = phase.until_ms - NOW_MS
    elif isinstance(phase, s.StaffMenu | s.StaffLogin | a.EnterPin) and phase.arm != getattr(before.phase, "arm", None):
        due[timer_of(after)] = timing.staff_ms
    elif isinstance(phase, a.Administration) and phase.arm != getattr(before.phase, "arm", None):
        due[timer_of(after)] = timing.administration_ms
    elif phase != before.phase and isinstance(phase, s.Recording):
        due[timer_of(after)] = timing.durable_ms
    if after.unrated_arm and after.unrated_arm != before.unrated_arm:
        due[s.TimerFired(None, "Invitation", after.unrated_arm)] = timing.invite_ms
    if after.notice and after.notice != before.notice:
        due[s.TimerFired(None, "Notice", after.notice.arm)] = timing.notice_ms
    if after.preferences_arm != before.preferences_arm:
        due[s.TimerFired(None, "Preferences", after.preferences_arm)] = timing.preferences_ms
    return due
