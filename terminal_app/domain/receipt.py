"""A citizen's receipt: a random token that is derived from nothing, what the journal says of it, and how it is shown.

Who holds the token can ask the platform whether the rating arrived and whether it is the one that the screen showed. The
journal holds only the token's hash, so that no reader of a journal can ask in a citizen's place. See docs/wire.md.
"""

import base64
import unicodedata

from terminal_app.domain import suite
from terminal_app.domain.frozen import frozen

TOKEN_BYTES = 16
SHOWN_BYTES = 16
CODE_BYTES = 5
PATH = "/r"

_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U."""
_CODE_LENGTH = 8
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_TOKEN_CHARACTERS = 22
_PASS_MARK = "~"
_digest = suite.hashing()


@frozen
class Receipt:
    """What a receipt's address carries: the token's hash, and the first 16 bytes of the hash of the star that was shown."""

    hash: bytes
    shown: bytes

    @staticmethod
    def parse(text: str) -> "Receipt | None":
        """From the last part of an address, whatever pass is behind it; None where it is none, also for a second spelling."""
        token_text, _, shown_text = text.partition(_PASS_MARK)[0].partition(".")
        token, shown = _decoded(token_text), _decoded(shown_text)
        return Receipt(receipt_hash(token), shown) if token and shown else None


def receipt_hash(token: bytes) -> bytes:
    """SHA-256 of a token: what the platform knows a receipt by."""
    return _digest(token)


def receipt_text(token: bytes) -> str:
    """`receipt` of a `session_opened` entry: 43 characters of base64url."""
    return _encoded(receipt_hash(token))


def receipt_url(base: str, token: bytes, star_hash: str, words_pass: str | None = None) -> str:
    """The address on the screen. `star_hash`: hash of the last `star_chosen` entry, 64 hex digits.

    `words_pass`: lets the page offer to add words (words_pass.py); every level's address has one, or none has.
    """
    address = f"{base}{PATH}/{_encoded(token)}.{_encoded(bytes.fromhex(star_hash)[:SHOWN_BYTES])}"
    return f"{address}{_PASS_MARK}{words_pass}" if words_pass else address


def pass_in(text: str) -> str | None:
    """The pass in the last part of a receipt's address, if there is one."""
    return text.partition(_PASS_MARK)[2] or None


def short_code(hashed: bytes) -> str:
    """Eight symbols for reading aloud, `7K3M-9QHX`: the first 40 bits of a token's hash."""
    bits = int.from_bytes(hashed[:CODE_BYTES])
    letters = "".join(_CODE_LETTERS[bits >> 5 * place & 31] for place in reversed(range(_CODE_LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def read_short_code(text: str) -> bytes | None:
    """The five bytes of a code as somebody typed or heard it: any case, width, blanks; O for 0, I and L for 1."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper().translate(_HEARD_AS)
    if len(plain) != _CODE_LENGTH or any(letter not in _CODE_LETTERS for letter in plain):
        return None
    bits = 0
    for letter in plain:
        bits = bits << 5 | _CODE_LETTERS.index(letter)
    return bits.to_bytes(CODE_BYTES)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    if len(text) != _TOKEN_CHARACTERS or not text.isascii():
        return None
    raw = base64.urlsafe_b64decode(text + "==")
    return raw if _encoded(raw) == text else None
