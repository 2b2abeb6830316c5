"""What is held of cases and of ratings, gathered for the pure rules. Changes nothing."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.paper_forms import forms_with
from central_platform.rules.known_case import KnownCase, fold_case
from central_platform.rules.standing import Default, FindingKind, Given
from central_platform.rules.statements import Channel, OtherChannel, StoredRating, milliseconds
from central_platform.schema import (
    Record,
    case_statements,
    channel_ratings,
    default_ratings,
    devices,
    duty_steps,
    findings,
    outgoing_events,
    rated_cases,
    ratings,
)
from central_platform.times import parse_wall
from terminal_app.domain.platform_policy import DutyName
from terminal_app.domain.policy import Situation

_REMINDER = "reminder/"


@dataclass(slots=True)
class CaseView:
    """All that is held of one case. `reminded`: when each unit's reminder was put out. `places`: by whose rules each was."""

    number: str
    known: KnownCase | None = None
    given: list[Given] = field(default_factory=list)
    defaults: list[Default] = field(default_factory=list)
    reminded: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def region(self) -> str | None:
        """As the business system says, else that of the terminal or paper form that rated first."""
        if self.known is not None and self.known.region is not None:
            return self.known.region
        return min(self.places)[2] if self.places else None

    @property
    def began_at(self) -> int:
        """Its first service or rating, whichever was earlier: by the rules of then it is judged. 0 where there is neither.

        What came by a window's QR decides for itself alone."""
        services = [service.at for service in self.known.services] if self.known else []
        finished = [self.known.finished_at] if self.known and self.known.finished_at is not None else []
        others = [one.at for one in self.given if one.channel is not Channel.WINDOW_QR]
        return min([*services, *finished, *(others or [one.at for one in self.given])], default=0)


@dataclass(frozen=True, slots=True)
class RatingView:
    """A rating as what is owed for it depends on it; `steps`: what was recorded, by name."""

    id: str
    channel: Channel
    level: int
    received_at: int
    region: str | None
    cases: tuple[str, ...]
    finding: FindingKind | None
    steps: dict[str, int]


class RatedItem(msgspec.Struct):
    """What is read of the document of a row of `ratings`."""

    session: str
    cases: list[str]
    level: int | None
    rated_at: str | None
    received_at: str


rated_items = msgspec.json.Decoder(RatedItem)
said_elsewhere = msgspec.json.Decoder(StoredRating)


def reminder_key(number: str, unit: str) -> str:
    """The key of the one reminder of a unit."""
    return f"{_REMINDER}{number}/{unit}"


def case_views(connection: Connection, numbers: Collection[str]) -> dict[str, CaseView]:
    """A view for each of the cases, by number."""
    views = {number: CaseView(number) for number in numbers}
    statements: dict[str, list[tuple[int, bytes, str]]] = defaultdict(list)
    for row in connection.execute(sa.select(case_statements).where(case_statements.c.number.in_(numbers))):
        statements[row.number].append((row.as_of, row.id, row.document))
    for number, said in statements.items():
        views[number].known = fold_case(said)
    _add_terminals(connection, views)
    _add_channels(connection, views)
    for row in connection.execute(sa.select(default_ratings).where(default_ratings.c.number.in_(numbers))):
        views[row.number].defaults.append(Default(row.unit, row.level, row.at, row.provisional))
    _add_reminders(connection, views)
    return views


def _add_terminals(connection: Connection, views: dict[str, CaseView]) -> None:
    joined = (
        sa.select(rated_cases, ratings.c.document, devices.c.region)
        .join(ratings, (ratings.c.session == rated_cases.c.session) & (ratings.c.device_id == rated_cases.c.device_id))
        .join(devices, devices.c.id == rated_cases.c.device_id)
        .where(rated_cases.c.number.in_(views))
    )
    rows = [(row, rated_items.decode(row.document)) for row in connection.execute(joined)]
    recorded = _Recorded.of(connection, {item.session for _, item in rows})
    for row, item in rows:
        if item.level is None or row.number not in item.cases:
            continue
        at, day = own_time(item, row.session)
        view = views[row.number]
        if row.region is not None:
            view.places.append((at, item.session, row.region))
        view.given.append(
            Given(
                id=item.session,
                channel=Channel.TERMINAL,
                level=item.level,
                at=at,
                day=day,
                covers=tuple(item.cases),
                visit=row.visit,
                follow_up=row.follow_up,
                finding=recorded.findings.get(item.session),
                rectified_at=recorded.steps[item.session].get(DutyName.RECTIFICATION),
                situation=Situation(row.situation) if row.situation else None,
                in_chain=row.in_chain,
            )
        )


def own_time(item: RatedItem, session: bytes) -> tuple[int, str]:
    """The time of the last star and its local day; without a readable one the session's (UUIDv7), as in projecting, unless that
    is later than its arrival."""
    parsed = parse_wall(item.rated_at) if item.rated_at else None
    if parsed:
        return parsed
    return min(int.from_bytes(session[:6], "big"), milliseconds(item.received_at)), item.received_at[:10]


