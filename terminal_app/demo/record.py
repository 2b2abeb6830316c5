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
    """`confirmed`: what the screen confirmed last. `unconfirmed`: a later choice on its way, None when there is none."""

    confirmed: Choice | None = None
    unconfirmed: Choice | None = None

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
    """Compare the record, by first case number, with the platform's ratings (docs/wire.md, `items`)."""
    held: dict[str, list[Choice]] = {}
    for rating in ratings:
        if rating["level"] is not None:
            choice = Choice(rating["level"], frozenset(rating["reasons"]))
            held.setdefault(rating["cases"][0], []).append(choice)
    tally = Tally()
    for case, tapped in record.items():
        _compare_one(tally, case, tapped, held.pop(case, []))
    tally.invented.extend(held)
    return tally


def _compare_one(tally: Tally, case: str, tapped: Tapped, choices: list[Choice]) -> None:
    allowed = [choice for choice in (tapped.confirmed, tapped.unconfirmed) if choice is not None]
    if not choices:
        if tapped.confirmed is not None:
            tally.lost.append(case)
        return
    tally.duplicated.extend([case] * (len(choices) - 1))
    if not allowed:
        tally.invented.append(case)
    elif any(choice not in allowed for choice in choices):
        tally.altered.append(case)
