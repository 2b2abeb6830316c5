"""A slice of the crowd at the real window under a real X server: everybody ends with exactly what they meant. Issue 5."""

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from crowd import __main__ as crowd
from crowd.hall import Held, judge
from crowd.people import KINDS, Manner, Move, Person, people
from crowd.visit import Did

from terminal_app.demo.citizens import Act
from terminal_app.demo.crowd import reason_codes
from terminal_app.demo.record import Choice
from terminal_app.demo.stage import StageError

BAD = Choice(1, frozenset({"101"}))


@pytest.mark.timeout(300)
def test_a_slice_of_every_kind_ends_with_what_it_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 5, “Verification”: real X events, the real window, and what is on the platform in the end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    count = len(KINDS)
    assert crowd.main(["--people", str(count), "--seed", "47", "--json"]) == 0, capsys.readouterr().err
    told = json.loads(capsys.readouterr().out)
    assert {kind: told[kind]["people"] for kind in KINDS} == dict.fromkeys(KINDS, 1)
    whole = told["all"]
    assert whole["different"] == 0
    assert whole["meant"] == whole["did"] == whole["arrived"] >= count - 1
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_brings_the_same_people() -> None:
    reasons = reason_codes()
    assert list(people(3, 40, reasons)) == list(people(3, 40, reasons)) != list(people(4, 40, reasons))


def test_people_mean_every_level_nothing_and_reasons() -> None:
    meant = [person.meant for person in people(1, 200, reason_codes())]
    assert {choice.level for choice in meant if choice} == {1, 2, 3, 4, 5}
    assert None in meant
    assert any(choice.reasons for choice in meant if choice)


def test_every_manner_is_met() -> None:
    met = {move.manner for person in people(1, 100, reason_codes()) for move in person.moves}
    assert met == set(Manner)


def moves(*acts: Act, manner: Manner = Manner.TAP) -> tuple[Move, ...]:
    return tuple(Move(act, manner, 0.5) for act in acts)


SLIPPED = moves(Act("star", 3), manner=Manner.SLIPPED)


@pytest.mark.parametrize(
    ("done", "meant"),
    [
        ((), None),
        (SLIPPED, None),
        (moves(Act("star", 4)), Choice(4)),
        ((*SLIPPED, *moves(Act("star", 1), Act("reason", 101), Act("submit"))), BAD),
        (moves(Act("star", 1), Act("reason", 101), Act("change"), Act("star", 1)), BAD),
        (moves(Act("star", 1), Act("reason", 101), Act("change"), Act("star", 5)), Choice(5)),
        (moves(Act("star", 1), Act("reason", 101), Act("reason", 101)), Choice(1)),
        (moves(Act("large-print"), Act("star", 2), Act("reason", 201), Act("skip")), Choice(2)),
    ],
)
def test_what_somebody_means_follows_from_what_is_meant(done: tuple[Move, ...], meant: Choice | None) -> None:
    assert one(done).meant == meant


def one(done: tuple[Move, ...]) -> Person:
    (person,) = islice(people(1, 1, reason_codes()), 1)
    return Person(person.kind, person.citizen, done, stays=False)


def rating(case: str, level: int, reasons: Sequence[str] = ()) -> dict[str, object]:
    return {"cases": [case], "level": level, "reasons": list(reasons)}


@pytest.mark.parametrize(
    ("ratings", "sources", "confirmed", "difference"),
    [
        ([(1, ["101"])], {"touch"}, BAD, ()),
        ([], set[str](), BAD, ("lost",)),
        ([(5, [])], {"touch"}, BAD, ("altered",)),
        ([(1, ["101"]), (1, ["101"])], {"touch"}, BAD, ("duplicated",)),
        ([(1, ["101"])], {"keypad"}, BAD, ("stars were chosen with keypad",)),
        ([(1, ["101"])], {"touch"}, Choice(1), (f"the screen confirmed {Choice(1)}",)),
    ],
)
def test_whatever_differs_is_told(
    ratings: list[tuple[int, list[str]]], sources: set[str], confirmed: Choice, difference: tuple[str, ...]
) -> None:
    person = one(moves(Act("star", 1), Act("reason", 101)))
    held = Held([rating(person.case, *one) for one in ratings], {person.case: sources} if sources else {})
    (visited,) = judge([(person, Did(choice=confirmed))], held)
    assert visited.differences == difference


def test_a_rating_of_somebody_who_walked_away_is_invented() -> None:
    person = one(SLIPPED)
    (visited,) = judge([(person, Did())], Held([rating(person.case, 3)], {}))
    assert visited.differences == ("invented",)


def test_a_rating_of_a_case_that_nobody_came_with_is_told() -> None:
    with pytest.raises(StageError, match="TA-nobody"):
        judge([(one(SLIPPED), Did())], Held([rating("TA-nobody", 5)], {}))
