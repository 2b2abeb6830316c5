"""A month's record under one set of rules → figures: satisfaction, participation, defaults, deadlines. Pure.

What each figure counts is in docs/rules.md (“What if”). A rating belongs to the month of its own time, a chance to the month
in which the unit could first be rated; a batch's or chain's rating counts once for each of its cases, as it is applied to all.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from central_platform.month import Month
from central_platform.rules.duties import Owed, duties_of, is_answered
from central_platform.rules.law import Law
from central_platform.rules.standing import Placed, Role, is_rated
from central_platform.rules.views import RatingView
from central_platform.what_if.record import MonthRecord
from central_platform.what_if.replay import Presented, ReplayedCase, offered, replay_case
from terminal_app.domain.platform_policy import DutyName
from terminal_app.domain.working_days import WorkingCalendar

LawOf = Callable[[str | None, int], Law]
"""The rules for a region (None: the platform's own) at a time in milliseconds since 1970."""


@dataclass(slots=True)
class Given:
    """Ratings given in the month. `ratings` counts each once; the others count places in cases.

    `not_offered`: terminals' ratings for which this region's window would have offered none of their cases.
    """

    ratings: int = 0
    stands: int = 0
    good: int = 0
    bad: int = 0
    follow_ups: int = 0
    later: int = 0
    not_counted: int = 0
    not_offered: int = 0


@dataclass(slots=True)
class Chances:
    """Chances to rate that arose in the month. `coming`: units for which a reminder or default is still to fall due.

    `defaults` stand (`defaults_good` of them are good), `withdrawn` ones gave way to a later given rating.
    """

    chances: int = 0
    rated: int = 0
    reminders: int = 0
    defaults: int = 0
    defaults_good: int = 0
    withdrawn: int = 0
    coming: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A duty of one of the month's bad ratings; `state`: done, late, open, right, waiting (for its start)."""

    rating: str
    duty: DutyName
    source: str
    state: str
    started_at: int | None
    deadline: int | None
    provisional: bool


@dataclass(slots=True)
class DutyFigures:
    """One duty over all bad ratings; `first`, `last`: the deadlines' range, milliseconds since 1970, None without any.

    `days`: from the start to the deadline, in days with a fraction, the middle one of all.
    """

    owed: int = 0
    done: int = 0
    late: int = 0
    open: int = 0
    waiting: int = 0
    rights: int = 0
    provisional: int = 0
    first: int | None = None
    last: int | None = None
    days: float | None = None


@dataclass(slots=True)
class Figures:
    """A month under one set of rules. `name`: the region's id; None: the rules that were in force."""

    name: str | None
    regions: list[str]
    given: Given = field(default_factory=Given)
    chances: Chances = field(default_factory=Chances)
    due: list[Due] = field(default_factory=list)

    @property
    def satisfaction(self) -> float | None:
        """Good ones among the given ratings that stand (0 to 1); None where none stands."""
        return _share(self.given.good, self.given.stands)

    @property
    def satisfaction_with_defaults(self) -> float | None:
        """The same with the defaults of the month's chances beside them."""
        return _share(self.given.good + self.chances.defaults_good, self.given.stands + self.chances.defaults)

    @property
    def participation(self) -> float | None:
        """Chances that somebody took, among all of the month."""
        return _share(self.chances.rated, self.chances.chances)

    def duties(self) -> dict[DutyName, DutyFigures]:
        """Per duty that these rules know, in order."""
        found: dict[DutyName, DutyFigures] = {}
        for name in DutyName:
            of_name = [one for one in self.due if one.duty is name]
            if of_name:
                found[name] = _duty_figures(of_name)
        return found


def count_month(name: str | None, law_of: LawOf, record: MonthRecord, calendar: WorkingCalendar, now: int) -> Figures:
    """The month as it would be at `now` (milliseconds since 1970) under these rules."""
    figures = Figures(name, [])
    regions: set[str] = set()
    for case in record.cases:
        law = law_of(case.region, case.began_at)
        regions.add(law.region)
        replayed = replay_case(case, law, calendar, record.tickets, now)
        for placed in replayed.placed:
            _count_given(figures.given, placed, law, record.month)
        _count_chances(figures.chances, replayed, law, record.month)
    for rating in (one for one in record.ratings if one.received_at <= now):
        law = law_of(rating.region, rating.received_at)
        regions.add(law.region)
        figures.given.ratings += 1
        figures.given.not_offered += not _is_offered(rating, law, record.tickets)
        figures.due += _due(rating, law, calendar, now)
    figures.regions = sorted(regions)
    return figures


def _count_given(counted: Given, placed: Placed, law: Law, month: Month) -> None:
    one = placed.given
    if one is None or not month.holds(one.at):
        return
    if placed.role is Role.STANDS:
        is_bad = one.level <= law.window.bad_at_most
        counted.stands += 1
        counted.bad += is_bad
        counted.good += not is_bad
    counted.follow_ups += placed.role is Role.FOLLOW_UP
    counted.later += placed.role is Role.LATER
    counted.not_counted += placed.role is Role.NOT_COUNTED


def _count_chances(counted: Chances, replayed: ReplayedCase, law: Law, month: Month) -> None:
    def is_of_month(unit: str) -> bool:
        began = replayed.began(unit)
        return began is not None and month.holds(began)

    units = [unit for unit in replayed.chances if is_of_month(unit)]
    counted.chances += len(units)
    counted.rated += sum(is_rated(unit, replayed.rated) for unit in units)
    counted.reminders += sum(is_of_month(one.unit) for one in replayed.reminders)
    counted.coming += sum(is_of_month(one.unit) for one in replayed.coming)
    for placed in replayed.placed:
        if placed.default is not None and is_of_month(placed.unit):
            stands = placed.role is Role.STANDS
            counted.defaults += stands
            counted.defaults_good += stands and placed.default.level > law.window.bad_at_most
            counted.withdrawn += not stands


def _is_offered(rating: RatingView, law: Law, tickets: Mapping[str, Presented]) -> bool:
    presented = tickets.get(rating.id)
    if presented is None:
        return True
    return bool({case.number for case in offered(presented, law).ratable} & set(rating.cases))


def _due(rating: RatingView, law: Law, calendar: WorkingCalendar, now: int) -> Iterator[Due]:
    if is_answered(law, rating.level, rating.finding):
        steps = {step: at for step, at in rating.steps.items() if at <= now}
        for one in duties_of(law, rating.received_at, steps, calendar):
            yield Due(rating.id, one.name, one.source, _state(one, now), one.started_at, one.deadline, one.provisional)


def _state(one: Owed, now: int) -> str:
    if one.is_overdue(now):
        return "late"
    if one.done_at is not None:
        return "done"
    if one.started_at is None:
        return "waiting"
    return "right" if one.is_right else "open"


def _duty_figures(due: list[Due]) -> DutyFigures:
    ends = sorted((one.deadline, one.deadline - one.started_at) for one in due if one.deadline is not None and one.started_at)
    lengths = sorted(length for _, length in ends)
    states = [one.state for one in due]
    return DutyFigures(
        owed=len(due),
        done=states.count("done"),
        late=states.count("late"),
        open=states.count("open"),
        waiting=states.count("waiting"),
        rights=states.count("right"),
        provisional=sum(one.provisional for one in due),
        first=ends[0][0] if ends else None,
        last=ends[-1][0] if ends else None,
        days=round(lengths[len(lengths) // 2] / 86_400_000, 1) if lengths else None,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
