"""The pass behind “用手机补充”: it lets whoever scans it add words to one session and do nothing else. Made offline.

88 bytes, written as 212 digits, which take the least room in a QR: the first 8 bytes of the device's UUID, the 16 of the
session's, and the device's signature (Ed25519) over SHA-256 of a tag of its own and those 24. See docs/wire.md.
"""

from collections.abc import Callable

from terminal_app.domain import suite
from terminal_app.domain.frozen import frozen

PATH = "/a"
LIFE_MS = 24 * 3_600_000
"""So far may the platform's time be from the session's own, which its UUIDv7 carries."""

_digest = suite.hashing(b"rating-terminal/1 words\n")
_DEVICE_BYTES = 8
_SESSION_BYTES = 16
_TIME_BYTES = 6
_BYTES = _DEVICE_BYTES + _SESSION_BYTES + suite.SIGNATURE_BYTES
_DIGITS = len(str(256**_BYTES - 1))


@frozen
class WordsPass:
    """What a pass says; whether it is true, the key of the device tells. `device`: 8 bytes of its UUID; `session`: all 16."""

    device: bytes
    session: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the owner of this key (32 raw bytes) made it."""
        return suite.verify(public_key, _digest(self.device + self.session), self.signature)

    def is_alive(self, now_ms: int) -> bool:
        """Whether it still serves at `now_ms` (milliseconds since 1970)."""
        return abs(now_ms - int.from_bytes(self.session[:_TIME_BYTES])) <= LIFE_MS


def make_pass(device: str, session: str, sign: Callable[[bytes], bytes]) -> str:
    """The 212 digits for this device and session (UUIDs as text); `sign` makes the device's signature of 32 bytes."""
    named = _bytes(device)[:_DEVICE_BYTES] + _bytes(session)
    return str(int.from_bytes(named + sign(_digest(named)))).zfill(_DIGITS)


def read_pass(text: str) -> WordsPass | None:
    """From the last part of an address; None where it is none."""
    if len(text) != _DIGITS or not (text.isascii() and text.isdigit()):
        return None
    try:
        raw = int(text).to_bytes(_BYTES)
    except OverflowError:
        return None
    session = raw[_DEVICE_BYTES : _DEVICE_BYTES + _SESSION_BYTES]
    return WordsPass(raw[:_DEVICE_BYTES], session, raw[_DEVICE_BYTES + _SESSION_BYTES :])


def pass_url(base: str, text: str) -> str:
    """The address on the screen."""
    return f"{base}{PATH}/{text}"


def _bytes(name: str) -> bytes:
    """Of a UUID as text, without the module, whose import a cold start would pay for."""
    return bytes.fromhex(name.replace("-", ""))
