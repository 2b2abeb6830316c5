"""The one crypto suite, behind five functions.

SHA-256 (FIPS 180-4), Ed25519 over a message (RFC 8032), and sealing to a key (HPKE, RFC 9180).

Another suite (SM2 with SM3, say) replaces this module and the tags in front of what is signed and sealed.
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash

SIGNATURE_BYTES = 64
PUBLIC_KEY_BYTES = 32
SEALING_KEY_BYTES = 32


class NotSealed(ValueError):
    """Not sealed to this key in this context, or altered since."""


def hashing(tag: bytes = b"") -> Callable[[bytes], bytes]:
    """What makes the 32-byte digest of a message with this tag before it."""
    tagged = Hash(SHA256())
    tagged.update(tag)

    def digest(message: bytes) -> bytes:
        hashed = tagged.copy()
        hashed.update(message)
        return hashed.finalize()

    return digest


def sign(private_key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The 64-byte signature of `message`."""
    return private_key.sign(message)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made by the owner of `public_key` (32 raw bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal(public_key: bytes, message: bytes, context: bytes) -> bytes:
    """`message` so that only the owner of `public_key` (X25519, 32 raw bytes) reads it, and only with the same `context`.

    HPKE base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305. 48 bytes longer than the message. Raises ValueError for a bad key.
    """
    from cryptography.hazmat.primitives import hpke  # not needed before the first frame
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    return suite.encrypt(message, X25519PublicKey.from_public_bytes(public_key), info=context)


def unseal(private_key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed to the public key of `private_key` (32 raw bytes). Raises NotSealed."""
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    try:
        return suite.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info=context)
    except (InvalidTag, ValueError):
        raise NotSealed("not sealed to this key in this context") from None
