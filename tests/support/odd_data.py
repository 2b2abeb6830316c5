"""Data of journal entries as no build writes it, for whoever reads entries that only their signature vouches for."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

LARGEST_INTEGER = 2**53 - 1
Path = tuple[str | int, ...]

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["", "\x00", "9" * 30, "rated", "single", "per_case", "2026-11-21", "A" * 43])
)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
)
json_objects = st.dictionaries(st.text("abc", max_size=3), json_values, max_size=3)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where a value has members, at every level, and where it stands itself."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*path, name))


def without(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy in which the member at `path` (not empty) is missing."""
    changed = copy.deepcopy(data)
    del _parent(changed, path)[path[-1]]
    return changed


def replaced(data: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy in which `value` stands at `path` (not empty)."""
    changed = copy.deepcopy(data)
    _parent(changed, path)[path[-1]] = value
    return changed


def _parent(data: Any, path: Path) -> Any:
    for name in path[:-1]:
        data = data[name]
    return data


@st.composite
def odd(draw: st.DrawFn, data: dict[str, Any]) -> dict[str, Any]:
    """Something else in place of one member of `data`, or nothing in its place; now and then something else altogether."""
    inner = [path for path in places(data) if path]
    path = draw(st.sampled_from([(), *inner]))
    if not path:
        return draw(json_objects)
    return without(data, path) if draw(st.booleans()) else replaced(data, path, draw(json_values))
