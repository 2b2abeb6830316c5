"""Values behave as frozen dataclasses do (terminal_app/domain/frozen.py)."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from threading import Barrier

import pytest

from terminal_app.domain.frozen import frozen


@frozen
class Point:
    """A value with defaults."""

    x: int
    y: int = 2
    path: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Here:
    """A value without fields."""


@frozen
class There:
    """Another one without fields."""


@frozen
class Named:
    """A value that says itself how it is shown."""

    name: str

    def __repr__(self) -> str:
        return "Named(…)"


@dataclass(frozen=True)
class Standard:
    """What the standard library makes of the fields of Point."""

    x: int
    y: int = 2
    path: tuple[str, ...] = field(default=(), repr=False)


def test_equality_and_hash_are_those_of_the_fields() -> None:
    assert Point(1) == Point(1, 2, ())
    assert Point(1) != Point(1, 3)
    assert hash(Point(1)) == hash(Point(1, 2, ()))
    assert len({Point(1), Point(1, 2), Point(2)}) == 2


def test_values_of_different_classes_differ_even_without_fields() -> None:
    assert Here() == Here()
    assert Here() != There()
    assert Point(1) != Standard(1)
    assert len({Here(), There(), Here()}) == 2


@pytest.mark.parametrize("name", ["x", "y", "path", "unknown"])
def test_nothing_can_be_changed_added_or_taken_away(name: str) -> None:
    point = Point(1)
    with pytest.raises((FrozenInstanceError, AttributeError)):
        setattr(point, name, 5)
    with pytest.raises(FrozenInstanceError):
        delattr(point, name)
    assert point == Point(1)


def test_shown_like_a_dataclass() -> None:
    assert repr(Point(1)) == repr(Standard(1)).replace("Standard", "Point")
    assert repr(Here()) == "Here()"
    assert repr(Named("x")) == "Named(…)"


def test_taken_apart_and_put_together_like_a_dataclass() -> None:
    point = Point(1, path=("a",))
    assert replace(point, y=7) == Point(1, 7, ("a",))
    assert asdict(point) == {"x": 1, "y": 2, "path": ("a",)}
    assert copy.copy(point) == point
    assert pickle.loads(pickle.dumps(point)) == point
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("a value matches by position")


def test_the_fields_are_known_before_the_first_value() -> None:
    @frozen
    class Fresh:
        """Never made."""

        a: int
        b: str = "b"

    assert [each.name for each in fields(Fresh)] == ["a", "b"]  # type: ignore[arg-type]


def test_the_first_values_may_be_made_by_several_threads_at_once() -> None:
    """What is compiled with the first value is compiled once (ADR 9)."""

    @frozen
    class Fresh:
        """Made by all threads at once."""

        a: int
        b: list[int] = field(default_factory=list)

    together = Barrier(8)

    def make(number: int) -> Fresh:
        together.wait(5)
        return Fresh(number)

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(8)))
    assert [(value.a, value.b) for value in made] == [(number, []) for number in range(8)]
    assert replace(made[0], a=9) == Fresh(9)
