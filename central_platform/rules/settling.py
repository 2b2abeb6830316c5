"""Brings the docket up to date: which ratings stand, default ratings and reminders that fell due, what is owed.

Each pass is one transaction; passes of several processes take turns, and doing one twice changes nothing. A default rating is
written here and nowhere else, never before its moment and never for what somebody rated.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.calendars import working_calendar
from central_platform.database import insert
from central_platform.rules.docket import take_turn
from central_platform.rules.duties import Owed, duties_of, is_answered
from central_platform.rules.falling_due import FallsDue, falling_due
from central_platform.rules.following import follow
from central_platform.rules.law import Law
from central_platform.rules.laws import Laws
from central_platform.rules.pages import CaseStanding, Coming, EventItem, OwedDuty, PlacedRating, RatingDuties
from central_platform.rules.standing import Default, Placed, Role, decide, rated_units
from central_platform.rules.views import CaseView, RatingView, case_views, rating_views, reminder_key
from central_platform.schema import default_ratings, duties, outgoing_events, standings
from central_platform.times import iso
from terminal_app.domain.working_days import WorkingCalendar

PAGE = 200
"""So many ratings, cases and bad ratings are looked at in one transaction."""


@dataclass(slots=True)
class Settled:
    """What passes did: ratings followed, cases and bad ratings looked at, reminders, defaults and events of duties written."""

    followed: int = 0
    cases: int = 0
    ratings: int = 0
    reminders: int = 0
    defaults: int = 0
    withdrawn: int = 0
    told: int = 0

    @property
    def looked_at(self) -> int:
        return self.followed + self.cases + self.ratings

    def add(self, other: "Settled") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def settle(connection: Connection, now: int, until: int | None = None) -> Settled:
    """One pass over at most PAGE of each. `until` (at most `now`): decide what fell due by then. Raises NoRegion.

    It is done when nothing was looked at.
    """
    take_turn(connection, 0)
    one = _Pass(connection, now, now if until is None else min(until, now))
    one.done.followed = follow(connection, PAGE)
    one.settle_cases()
    one.settle_ratings()
    return one.done


class _Pass:
    def __init__(self, connection: Connection, now: int, until: int) -> None:
        self.connection = connection
        self.now = now
        self.until = until
        self.done = Settled()
        self._laws = Laws(connection)
        self._calendar: WorkingCalendar = working_calendar(connection)

    def settle_cases(self) -> None:
        due = sa.select(standings.c.number, standings.c.document).where(standings.c.due_at <= self.until)
        rows = self.connection.execute(due.order_by(standings.c.due_at, standings.c.number).limit(PAGE)).all()
        self.done.cases = len(rows)
        if not rows:
            return
        views = case_views(self.connection, {row.number for row in rows})
        for row in rows:
            self._settle_case(views[row.number], row.document)

    def _settle_case(self, view: CaseView, before: str) -> None:
        law = self._laws.of(view.region, view.began_at)
        coming = self._make_due(view, law)
        placed = decide(view.known, law, view.given, view.defaults)
        self._withdraw(view, placed)
        document = _encode(_case_document(view, law, placed, coming))
        due_at = min((one.moment for one in coming), default=None)
        self._keep(standings, standings.c.number == view.number, before, document, {"due_at": due_at})

    def _make_due(self, view: CaseView, law: Law) -> list[FallsDue]:
        """Write the reminders and defaults that fell due; what comes next."""
        rated = rated_units(view.known, law, view.given)
        made = {one.unit for one in view.defaults}
        coming = []
        for due in falling_due(view.known, law, self._calendar, rated, view.reminded):
            if due.unit in made:
                continue
            if due.moment > self.until:
                coming.append(due)
            elif due.level is None:
                self._remind(view, law, due)
                after = falling_due(view.known, law, self._calendar, rated, view.reminded)
                coming += [one for one in after if one.unit == due.unit]
            else:
                self._make_default(view, law, due)
        return coming

    def _remind(self, view: CaseView, law: Law, due: FallsDue) -> None:
        view.reminded[due.unit] = self.now
        source = law.sources["default_rating"]
        event = EventItem(
            self._next(), "reminder", iso(self.now), iso(due.moment), due.provisional, law.region, source, view.number, due.unit
        )
        self.done.reminders += self._tell(event, reminder_key(view.number, due.unit))

    def _make_default(self, view: CaseView, law: Law, due: FallsDue) -> None:
        row = {
            "number": view.number,
            "unit": due.unit,
            "revision": self._next(),
            "level": due.level,
            "at": due.moment,
            "provisional": due.provisional,
            "made_at": self.now,
            "region": law.region,
            "version": law.platform.version,
            "source": law.sources["default_rating"],
            "withdrawn": False,
        }
        self.connection.execute(sa.insert(default_ratings).values(**row))
        view.defaults.append(Default(due.unit, int(due.level or 0), due.moment, due.provisional))
        self.done.defaults += 1

    def _withdraw(self, view: CaseView, placed: list[Placed]) -> None:
        for one in placed:
            if one.default is None:
                continue
            withdrawn = one.role is Role.WITHDRAWN
            of_unit = (default_ratings.c.number == view.number) & (default_ratings.c.unit == one.unit)
            changed = sa.update(default_ratings).where(of_unit, default_ratings.c.withdrawn != withdrawn)
            values = {"withdrawn": withdrawn, "revision": self._next()}
            self.done.withdrawn += self.connection.execute(changed.values(**values)).rowcount if withdrawn else 0
            if not withdrawn:
                self.connection.execute(changed.values(**values))

    def settle_ratings(self) -> None:
        due = sa.select(duties.c.rating, duties.c.document).where(duties.c.due_at <= self.until)
        rows = self.connection.execute(due.order_by(duties.c.due_at, duties.c.rating).limit(PAGE)).all()
        self.done.ratings = len(rows)
        views = rating_views(self.connection, {row.rating for row in rows}) if rows else {}
        for row in rows:
            self._settle_rating(row.rating, views.get(row.rating), row.document)

    def _settle_rating(self, name: str, view: RatingView | None, before: str) -> None:
        of_rating = duties.c.rating == name
        law = self._laws.of(view.region, view.received_at) if view else None
        owed: list[Owed] = []
        if view is not None and law is not None and is_answered(law, view.level, view.finding):
            owed = duties_of(law, view.received_at, view.steps, self._calendar)
        elif not before:
            self.connection.execute(sa.delete(duties).where(of_rating))
            return
        for one in owed:
            self._tell_of(one, name, law)
        ends = [one.deadline for one in owed if one.done_at is None and one.deadline is not None and one.deadline > self.until]
        document = _encode(_rating_document(name, view, law, owed, self.until))
        is_open = any(one.is_open for one in owed)
        self._keep(duties, of_rating, before, document, {"due_at": min(ends, default=None), "open": is_open})

    def _tell_of(self, one: Owed, rating: str, law: Law | None) -> None:
        """A duty that is due at once, or late, as an event of its own."""
        if one.done_at is not None or law is None or one.started_at is None:
            return
        kind = "duty_due" if one.at_once else "duty_overdue" if one.is_overdue(self.until) else None
        if kind is not None and one.deadline is not None:
            event = EventItem(
                *(self._next(), kind, iso(self.now), iso(one.deadline), one.provisional, law.region, one.source),
                rating=rating,
                duty=one.name,
                by=list(one.by),
                effect=one.effect,
            )
            self.done.told += self._tell(event, f"{kind}/{rating}/{one.name}")

    def _tell(self, event: EventItem, key: str) -> bool:
        """Whether the event is new; each is told once."""
        row = {"id": event.id, "key": key, "number": event.case, "at": self.now, "document": _encode(event)}
        statement = insert(self.connection.dialect.name, outgoing_events).values(**row).on_conflict_do_nothing()
        return self.connection.execute(statement.returning(outgoing_events.c.id)).scalar() is not None

    def _next(self) -> int:
        return take_turn(self.connection, 1) + 1

    def _keep(
        self, table: sa.Table, where: "sa.ColumnElement[bool]", before: str, document: str, values: dict[str, Any]
    ) -> None:
        """A document that changed comes again with a higher revision."""
        if document != before:
            values |= {"document": document, "revision": self._next()}
        self.connection.execute(sa.update(table).where(where).values(**values))


def _encode(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _when(ms: int | None) -> str | None:
    return iso(ms) if ms is not None else None


def _case_document(view: CaseView, law: Law, placed: list[Placed], coming: list[FallsDue]) -> CaseStanding:
    return CaseStanding(
        case=view.number,
        region=law.region,
        policy=law.platform.version,
        known=view.known is not None,
        finished_at=_when(view.known.finished_at) if view.known else None,
        ratings=[_placed(one) for one in placed],
        coming=[
            Coming("reminder" if one.level is None else "default", one.unit, iso(one.moment), one.provisional) for one in coming
        ],
    )


def _placed(one: Placed) -> PlacedRating:
    if one.default is not None:
        made = one.default
        return PlacedRating(one.unit, one.role, True, made.level, iso(made.at), provisional=made.provisional)
    assert one.given is not None
    given = one.given
    return PlacedRating(
        unit=one.unit,
        role=one.role,
        default=False,
        level=given.level,
        at=iso(given.at),
        id=given.id,
        channel=given.channel,
        covers=len(given.covers),
        finding=given.finding,
        marks=sorted(one.marks),
    )


def _rating_document(name: str, view: RatingView | None, law: Law | None, owed: list[Owed], now: int) -> RatingDuties:
    return RatingDuties(
        rating=name,
        channel=view.channel if view else None,
        cases=list(view.cases) if view else [],
        level=view.level if view else None,
        received_at=_when(view.received_at) if view else None,
        region=law.region if law else None,
        policy=law.platform.version if law else None,
        finding=view.finding if view else None,
        duties=[_owed(one, now) for one in owed],
    )


def _owed(one: Owed, now: int) -> OwedDuty:
    return OwedDuty(
        duty=one.name,
        by=list(one.by),
        source=one.source,
        count=one.count,
        unit=one.unit,
        started_at=_when(one.started_at),
        deadline=_when(one.deadline),
        provisional=one.provisional,
        done_at=_when(one.done_at),
        open=one.is_open,
        overdue=one.is_overdue(now),
        effect=one.effect,
    )
