"""The framed serial evaluator of queue systems, with four keys: ratings, key presses, and what the host tells it.

Source: device protocols, “The framed serial evaluator”: 9600 8N1, `FF 68 LEN LEN 68 ADDR FUNC DATA… CS 16`. LEN counts ADDR,
FUNC and DATA; CS is their sum modulo 256; the payload may itself hold FF, 68 and 16. It decides nothing: which rating counts
is the application's affair.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from device_drivers.framing import BadFrame, BadReason
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
_NOISE_AT_MOST = 256


def frame(payload: bytes) -> bytes:
    """ADDR, FUNC and DATA as they go over the line."""
    return bytes((*_START, len(payload), len(payload), _MARK, *payload, sum(payload) % 256, _END))


class LengthFramer:
    """`FF 68 LEN LEN 68 … CS 16` → ADDR, FUNC and DATA, where LEN is one of `lengths`.

    What is no frame is passed byte by byte, so that a frame right behind, or inside, a damaged one is found. It is reported as
    one bad frame when a good one comes, at a silence, or every 256 bytes: as `bad_checksum` if anything in it looked like a
    frame and had another sum, as `truncated` if a silence cut off what was a frame so far, as `garbage` otherwise.
    """

    def __init__(self, lengths: range = DEVICE_LENGTHS) -> None:
        self._lengths = lengths
        self._heads = {bytes((*_START, length, length, _MARK)): _HEAD + length + 2 for length in lengths}
        self._buffer = bytearray()
        self._noise = 0
        self._reason: BadReason = "garbage"

    @property
    def pending(self) -> bool:
        return bool(self._buffer) or self._noise > 0

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        self._buffer += data
        self._take_whole(out)
        self._parse(out)
        return out

    def gap(self) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        while self._buffer:
            if len(self._buffer) > len(_START):
                self._reason = "truncated"
            self._pass(out)
            self._parse(out)
        self._end_noise(out)
        return out

    def _take_whole(self, out: list[bytes | BadFrame]) -> None:
        """Frames without a flaw at the head of the buffer; `_parse` would take them too, and more slowly."""
        data, start = bytes(self._buffer), 0
        while size := self._heads.get(data[start : start + _HEAD]):
            end = start + size
            payload = data[start + _HEAD : end - 2]
            if len(data) < end or data[end - 1] != _END or data[end - 2] != sum(payload) % 256:
                break
            self._end_noise(out)
            out.append(payload)
            start = end
        del self._buffer[:start]

    def _parse(self, out: list[bytes | BadFrame]) -> None:
        """Take everything from the buffer that can be judged by now."""
        while self._starts(out):
            size = self._size()
            if size is None:
                self._pass(out)
            elif len(self._buffer) < max(size, _HEAD):
                return
            elif self._is_whole(size):
                self._end_noise(out)
                out.append(bytes(self._buffer[_HEAD : size - 2]))
                del self._buffer[:size]
            else:
                self._reason = "bad_checksum"
                self._pass(out)

    def _starts(self, out: list[bytes | BadFrame]) -> bool:
        """Pass what comes before FF 68; whether the buffer begins with it now."""
        while self._buffer and not _START.startswith(self._buffer[: len(_START)]):
            next_start = self._buffer.find(_START[0], 1)
            self._pass(out, next_start if next_start > 0 else len(self._buffer))
        return self._buffer.startswith(_START)

    def _size(self) -> int | None:
        """How long the frame at the head of the buffer is, 0 if that is not known yet; None: it is no frame."""
        head = self._buffer[2:_HEAD]
        if not head:
            return 0
        expected = bytes((head[0], head[0], _MARK))
        if head[0] not in self._lengths or not expected.startswith(head):
            return None
        return _HEAD + head[0] + 2 if head == expected else 0

    def _is_whole(self, size: int) -> bool:
        payload, check, end = self._buffer[_HEAD : size - 2], self._buffer[size - 2], self._buffer[size - 1]
        return check == sum(payload) % 256 and end == _END

    def _pass(self, out: list[bytes | BadFrame], count: int = 1) -> None:
        del self._buffer[:count]
        self._noise += count
        while self._noise >= _NOISE_AT_MOST:
            out.append(BadFrame(self._reason, _NOISE_AT_MOST))
            self._noise, self._reason = self._noise - _NOISE_AT_MOST, "garbage"

    def _end_noise(self, out: list[bytes | BadFrame]) -> None:
        if self._noise:
            out.append(BadFrame(self._reason, self._noise))
        self._noise, self._reason = 0, "garbage"


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
    framer=partial(LengthFramer, DEVICE_LENGTHS),
    decode=decoder(ADDRESS, FRAMED_LEVELS),
    levels=FRAMED_LEVELS,
    answer=acknowledgement,
    prompts=prompts(ADDRESS),
    binary=True,
    options=frozenset({"device_address", "levels"}),
    adapt=_adapted,
)
