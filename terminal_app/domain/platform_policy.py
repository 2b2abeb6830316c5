"""What the platform does by a region's rules: default ratings, duties with their terms, findings, report, paper.

Read from the same signed `policy` document as `policy.RegionPolicy`, which is what the window does. The window never
imports it.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.rating import Level
from terminal_app.domain.terms import ClockStart, Term


class DutyName(StrEnum):
    """What a body owes after a bad rating, in order; the last two concern the staff member's appeal."""

    CONTACT = "contact"
    CALL_BACK = "call_back_arranged"
    RECTIFICATION = "rectification"
    RESULT_TOLD = "result_told"
    RETURN_VISIT = "return_visit"
    APPEAL = "appeal"
    APPEAL_DECISION = "appeal_decision"


@frozen
class Duty:
    """Something that has to be done: by whom (words of the schema), from when, in which term.

    `term` None: the region's document sets none. `on_the_spot`: at once where that can be, the term is for the rest.
    `ledger`: complex ones are listed and struck off one by one. `overdue`: what follows when it is late (word of the schema).
    """

    by: tuple[str, ...]
    starts: ClockStart
    term: Term | None = None
    on_the_spot: bool = False
    ledger: bool = False
    overdue: str | None = None


@frozen
class DefaultRating:
    """A rating where nobody rated: `level`, once `term` is over since `starts`, or since the reminder where there is one.

    With `starts` case_finished only finished cases get one. `reminder`: the term from `starts` after which the citizen is
    reminded by SMS; the rating's own term then begins when the reminder was sent.
    """

    level: Level
    starts: ClockStart
    term: Term
    reminder: Term | None = None


@frozen
class Findings:
    """What a finding that a rating is mistaken or malicious does. The finding is people's; no sanction is ever automated.

    `counted`: such a rating counts all the same. `confirmed_by`: who has to confirm it (None: nobody is named).
    """

    counted: bool = True
    confirmed_by: str | None = None
    reported_upward: bool = False
    credit_record: bool = False


@frozen
class MonthlyReport:
    """A report of the current month's data before day `before_day`.

    `short_month`: a month that ends before that day (February) has it due on its `last_day`, or on the `day_before` it.
    `unfinished_month`: the report shows the month `so_far`; with `so_far_then_whole` the next one gives its whole figures too.
    """

    before_day: int
    short_month: str
    unfinished_month: str

    def due(self, year: int, month: int) -> date:
        """The last day on which the month's report is on time."""
        length = monthrange(year, month)[1]
        if length >= self.before_day - 1:
            return date(year, month, self.before_day - 1)
        return date(year, month, length if self.short_month == "last_day" else length - 1)


@frozen
class PaperForm:
    """Paper where there is no line: how staff enter it (`two_persons` or `scan_attached`), and whether figures go with it.

    `title` and `note` stand on the form, by language; a policy of before there were forms has none.
    """

    entry: str
    figures: str | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)


@frozen
class PlatformPolicy:
    """The rules of one region that the platform follows.

    `office_ends`: end of the office hours in minutes after midnight. `declared`: rules that nothing acts on yet, by name, as
    in the schema. `valid_to`, `superseded_by`: the pack is kept after its end, for what was rated under it.
    """

    id: str
    version: str
    valid_from: date | None = None
    valid_to: date | None = None
    superseded_by: str | None = None
    follow_ups: int = 0
    default_rating: DefaultRating | None = None
    duties: Mapping[DutyName, Duty] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    report: MonthlyReport | None = None
    paper: PaperForm | None = None
    office_ends: int = 17 * 60 + 30
    declared: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "PlatformPolicy":
        """From the body of a `policy` document; one of before regions had these rules gives none of them.

        Raises KeyError, TypeError or ValueError.
        """
        identity = (str(document["id"]), str(document["version"]))
        rules = document.get("rules")
        if rules is None:
            return PlatformPolicy(*identity)
        validity = document["validity"]
        return PlatformPolicy(
            *identity,
            valid_from=_day(validity["from"]),
            valid_to=_day(validity["to"]),
            superseded_by=validity["superseded_by"],
            follow_ups=int(rules["follow_ups"]),
            default_rating=_default_rating(rules["default_rating"]),
            duties={name: duty for name in DutyName if (duty := _duty(rules[name])) is not None},
            findings=Findings(**rules["findings"]),
            report=MonthlyReport(**rules["report"]) if rules["report"] else None,
            paper=PaperForm(**rules["paper"]) if rules["paper"] else None,
            office_ends=_minutes(rules["office_ends"]),
            declared={name: rules[name] for name in DECLARED},
        )


DECLARED = ("rateable", "qr", "invitation", "channels", "publication", "upstream", "analysis", "misconduct", "gaming")
"""Rules that later work acts on: return visits, publication, links upward."""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _term(value: Mapping[str, Any] | None) -> Term | None:
    return Term.from_value(value) if value is not None else None


def _duty(value: Mapping[str, Any] | None) -> Duty | None:
    if value is None:
        return None
    rest = {key: value[key] for key in ("on_the_spot", "ledger", "overdue") if key in value}
    return Duty(tuple(value["by"]), ClockStart(value["starts"]), _term(value.get("term")), **rest)


def _default_rating(value: Mapping[str, Any] | None) -> DefaultRating | None:
    if value is None:
        return None
    return DefaultRating(
        Level(value["level"]), ClockStart(value["starts"]), Term.from_value(value["term"]), _term(value.get("reminder"))
    )
