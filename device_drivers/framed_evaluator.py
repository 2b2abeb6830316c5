"""The framed serial evaluator of queue systems, with four keys: ratings, key presses, and what the host tells it.

Source: device protocols, “The framed serial evaluator”: 9600 8N1, `FF 68 LEN LEN 68 ADDR FUNC DATA… CS 16`. LEN counts ADDR,
FUNC and DATA; CS is their sum modulo 256; the payload may itself hold FF, 68 and 16. It decides nothing: which rating counts
is the application's affair.
"""

from collections.abc import Mapping
from typing import Any

from device_drivers.framing import BadFrame
from device_drivers.length_framing import LengthFramer
from device_drivers.levels import FRAMED_LEVELS, LEVEL_TABLES, stars
from device_drivers.spec import DriverSpec, Prompts, Role
from device_drivers.transport import LineSettings

ADDRESS = 1
DEVICE_LENGTHS = range(3, 6)
HOST_LENGTHS = range(2, 9)
KEYS: Mapping[int, bytes] = {
    0x0B: b"evaluate",
    0x0C: b"call next",
    0x0D: b"recall",
    0x0F: b"confirm",
    0x12: b"pause",
    0x13: b"transfer",
}
BLANK = 0x0A

_START = b"\xff\x68"
_MARK, _END = 0x68, 0x16
_HEAD = 5
_RATING = 0x11
_ASK, _SHOW, _BEEP = 0x01, 0x02, 0x03


def frame(payload: bytes) -> bytes:
    """ADDR, FUNC and DATA as they go over the line."""
    return bytes((*_START, len(payload), len(payload), _MARK, *payload, sum(payload) % 256, _END))


def evaluator_framer(lengths: range = DEVICE_LENGTHS) -> LengthFramer:
    """`FF 68 LEN LEN 68 … CS 16` → ADDR, FUNC and DATA, where LEN is one of `lengths`."""
    heads = {bytes((*_START, length, length, _MARK)): _HEAD + length + 2 for length in lengths}
    return LengthFramer(heads, lambda head, payload: sum(payload) % 256, _END)


def decoder(address: int, levels: Mapping[int, int]) -> Any:
    """The function from a device's frame to `stars=N` or `key=NAME`, or the reason why it is neither."""

    def decode(payload: bytes) -> bytes | BadFrame:
        size = len(payload) + _HEAD + 2
        if len(payload) < DEVICE_LENGTHS.start:
            return BadFrame("truncated", size)
        if payload[0] != address:
            return BadFrame("wrong_address", size)
        if payload[1] == _RATING:
            return stars(levels, payload[2], size) if len(payload) == 3 else BadFrame("unknown_code", size, payload)
        if payload[-1] in KEYS:
            return b"key=" + KEYS[payload[-1]]
        return BadFrame("unknown_code", size, payload)

    return decode


def acknowledgement(payload: bytes) -> bytes:
    """A key press is echoed; a rating comes back with FUNC 01."""
    return frame(bytes((payload[0], _ASK, *payload[2:])) if payload[1] == _RATING else payload)


def prompts(address: int) -> Prompts:
    """Start, show and beep when stars are asked; a beep when one is durable; a blank display when nothing is asked."""
    beep = frame(bytes((address, _BEEP)))
    ask = frame(bytes((address, _ASK, 0x0B))) + frame(bytes((address, _SHOW, 0x05))) + beep
    return Prompts(ask=ask, thank=beep, rest=frame(bytes((address, _SHOW, *(6 * [BLANK])))))


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    address, table = options.get("device_address", ADDRESS), options.get("levels", "framed")
    if isinstance(address, bool) or address not in range(256):
        raise ValueError(f"device_address = {address!r}: must be a whole number from 0 to 255")
    if table not in LEVEL_TABLES:
        raise ValueError(f"levels = {table!r}: must be one of {', '.join(LEVEL_TABLES)}")
    levels = LEVEL_TABLES[table]
    return spec._replace(levels=levels, decode=decoder(address, levels), prompts=prompts(address))


FRAMED_EVALUATOR = DriverSpec(
    name="framed_evaluator",
    role=Role.BUTTON_EVALUATOR,
    line=LineSettings(),
    silence_s=0.2,
    framer=evaluator_framer,
    decode=decoder(ADDRESS, FRAMED_LEVELS),
    levels=FRAMED_LEVELS,
    answer=acknowledgement,
    prompts=prompts(ADDRESS),
    binary=True,
    options=frozenset({"device_address", "levels"}),
    adapt=_adapted,
)
