"""Entry of paper forms by staff: one rating per form, once two persons wrote the same of it or its scan is there.

What was entered is added and never changed. Until it counts nobody is told what was entered, so that the second person
writes what the form says and not what the first one did. The rules are those in force when the form was printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.documents import CATALOGUE, STAFF, current, read_document
from central_platform.form_number import OF_FORM, rating_id, read_number, shown
from central_platform.identity import PlatformIdentity
from central_platform.paper.scans import Scan, keep_scan
from central_platform.paper_forms import Form, all_forms, find_form
from central_platform.rules.docket import take_turn
from central_platform.rules.law import Law
from central_platform.rules.laws import Laws
from central_platform.rules.statements import NotTaken, OtherChannel, read_own
from central_platform.rules.told import take_from_form
from central_platform.schema import Record, channel_ratings, paper_entries
from central_platform.times import china_day
from sync.wire import Status

TWO_PERSONS, SCAN_ATTACHED = "two_persons", "scan_attached"
_END_OF_DAY = "T23:59:59.999+08:00"


class State(StrEnum):
    """What became of a form: nobody entered it; one person did; two wrote different things; it counts."""

    PRINTED = "printed"
    PENDING = "pending"
    DIFFERS = "differs"
    COUNTED = "counted"


class NotEntered(Exception):
    """Nothing was entered; the message names the thing and the remedy."""


class Written(msgspec.Struct, frozen=True):
    """What a form says. `day`: yyyy-mm-dd; `reasons`: codes."""

    level: int
    day: str
    case: str | None = None
    visit: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What `by`, a staff number, read off the form with this number."""

    number: str
    by: str
    written: Written
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Where a form stands now; `differing` names what the two persons wrote differently."""

    state: State
    differing: tuple[str, ...] = ()


def enter(connection: Connection, identity: PlatformIdentity, entry: Entry, now: int) -> Entered:
    """A form's first entry, also after two that differed. Raises NotEntered and NoRegion."""
    desk = _Desk.at(connection, identity, entry, now)
    if desk.state is State.PENDING:
        raise NotEntered(
            f"form {shown(desk.form.number)} was entered once; another person types it again: `central-platform paper confirm`."
        )
    by_scan = desk.rule == SCAN_ATTACHED
    if by_scan and entry.scan is None:
        raise NotEntered(f"the rules of {desk.form.printing.region} ask for the form's scan; add --scan FILE.")
    desk.keep(desk.round + 1, 1)
    return desk.count() if by_scan else Entered(State.PENDING)


def confirm(connection: Connection, identity: PlatformIdentity, entry: Entry, now: int) -> Entered:
    """The second person's entry. When it differs from the first neither counts. Raises NotEntered and NoRegion."""
    desk = _Desk.at(connection, identity, entry, now)
    if desk.state is not State.PENDING:
        raise NotEntered(
            f"form {shown(desk.form.number)} waits for no second entry; begin with `central-platform paper enter`."
        )
    first = desk.held[-1]
    if first.entered_by == entry.by:
        raise NotEntered(f"{entry.by} entered this form first; another person has to.")
    desk.keep(desk.round, 2)
    differing = _differing(msgspec.json.decode(first.document, type=Written), desk.written)
    return Entered(State.DIFFERS, differing) if differing else desk.count()


def forms_with_state(connection: Connection, region: str | None = None) -> list[tuple[Form, State]]:
    """Every form, or those of a region. What was entered of it stays unsaid: whoever confirms it is not to know."""
    order = (paper_entries.c.number, paper_entries.c.round, paper_entries.c.place)
    last = {row.number: row.place for row in connection.execute(sa.select(*order).order_by(*order))}
    held = set(connection.execute(sa.select(channel_ratings.c.id).where(channel_ratings.c.id.startswith(OF_FORM))).scalars())
    forms = all_forms(connection, region)
    return [(form, _state(last.get(form.number), counted=rating_id(form.number) in held)) for form in forms]


def _state(last_place: int | None, *, counted: bool) -> State:
    """From the place of its last entry in its round, and whether its rating is held."""
    if counted:
        return State.COUNTED
    return {None: State.PRINTED, 1: State.PENDING, 2: State.DIFFERS}[last_place]


def _entries(connection: Connection, number: str) -> Sequence[Record]:
    order = (paper_entries.c.round, paper_entries.c.place)
    return connection.execute(sa.select(paper_entries).where(paper_entries.c.number == number).order_by(*order)).all()


def _counts(connection: Connection, number: str) -> bool:
    held = sa.select(channel_ratings.c.id).where(channel_ratings.c.id == rating_id(number))
    return connection.execute(held).scalar() is not None


