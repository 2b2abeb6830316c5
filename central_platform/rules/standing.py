"""Which rating of a service stands, whatever channels they came by. Pure; docs/rules.md explains it.

A function of the set of what is known of one case, so that no order of arrival changes it. It never drops a rating and never
makes one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from central_platform.rules.known_case import KnownCase
from central_platform.rules.law import Law
from central_platform.rules.statements import Channel
from terminal_app.domain.policy import After, Once, Situation

WHOLE_CASE = "case"
"""The unit of what is rated once for the whole case."""


class FindingKind(StrEnum):
    """What a finding says of a rating; `valid` takes an earlier one back."""

    MISTAKEN = "mistaken"
    MALICIOUS = "malicious"
    VALID = "valid"


class Role(StrEnum):
    """What a rating is for one case. One `stands` in a unit at most; a follow-up stands beside it."""

    STANDS = "stands"
    FOLLOW_UP = "follow_up"
    LATER = "later"
    NOT_COUNTED = "not_counted"
    WITHDRAWN = "withdrawn"


class Objection(StrEnum):
    """A mark on a given rating that counts or is kept all the same."""

    ALREADY_RATED = "already_rated"
    NOT_YET_RATABLE = "not_yet_ratable"
    UNKNOWN_CASE = "unknown_case"


@dataclass(frozen=True, slots=True)
class Given:
    """A rating that somebody gave. `at`: its own time (milliseconds since 1970), `day` its local day. `rectified_at`: when what
    it complained of was put right. `covers`: all cases that it rates.
    `in_chain`: given after a chain's completion, so for the whole case. `situation`: as the ticket has it."""

    id: str
    channel: Channel
    level: int
    at: int
    day: str
    covers: tuple[str, ...]
    visit: str | None = None
    follow_up: bool = False
    finding: FindingKind | None = None
    rectified_at: int | None = None
    situation: Situation | None = None
    in_chain: bool = False


@dataclass(frozen=True, slots=True)
class Default:
    """A default rating that was made: `unit`, level, its own time, and whether that rests on an unknown year."""

    unit: str
    level: int
    at: int
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A rating in its unit of one case. Exactly one of `given` and `default` is there."""

    unit: str
    role: Role
    given: Given | None = None
    default: Default | None = None
    marks: tuple[Objection, ...] = ()


def decide(case: KnownCase | None, law: Law, given: Iterable[Given], defaults: Iterable[Default]) -> list[Placed]:
    """The place of every rating of one case, by unit, first given first, defaults last."""
    ordered = sorted(given, key=_rank)
    units: dict[str, list[Given]] = defaultdict(list)
    for one in ordered:
        units[unit_of(one, case, law, ordered)].append(one)
    placed = [place for unit in sorted(units) for place in _in_unit(unit, units[unit], case, law, ordered)]
    return placed + [
        Placed(one.unit, Role.WITHDRAWN if is_rated(one.unit, units) else Role.STANDS, default=one)
        for one in sorted(defaults, key=lambda one: one.unit)
    ]


def is_rated(unit: str, rated: Collection[str]) -> bool:
    """Whether somebody rated the unit: a given rating always beats a default, whether it counts or not."""
    return bool(rated) if unit == WHOLE_CASE else unit in rated or WHOLE_CASE in rated


def rated_units(case: KnownCase | None, law: Law, given: Iterable[Given]) -> set[str]:
    """The units of a case that somebody rated."""
    ordered = sorted(given, key=_rank)
    return {unit_of(one, case, law, ordered) for one in ordered}


def unit_of(one: Given, case: KnownCase | None, law: Law, given: Sequence[Given]) -> str:
    """What a rating rates: the whole case, or one service of it.

    The service is that of its visit; without one the latest that is known to have been received by then; else that of its day.
    """
    if one.in_chain or law.point(situation(case, given)).once is Once.PER_CASE:
        return WHOLE_CASE
    if one.visit is not None:
        return service_unit(one.visit, one.day)
    received = [service for service in (case.services if case else ()) if service.at <= one.at]
    return service_unit(received[-1].visit, received[-1].day) if received else service_unit(None, one.day)


def service_unit(visit: str | None, day: str) -> str:
    """The unit of a service: its visit, or its day (yyyy-mm-dd)."""
    return f"visit {visit}" if visit is not None else f"day {day}"


def situation(case: KnownCase | None, given: Sequence[Given]) -> Situation | None:
    """How the case is handled: as its business system says, else as the first ticket does."""
    if case is not None and case.situation is not None:
        return case.situation
    return next((one.situation for one in given if one.situation is not None), None)


def _rank(one: Given) -> tuple[bool, int, str, str]:
    """By time; what a telephone said of a number that anybody may type comes after all others, and takes nobody's place."""
    return one.channel is Channel.WINDOW_QR, one.at, one.id, one.channel


def _in_unit(unit: str, given: list[Given], case: KnownCase | None, law: Law, all_given: Sequence[Given]) -> Iterator[Placed]:
    first: Given | None = None
    follow_ups = 0
    for one in given:
        marks = _objections(one, case, law, all_given)
        if not law.platform.findings.counted and one.finding in {FindingKind.MISTAKEN, FindingKind.MALICIOUS}:
            role = Role.NOT_COUNTED
        elif follow_ups < law.platform.follow_ups and _is_follow_up(one, first):
            role = Role.FOLLOW_UP
            follow_ups += 1
        elif first is None and not one.follow_up:
            role, first = Role.STANDS, one
        else:
            role = Role.LATER
            marks = (*marks, Objection.ALREADY_RATED)
        yield Placed(unit, role, given=one, marks=marks)


def _is_follow_up(one: Given, first: Given | None) -> bool:
    """It was asked for as one, or comes after what the first complained of was put right."""
    return one.follow_up or (first is not None and first.rectified_at is not None and one.at > first.rectified_at)


def _objections(one: Given, case: KnownCase | None, law: Law, given: Sequence[Given]) -> tuple[Objection, ...]:
    if case is None:
        return (Objection.UNKNOWN_CASE,)
    waits = law.point(situation(case, given)).after is After.COMPLETION
    early = waits and (case.finished_at is None or one.at < case.finished_at)
    return (Objection.NOT_YET_RATABLE,) if early else ()
