"""Stores what citizens rate on their telephones by a window's QR: once each, never changed; docs/rules.md.

Anybody can type a case number, so such a rating belongs to a case only once a business system has told of the case.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.rules.docket import take_turn, touch_cases, touch_ratings
from central_platform.rules.statements import OtherChannel, SeenReason, StoredRating
from central_platform.schema import case_statements, channel_ratings
from terminal_app.domain.working_days import CHINA

_HELD = sa.select(channel_ratings.c.hash).where(channel_ratings.c.id == sa.bindparam("rating"))
_KNOWN = sa.select(case_statements.c.number).where(case_statements.c.number == sa.bindparam("number")).limit(1)


class Recorded(Enum):
    """`AGAIN`: the same was sent before. `OTHERWISE`: the same form was sent before with another content, which stays."""

    NOW = "now"
    AGAIN = "again"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class PhoneRating:
    """A checked rating. `once`: 22 characters that name the form on the telephone; `number`: a case's, None where none was
    given; `catalogue`: id and version; `window`: its device's UUID; `form`: number of the paper form that led here."""

    once: str
    level: int
    number: str | None
    reasons: tuple[SeenReason, ...]
    catalogue: str
    window: str | None
    form: str | None


def record_rating(connection: Connection, rating: PhoneRating, now: int) -> Recorded:
    """Store a rating, unless its form brought one already."""
    said = _said(rating, now)
    content = hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(said, at=""), order="sorted")).digest()
    revision = take_turn(connection, 1) + 1
    held = connection.execute(_HELD, {"rating": said.id}).scalar()
    if held is not None:
        return Recorded.AGAIN if held == content else Recorded.OTHERWISE
    linked = rating.number is not None and connection.execute(_KNOWN, {"number": rating.number}).scalar() is not None
    row = {
        "id": said.id,
        "revision": revision,
        "hash": content,
        "number": rating.number,
        "linked": linked,
        "received_at": now,
        "document": _document(said),
    }
    connection.execute(sa.insert(channel_ratings).values(**row))
    if linked:
        touch_cases(connection, {str(rating.number)})
    touch_ratings(connection, {said.id})
    return Recorded.NOW


def _said(rating: PhoneRating, now: int) -> StoredRating:
    return StoredRating(
        id=f"{OtherChannel.WINDOW_QR}:{rating.once}",
        channel=OtherChannel.WINDOW_QR,
        level=rating.level,
        at=datetime.fromtimestamp(now / 1000, CHINA).isoformat(timespec="milliseconds"),
        case=rating.number,
        reasons=list(rating.reasons),
        catalogue=rating.catalogue,
        window=rating.window,
        form=rating.form,
    )


def _document(said: StoredRating) -> str:
    content = {name: value for name, value in msgspec.to_builtins(said).items() if value not in (None, [])}
    return msgspec.json.encode(content, order="sorted").decode()
