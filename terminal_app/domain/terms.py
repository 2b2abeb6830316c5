"""Terms as the regions' documents set them: how many days of which kind, counted how, ending when.

Only the words; `working_days` computes moments from them. Nothing here knows a date.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from terminal_app.domain.frozen import frozen


class Unit(StrEnum):
    """What is counted. `immediately` and `same_day` have the count 0."""

    IMMEDIATELY = "immediately"
    SAME_DAY = "same_day"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class Counting(StrEnum):
    """How a term of N days is meant: done by the end of day N; something falls due once N, or once more than N, have passed."""

    WITHIN = "within"
    AFTER = "after"
    MORE_THAN = "more_than"


class DayEnd(StrEnum):
    """When the last day of a term ends: at 24:00, or with the office hours."""

    MIDNIGHT = "midnight"
    OFFICE_HOURS = "office_hours"


class ClockStart(StrEnum):
    """What starts a term's clock. The day on which it starts is not counted."""

    SERVICE_RECEIVED = "service_received"
    CASE_FINISHED = "case_finished"
    RATING_RECEIVED = "rating_received"
    RECTIFIED = "rectified"
    STAFF_TOLD = "staff_told"
    APPEAL_FILED = "appeal_filed"


@frozen
class Term:
    """`count` days of `unit`."""

    count: int
    unit: Unit
    counting: Counting = Counting.WITHIN
    ends: DayEnd = DayEnd.MIDNIGHT

    @staticmethod
    def from_value(value: Mapping[str, Any]) -> "Term":
        """From `{count, unit, counting, ends}` of a policy document. Raises KeyError, TypeError or ValueError."""
        return Term(_count(value["count"]), Unit(value["unit"]), Counting(value["counting"]), DayEnd(value["ends"]))


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a count of days")
    return value
