"""What others read of the docket, page by page, by revision: standings, defaults, other channels, duties, events."""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.rules.pages import DefaultItem, OtherItem
from central_platform.rules.statements import StoredRating
from central_platform.schema import Record, channel_ratings, default_ratings, duties, outgoing_events, standings
from central_platform.times import iso


def standings_after(connection: Connection, after: int, limit: int) -> bytes:
    """Per case which rating stands. A case that changes comes again with a higher revision."""
    return _documents(connection, standings, standings.c.document != "", after, limit)


def duties_after(connection: Connection, after: int, limit: int, *, only_open: bool) -> bytes:
    """What is owed for each bad rating."""
    return _documents(connection, duties, (duties.c.document != "") & (duties.c.open | (not only_open)), after, limit)


def _documents(connection: Connection, table: sa.Table, which: "sa.ColumnElement[bool]", after: int, limit: int) -> bytes:
    wanted = sa.select(table.c.revision, table.c.document).where(table.c.revision > after, which)
    rows = connection.execute(wanted.order_by(table.c.revision).limit(limit)).all()
    items = [b'{"revision":%d,%b' % (row.revision, row.document[1:].encode()) for row in rows]
    return b'{"items":[%b],"next":%d}' % (b",".join(items), rows[-1].revision if rows else after)


def defaults_after(connection: Connection, after: int, limit: int, *, newest: bool = False) -> bytes:
    """Default ratings, apart from given ones. One that is withdrawn comes again."""
    wanted = sa.select(default_ratings).where(default_ratings.c.revision > after)
    order = default_ratings.c.revision.desc() if newest else default_ratings.c.revision
    rows = connection.execute(wanted.order_by(order).limit(limit)).all()
    return _page([_default(row) for row in rows], after)


def _default(row: Record) -> DefaultItem:
    return DefaultItem(
        *(row.revision, True, row.number, row.unit, row.level, iso(row.at), row.provisional, iso(row.made_at)),
        *(row.region, row.version, row.source, row.withdrawn),
    )


def others_after(connection: Connection, after: int, limit: int) -> bytes:
    """Ratings from other channels, linked to a case or not."""
    wanted = sa.select(channel_ratings).where(channel_ratings.c.revision > after)
    rows = connection.execute(wanted.order_by(channel_ratings.c.revision).limit(limit)).all()
    return _page([_other(row) for row in rows], after)


def _other(row: Record) -> OtherItem:
    said = msgspec.json.decode(row.document, type=StoredRating)
    return OtherItem(
        *(row.revision, False, said.id, said.channel, said.level, said.at, row.linked, said.case, said.visit),
        *(iso(row.received_at), [reason.code for reason in said.reasons], said.window, said.form, said.sealed is not None),
    )


def events_after(connection: Connection, after: int, limit: int) -> bytes:
    """Events that nobody acknowledged yet, oldest first."""
    wanted = sa.select(outgoing_events.c.id, outgoing_events.c.document).where(
        outgoing_events.c.id > after, outgoing_events.c.acknowledged_at.is_(None)
    )
    rows = connection.execute(wanted.order_by(outgoing_events.c.id).limit(limit)).all()
    return b'{"items":[%b],"next":%d}' % (
        b",".join(row.document.encode() for row in rows),
        rows[-1].id if rows else after,
    )


def acknowledge(connection: Connection, ids: list[int], now: int) -> int:
    """Events were dealt with; how many of these were waiting. They stay stored, and are not listed again."""
    waiting = outgoing_events.c.id.in_(ids) & outgoing_events.c.acknowledged_at.is_(None)
    return connection.execute(sa.update(outgoing_events).where(waiting).values(acknowledged_at=now)).rowcount


def count_apart(connection: Connection) -> dict[str, int]:
    """Figures: defaults that stand and that were withdrawn, ratings of other channels linked and not, open duties, events."""
    return {name: int(connection.execute(query).scalar_one()) for name, query in _counts()}


def _counts() -> Iterator[tuple[str, "sa.Select[Any]"]]:
    def count(table: sa.Table, which: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
        return sa.select(sa.func.count()).select_from(table).where(which)

    yield "defaults_standing", count(default_ratings, ~default_ratings.c.withdrawn)
    yield "defaults_withdrawn", count(default_ratings, default_ratings.c.withdrawn)
    yield "others_linked", count(channel_ratings, channel_ratings.c.linked)
    yield "others_unlinked", count(channel_ratings, ~channel_ratings.c.linked)
    yield "duties_open", count(duties, duties.c.open)
    yield "events_waiting", count(outgoing_events, outgoing_events.c.acknowledged_at.is_(None))


def _page(items: "list[DefaultItem] | list[OtherItem]", after: int) -> bytes:
    return msgspec.json.encode({"items": items, "next": max((item.revision for item in items), default=after)})
