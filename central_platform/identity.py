"""Who the platform is: its signing and its sealing key, kept in its database, and the fingerprint that claims carry."""

import hashlib

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.schema import settings
from terminal_app.domain import suite
from terminal_app.domain.person import open_person
from terminal_app.domain.signed import sign_document

_SIGNING_KEY = "signing_key"
_SEALING_KEY = "sealing_key"
FINGERPRINT_BYTES = 16


class PlatformIdentity:
    """Signs what the platform says, and opens what was sealed to it. `sealing_public_key` is what terminals seal to."""

    def __init__(self, private_key: bytes, sealing_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self.public_key = self._key.public_key().public_bytes_raw()
        self._sealing_key = sealing_key
        self.sealing_public_key = X25519PrivateKey.from_private_bytes(sealing_key).public_key().public_bytes_raw()
        self.fingerprint = hashlib.sha256(self.public_key).digest()[:FINGERPRINT_BYTES]

    def sign(self, document: dict[str, object]) -> bytes:
        """The signed line of `document`."""
        return sign_document(document, lambda digest: suite.sign(self._key, digest))

    def open_person(self, sealed: str, session: str) -> dict[str, str]:
        """What a terminal sealed of the person served in this session (UUID text). Raises suite.NotSealed."""
        return open_person(sealed, self._sealing_key, session)

    def unseal(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed to the public sealing key in this context. Raises suite.NotSealed."""
        return suite.unseal(self._sealing_key, sealed, context)


def load_identity(connection: Connection) -> PlatformIdentity:
    """The platform's identity; each key is made on the first call for a database, and stays the same ever after."""
    signing = _key(connection, _SIGNING_KEY, Ed25519PrivateKey.generate().private_bytes_raw())
    return PlatformIdentity(signing, _key(connection, _SEALING_KEY, X25519PrivateKey.generate().private_bytes_raw()))


def _key(connection: Connection, name: str, fresh: bytes) -> bytes:
    connection.execute(insert(connection.dialect.name, settings).values(name=name, value=fresh).on_conflict_do_nothing())
    return bytes(connection.execute(sa.select(settings.c.value).where(settings.c.name == name)).scalar_one())
