"""Raw bytes as an administrator may see them: their kinds, never what they say. Keeps no byte longer than its frame lasts."""

HEAD_BYTES, TAIL_BYTES = 40, 8

_CONTROL = {0x02: "STX", 0x03: "ETX", 0x09: "TAB", 0x0A: "LF", 0x0D: "CR", 0x1D: "GS"}
_HIDDEN = ("•",) * 256


def _kind(byte: int) -> str:
    if byte < 0x20 or byte == 0x7F:
        return f"<{_CONTROL.get(byte, f'{byte:02X}')}>"
    if byte >= 0x80:
        return "~"
    return "9" if chr(byte).isdigit() else "A" if chr(byte).isalpha() else "."


_KINDS = tuple(map(_kind, range(256)))


def masked(data: bytes, binary: bool = False) -> str:
    """Bytes as their kinds: 9 a digit, A a letter, . another sign, ~ a byte above 7F, <STX> or <1F> control.

    `binary` (DriverSpec): each is • instead; a key's code would be a digit of a case number, or a level.
    """
    return _text(data[:HEAD_BYTES], data[HEAD_BYTES:][-TAIL_BYTES:], len(data), binary)


def _text(head: bytes, tail: bytes, size: int, binary: bool) -> str:
    kinds = _HIDDEN if binary else _KINDS
    begin, end = ("".join(kinds[byte] for byte in part) for part in (head, tail))
    return begin + end if size <= len(head) + len(tail) else f"{begin} … {end} ({size} B)"


class Glimpse:
    """The bytes of one frame while they come, bounded: the first, the last, and how many."""

    def __init__(self, binary: bool) -> None:
        self._binary = binary
        self._head, self._tail, self._size = b"", b"", 0

    def add(self, data: bytes) -> None:
        room = HEAD_BYTES - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[room:])[-TAIL_BYTES:]
        self._size += len(data)

    def begin(self, data: bytes) -> None:
        """The next frame, of which this has come, perhaps with the end of the one before."""
        self._head, self._tail, self._size = data[:HEAD_BYTES], data[HEAD_BYTES:][-TAIL_BYTES:], len(data)

    def text(self) -> str:
        """What came, masked; empty when nothing did."""
        return _text(self._head, self._tail, self._size, self._binary)
