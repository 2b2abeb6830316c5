"""The one crypto suite, behind two functions: Ed25519 over a message, RFC 8032.

Another suite (SM2 with SM3, say) replaces this module and the tag in front of every signed message.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64
PUBLIC_KEY_BYTES = 32


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
