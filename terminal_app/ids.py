"""Random tokens, and time-ordered identifiers: UUID version 7 of RFC 9562, section 5.7, never going back in one process."""

import os
import time
from threading import Lock

from terminal_app.domain.receipt import TOKEN_BYTES

_COUNTER_BITS = 12
_TAIL_BITS = 62


class Uuid7Ids:
    """Fresh UUIDs from any thread. The 12 bits after the time count within a millisecond (section 6.2, method 1).

    While the wall clock stands or goes back, counting goes on from the latest time seen.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def uuid7(self) -> str:
        """A fresh UUID as text (36)."""
        now = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        with self._lock:
            self._last = max(now, self._last + 1)
            ordered = self._last
        tail = int.from_bytes(os.urandom(8)) >> (64 - _TAIL_BITS)
        digits = f"{ordered >> _COUNTER_BITS:012x}7{ordered & 0xFFF:03x}{0b10 << _TAIL_BITS | tail:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def token(self) -> bytes:
        """128 fresh random bits, for a citizen's receipt."""
        return os.urandom(TOKEN_BYTES)
