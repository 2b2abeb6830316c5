"""Who the platform is: its signing key, kept in its database, and the fingerprint that claims carry of it."""

import hashlib

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.schema import settings
from terminal_app.domain import suite
from terminal_app.domain.signed import sign_document

_SIGNING_KEY = "signing_key"
FINGERPRINT_BYTES = 16


class PlatformIdentity:
    """Signs what the platform says."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.public_key = self._key.public_key().public_bytes_raw()
        self.fingerprint = hashlib.sha256(self.public_key).digest()[:FINGERPRINT_BYTES]

    def sign(self, document: dict[str, object]) -> bytes:
        """The signed line of `document`."""
        return sign_document(document, lambda digest: suite.sign(self._key, digest))


def load_identity(connection: Connection) -> PlatformIdentity:
    """The platform's identity; made on the first call for a database, the same ever after."""
    fresh = Ed25519PrivateKey.generate().private_bytes_raw()
    connection.execute(
        insert(connection.dialect.name, settings).values(name=_SIGNING_KEY, value=fresh).on_conflict_do_nothing()
    )
    stored = connection.execute(sa.select(settings.c.value).where(settings.c.name == _SIGNING_KEY)).scalar_one()
    return PlatformIdentity(stored)
