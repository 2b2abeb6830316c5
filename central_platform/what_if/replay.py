"""What is recorded of one case, under some region's rules: chances to rate, and what stands, falls due and is owed. Pure.

The rules are those that decide in earnest (`rules.standing`, `rules.falling_due`, `domain.rateable`); this only plays what was
recorded through them. It never makes up a rating that another pack's window might have brought.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from central_platform.rules.falling_due import FallsDue, falling_due
from central_platform.rules.known_case import KnownCase
from central_platform.rules.law import Law
from central_platform.rules.standing import (
    WHOLE_CASE,
    Default,
    Given,
    Placed,
    decide,
    is_rated,
    rated_units,
    service_unit,
    situation,
    unit_of,
)
from terminal_app.domain.policy import After, Once
from terminal_app.domain.rateable import Offer, make_offer
from terminal_app.domain.ticket import CaseTicket, Grouping
from terminal_app.domain.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Presented:
    """The ticket of a terminal's rating, and the local day (yyyy-mm-dd) on which it was read."""

    ticket: CaseTicket
    day: str


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """What is held of a case: as `rules.views.CaseView`, without what the rules in force made of it."""

    number: str
    region: str | None
    began_at: int
    known: KnownCase | None
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class ReplayedCase:
    """`chances`: from when on (milliseconds since 1970) each unit could be rated. `coming`: what falls due after `until`.

    `finished_at`: of the case, as far as is known.
    """

    chances: Mapping[str, int]
    rated: frozenset[str]
    placed: tuple[Placed, ...]
    reminders: tuple[FallsDue, ...]
    coming: tuple[FallsDue, ...]
    finished_at: int | None

    def began(self, unit: str) -> int | None:
        """From when on the unit could be rated; a whole case whose visits are rated one by one, when it was finished."""
        return self.chances.get(unit, self.finished_at)


def offered(presented: Presented, law: Law) -> Offer:
    """What the region's window would have offered for the ticket if nothing of it had been rated before."""
    return make_offer(presented.ticket, law.window, presented.day, frozenset())


def replay_case(
    case: RecordedCase, law: Law, calendar: WorkingCalendar, tickets: Mapping[str, Presented], until: int
) -> ReplayedCase:
    """The case under these rules as of `until`, had reminders and defaults been made on time. `tickets`: by rating."""
    given = tuple(
        sorted((_as_counted(one, case.number, law, tickets) for one in case.given if one.at <= until), key=lambda one: one.at)
    )
    known = _happened(case.known, until)
    defaults, reminders, coming = _fallen_due(known, law, calendar, given, until)
    return ReplayedCase(
        chances=_chances(known, law, given),
        rated=frozenset(rated_units(known, law, given)),
        placed=tuple(decide(known, law, given, defaults)),
        reminders=reminders,
        coming=coming,
        finished_at=known.finished_at if known else None,
    )


def _happened(known: KnownCase | None, until: int) -> KnownCase | None:
    """What is known today of what had happened by then."""
    if known is None:
        return None
    is_finished = known.finished_at is not None and known.finished_at <= until
    services = tuple(service for service in known.services if service.at <= until)
    return replace(known, finished_at=known.finished_at if is_finished else None, services=services)


def _as_counted(one: Given, number: str, law: Law, tickets: Mapping[str, Presented]) -> Given:
    """A chain's rating is for the whole case only where these rules have it rated after its completion."""
    presented = tickets.get(one.id)
    if presented is None or presented.ticket.grouping is not Grouping.CHAIN:
        return one
    once = {case.case.number: case.once for case in offered(presented, law).cases}
    return replace(one, in_chain=once.get(number) is Once.PER_CASE)


def _chances(known: KnownCase | None, law: Law, given: Sequence[Given]) -> dict[str, int]:
    """The units that business systems told of, and those that only a rating tells of, from when on each could be rated."""
    units = dict(_told(known, law, given))
    for one in given:
        unit = unit_of(one, known, law, given)
        if not (is_rated(unit, units) or (unit == WHOLE_CASE and units)):
            units[unit] = one.at
    return units


def _told(known: KnownCase | None, law: Law, given: Sequence[Given]) -> Iterator[tuple[str, int]]:
    if known is None:
        return
    point = law.point(situation(known, given))
    waits = point.after is After.COMPLETION
    if waits and known.finished_at is None:
        return
    ready = known.finished_at if waits and known.finished_at is not None else 0
    if point.once is Once.PER_CASE:
        begun = [service.at for service in known.services] or [known.finished_at or 0]
        if known.services or known.finished_at is not None:
            yield WHOLE_CASE, max(ready, begun[0])
        return
    for service in known.services:
        yield service_unit(service.visit, service.day), max(ready, service.at)


def _fallen_due(
    known: KnownCase | None, law: Law, calendar: WorkingCalendar, given: Sequence[Given], until: int
) -> tuple[list[Default], tuple[FallsDue, ...], tuple[FallsDue, ...]]:
    """Defaults and reminders made by `until`, each unless somebody had rated before its moment; and what is still to come."""
    defaults: list[Default] = []
    reminders: list[FallsDue] = []
    coming: list[FallsDue] = []
    waiting = falling_due(known, law, calendar, frozenset(), {})
    while waiting:
        due = waiting.pop()
        if is_rated(due.unit, rated_units(known, law, [one for one in given if one.at < due.moment])):
            continue
        if due.moment > until:
            coming.append(due)
        elif due.level is not None:
            defaults.append(Default(due.unit, due.level, due.moment, due.provisional))
        else:
            reminders.append(due)
            after = falling_due(known, law, calendar, frozenset(), {due.unit: due.moment})
            waiting += [one for one in after if one.unit == due.unit]
    return defaults, tuple(reminders), tuple(coming)
