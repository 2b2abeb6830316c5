"""What a body owes after a bad rating, and by when, from the region's rules. Pure.

Only given ratings bring duties; a default never does. Nothing here does what is owed, or punishes that it was not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from central_platform.rules.falling_due import milliseconds_of
from central_platform.rules.law import Law
from central_platform.rules.standing import FindingKind
from central_platform.times import at
from terminal_app.domain.platform_policy import Duty, DutyName
from terminal_app.domain.terms import ClockStart, Unit
from terminal_app.domain.working_days import WorkingCalendar, deadline

STAFF_TOLD = "staff_told"
STEPS = (*(name.value for name in DutyName), STAFF_TOLD)
"""What can be recorded as done: each duty, and that the staff member was told, which starts the appeal's term."""

_STARTED_BY = {
    ClockStart.RECTIFIED: DutyName.RECTIFICATION.value,
    ClockStart.STAFF_TOLD: STAFF_TOLD,
    ClockStart.APPEAL_FILED: DutyName.APPEAL.value,
}
_RIGHTS = {DutyName.APPEAL}
"""What somebody may do; it ends with its term, and is never late."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty of one bad rating; times in milliseconds since 1970.

    `started_at` None: what starts its clock has not happened. `deadline` None: not started, or no term is laid down.
    `at_once`: due from the start on. `effect`: what the region says of lateness.
    """

    name: DutyName
    by: tuple[str, ...]
    source: str
    count: int | None
    unit: Unit | None
    started_at: int | None
    deadline: int | None
    provisional: bool
    done_at: int | None
    effect: str | None

    @property
    def at_once(self) -> bool:
        return self.unit is Unit.IMMEDIATELY

    @property
    def is_right(self) -> bool:
        return self.name in _RIGHTS

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it now."""
        return self.started_at is not None and self.done_at is None and not self.is_right

    def is_overdue(self, now: int) -> bool:
        """Whether it was not done in time; what is due at once is never told as late, but as due."""
        if self.deadline is None or self.is_right or self.at_once:
            return False
        return (now if self.done_at is None else self.done_at) >= self.deadline


def is_answered(law: Law, level: int, finding: FindingKind | None) -> bool:
    """Whether anything is owed for a given rating: a bad one, unless it was found not to count."""
    counted = law.platform.findings.counted or finding not in {FindingKind.MISTAKEN, FindingKind.MALICIOUS}
    return level <= law.window.bad_at_most and counted


def duties_of(law: Law, received_at: int, steps: Mapping[str, int], calendar: WorkingCalendar) -> list[Owed]:
    """All duties that the region lays down for a bad rating that the platform received then; `steps`: what was recorded."""
    return [_owed(name, duty, law, received_at, steps, calendar) for name, duty in law.platform.duties.items()]


def _owed(name: DutyName, duty: Duty, law: Law, received_at: int, steps: Mapping[str, int], calendar: WorkingCalendar) -> Owed:
    start = received_at if duty.starts is ClockStart.RATING_RECEIVED else steps.get(_STARTED_BY[duty.starts])
    end = deadline(at(start), duty.term, calendar, law.platform.office_ends) if start is not None and duty.term else None
    return Owed(
        name=name,
        by=duty.by,
        source=law.sources[name],
        count=duty.term.count if duty.term else None,
        unit=duty.term.unit if duty.term else None,
        started_at=start,
        deadline=milliseconds_of(end) if end else None,
        provisional=end is not None and end.provisional,
        done_at=steps.get(name),
        effect=duty.overdue,
    )