@dataclass(frozen=True, slots=True)
class _Desk:
    """One form on the desk, with what was entered of it and what is about to be."""

    connection: Connection
    identity: PlatformIdentity
    form: Form
    entry: Entry
    written: Written
    rating: dict[str, object]
    rule: str
    held: Sequence[Record]
    state: State
    now: int

    @staticmethod
    def at(connection: Connection, identity: PlatformIdentity, entry: Entry, now: int) -> "_Desk":
        take_turn(connection, 0)
        form = known_form(connection, entry.number)
        if _counts(connection, form.number):
            raise NotEntered(f"form {shown(form.number)} counts already; a form counts once.")
        law = Laws(connection).of(form.printing.region, form.printed_at)
        if law.platform.paper is None:
            raise NotEntered(f"the rules of {law.region} have no paper form.")
        _check_person(connection, entry.by)
        written, rating = _checked(connection, form, law, entry.written, now)
        held = _entries(connection, form.number)
        state = _state(held[-1].place if held else None, counted=False)
        return _Desk(connection, identity, form, entry, written, rating, law.platform.paper.entry, held, state, now)

    @property
    def round(self) -> int:
        return int(self.held[-1].round) if self.held else 0

    def keep(self, number: int, place: int) -> None:
        """As entry of this round in this place."""
        said = msgspec.json.encode(self.written, order="sorted").decode()
        row = {"number": self.form.number, "round": number, "place": place, "entered_by": self.entry.by}
        self.connection.execute(sa.insert(paper_entries).values(**row, entered_at=self.now, document=said))
        if self.entry.scan is not None:
            keep_scan(self.connection, self.identity, (self.form.number, number, place), self.entry.scan)

    def count(self) -> Entered:
        """From now on the form's rating is one of those from other channels."""
        verdict = take_from_form(self.connection, self.rating, self.now)
        if verdict.status is not Status.ACCEPTED:
            raise NotEntered(f"form {shown(self.form.number)} is not taken: {verdict.code}.")
        return Entered(State.COUNTED)


def known_form(connection: Connection, typed: str) -> Form:
    """The form with the number that somebody typed. Raises NotEntered."""
    number = read_number(typed)
    if number is None:
        raise NotEntered(f"{typed!r} is no form number: twelve digits, and one of these is wrong. Look at the form again.")
    form = find_form(connection, number)
    if form is None:
        raise NotEntered(f"no form {shown(number)} was printed here.")
    return form


def reason_levels(law: Law) -> list[int]:
    """The levels for which a form offers reasons, as the window does; the lowest last."""
    window = law.window
    offered = {True: window.reasons_after_bad, False: window.reasons_after_good}
    return [level for level in (5, 4, 3, 2, 1) if offered[level <= window.bad_at_most]]


def _check_person(connection: Connection, number: str) -> None:
    roster = current(connection, STAFF)
    members = read_document(roster.line)["members"] if roster else []
    if number not in {member["number"] for member in members}:
        raise NotEntered(f"there is no staff number {number}; `central-platform staff import` takes in the directory.")


def _checked(connection: Connection, form: Form, law: Law, written: Written, now: int) -> tuple[Written, dict[str, object]]:
    """What is kept, the case number in one spelling and the reasons in order, and the rating. Raises NotEntered."""
    _check_day(written.day, china_day(form.printed_at), china_day(now))
    plain = msgspec.structs.replace(written, reasons=tuple(sorted(set(written.reasons))))
    rating = _rating(form, plain, _texts(connection, form, law, plain))
    try:
        return msgspec.structs.replace(plain, case=read_own(rating).number), rating
    except NotTaken as refused:
        raise NotEntered(f"{refused}.") from None


def _check_day(day: str, first: str, last: str) -> None:
    try:
        is_day = date.fromisoformat(day).isoformat() == day
    except ValueError:
        is_day = False
    if not is_day:
        raise NotEntered(f"{day!r} is no day; write it as 2026-11-22.")
    if not first <= day <= last:
        raise NotEntered(f"the day {day} is not within {first}, when the form was printed, and {last}.")


def _texts(connection: Connection, form: Form, law: Law, written: Written) -> list[str]:
    """What stood on the form beside each of the reasons. Raises NotEntered."""
    held = current(connection, CATALOGUE, *form.printing.catalogue)
    rows = read_document(held.line)["reasons"] if held else []
    levels = reason_levels(law)
    offered = {row["code"]: row["texts"][form.printing.language] for row in rows if row["level"] in levels}
    for code in written.reasons:
        if written.level not in levels or code not in offered:
            raise NotEntered(f"the form offers no reason {code} with level {written.level}.")
    return [offered[code] for code in written.reasons]


def _rating(form: Form, written: Written, texts: list[str]) -> dict[str, object]:
    """As a rating from another channel. A form names a day and no time: its rating is given when that day ends, so that
    one with a time on the same day was earlier."""
    return {
        "id": rating_id(form.number),
        "channel": OtherChannel.PAPER.value,
        "level": written.level,
        "at": written.day + _END_OF_DAY,
        "case": written.case,
        "visit": written.visit,
        "reasons": [{"code": code, "text": text} for code, text in zip(written.reasons, texts, strict=True)],
        "catalogue": " ".join(form.printing.catalogue) if texts else None,
        "form": form.number,
    }


def _differing(one: Written, other: Written) -> tuple[str, ...]:
    return tuple(name for name in Written.__struct_fields__ if getattr(one, name) != getattr(other, name))
