"""The crowd's own record of what was tapped, kept outside the terminal's process, and its comparison with the platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """What a citizen chose: a level and reason codes."""

    level: int
    reasons: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tapped:
    """`confirmed`: what the screen confirmed last. `unconfirmed`: a later choice on its way, None when there is none.

    `covers`: the cases that the rating has to be of; None: that is not compared.
    """

    confirmed: Choice | None = None
    unconfirmed: Choice | None = None
    covers: frozenset[str] | None = None

    def attempt(self, choice: Choice) -> None:
        self.unconfirmed = choice

    def confirm(self) -> None:
        if self.unconfirmed is not None:
            self.confirmed, self.unconfirmed = self.unconfirmed, None

    @property
    def latest(self) -> Choice | None:
        return self.unconfirmed or self.confirmed


@dataclass(slots=True)
class Tally:
    """How the platform differs from the record."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicated or self.invented or self.altered)


def compare(record: Mapping[str, Tapped], ratings: Iterable[Mapping[str, Any]]) -> Tally:
    """Compare the record, by first case number or by session, with the platform's ratings (docs/wire.md, `items`)."""
    held: dict[str, list[_Held]] = {}
    for rating in ratings:
        if rating["level"] is not None:
            name = rating["session"] if rating.get("session") in record else rating["cases"][0]
            choice = Choice(rating["level"], frozenset(rating["reasons"]))
            held.setdefault(name, []).append((choice, frozenset(rating["cases"])))
    tally = Tally()
    for name, tapped in record.items():
        _compare_one(tally, name, tapped, held.pop(name, []))
    tally.invented.extend(held)
    return tally


_Held = tuple[Choice, frozenset[str]]


def _compare_one(tally: Tally, name: str, tapped: Tapped, held: list[_Held]) -> None:
    allowed = [choice for choice in (tapped.confirmed, tapped.unconfirmed) if choice is not None]
    if not held:
        if tapped.confirmed is not None:
            tally.lost.append(name)
        return
    tally.duplicated.extend([name] * (len(held) - 1))
    if not allowed:
        tally.invented.append(name)
    elif any(choice not in allowed or tapped.covers not in (None, cases) for choice, cases in held):
        tally.altered.append(name)
