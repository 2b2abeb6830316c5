"""Who comes to the window and what they mean to do: seeded, pure."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WAYS = ("line_utf8", "line_gb18030", "scan_number", "scan_json", "scan_url")
BAD = (1, 2)
MATTERS = ("个体工商户设立登记", "食品经营许可", "不动产抵押登记", "道路货物运输经营许可", "社会保险登记")


@dataclass(frozen=True, slots=True)
class Act:
    """One touch: on `star`, `reason` (with a value), `change`, `submit`, `skip` or `finish`."""

    on: str
    value: int = 0


@dataclass(frozen=True, slots=True)
class Citizen:
    """One visit. `acts` empty: walks away without a tap. `lingers`: waits for the screen to time out."""

    cases: tuple[str, ...]
    matter: str
    way: str
    acts: tuple[Act, ...]
    lingers: bool
    garbage_first: bool
    scanned_twice: bool

    @property
    def taps(self) -> bool:
        return bool(self.acts)


def crowd(seed: int, ratings: int, reasons: Mapping[int, Sequence[int]]) -> Iterator[Citizen]:
    """Citizens until `ratings` of them have tapped; one in ten or so never taps. `reasons`: codes by level."""
    rng = random.Random(seed)
    given = number = 0
    while given < ratings:
        number += 1
        citizen = _citizen(rng, seed, number, reasons)
        given += citizen.taps
        yield citizen


def _citizen(rng: random.Random, seed: int, number: int, reasons: Mapping[int, Sequence[int]]) -> Citizen:
    way = rng.choice(WAYS)
    size = rng.choice((2, 3, 5)) if way != "scan_number" and rng.random() < 0.15 else 1
    cases = tuple(f"TA{2026}{seed % 1000:03d}{number:06d}{part:02d}" for part in range(size))
    return Citizen(
        cases=cases,
        matter=rng.choice(MATTERS),
        way=way,
        acts=() if rng.random() < 0.1 else tuple(_acts(rng, reasons)),
        lingers=rng.random() < 0.15,
        garbage_first=rng.random() < 0.1,
        scanned_twice=rng.random() < 0.1,
    )


def _acts(rng: random.Random, reasons: Mapping[int, Sequence[int]]) -> Iterator[Act]:
    level = rng.randint(1, 5)
    yield from _choose(rng, level, reasons)
    if rng.random() < 0.2:
        yield Act("change")
        yield from _choose(rng, rng.choice([other for other in range(1, 6) if other != level]), reasons)
    if rng.random() < 0.3:
        yield Act("finish")


def _choose(rng: random.Random, level: int, reasons: Mapping[int, Sequence[int]]) -> Iterator[Act]:
    yield Act("star", level)
    if level not in BAD:
        return
    if rng.random() < 0.2:
        yield Act("skip")
        return
    for code in rng.sample(list(reasons[level]), rng.randint(1, 3)):
        yield Act("reason", code)
    yield Act("submit")
