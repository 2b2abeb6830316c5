"""Values: frozen classes of fields, as `@dataclass(frozen=True, slots=True)` makes them, but quick to define.

The standard decorator compiles six functions for every class, and a start defines a hundred classes before its first frame.
Here only `__init__` is compiled; what is alike in all of them is shared.
"""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots. Equal are instances of the very same class with equal fields."""
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    names = [each.name for each in fields(made)]
    content = _content(names)

    def equal(self: Any, other: object) -> Any:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(content(self))

    made.__eq__, made.__hash__ = equal, hashed
    made.__setattr__, made.__delattr__ = _set_once, _refuse
    if "__repr__" not in cls.__dict__:
        made.__repr__ = _represented
    return cast("type[T]", made)


def _content(names: list[str]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else lambda _: ()


def _set_once(self: object, name: str, to: object) -> None:
    """`__init__` sets every field; nobody sets one again."""
    if hasattr(self, name):
        _refuse(self, name)
    object.__setattr__(self, name, to)


def _refuse(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot change field {name!r}")


def _represented(self: Any) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({shown})"


@frozen
class Word:
    """A phase or an event that says everything by its class."""
