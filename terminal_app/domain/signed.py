"""A signed document: canonical JSON and one signature over its hash.

Journal entries, policy packs, the staff roster, the reason catalogue and checkpoints all travel as

    {"sig":"<86 characters of base64url>","body":{…canonical JSON…}}

so that whoever holds the line holds exactly the bytes that were signed, and no other line carries the same document.
Canonical JSON here is RFC 8785 restricted to strings, integers that every JSON reader keeps exactly, booleans, null,
arrays and objects, at most DEEPEST of them in each other: keys sorted, no blanks, UTF-8.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from terminal_app.domain import suite

_PREFIX = b'{"sig":"'
_MIDDLE = b'","body":'
_SIGNATURE_CHARS = 86
BODY_AT = len(_PREFIX) + _SIGNATURE_CHARS + len(_MIDDLE)
"""Where the body begins in a line; it ends before the last byte."""
_SIGNATURE = re.compile(rb"[A-Za-z0-9_-]{85}[AQgw]")
"""64 bytes in base64url: of the last character only two bits are used, and the others are 0."""
_digest = suite.hashing(b"rating-terminal/1\n")
_LARGEST_INTEGER = 2**53 - 1
DEEPEST = 64
"""So many arrays and objects may stand in each other: whoever can read a body can read it again from anywhere."""


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > _LARGEST_INTEGER:
        raise ValueError("integer above 2^53 - 1")
    return number


def _refuse(_text: str) -> NoReturn:
    raise ValueError("number with a fraction")


_writer = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_reader = json.JSONDecoder(parse_int=_integer, parse_float=_refuse, parse_constant=_refuse)
"""Reads nothing but what `canonical` can write, so that nobody has to look through the value again."""


class NotSigned(ValueError):
    """The line is not a signed document; the message names what is wrong, never the content."""


class SignedLine(NamedTuple):
    """The two parts of a line: exact body bytes and the 64-byte signature."""

    body: bytes
    signature: bytes


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON of `value`. Raises TypeError or ValueError for what JSON or the restriction above does not have."""
    _require_restricted(value, DEEPEST)
    return _writer.encode(value).encode()


def _require_restricted(value: Any, levels: int) -> None:
    if value is None or isinstance(value, str):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError("integer above 2^53 - 1")
    elif not levels:
        raise ValueError("nested too deep")
    elif isinstance(value, dict):
        for key, member in value.items():
            if not isinstance(key, str):
                raise TypeError("key is not text")
            _require_restricted(member, levels - 1)
    elif isinstance(value, list | tuple):
        for member in value:
            _require_restricted(member, levels - 1)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form")


def may_nest_too_deep(body: bytes) -> bool:
    """False where there are too few brackets for it."""
    return body.count(b"{") + body.count(b"[") > DEEPEST


def digest(body: bytes) -> bytes:
    """SHA-256 (32 bytes) of a body under this product's tag: what is chained and signed."""
    return _digest(body)


def to_line(body: bytes, signature: bytes) -> bytes:
    """The line of a body and its signature, without a line end."""
    return b"".join((_PREFIX, _encoded(signature), _MIDDLE, body, b"}"))


def _encoded(signature: bytes) -> bytes:
    return base64.urlsafe_b64encode(signature)[:_SIGNATURE_CHARS]


def split_line(line: bytes) -> SignedLine:
    """Body and signature of a line. Raises NotSigned, also for a second spelling of the same signature."""
    return SignedLine(body_of(line), signature_of(line))


def body_of(line: bytes) -> bytes:
    """The body of a line whose signature is spelled as it has to be, whatever it says. Raises NotSigned."""
    if not (line.startswith(_PREFIX) and line[BODY_AT - len(_MIDDLE) : BODY_AT] == _MIDDLE and line.endswith(b"}}")):
        raise NotSigned("not a line of the form {sig, body}")
    if not _SIGNATURE.fullmatch(line, len(_PREFIX), len(_PREFIX) + _SIGNATURE_CHARS):
        raise NotSigned("signature is not base64url")
    return line[BODY_AT:-1]


def signature_of(line: bytes) -> bytes:
    """The 64 bytes of the signature in a line that `body_of` has looked at."""
    return base64.urlsafe_b64decode(line[len(_PREFIX) : len(_PREFIX) + _SIGNATURE_CHARS] + b"==")


def read_body(body: bytes) -> dict[str, Any]:
    """The object in `body`. Raises NotSigned unless `body` is exactly the canonical JSON of an object."""
    try:
        value = _reader.decode(body.decode())
        if may_nest_too_deep(body):
            _require_restricted(value, DEEPEST)
        same = isinstance(value, dict) and _writer.encode(value).encode() == body
    except (ValueError, TypeError, RecursionError):
        raise NotSigned("body is not JSON") from None
    if not same:
        raise NotSigned("body is not canonical JSON of an object")
    return dict(value)


def sign_document(value: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """The signed line of `value`; `sign` makes the signature of a digest."""
    body = canonical(value)
    return to_line(body, sign(digest(body)))


def open_document(line: bytes, public_key: bytes) -> dict[str, Any]:
    """The object in a signed line. Raises NotSigned when it is malformed or not signed by `public_key`."""
    body, signature = split_line(line)
    if not suite.verify(public_key, digest(body), signature):
        raise NotSigned("signature does not match the key")
    return read_body(body)
