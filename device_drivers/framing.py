"""Bytes in any chunking → frames. Pure and incremental, in bounded memory; knows nothing of ports, threads or time.

A framer never raises over what a line sends: whatever is no frame comes out as a `BadFrame`, which holds its size and reason,
never its content. `gap()` is called by whoever reads the line once it has been silent for the driver's silence time.
"""

import re
from enum import Enum, auto
from typing import Literal, NamedTuple, Protocol

STX, ETX = 0x02, 0x03

BadReason = Literal["too_long", "bad_checksum", "truncated", "garbage", "random_uid", "unknown_code", "wrong_address"]

_STX_OR_ETX = re.compile(rb"[\x02\x03]")


class BadFrame(NamedTuple):
    """Bytes that are no frame: the reason and how many bytes (of `too_long`: how many had come when it was given up).

    `code`: of `unknown_code`, what a device that rates sent and no table of levels has; nothing personal, and no rating.
    """

    reason: BadReason
    size: int
    code: bytes = b""


class Framer(Protocol):
    """Collects the bytes of one line until they are frames."""

    @property
    def pending(self) -> bool:
        """True while bytes wait for their end, so that a silence would mean something."""
        ...

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        """Take the next bytes; the frames and bad frames that they completed, in order."""
        ...

    def gap(self) -> list[bytes | BadFrame]:
        """The line fell silent: what that completes. The next byte starts afresh."""
        ...


_HALVES = [tuple(1024 << power for power in reversed(range(size))) for size in range(64)]
"""By the bit length of a number of times 128 bytes: the widths, in bits, by which they are folded onto one such."""
_number = int.from_bytes


def block_check(payload: bytes | bytearray) -> int:
    """BCC of a payload: exclusive or of all its bytes and of ETX; STX is not part of it.

    The payload is one number, whose upper half is laid onto the lower one until one byte is left. The last seven times stand
    here one by one, since most payloads need no more, and a loop costs as much as they do.
    """
    folded = _number(payload, "little")
    if len(payload) > 128:
        for bits in _HALVES[(len(payload) - 1 >> 7).bit_length()]:
            folded ^= folded >> bits
    folded ^= folded >> 512
    folded ^= folded >> 256
    folded ^= folded >> 128
    folded ^= folded >> 64
    folded &= 0xFFFF_FFFF_FFFF_FFFF
    folded ^= folded >> 32
    folded ^= folded >> 16
    return (folded ^ folded >> 8) & 0xFF ^ ETX


def stx_etx_frame(payload: bytes) -> bytes:
    """The payload as STX payload ETX BCC. Raises ValueError if it holds STX or ETX, which no text encoding used here does."""
    if _STX_OR_ETX.search(payload):
        raise ValueError("a payload must not hold the bytes 02 and 03")
    return bytes((STX, *payload, ETX, block_check(payload)))


class _Place(Enum):
    OUTSIDE = auto()
    INSIDE = auto()
    CHECK = auto()
    SKIPPING = auto()


