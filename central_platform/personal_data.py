"""Personal data that tickets carried, and words that citizens added: kept sealed, opened only for whoever asks by command.

What is opened is handed to the caller and to nobody else; a log line says that a session was opened, and names nobody.
"""

import logging
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.entry_data import stored_body
from central_platform.identity import PlatformIdentity
from central_platform.phone.words import Words, open_words
from central_platform.rules.additions import open_told_words
from central_platform.schema import entries
from terminal_app.domain.journal import Kind
from terminal_app.domain.suite import NotSealed

_log = logging.getLogger("central_platform")


class NoPersonalData(Exception):
    """There is nothing to open; the message says why."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the ticket of a session said of the person served, and the words that were added to it, oldest first."""

    session: str
    person: dict[str, str]
    words: list[Words]

    def __repr__(self) -> str:
        return f"Opened({self.session})"


def open_personal_data(connection: Connection, identity: PlatformIdentity, session_text: str) -> Opened:
    """What was sealed in this session, or told with another channel's rating of this id. Raises NoPersonalData."""
    told = _told(connection, identity, session_text)
    if told is not None:
        return told
    try:
        session = uuid.UUID(session_text)
    except ValueError:
        raise NoPersonalData("a session is named by its UUID, as in the item of a rating") from None
    try:
        words = open_words(connection, identity, session)
        sealed = _sealed(connection, session, or_words=bool(words))
        person = identity.open_person(sealed, str(session)) if sealed else {}
    except NotSealed:
        raise NoPersonalData("what is stored was not sealed to this platform's key") from None
    _log.warning("personal data of session %s was opened by command", session)
    return Opened(str(session), person, words)


def _told(connection: Connection, identity: PlatformIdentity, rating: str) -> Opened | None:
    try:
        found = open_told_words(connection, identity, rating)
    except NotSealed:
        raise NoPersonalData("what is stored was not sealed to this platform's key") from None
    if found is None:
        return None
    _log.warning("words of rating %s were opened by command", rating)
    return Opened(rating, {}, [Words(*found)])


def _sealed(connection: Connection, session: uuid.UUID, *, or_words: bool) -> str | None:
    lines = list(
        connection.execute(sa.select(entries.c.line).where(entries.c.session == session.bytes).order_by(entries.c.id)).scalars()
    )
    if not lines and not or_words:
        raise NoPersonalData("no entry of this session has arrived")
    for line in lines:
        body = stored_body(line)
        said = body.data.get("person") if body and body.kind == Kind.SESSION_OPENED else None
        if isinstance(said, str) and said:
            return said
    if or_words:
        return None
    raise NoPersonalData("its ticket said nothing of a person, or the terminal had no key to seal it to")
