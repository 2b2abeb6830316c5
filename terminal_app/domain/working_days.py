"""Working days and the moments at which terms end. Time is China's, which has one zone and no summer time.

A year that the calendar does not know is counted Monday to Friday, and whatever rests on it is provisional: never an error,
never silent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.terms import Counting, DayEnd, Term, Unit

CHINA = timezone(timedelta(hours=8))
_DAY = timedelta(days=1)
_SATURDAY = 5


@frozen
class Year:
    """What sets a year apart from Monday to Friday: weekdays `off`, and Saturdays and Sundays at `work`; and who says so."""

    off: frozenset[date]
    work: frozenset[date]
    source: str


@frozen
class WorkingCalendar:
    """The years that are known."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def knows(self, day: date) -> bool:
        """Whether the day's year is known; else its answer is provisional."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Whether it is a working day, as far as is known."""
        year = self.years.get(day.year)
        if year is None:
            return day.weekday() < _SATURDAY
        return day in year.work or (day.weekday() < _SATURDAY and day not in year.off)

    def with_years(self, years: Mapping[int, Year]) -> "WorkingCalendar":
        """This calendar with further years, or other words on years that it knows."""
        return WorkingCalendar({**self.years, **years})

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "WorkingCalendar":
        """From the body of a `calendar` document: `years` of {year, off, work, source}.

        Raises KeyError, TypeError or ValueError.
        """
        return WorkingCalendar(
            {
                int(row["year"]): Year(
                    frozenset(date.fromisoformat(day) for day in row["off"]),
                    frozenset(date.fromisoformat(day) for day in row["work"]),
                    str(row["source"]),
                )
                for row in document["years"]
            }
        )


@frozen
class Deadline:
    """The term is over from `moment` on (aware, China's time). `provisional`: it rests on a year that is not known yet."""

    moment: datetime
    provisional: bool


def deadline(start: datetime, term: Term, calendar: WorkingCalendar, office_ends: int) -> Deadline:
    """When a term that starts at `start` (aware) is over. `office_ends`: minutes after midnight.

    The day of the start is not counted. Whole days count: “after N” is over with day N, “more than N” with day N + 1. What ends
    with the office hours and is due on the same day moves to the next working day when the start lies outside of them.
    """
    start = start.astimezone(CHINA)
    if term.unit is Unit.IMMEDIATELY:
        return Deadline(start, provisional=False)
    days = _days(start, term, calendar, office_ends)
    last = days[-1]
    by_calendar = term.unit is Unit.WORKING_DAYS or (term.unit is Unit.SAME_DAY and term.ends is DayEnd.OFFICE_HOURS)
    return Deadline(_end(last, term, office_ends), by_calendar and not all(map(calendar.knows, days)))


def _days(start: datetime, term: Term, calendar: WorkingCalendar, office_ends: int) -> list[date]:
    """The days that are looked at: from the day of the start (the same day), or the day after it, to the last of the term."""
    today = start.date()
    count = term.count + (term.counting is Counting.MORE_THAN)
    if term.unit is Unit.CALENDAR_DAYS:
        return [today + count * _DAY]
    if count == 0 or term.unit is Unit.SAME_DAY:
        return _same_day(start, term, calendar, office_ends)
    return list(_until_working(today + _DAY, count, calendar))


def _same_day(start: datetime, term: Term, calendar: WorkingCalendar, office_ends: int) -> list[date]:
    today = start.date()
    if term.ends is DayEnd.MIDNIGHT:
        return [today]
    in_time = start <= _at(today, office_ends)
    return [*([] if in_time else [today]), *_until_working(today if in_time else today + _DAY, 1, calendar)]


def _until_working(day: date, count: int, calendar: WorkingCalendar) -> Iterator[date]:
    """Every day from `day` to the `count`-th working day."""
    while True:
        yield day
        count -= calendar.is_working(day)
        if count == 0:
            return
        day += _DAY


def _end(last: date, term: Term, office_ends: int) -> datetime:
    return _at(last, office_ends) if term.ends is DayEnd.OFFICE_HOURS else _at(last + _DAY, 0)


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), CHINA)
