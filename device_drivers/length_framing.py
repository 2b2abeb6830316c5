"""Frames that say how long they are: bytes in any chunking → payloads. Pure and incremental, in bounded memory."""

from collections.abc import Callable, Mapping

from device_drivers.framing import BadFrame, BadReason

_NOISE_AT_MOST = 256


class LengthFramer:
    """`HEAD payload CHECK END` → payload. Implements framing.Framer.

    `heads`: every head that a frame can have → the whole frame's size in bytes; all are equally long and begin with the same
    byte. `check`: head and payload → CHECK. The payload may hold any bytes, those of a head and END included.

    What is no frame is passed byte by byte, so that a frame right behind, or inside, a damaged one is found. It is reported as
    one bad frame when a good one comes, at a silence, or every 256 bytes: as `bad_checksum` if anything in it looked like a
    frame and had another sum, as `truncated` if a silence cut off what was a frame so far, as `garbage` otherwise.
    """

    def __init__(self, heads: Mapping[bytes, int], check: Callable[[bytes, bytes], int], end: int) -> None:
        self._heads = heads
        self._check = check
        self._end = end
        first = next(iter(heads))
        self._start, self._head = first[0], len(first)
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
            if len(self._buffer) > 1:
                self._reason = "truncated"
            self._pass(out)
            self._parse(out)
        self._end_noise(out)
        return out

    def _take_whole(self, out: list[bytes | BadFrame]) -> None:
        """Frames without a flaw at the head of the buffer; `_parse` would take them too, and more slowly."""
        data, start, length, check = bytes(self._buffer), 0, self._head, self._check
        while size := self._heads.get(head := data[start : start + length]):
            end = start + size
            payload = data[start + length : end - 2]
            if len(data) < end or data[end - 1] != self._end or data[end - 2] != check(head, payload):
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
            elif len(self._buffer) < max(size, self._head):
                return
            elif self._is_whole(frame := bytes(self._buffer[:size])):
                self._end_noise(out)
                out.append(frame[self._head : -2])
                del self._buffer[:size]
            else:
                self._reason = "bad_checksum"
                self._pass(out)

    def _starts(self, out: list[bytes | BadFrame]) -> bool:
        """Pass what comes before the first byte of a head; whether the buffer begins with it now."""
        start = self._buffer.find(self._start)
        if start:
            self._pass(out, start if start > 0 else len(self._buffer))
        return bool(self._buffer)

    def _size(self) -> int | None:
        """How long the frame at the head of the buffer is, 0 if that is not known yet; None: it is no frame."""
        head = bytes(self._buffer[: self._head])
        if len(head) == self._head:
            return self._heads.get(head)
        return 0 if any(known.startswith(head) for known in self._heads) else None

    def _is_whole(self, frame: bytes) -> bool:
        return frame[-1] == self._end and frame[-2] == self._check(frame[: self._head], frame[self._head : -2])

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
