"""The ratings that somebody gave in a month, by their own time: what every report of a month begins with. Changes nothing."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.month import Month
from central_platform.rules.statements import StoredRating, milliseconds
from central_platform.rules.views import RatedItem, own_time, rated_items, said_elsewhere
from central_platform.schema import Record, channel_ratings, devices, ratings


def given_at_terminals(connection: Connection, month: Month) -> Iterator[tuple[str, RatedItem]]:
    """The hall of each terminal's rating, and what it says."""
    first, last = month.sessions()
    columns = (ratings.c.session, ratings.c.document, devices.c.hall)
    near = sa.select(*columns).join(devices, devices.c.id == ratings.c.device_id)
    for row in connection.execute(near.where(ratings.c.session >= first, ratings.c.session < last)):
        item = rated_items.decode(row.document)
        if item.level is not None and month.holds(own_time(item, row.session)[0]):
            yield row.hall, item


def given_elsewhere(connection: Connection, month: Month) -> Iterator[tuple[Record, StoredRating]]:
    """Id, number and `linked` of each rating from another channel, and what it says."""
    columns = (channel_ratings.c[name] for name in ("id", "number", "linked", "document"))
    for row in connection.execute(sa.select(*columns).where(says(channel_ratings.c.document, "at", month))):
        said = said_elsewhere.decode(row.document)
        if month.holds(milliseconds(said.at)):
            yield row, said


def says(document: "sa.Column[Any]", name: str, month: Month) -> "sa.ColumnElement[bool]":
    """Whether the time of this name in a statement lies in the month: they are written in China's time, so that a month is a
    beginning."""
    return document.contains(f'"{name}":"{month.name}-', autoescape=True)
