"""Values: frozen classes of fields, as `@dataclass(frozen=True)` makes them, but quick to define.

The standard decorator compiles six functions for every class, and a start defines a hundred classes before its first frame.
Here nothing is compiled: what the functions do is the same for all values.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from inspect import get_annotations
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A frozen dataclass of the fields annotated in the class itself, which is made no second time for the sake of slots.

    Equal are instances of the very same class with equal fields.
    """
    names = tuple(get_annotations(cls))
    values = _content(names)

    def construct(self: Any, *given: Any, **named: Any) -> None:
        if named or len(given) != len(names):
            given = _in_order(cls, names, given, named)
        self.__dict__.update(zip(names, given, strict=True))

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    shown = {} if "__repr__" in cls.__dict__ else {"__repr__": _represented}
    told = {"__match_args__": names, "__dataclass_fields__": _Fields(cls)}
    for name, part in {"__init__": construct, "__eq__": equal, "__hash__": hashed, **shown, **told, **_SHARED}.items():
        setattr(cls, name, part)
    return cls


def _in_order(cls: type, names: tuple[str, ...], given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """One value for each field, of those given by place or by name, else the defaults of the class as it was written."""
    values = list(given)
    for name in names[len(given) :]:
        values.append(named.pop(name) if name in named else _default(cls, name))
    if named or len(values) > len(names):
        raise TypeError(f"{cls.__qualname__}() takes {', '.join(names) or 'nothing'}, each of them once")
    return tuple(values)


def _default(cls: type, name: str) -> Any:
    found = cls.__dict__.get(name, MISSING)
    if isinstance(found, Field):
        found = found.default if found.default_factory is MISSING else found.default_factory()
    if found is MISSING:
        raise TypeError(f"{cls.__qualname__}() needs {name}")
    return found


class _Fields:
    """Stands where a dataclass has its fields, and describes them when somebody asks."""

    def __init__(self, written: type) -> None:
        self._written = written
        self._found: Mapping[str, Field[Any]] | None = None

    def __get__(self, value: object, owner: type) -> Mapping[str, Field[Any]]:
        if self._found is None:
            bare: Any = type(self._written.__name__, (), dict(self._written.__dict__))
            fields_of: Any = dataclass(init=False, eq=False, repr=False)(bare)
            self._found = fields_of.__dataclass_fields__
        return self._found or {}


def _content(names: tuple[str, ...]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else lambda _: ()


def _refuse(self: object, name: str, *to: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot change field {name!r}")


def _reduced(self: Any) -> tuple[type, tuple[Any, ...]]:
    """For copies and other processes: a value is its class and what it was made of."""
    return type(self), tuple(getattr(self, name) for name in self.__match_args__)


def _represented(self: Any) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({shown})"


_SHARED = {"__setattr__": _refuse, "__delattr__": _refuse, "__reduce__": _reduced}


@frozen
class Word:
    """A phase or an event that says everything by its class."""