def _add_channels(connection: Connection, views: dict[str, CaseView]) -> None:
    linked = channel_ratings.c.number.in_(views) & channel_ratings.c.linked
    rows = connection.execute(sa.select(channel_ratings).where(linked)).all()
    recorded = _Recorded.of(connection, {row.id for row in rows})
    told = {row.id: said_elsewhere.decode(row.document) for row in rows}
    forms = forms_with(connection, {said.form for said in told.values() if said.channel is OtherChannel.PAPER})
    for row in rows:
        said = told[row.id]
        if (form := forms.get(said.form)) is not None:
            views[row.number].places.append((milliseconds(said.at), row.id, form.printing.region))
        views[row.number].given.append(
            Given(
                id=row.id,
                channel=Channel(said.channel),
                level=said.level,
                at=milliseconds(said.at),
                day=said.at[:10],
                covers=(row.number,),
                visit=said.visit,
                finding=recorded.findings.get(row.id),
                rectified_at=recorded.steps[row.id].get(DutyName.RECTIFICATION),
            )
        )


def _add_reminders(connection: Connection, views: dict[str, CaseView]) -> None:
    columns = (outgoing_events.c.number, outgoing_events.c.key, outgoing_events.c.at)
    for row in connection.execute(sa.select(*columns).where(outgoing_events.c.number.in_(views))):
        views[row.number].reminded[row.key.removeprefix(reminder_key(row.number, ""))] = row.at


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What people recorded of ratings: the latest finding of each, and its steps."""

    findings: dict[str, FindingKind]
    steps: dict[str, dict[str, int]]

    @staticmethod
    def of(connection: Connection, names: Iterable[str]) -> "_Recorded":
        wanted = list(names)
        found: dict[str, FindingKind] = {}
        steps: dict[str, dict[str, int]] = defaultdict(dict)
        if wanted:
            for row in connection.execute(sa.select(findings).where(findings.c.rating.in_(wanted)).order_by(findings.c.id)):
                found[row.rating] = FindingKind(row.kind)
            for row in connection.execute(sa.select(duty_steps).where(duty_steps.c.rating.in_(wanted))):
                steps[row.rating][row.step] = row.at
        return _Recorded(found, steps)


def rating_views(connection: Connection, names: Collection[str]) -> dict[str, RatingView]:
    """A view for each of these that is a given rating now. A session that two devices wrote into is the worse of the two."""
    recorded = _Recorded.of(connection, names)
    views: dict[str, RatingView] = {}
    for view in [*_terminal_views(connection, names, recorded), *_channel_views(connection, names, recorded)]:
        held = views.get(view.id)
        if held is None or view.level < held.level:
            views[view.id] = view
    return views


def _terminal_views(connection: Connection, names: Collection[str], recorded: _Recorded) -> Iterator[RatingView]:
    sessions = [one for name in names if (one := session_of(name)) is not None]
    joined = sa.select(ratings.c.document, devices.c.region).join(devices, devices.c.id == ratings.c.device_id)
    for row in connection.execute(joined.where(ratings.c.session.in_(sessions)).order_by(ratings.c.device_id)):
        item = rated_items.decode(row.document)
        if item.level is not None:
            received_at = milliseconds(item.received_at)
            cases, finding = tuple(item.cases), recorded.findings.get(item.session)
            steps = recorded.steps[item.session]
            yield RatingView(item.session, Channel.TERMINAL, item.level, received_at, row.region, cases, finding, steps)


def _channel_views(connection: Connection, names: Collection[str], recorded: _Recorded) -> Iterator[RatingView]:
    rows: list[Record] = list(connection.execute(sa.select(channel_ratings).where(channel_ratings.c.id.in_(names))))
    regions = _regions(connection, {row.number for row in rows if row.linked})
    told = {row.id: said_elsewhere.decode(row.document) for row in rows}
    of_windows = _window_regions(connection, {said.window for said in told.values() if said.window is not None})
    forms = forms_with(connection, {said.form for said in told.values()})
    for row in rows:
        said = told[row.id]
        cases = (row.number,) if row.linked else ()
        finding, steps = recorded.findings.get(row.id), recorded.steps[row.id]
        form = forms.get(said.form)
        region = regions.get(row.number) or of_windows.get(said.window or "") or (form.printing.region if form else None)
        yield RatingView(row.id, Channel(said.channel), said.level, row.received_at, region, cases, finding, steps)


def _regions(connection: Connection, numbers: Collection[str]) -> dict[str, str | None]:
    return {number: view.region for number, view in case_views(connection, numbers).items()} if numbers else {}


def _window_regions(connection: Connection, windows: Collection[str]) -> dict[str, str | None]:
    """Whose rules apply at windows, by the id of their device."""
    if not windows:
        return {}
    wanted = sa.select(devices.c.uuid, devices.c.region).where(devices.c.uuid.in_(windows))
    return {row.uuid: row.region for row in connection.execute(wanted)}


def session_of(name: str) -> bytes | None:
    """The session of a terminal's rating; None for another channel's, whose ids are no UUIDs or nobody's session."""
    try:
        return uuid.UUID(name).bytes
    except ValueError:
        return None
