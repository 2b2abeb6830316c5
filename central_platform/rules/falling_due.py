"""Where nobody rated: when a reminder, and when a default rating, falls due. Pure.

The terminal never makes either. Without facts of the business system there is nothing to count from, and nothing falls due.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from central_platform.rules.known_case import KnownCase
from central_platform.rules.law import Law
from central_platform.rules.standing import WHOLE_CASE, is_rated, service_unit
from central_platform.times import at
from terminal_app.domain.platform_policy import DefaultRating
from terminal_app.domain.policy import Once
from terminal_app.domain.rating import Level
from terminal_app.domain.terms import ClockStart, Term
from terminal_app.domain.working_days import Deadline, WorkingCalendar, deadline

EPOCH = at(0)


@dataclass(frozen=True, slots=True)
class FallsDue:
    """From `moment` (milliseconds since 1970) on: a default of this `level`, or without one a reminder, for this unit."""

    unit: str
    level: Level | None
    moment: int
    provisional: bool


def falling_due(
    case: KnownCase | None, law: Law, calendar: WorkingCalendar, rated: Set[str], reminded: Mapping[str, int]
) -> list[FallsDue]:
    """What falls due for a case, sooner or later; `rated`: the units that somebody rated; `reminded`: when a unit's reminder
    was put out. Where the region reminds, the default's own term begins with the reminder, and without one there is none."""
    rule = law.platform.default_rating
    if case is None or rule is None:
        return []
    due = []
    for unit, start in _starts(case, law, rule):
        if is_rated(unit, rated):
            continue
        if rule.reminder is not None and unit not in reminded:
            due.append(_at_end(unit, None, start, rule.reminder, law, calendar))
        else:
            due.append(_at_end(unit, rule.level, max(start, reminded.get(unit, start)), rule.term, law, calendar))
    return due


def milliseconds_of(end: Deadline) -> int:
    """The deadline's moment in milliseconds since 1970."""
    return round((end.moment - EPOCH).total_seconds() * 1000)


def _at_end(unit: str, level: Level | None, start: int, term: Term, law: Law, calendar: WorkingCalendar) -> FallsDue:
    end = deadline(at(start), term, calendar, law.platform.office_ends)
    return FallsDue(unit, level, milliseconds_of(end), end.provisional)


def _starts(case: KnownCase, law: Law, rule: DefaultRating) -> Iterator[tuple[str, int]]:
    """The units that a default may be made for, and when their clock started."""
    if rule.starts is ClockStart.CASE_FINISHED:
        if case.finished_at is not None:
            yield WHOLE_CASE, case.finished_at
        return
    if law.point(case.situation).once is Once.PER_CASE:
        if case.services:
            yield WHOLE_CASE, case.services[-1].at
        return
    for service in case.services:
        yield service_unit(service.visit, service.day), service.at
