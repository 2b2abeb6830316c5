"""Who comes to the window, what they mean, and what their hands make of it: seeded, pure.

Source: issue 5, “Verification”: fast, slow, trembling, double-tapping, palm, walking away, changing their mind, blind with
keypad. What somebody means follows from the acts that are meant; what hands do besides must change nothing of it.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from itertools import islice

from terminal_app.demo.citizens import BAD, Act, Citizen, crowd
from terminal_app.demo.record import Choice
from terminal_app.demo.visits import after

Reasons = Mapping[int, Sequence[int]]


class Manner(StrEnum):
    """How an act is done."""

    TAP = "tap"
    HURRIED = "hurried"  # before the screen takes contacts, and again
    LONG = "long"  # the finger rests
    TREMBLING = "trembling"  # the finger wanders on the control, and touches it twice
    DOUBLE = "double"  # twice
    PALM_FIRST = "palm first"  # a hand strokes over the glass
    SLIPPED = "slipped"  # goes down on the control and is lifted elsewhere: not meant
    KEY = "key"  # the keypad's key for it, or arrows and Enter


@dataclass(frozen=True, slots=True)
class Move:
    """One act, how, and after how many seconds of thinking."""

    act: Act
    manner: Manner
    think_s: float

    @property
    def is_meant(self) -> bool:
        return self.manner is not Manner.SLIPPED


@dataclass(frozen=True, slots=True)
class Person:
    """One visit. `citizen` says how the ticket comes; `stays`: waits until the window is free again."""

    kind: str
    citizen: Citizen
    moves: tuple[Move, ...]
    stays: bool

    @property
    def case(self) -> str:
        return self.citizen.cases[0]

    @property
    def meant(self) -> Choice | None:
        """What the platform has to hold in the end; None: nothing."""
        return reduce(_choice_after, (move.act for move in self.moves if move.is_meant), None)


def _choice_after(choice: Choice | None, act: Act) -> Choice | None:
    return after(choice, act) or choice


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of people: how long they think, how they touch, and what they change about a plain visit."""

    think_s: tuple[float, float]
    manners: tuple[Manner, ...]
    acts: Callable[[random.Random, tuple[Act, ...], Reasons], Sequence[Act]] = lambda rng, acts, reasons: acts


def people(seed: int, count: int, reasons: Reasons) -> Iterator[Person]:
    """So many people, of every kind nearly as many. `reasons`: codes by level."""
    rng = random.Random(f"people {seed}")
    plain = (citizen for citizen in crowd(seed, 10**6, reasons) if citizen.taps)
    kinds = _in_turn(rng)
    for citizen in islice(plain, count):
        yield _person(next(kinds), citizen, rng, reasons)


def _in_turn(rng: random.Random) -> Iterator[str]:
    while True:
        yield from rng.sample(list(KINDS), len(KINDS))


def _person(name: str, citizen: Citizen, rng: random.Random, reasons: Reasons) -> Person:
    kind = KINDS[name]
    moves = [_move(kind, act, rng) for act in kind.acts(rng, citizen.acts, reasons)]
    if name in SLIPPING and rng.random() < SLIPPING[name]:
        first = Move(Act("star", rng.randint(1, 5)), Manner.SLIPPED, rng.uniform(*kind.think_s))
        moves = [first, *moves]
    return Person(name, replace(citizen, acts=()), tuple(moves), citizen.lingers)


def _move(kind: Kind, act: Act, rng: random.Random) -> Move:
    manner = rng.choice(kind.manners)
    if manner is Manner.HURRIED and act.on == "reason":
        manner = Manner.TAP  # nobody knows a reason before having read it
    return Move(act, manner, rng.uniform(*(HURRY_S if manner is Manner.HURRIED else kind.think_s)))


# --- what a kind does otherwise ---------------------------------------------------------------------------------------


def _unhurried(rng: random.Random, acts: tuple[Act, ...], reasons: Reasons) -> Sequence[Act]:
    """Large print, contrast or language first, and more time."""
    before = rng.sample(("large-print", "contrast", "language", "more-time"), rng.randint(0, 2))
    return [*(Act(on) for on in before), *acts]


def _leaving(rng: random.Random, acts: tuple[Act, ...], reasons: Reasons) -> Sequence[Act]:
    """Goes at any moment: before a star, before a reason, before submitting."""
    return acts[: rng.randint(0, len(acts))]


def _wavering(rng: random.Random, acts: tuple[Act, ...], reasons: Reasons) -> Sequence[Act]:
    """Marks and unmarks reasons, and takes stars back: better, worse, the same again."""
    level = rng.randint(1, 5)
    done = [*_choose(rng, level, reasons)]
    for _ in range(rng.randint(1, 3)):
        level = rng.choice((level, *range(1, 6)))
        done += [Act("change"), *_choose(rng, level, reasons)]
    return done


def _choose(rng: random.Random, level: int, reasons: Reasons) -> Iterator[Act]:
    yield Act("star", level)
    if level in BAD and rng.random() < 0.7:
        codes = rng.sample(list(reasons[level]), rng.randint(1, 3))
        for code in (*codes, *rng.sample(codes, rng.randint(0, len(codes)))):
            yield Act("reason", code)


KINDS: Mapping[str, Kind] = {
    "fast": Kind((0.36, 0.45), (Manner.TAP, Manner.HURRIED)),
    "slow": Kind((0.8, 2.5), (Manner.TAP, Manner.LONG), _unhurried),
    "trembling": Kind((0.5, 1.0), (Manner.TREMBLING,)),
    "double-tapping": Kind((0.4, 0.9), (Manner.DOUBLE,)),
    "palm": Kind((0.4, 0.8), (Manner.TAP, Manner.PALM_FIRST)),
    "walking away": Kind((0.4, 1.0), (Manner.TAP,), _leaving),
    "changing their mind": Kind((0.4, 0.8), (Manner.TAP,), _wavering),
    "blind, with keypad": Kind((0.45, 0.9), (Manner.KEY,)),
}
HURRY_S = (0.0, 0.25)
"""Within what the screen takes no contact for (ui.contact)."""
SLIPPING: Mapping[str, float] = {"walking away": 0.4, "changing their mind": 0.3}
"""How many of a kind put a finger on a star first and think better of it."""
