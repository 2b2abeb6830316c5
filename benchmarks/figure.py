"""A measured figure beside its floor, and how samples become one."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

BLOCKS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the output. `ratio` = value / floor; `target` is the highest ratio that is ok, None: a figure without target."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    target: float | None
    ok: bool | None
    n: int

    def line(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Pair:
    """Samples of ours and of the floor, pooled over interleaved blocks."""

    ours: Sequence[float]
    floor: Sequence[float]


def interleave(ours: Callable[[], Sequence[float]], floor: Callable[[], Sequence[float]], blocks: int = BLOCKS) -> Pair:
    """Run both in turn, `blocks` times each, the order changing from block to block, and pool the samples."""
    pooled: tuple[list[float], list[float]] = ([], [])
    for block in range(blocks):
        pair = ((0, ours), (1, floor))
        for index, run in pair if block % 2 == 0 else reversed(pair):
            pooled[index].extend(run())
    return Pair(*pooled)


def median(name: str, pair: Pair, unit: str, target: float | None) -> Figure:
    """Figure of medians."""
    return compare(name, statistics.median(pair.ours), statistics.median(pair.floor), unit, target, len(pair.ours))


def p99(name: str, pair: Pair, unit: str, target: float | None) -> Figure:
    """Figure of 99th percentiles."""
    return compare(name, percentile(pair.ours), percentile(pair.floor), unit, target, len(pair.ours))


def percentile(samples: Sequence[float], share: float = 0.99) -> float:
    """The sample at `share` of the sorted samples (nearest rank)."""
    ranked = sorted(samples)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def compare(name: str, value: float, floor: float, unit: str, target: float | None, n: int) -> Figure:
    """A figure from two numbers."""
    ratio = value / floor if floor else None
    ok = None if target is None or ratio is None else ratio <= target
    return Figure(name, round(value, 4), unit, round(floor, 4), ratio and round(ratio, 3), target, ok, n)
