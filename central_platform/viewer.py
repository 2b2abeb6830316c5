"""The tokens of people who may see arriving ratings, and of business systems. Only hashes are stored, so that a lost token is
replaced, never shown again."""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.schema import settings

VIEWER, INTEGRATION = "viewer_token", "integration_token"
COOKIE = "viewer"


def create_token(connection: Connection, *, replace: bool, name: str = VIEWER) -> str | None:
    """A fresh token; None when there is one already that is not to be replaced."""
    token = secrets.token_urlsafe(32)
    statement = insert(connection.dialect.name, settings).values(name=name, value=_hash(token))
    if replace:
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": _hash(token)})
    else:
        statement = statement.on_conflict_do_nothing()
    made = connection.execute(statement.returning(settings.c.name)).scalar()
    return token if made else None


def allows(connection: Connection, token: str, name: str = VIEWER) -> bool:
    """Whether `token` is the viewer's, or that of `name`, compared in constant time."""
    stored = connection.execute(sa.select(settings.c.value).where(settings.c.name == name)).scalar()
    return stored is not None and hmac.compare_digest(stored, _hash(token))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
