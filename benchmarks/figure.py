"""A measured figure beside its floor, and how samples become one."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

BLOCKS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """What is ok. `text` is for people, `is_met` says it of (value, floor)."""

    text: str
    is_met: Callable[[float, float], bool]


def times(factor: float) -> Target:
    """A multiple of the floor."""
    return Target(f"<= {factor:g} x floor", lambda value, floor: value <= factor * floor)


def at_least_times(factor: float) -> Target:
    """A share of the floor, where more is better."""
    return Target(f">= {factor:g} x floor", lambda value, floor: value >= factor * floor)


def plus(extra: float) -> Target:
    """The floor and something on top, in the figure's unit."""
    return Target(f"<= floor + {extra:g}", lambda value, floor: value <= floor + extra)


def at_most(limit: float) -> Target:
    """A value of its own, whatever the floor."""
    return Target(f"<= {limit:g}", lambda value, floor: value <= limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the output. `ratio` = value / floor; `target` and `ok` are None for a figure without target."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float | None
    target: str | None
    ok: bool | None
    n: int

    def line(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Pair:
    """Samples of ours and of the floor, pooled over interleaved blocks."""

    ours: list[float]
    floor: list[float]


def interleave(*sides: Callable[[], Iterable[float]], blocks: int = BLOCKS) -> list[list[float]]:
    """Run all sides in turn, `blocks` times, forwards and backwards by turns. The pooled samples of each side."""
    pooled: list[list[float]] = [[] for _ in sides]
    for block in range(blocks):
        order = range(len(sides)) if block % 2 == 0 else range(len(sides) - 1, -1, -1)
        for index in order:
            pooled[index].extend(sides[index]())
    return pooled


def median(name: str, pair: Pair, unit: str, target: Target | None) -> Figure:
    """The figure of medians."""
    return compare(name, statistics.median(pair.ours), statistics.median(pair.floor), unit, target, len(pair.ours))


def p99(name: str, pair: Pair, unit: str, target: Target | None) -> Figure:
    """The figure of 99th percentiles."""
    return compare(name, percentile(pair.ours), percentile(pair.floor), unit, target, len(pair.ours))


def percentile(samples: Sequence[float], share: float = 0.99) -> float:
    """The sample at `share` of the sorted samples."""
    return sorted(samples)[min(len(samples) - 1, int(share * len(samples)))]


def compare(name: str, value: float, floor: float, unit: str, target: Target | None, n: int) -> Figure:
    """A figure from two numbers."""
    ratio = round(value / floor, 3) if floor else None
    text, ok = (target.text, target.is_met(value, floor)) if target else (None, None)
    return Figure(name, round(value, 4), unit, round(floor, 4), ratio, text, ok, n)
