"""Checks the RFC 9421 signature and the RFC 9530 digest of a terminal's request; the cryptography is the library's.

The key is the one the request names (`keyid` is the raw public key itself); whether that key belongs to a device is
for the caller to find out. The age of a signature is never a reason to refuse (docs/wire.md).
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from central_platform.problems import unauthorised
from sync.wire import COVERED_COMPONENTS, SIGNATURE_LABEL

_KEY_CHARS = 43


@dataclass(frozen=True, slots=True)
class _Headers:
    lines: tuple[tuple[str, str], ...]

    def items(self) -> Iterable[tuple[str, str]]:
        return self.lines


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature covers: upper-case method, absolute URL as the client wrote it, header lines."""

    method: str
    url: str
    headers: _Headers

    @staticmethod
    def of(method: str, url: str, lines: Iterable[tuple[str, str]]) -> "SignedRequest":
        return SignedRequest(method, url, _Headers(tuple(lines)))


class _NamedKey(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(decode_key(key_id))


class _AgelessVerifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Any time will do: a window whose clock is wrong must be able to deliver."""


_verifier = _AgelessVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_NamedKey())


def decode_key(text: str) -> bytes:
    """The 32 bytes of a public key from base64url without padding. Raises ValueError."""
    if len(text) != _KEY_CHARS:
        raise ValueError("a public key is 43 characters of base64url")
    key = base64.b64decode(text + "=", b"-_", validate=True)
    if encode_key(key) != text:
        raise ValueError("a public key is 43 characters of base64url")
    return key


def encode_key(key: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def signing_key_of(request: SignedRequest, body: bytes) -> bytes:
    """The raw public key that signed the request and its body. Raises a 401 problem."""
    required = COVERED_COMPONENTS if body else COVERED_COMPONENTS[:-1]
    try:
        results = _verifier.verify(request, max_age=None, require_components=required, body=body)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise unauthorised(f"The signature of the request does not hold: {_reason(error)}") from None
    if len(results) != 1 or results[0].label != SIGNATURE_LABEL:
        raise unauthorised(f"Sign the request once, with the label {SIGNATURE_LABEL}.")
    return decode_key(str(results[0].parameters["keyid"]))


def _reason(error: Exception) -> str:
    """The library's sentence; a failed check has none."""
    return str(error).strip() or "it was not made by the key it names, or not over this request."
