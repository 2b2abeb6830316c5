"""A month's figures of one region, hall by hall, from what the platform holds. Given ratings, those on paper, those of other
channels and defaults never are one figure. Reads, and decides nothing: what a rating counts as is what `standings` says.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import slices
from central_platform.form_number import rating_id
from central_platform.month import Month
from central_platform.paper_forms import all_forms, forms_with
from central_platform.rules.given_in_month import given_at_terminals, given_elsewhere
from central_platform.rules.law import Law
from central_platform.rules.laws import Laws
from central_platform.rules.standing import FindingKind, Role
from central_platform.rules.statements import OtherChannel, StoredRating
from central_platform.rules.views import RatingView, rating_views
from central_platform.schema import channel_ratings, default_ratings, devices, standings
from terminal_app.domain.platform_policy import DutyName

_ROLES = (Role.STANDS, Role.FOLLOW_UP, Role.NOT_COUNTED, Role.LATER)
"""What a rating of several cases counts as: the first of these that it is for one of them."""


class Source(StrEnum):
    """What is told apart."""

    TERMINAL = "terminal"
    PAPER = "paper"
    OTHER = "other"
    DEFAULT = "default"


@dataclass(slots=True)
class Line:
    """One line of a source: `name` is a hall, a channel, or empty for defaults. `levels`: how many ratings count, by level.

    `cases`: how many they rate. `linked` False: ratings that belong to no case, which count in no total. Beside the levels
    stand follow-ups, ratings of what was rated before (`later`), and those found not to count; `rectified`: bad ones
    whose rectification was recorded.
    """

    name: str
    linked: bool = True
    levels: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(1, 6), 0))
    cases: int = 0
    follow_ups: int = 0
    later: int = 0
    not_counted: int = 0
    rectified: int = 0

    @property
    def total(self) -> int:
        return sum(self.levels.values())

    def bad(self, bad_at_most: int) -> int:
        return sum(count for level, count in self.levels.items() if level <= bad_at_most)

    def satisfaction(self, bad_at_most: int) -> float | None:
        """The share of good ones; None where there is no rating."""
        return (self.total - self.bad(bad_at_most)) / self.total if self.total else None

    def add(self, other: "Line") -> None:
        for level, count in other.levels.items():
            self.levels[level] += count
        for name in ("cases", "follow_ups", "later", "not_counted", "rectified"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """`whole`: the month is over. `lines`: by source, in order. `unseen`: ratings that `serve` has not looked at yet; they
    count as given. `policy`: version of the rules, by which `bad_at_most` are bad."""

    month: Month
    region: str
    policy: str
    bad_at_most: int
    as_of: int
    lines: Mapping[Source, Sequence[Line]]
    unseen: int

    @property
    def whole(self) -> bool:
        return self.as_of >= self.month.ends

    def total(self, source: Source) -> Line:
        """Of the lines whose ratings belong to a case."""
        whole = Line("")
        for line in self.lines[source]:
            if line.linked:
                whole.add(line)
        return whole


@dataclass(frozen=True, slots=True)
class MonthlyFigures:
    """What a report holds: the month's figures, and where the rules ask for it the whole ones of the month before.

    `due` and `source`: the last day on which the report is on time, and by which clause; None where nothing is laid down.
    """

    name: Mapping[str, str]
    months: tuple[MonthFigures, ...]
    due: date | None
    source: str | None


class _Placed(msgspec.Struct):
    role: Role
    id: str | None = None


class _Standing(msgspec.Struct):
    case: str
    ratings: list[_Placed]


_standings = msgspec.json.Decoder(_Standing)


@dataclass(frozen=True, slots=True)
class _Given:
    """A rating of the month, and where it is listed."""

    source: Source
    name: str
    form: str | None = None


def read_report(connection: Connection, region: str, name: Mapping[str, str], month: Month, now: int) -> MonthlyFigures:
    """Raises NoRegion."""
    law = Laws(connection).of(region, min(month.ends - 1, now))
    rule = law.platform.report
    wanted = (month, month.before()) if rule is not None and rule.unfinished_month == "so_far_then_whole" else (month,)
    figures = tuple(read_month(connection, region, one, now) for one in wanted)
    if rule is None:
        return MonthlyFigures(name, figures, None, None)
    year, number = map(int, month.name.split("-"))
    return MonthlyFigures(name, figures, rule.due(year, number), law.sources["report"])


def read_month(connection: Connection, region: str, month: Month, now: int) -> MonthFigures:
    """The figures of one month, as of `now`. Raises NoRegion."""
    return _Count(connection, region, month, now).figures()


class _Count:
    def __init__(self, connection: Connection, region: str, month: Month, now: int) -> None:
        self._connection = connection
        self._region = region
        self._month = month
        self._now = now
        laws = Laws(connection)
        self._home = laws.home
        self._law: Law = laws.of(region, min(month.ends - 1, now))
        self._lines: dict[tuple[Source, bool, str], Line] = {}
        self._unseen = 0

    def figures(self) -> MonthFigures:
        for hall in self._halls():
            self._line(Source.TERMINAL, hall)
        for form in all_forms(self._connection, self._region):
            self._line(Source.PAPER, form.printing.hall)
        given = {**self._given_at_terminals(), **self._given_elsewhere()}
        entered = self._entered({one.form for one in given.values() if one.form is not None})
        for some in slices(sorted(given)):
            self._count(rating_views(self._connection, some).values(), given, entered)
        self._count_defaults()
        lines: dict[Source, list[Line]] = {source: [] for source in Source}
        for (source, _, _), line in sorted(self._lines.items(), key=lambda item: (not item[0][1], item[0][2])):
            lines[source].append(line)
        window = self._law.window
        of = (self._month, self._region, self._law.platform.version, window.bad_at_most, self._now)
        return MonthFigures(*of, lines, self._unseen)

    def _halls(self) -> Iterator[str]:
        """Every hall of the region: one where nobody rated reports too (xian-huyi 五(一): every unit)."""
        for row in self._connection.execute(sa.select(devices.c.hall, devices.c.region)):
            if (row.region or self._home) == self._region:
                yield row.hall

    def _given_at_terminals(self) -> dict[str, _Given]:
        given = given_at_terminals(self._connection, self._month)
        return {item.session: _Given(Source.TERMINAL, hall) for hall, item in given}

    def _given_elsewhere(self) -> dict[str, _Given]:
        told = {row.id: said for row, said in given_elsewhere(self._connection, self._month)}
        forms = forms_with(self._connection, {said.form for said in told.values()})
        return {
            name: _of_channel(said, forms[said.form].printing.hall if said.form in forms else "") for name, said in told.items()
        }

    def _entered(self, forms: Collection[str]) -> set[str]:
        """Those of the paper forms whose own rating is held."""
        ids = {rating_id(form): form for form in forms}
        held = (sa.select(channel_ratings.c.id).where(channel_ratings.c.id.in_(some)) for some in slices(list(ids)))
        return {ids[one] for wanted in held for one in self._connection.execute(wanted).scalars()}

    def _count(self, views: Collection[RatingView], given: Mapping[str, _Given], entered: set[str]) -> None:
        ours = [view for view in views if (view.region or self._home) == self._region]
        roles = self._roles({number for view in ours for number in view.cases})
        for view in ours:
            one = given[view.id]
            line = self._line(one.source, one.name, linked=bool(view.cases))
            placed = [role for number in view.cases for role in roles[number, view.id]]
            self._unseen += bool(view.cases) and not placed
            role = self._role(view, placed, twice=one.source is Source.OTHER and one.form in entered)
            _add(line, view, role, max(1, placed.count(Role.STANDS)) if view.cases else 0, self._law.window.bad_at_most)

    def _role(self, view: RatingView, placed: Sequence[Role], *, twice: bool) -> Role:
        """`twice`: by telephone from a paper form that counts by itself."""
        found_bad = view.finding in {FindingKind.MISTAKEN, FindingKind.MALICIOUS}
        if not placed and found_bad and not self._law.platform.findings.counted:
            return Role.NOT_COUNTED
        if twice:
            return Role.LATER
        return next((role for role in _ROLES if role in placed), Role.STANDS)

    def _roles(self, numbers: Collection[str]) -> Mapping[tuple[str, str], list[Role]]:
        """By case and rating."""
        roles: dict[tuple[str, str], list[Role]] = defaultdict(list)
        for some in slices(sorted(numbers)):
            held = sa.select(standings.c.document).where(standings.c.number.in_(some), standings.c.document != "")
            for document in self._connection.execute(held).scalars():
                standing = _standings.decode(document)
                for placed in standing.ratings:
                    if placed.id is not None:
                        roles[standing.case, placed.id].append(placed.role)
        return roles

    def _count_defaults(self) -> None:
        line = self._line(Source.DEFAULT, "")
        at = default_ratings.c.at
        standing = sa.select(default_ratings.c.level).where(
            default_ratings.c.region == self._region,
            ~default_ratings.c.withdrawn,
            at >= self._month.starts,
            at < self._month.ends,
        )
        for level in self._connection.execute(standing).scalars():
            line.levels[level] += 1
            line.cases += 1

    def _line(self, source: Source, name: str, *, linked: bool = True) -> Line:
        return self._lines.setdefault((source, linked, name), Line(name, linked))


def _of_channel(said: StoredRating, hall: str) -> _Given:
    if said.channel is OtherChannel.PAPER:
        return _Given(Source.PAPER, hall, said.form)
    return _Given(Source.OTHER, said.channel, said.form)


def _add(line: Line, view: RatingView, role: Role, cases: int, bad_at_most: int) -> None:
    if role is Role.FOLLOW_UP:
        line.follow_ups += 1
    elif role is Role.LATER:
        line.later += 1
    elif role is Role.NOT_COUNTED:
        line.not_counted += 1
    else:
        line.levels[view.level] += 1
        line.cases += cases
        line.rectified += view.level <= bad_at_most and DutyName.RECTIFICATION in view.steps
