"""Citizens' own words beside a rating of a terminal: sealed when they come, added and never changed, opened by command alone.

They stand under the session that the pass names, whether its rating has arrived or not; nothing here can make a rating or
read one.
"""

import uuid
from dataclasses import dataclass
from enum import Enum

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.identity import PlatformIdentity
from central_platform.schema import counters, devices, ratings, words
from central_platform.times import iso
from terminal_app.domain.person import seal_person
from terminal_app.domain.words_pass import WordsPass

TEXTS_AT_MOST = 3
"""So many texts may be added to one session; none replaces another, so that nobody can take a citizen's words back."""
CHARACTERS_AT_MOST = 500

_FIELD = "words"
_TAKE_TURN = (
    sa.update(counters).where(counters.c.name == "words").values(value=counters.c.value + 1).returning(counters.c.value)
)
_OF_SESSION = sa.select(words.c.once).where(
    words.c.session == sa.bindparam("session"), words.c.device_id == sa.bindparam("device")
)


class Added(Enum):
    """`AGAIN`: the same form was sent before. `FULL`: the session has as many texts as it takes."""

    NOW = "now"
    AGAIN = "again"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who may add words to which session: the device's row and the session's 16 bytes."""

    device: int
    session: bytes


class WordsItem(msgspec.Struct):
    """That words came, never what they say. `arrived`: whether the session has a rating here by now."""

    revision: int
    session: str
    device: str
    received_at: str
    arrived: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A text that was opened; `received_at` in milliseconds since 1970."""

    received_at: int
    text: str

    def __repr__(self) -> str:
        return f"Words({self.received_at})"


def bearer_of(connection: Connection, said: WordsPass | None, now: int) -> Bearer | None:
    """For whom a pass stands: a device that is enrolled and not revoked signed it, and it is still alive."""
    if said is None or not said.is_alive(now):
        return None
    begins = said.device.hex()
    prefix = f"{begins[:8]}-{begins[8:12]}-{begins[12:]}"
    wanted = sa.select(devices.c.id, devices.c.public_key).where(
        devices.c.uuid.startswith(prefix), devices.c.revoked_at.is_(None)
    )
    for row in connection.execute(wanted):
        if said.is_signed_by(row.public_key):
            return Bearer(row.id, said.session)
    return None


def add_words(connection: Connection, identity: PlatformIdentity, bearer: Bearer, once: bytes, text: str, now: int) -> Added:
    """Seal and store a text. `once`: 16 bytes that name the form on the telephone."""
    revision = int(connection.execute(_TAKE_TURN).scalar_one())
    of_session = {"session": bearer.session, "device": bearer.device}
    held = connection.execute(_OF_SESSION, of_session).scalars().all()
    if once in held:
        return Added.AGAIN
    if len(held) >= TEXTS_AT_MOST:
        return Added.FULL
    row = {
        "session": bearer.session,
        "device_id": bearer.device,
        "place": len(held) + 1,
        "once": once,
        "revision": revision,
        "received_at": now,
        "sealed": seal_person({_FIELD: text}, identity.sealing_public_key, _name(bearer.session)),
    }
    connection.execute(sa.insert(words).values(**row))
    return Added.NOW


def words_after(connection: Connection, after: int, limit: int) -> bytes:
    """That words came, by revision, newest last; as JSON."""
    arrived = sa.exists().where(ratings.c.session == words.c.session, ratings.c.device_id == words.c.device_id)
    wanted = (
        sa.select(words.c.revision, words.c.session, devices.c.uuid, words.c.received_at, arrived.label("arrived"))
        .join(devices, devices.c.id == words.c.device_id)
        .where(words.c.revision > after)
        .order_by(words.c.revision)
        .limit(limit)
    )
    items = [
        WordsItem(row.revision, _name(row.session), row.uuid, iso(row.received_at), bool(row.arrived))
        for row in connection.execute(wanted)
    ]
    return msgspec.json.encode({"items": items, "next": items[-1].revision if items else after})


def open_words(connection: Connection, identity: PlatformIdentity, session: uuid.UUID) -> list[Words]:
    """All words that were added to a session, oldest first. Raises suite.NotSealed."""
    wanted = sa.select(words.c.received_at, words.c.sealed).where(words.c.session == session.bytes)
    rows = connection.execute(wanted.order_by(words.c.device_id, words.c.place)).all()
    return [Words(row.received_at, identity.open_person(row.sealed, str(session))[_FIELD]) for row in rows]


def _name(session: bytes) -> str:
    return str(uuid.UUID(bytes=session))
