"""The binary frame of contactless readers on a serial line: bytes → the number that a UID is.

`02 LEN KIND UID… BCC 03`: LEN is the size of the whole frame, BCC the exclusive or of everything between the first byte and
itself. KIND is the kind of the card; of some a batch number stands between it and the UID. Source: device protocols, “Roles” (a
UID as a binary frame), and the output format that makers of readers publish, with 02 0A 02 06 00 8E 6D 5D B0 03 for a card with
0009334109 on it.
"""

from device_drivers.framing import ETX, STX, BadReason, block_check
from device_drivers.length_framing import LengthFramer

_SIZES = range(6, 17)
_AROUND = 4
_KIND = 1


def card_framer() -> LengthFramer:
    """Frames → what stands between LEN and BCC."""
    return LengthFramer({bytes((STX, size)): size for size in _SIZES}, _check, ETX)


def card_frame(uid: bytes, before: bytes = bytes((_KIND,))) -> bytes:
    """A frame with this UID; `before`: the kind, perhaps with a batch number."""
    payload = before + uid
    head = bytes((STX, len(payload) + _AROUND))
    return head + payload + bytes((_check(head, payload), ETX))


def framed_uid(payload: bytes, uid_bytes: int) -> int | BadReason:
    """The UID at the end of a frame's payload, as a number; UIDs have 4, 7 or 10 bytes, so that another size is noticed."""
    before = len(payload) - uid_bytes
    if before not in (1, 2):
        return "truncated" if before < 1 else "too_long"
    return int.from_bytes(payload[before:])


def _check(head: bytes, payload: bytes) -> int:
    return block_check(head[1:] + payload) ^ ETX
