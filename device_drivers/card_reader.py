"""The serial staff-card reader: a UID as a line of text → its canonical form, upper-case hex of the raw bytes at fixed length.

Source: device protocols, “What goes wrong in the field”: dropped leading zeros, reversed bytes, random UIDs. A UID identifies,
it proves nothing; a wrong one must never come out of a broken line, so what is not plainly a UID is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from device_drivers.framing import BadFrame, LineEndFramer
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

MAX_CARD_BYTES = 64
_SEPARATORS = b" :-\t"
_CASCADE_TAG = 0x88
_RANDOM_UID = 0x08


@dataclass(frozen=True, slots=True)
class CardFormat:
    """How a reader writes a UID: `hex` or `decimal`, bytes `reversed` or not, of 4 or 7 bytes. Raises ValueError otherwise."""

    uid_format: str = "hex"
    reversed: bool = False
    uid_bytes: int = 4

    def __post_init__(self) -> None:
        if self.uid_format not in ("hex", "decimal"):
            raise ValueError(f"uid_format = {self.uid_format!r}: must be one of hex, decimal")
        if not isinstance(self.reversed, bool):
            raise ValueError(f"reversed = {self.reversed!r}: must be true or false")
        if isinstance(self.uid_bytes, bool) or self.uid_bytes not in (4, 7):
            raise ValueError(f"uid_bytes = {self.uid_bytes!r}: must be one of 4, 7")


def uid_decoder(card: CardFormat) -> Callable[[bytes], bytes | BadFrame]:
    """The function from a reader's line to a canonical UID, or the reason why it is none.

    A number that lost its leading zeros gets one zero byte back; what lacks more was cut off. `random_uid`: four bytes
    beginning with 08 are drawn anew at every reading (ISO/IEC 14443-3, 6.5.4). A leading 88 is the cascade tag, the first
    part of a longer UID, shared by many cards: cut off as well. All zeros or all ones is what a failed reading looks like.
    """
    base, digits = (16, rb"[0-9A-Fa-f]+") if card.uid_format == "hex" else (10, rb"[0-9]+")
    number = re.compile(digits)
    values = 256**card.uid_bytes
    full_width = 2 * card.uid_bytes if base == 16 else len(str(values - 1))

    def decode(line: bytes) -> bytes | BadFrame:
        text = line.translate(None, _SEPARATORS)
        if not number.fullmatch(text):
            return BadFrame("garbage", len(line))
        value = int(text, base)
        if len(text) > full_width or value >= values:
            return BadFrame("too_long", len(line))
        if len(text) < full_width and value < values >> 16:
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


CARD_READER = DriverSpec(
    name="card_reader",
    role=Role.CARD_READER,
    line=LineSettings(),
    silence_s=0.1,
    framer=lambda: LineEndFramer(MAX_CARD_BYTES),
    decode=uid_decoder(CardFormat()),
)
