"""Staff-card readers: a UID as a line of text or a binary frame → its canonical form, upper-case hex of the raw bytes at fixed
length.

Source: device protocols, “Roles”, and “What goes wrong in the field”: dropped leading zeros, reversed bytes, random UIDs. A UID
identifies, it proves nothing; a wrong one must never come out of a broken line, so what is not plainly a UID is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from device_drivers.card_frame import card_framer, framed_uid
from device_drivers.framing import BadFrame, BadReason, LineEndFramer
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import Line, LineSettings

MAX_CARD_BYTES = 64
REMOVED = b"removed"
_SEPARATORS = b" :-\t"
# Compiled by `re` with the first card: a start waits for it otherwise.
_HEX, _DECIMAL = rb"[0-9A-Fa-f]+", rb"[0-9]+"
_FACILITY_AND_NUMBER = rb"([0-9]{1,10})[ \t,:/.-]+([0-9]{1,10})|([0-9]{5})([0-9]{5})"
_CASCADE_TAG = 0x88
_RANDOM_UID = 0x08


@dataclass(frozen=True, slots=True)
class CardFormat:
    """How a reader writes a UID: `hex`, `decimal`, `wiegand` or `frame`, bytes `reversed` or not, of 4, 7 or 10 bytes.

    `wiegand`: facility and number in decimal (`01185,45763`), the upper and the lower 16 bits of four bytes. `frame`: as bytes
    (card_frame.py). `zeros_dropped`: it leaves out leading zeros; otherwise a number that is not of full width (8, 14 or 20 hex
    digits; 10, 17 or 25 decimal digits; 5 and 5) was cut off. `removed_as`: the line that it writes when a card is taken away,
    empty for none. A frame holds every byte, and never says that.

    Raises ValueError for anything else.
    """

    uid_format: str = "hex"
    reversed: bool = False
    uid_bytes: int = 4
    zeros_dropped: bool = False
    removed_as: str = ""

    def __post_init__(self) -> None:
        if self.uid_format not in _NUMBERS:
            raise ValueError(f"uid_format = {self.uid_format!r}: must be one of {', '.join(_NUMBERS)}")
        for key, value in (("reversed", self.reversed), ("zeros_dropped", self.zeros_dropped)):
            if not isinstance(value, bool):
                raise ValueError(f"{key} = {value!r}: must be true or false")
        if isinstance(self.uid_bytes, bool) or self.uid_bytes not in (4, 7, 10):
            raise ValueError(f"uid_bytes = {self.uid_bytes!r}: must be one of 4, 7, 10")
        if self.uid_format == "wiegand" and self.uid_bytes != 4:
            raise ValueError(f"uid_bytes = {self.uid_bytes!r}: facility and number of wiegand are 4 bytes")
        if self.uid_format == "frame" and self.zeros_dropped:
            raise ValueError("zeros_dropped = True: a frame holds every byte of a UID")
        if self.uid_format == "frame" and self.removed_as:
            raise ValueError(f"removed_as = {self.removed_as!r}: a frame says nothing but a UID")
        word: object = self.removed_as
        if not (isinstance(word, str) and word.isascii() and len(word) <= 32):
            raise ValueError(f"removed_as = {self.removed_as!r}: must be the text that the reader writes, of 32 signs at most")


def full_width(card: CardFormat) -> int:
    """Digits of the largest UID in that format; of wiegand without what stands between them."""
    return 2 * card.uid_bytes if card.uid_format == "hex" else len(str(256**card.uid_bytes - 1))


def uid_decoder(card: CardFormat) -> Callable[[bytes], bytes | BadFrame]:
    """The function from a reader's line to a canonical UID, or the reason why it is none.

    Where zeros are dropped a number gets up to one zero byte back; what lacks more was cut off. `random_uid`: four bytes that
    begin with 08 are drawn anew at every reading. A leading 88 is the cascade tag, the first part of a longer UID which many
    cards share: cut off as well (both ISO/IEC 14443-3, UID of single size). All zeros or all ones is a failed reading.
    """
    values = 256**card.uid_bytes
    number = _NUMBERS[card.uid_format]
    removed = card.removed_as.strip().encode("ascii")

    def decode(line: bytes) -> bytes | BadFrame:
        if removed and line.strip() == removed:
            return REMOVED
        value = number(card, line)
        if isinstance(value, str):
            return BadFrame(value, len(line))
        uid = value.to_bytes(card.uid_bytes, "little" if card.reversed else "big")
        if value in (0, values - 1):
            return BadFrame("garbage", len(line))
        if card.uid_bytes == 4 and uid[0] == _RANDOM_UID:
            return BadFrame("random_uid", len(line))
        if card.uid_bytes == 4 and uid[0] == _CASCADE_TAG:
            return BadFrame("truncated", len(line))
        return uid.hex().upper().encode("ascii")

    return decode


def _number(card: CardFormat, line: bytes) -> int | BadReason:
    """One number in hex or decimal, whatever stands between its digits."""
    text = line.translate(None, _SEPARATORS)
    base, digits = (16, _HEX) if card.uid_format == "hex" else (10, _DECIMAL)
    if not re.fullmatch(digits, text):
        return "garbage"
    value, values, width = int(text, base), 256**card.uid_bytes, full_width(card)
    if len(text) > width or value >= values:
        return "too_long"
    return "truncated" if len(text) < width and not (card.zeros_dropped and value >= values >> 16) else value


def _wiegand_number(card: CardFormat, line: bytes) -> int | BadReason:
    """Facility and number, each of 16 bits: five digits each, with something between them where zeros are dropped."""
    found = re.fullmatch(_FACILITY_AND_NUMBER, line.strip())
    if not found:
        return "garbage"
    parts = [part for part in found.groups() if part]
    facility, number = (int(part) for part in parts)
    if max(map(len, parts)) > 5 or facility > 0xFFFF or number > 0xFFFF:
        return "too_long"
    return "truncated" if min(map(len, parts)) < 5 and not (card.zeros_dropped and facility) else facility << 16 | number


def _framed_number(card: CardFormat, payload: bytes) -> int | BadReason:
    return framed_uid(payload, card.uid_bytes)


_NUMBERS: Mapping[str, Callable[[CardFormat, bytes], int | BadReason]] = {
    "hex": _number,
    "decimal": _number,
    "wiegand": _wiegand_number,
    "frame": _framed_number,
}


_CARD_KEYS = frozenset(field.name for field in fields(CardFormat))


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    card = CardFormat(**{key: options[key] for key in _CARD_KEYS & options.keys()})
    if card.uid_format == "frame":
        return spec._replace(framer=card_framer, decode=uid_decoder(card), binary=True)
    if card.zeros_dropped or card.removed_as:
        # A number without its zeros, or a word, and one that was cut off look alike: the line has to say where it ends.
        spec = spec._replace(framer=partial(spec.framer, gap_ends=False))
    return spec._replace(decode=uid_decoder(card))


def pcsc_uid(line: bytes) -> bytes | BadFrame:
    """A line of a PC/SC reader: a UID of 4, 7 or 10 bytes, or that the card was taken away."""
    if line == REMOVED:
        return REMOVED
    size = next((size for size in (4, 7, 10) if len(line) == 2 * size), 4)
    return uid_decoder(CardFormat(uid_bytes=size))(line)


def _open_pcsc(address: str, settings: LineSettings) -> Line:
    from device_drivers.pcsc import open_pcsc  # ctypes, which the other readers do without

    return open_pcsc(address, settings)


CARD_READER = DriverSpec(
    name="card_reader",
    role=Role.CARD_READER,
    line=LineSettings(),
    silence_s=0.1,
    framer=partial(LineEndFramer, MAX_CARD_BYTES),
    decode=uid_decoder(CardFormat()),
    options=_CARD_KEYS | {"ended_by"},
    adapt=_adapted,
)

PCSC_READER = DriverSpec(
    name="pcsc_reader",
    role=Role.CARD_READER,
    line=LineSettings(),
    silence_s=0.1,
    framer=partial(LineEndFramer, MAX_CARD_BYTES, gap_ends=False),
    decode=pcsc_uid,
    open=_open_pcsc,
)