class StxEtxBccFramer:
    """`02 payload 03 BCC` → payload.

    BCC is the exclusive or of the payload's bytes and ETX, and may itself be any byte, 02, 03, 0D and 0A included. CR and LF
    between frames are ignored; other bytes there are garbage, reported when a frame starts, at a silence, or every `max_size`
    bytes. An STX inside a frame means that the frame before it was cut off. A wrong BCC that is an STX starts a frame too: the
    BCC itself was lost. After an over-long payload everything up to the next STX is skipped.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._place = _Place.OUTSIDE
        self._payload = bytearray()
        self._noise = 0

    @property
    def pending(self) -> bool:
        return self._place is not _Place.OUTSIDE or self._noise > 0

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        position = 0
        if self._place is _Place.INSIDE and ETX in data:
            data = b"\x02" + self._payload + data  # whole again, if it is a frame
            self._payload.clear()
            self._place = _Place.OUTSIDE
        while position < len(data):
            match self._place:
                case _Place.OUTSIDE:
                    position = self._outside(data, self._whole(data, position, out), out)
                case _Place.INSIDE:
                    position = self._inside(data, position, out)
                case _Place.CHECK:
                    position = self._check(data, position, out)
                case _Place.SKIPPING:
                    position = self._skip(data, position)
        return out

    def gap(self) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        if self._place is _Place.INSIDE:
            out.append(BadFrame("truncated", len(self._payload) + 1))
        elif self._place is _Place.CHECK:
            out.append(BadFrame("truncated", len(self._payload) + 2))
        self._place = _Place.OUTSIDE
        self._payload.clear()
        self._end_noise(out)
        return out

    def _whole(self, data: bytes, position: int, out: list[bytes | BadFrame]) -> int:
        """Frames without a flaw from here on; the rest of the framer would take them too, and more slowly."""
        if self._noise:
            return position
        last, longest = len(data) - 1, self._max_size + 1
        while position < last and data[position] == STX:
            end = data.find(ETX, position, last)
            if end < 0 or end - position > longest:
                break
            payload = data[position + 1 : end]
            if STX in payload or data[end + 1] != block_check(payload):
                break
            out.append(payload)
            position = end + 2
        return position

    def _outside(self, data: bytes, position: int, out: list[bytes | BadFrame]) -> int:
        start = data.find(STX, position)
        end = len(data) if start < 0 else start
        if end > position:
            self._noise += end - position - data.count(b"\r", position, end) - data.count(b"\n", position, end)
            while self._noise >= self._max_size:
                out.append(BadFrame("garbage", self._max_size))
                self._noise -= self._max_size
        if start < 0:
            return end
        self._end_noise(out)
        self._begin()
        return start + 1

    def _inside(self, data: bytes, position: int, out: list[bytes | BadFrame]) -> int:
        mark = _STX_OR_ETX.search(data, position)
        end = mark.start() if mark else len(data)
        room = self._max_size - len(self._payload)
        if end - position > room:
            out.append(BadFrame("too_long", self._max_size + 1))
            self._payload.clear()
            self._place = _Place.SKIPPING
            return position + room + 1
        self._payload += data[position:end]
        if mark is None:
            return end
        if data[end] == ETX:
            self._place = _Place.CHECK
        else:
            out.append(BadFrame("truncated", len(self._payload) + 1))
            self._begin()
        return end + 1

    def _check(self, data: bytes, position: int, out: list[bytes | BadFrame]) -> int:
        self._place = _Place.OUTSIDE
        if data[position] == block_check(self._payload):
            out.append(bytes(self._payload))
        else:
            out.append(BadFrame("bad_checksum", len(self._payload) + 3))
            if data[position] == STX:
                self._begin()
        return position + 1

    def _skip(self, data: bytes, position: int) -> int:
        start = data.find(STX, position)
        if start < 0:
            return len(data)
        self._begin()
        return start + 1

    def _begin(self) -> None:
        self._payload.clear()
        self._place = _Place.INSIDE

    def _end_noise(self, out: list[bytes | BadFrame]) -> None:
        if self._noise:
            out.append(BadFrame("garbage", self._noise))
        self._noise = 0


class LineEndFramer:
    """Bytes up to CR, LF, CRLF or a silence → one line. Empty lines are nothing; apart from its end nothing is stripped.

    A line of more than `max_size` bytes is reported once and skipped up to its end. With `gap_ends` false a silence ends no
    line, it cuts it off: for devices that are known to send CR or LF.
    """

    def __init__(self, max_size: int, gap_ends: bool = True) -> None:
        self._max_size = max_size
        self._gap_ends = gap_ends
        self._line = bytearray()
        self._skipping = False

    @property
    def pending(self) -> bool:
        return self._skipping or bool(self._line)

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        *ended, rest = data.replace(b"\r", b"\n").split(b"\n")
        if ended:
            self._collect(ended[0], out)
            out += self._end()
            for line in filter(None, ended[1:]):
                out.append(line if len(line) <= self._max_size else BadFrame("too_long", self._max_size + 1))
        self._collect(rest, out)
        return out

    def gap(self) -> list[bytes | BadFrame]:
        return [line if self._gap_ends else BadFrame("truncated", len(line)) for line in self._end()]

    def _end(self) -> list[bytes]:
        line = bytes(self._line)
        self._line.clear()
        self._skipping = False
        return [line] if line else []

    def _collect(self, part: bytes, out: list[bytes | BadFrame]) -> None:
        if self._skipping:
            return
        if len(self._line) + len(part) > self._max_size:
            out.append(BadFrame("too_long", self._max_size + 1))
            self._line.clear()
            self._skipping = True
            return
        self._line += part


_LINE_NOISE = re.compile(rb"[\x00-\x03\x05-\x08\x0a-\x1b\x7f]")


def text_line(line: bytes) -> bytes | BadFrame:
    """The line itself, or garbage if it holds control characters that no code carries.

    Tab, EOT and the separators FS, GS, RS, US belong to codes (ISO/IEC 15434); any other is noise or a wrong line speed.
    """
    return BadFrame("garbage", len(line)) if _LINE_NOISE.search(line) else line
