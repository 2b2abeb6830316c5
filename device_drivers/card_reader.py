"""The serial staff-card reader: a UID as a line of text → its canonical form, upper-case hex of the raw bytes at fixed length.

Source: device protocols, “What goes wrong in the field”: dropped leading zeros, reversed bytes, random UIDs. A UID identifies,
it proves nothing; a wrong one must never come out of a broken line, so what is not plainly a UID is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from device_drivers.framing import BadFrame, LineEndFramer
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

MAX_CARD_BYTES = 64
_SEPARATORS = b" :-\t"
_CASCADE_TAG = 0x88
_RANDOM_UID = 0x08


@dataclass(frozen=True, slots=True)
class CardFormat:
    """How a reader writes a UID: `hex` or `decimal`, bytes `reversed` or not, of 4 or 7 bytes. Raises ValueError otherwise.

    `zeros_dropped`: it leaves out leading zeros. Otherwise a number that is not of full width (8 or 14 hex, 10 or 17 decimal
    digits) was cut off.
    """

    uid_format: str = "hex"
    reversed: bool = False
    uid_bytes: int = 4
    zeros_dropped: bool = False

    def __post_init__(self) -> None:
        if self.uid_format not in ("hex", "decimal"):
            raise ValueError(f"uid_format = {self.uid_format!r}: must be one of hex, decimal")
        for key, value in (("reversed", self.reversed), ("zeros_dropped", self.zeros_dropped)):
            if not isinstance(value, bool):
                raise ValueError(f"{key} = {value!r}: must be true or false")
        if isinstance(self.uid_bytes, bool) or self.uid_bytes not in (4, 7):
            raise ValueError(f"uid_bytes = {self.uid_bytes!r}: must be one of 4, 7")


def full_width(card: CardFormat) -> int:
    """Digits of the largest UID in that format."""
    return 2 * card.uid_bytes if card.uid_format == "hex" else len(str(256**card.uid_bytes - 1))


def uid_decoder(card: CardFormat) -> Callable[[bytes], bytes | BadFrame]:
    """The function from a reader's line to a canonical UID, or the reason why it is none.

    Where zeros are dropped a number gets up to one zero byte back; what lacks more was cut off. `random_uid`: four bytes that
    begin with 08 are drawn anew at every reading. A leading 88 is the cascade tag, the first part of a longer UID which many
    cards share: cut off as well (both ISO/IEC 14443-3, UID of single size). All zeros or all ones is a failed reading.
    """
    base, digits = (16, rb"[0-9A-Fa-f]+") if card.uid_format == "hex" else (10, rb"[0-9]+")
    number = re.compile(digits)
    values = 256**card.uid_bytes
    width = full_width(card)

    def decode(line: bytes) -> bytes | BadFrame:
        text = line.translate(None, _SEPARATORS)
        if not number.fullmatch(text):
            return BadFrame("garbage", len(line))
        value = int(text, base)
        if len(text) > width or value >= values:
            return BadFrame("too_long", len(line))
        if len(text) < width and not (card.zeros_dropped and value >= values >> 16):
            return BadFrame("truncated", len(line))
        uid = value.to_bytes(card.uid_bytes, "little" if card.reversed else "big")
        if value in (0, values - 1):
            return BadFrame("garbage", len(line))
        if card.uid_bytes == 4 and uid[0] == _RANDOM_UID:
            return BadFrame("random_uid", len(line))
        if card.uid_bytes == 4 and uid[0] == _CASCADE_TAG:
            return BadFrame("truncated", len(line))
        return uid.hex().upper().encode("ascii")

    return decode


_CARD_KEYS = frozenset(field.name for field in fields(CardFormat))


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    card = CardFormat(**{key: options[key] for key in _CARD_KEYS & options.keys()})
    if card.zeros_dropped:
        # A number without its zeros and one that was cut off look alike, so that the line has to say where it ends.
        spec = spec._replace(framer=partial(spec.framer, gap_ends=False))
    return spec._replace(decode=uid_decoder(card))


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
