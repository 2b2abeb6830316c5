"""How often somebody may ask: so many at once and so many a minute, for each address and for everybody together.

Kept in the memory of one process: a restart forgets it, and each replica counts for itself.
"""

import threading
from collections.abc import Callable
from math import ceil

_ADDRESSES = 10_000
_MINUTE_S = 60.0


class _Bucket:
    """Tokens that come back with time; full at first."""

    def __init__(self, size: int, now: float) -> None:
        self.left = float(size)
        self.at = now

    def fill(self, size: int, now: float) -> None:
        self.left = min(float(size), self.left + (now - self.at) * size / _MINUTE_S)
        self.at = now


class RateLimit:
    """`each` questions a minute for an address, `all_together` for everybody; from any thread. `clock`: monotonic seconds."""

    def __init__(self, each: int, all_together: int, clock: Callable[[], float]) -> None:
        self._each = each
        self._all_together = all_together
        self._clock = clock
        self._lock = threading.Lock()
        self._everybody = _Bucket(all_together, clock())
        self._addresses: dict[str, _Bucket] = {}

    def wait_s(self, address: str) -> int:
        """Whole seconds until this address may ask; 0: now, and this counts as asked."""
        now = self._clock()
        with self._lock:
            own = self._addresses.get(address) or self._admit(address, now)
            own.fill(self._each, now)
            self._everybody.fill(self._all_together, now)
            missing = max((1 - own.left) * _MINUTE_S / self._each, (1 - self._everybody.left) * _MINUTE_S / self._all_together)
            if missing > 0:
                return ceil(missing)
            own.left -= 1
            self._everybody.left -= 1
            return 0

    def _admit(self, address: str, now: float) -> _Bucket:
        """A new address; the ones that have asked for nothing lately make room, the oldest if all have."""
        if len(self._addresses) >= _ADDRESSES:
            busy = {name: one for name, one in self._addresses.items() if now - one.at < _MINUTE_S}
            for name in list(busy)[: max(0, len(busy) - _ADDRESSES // 2)]:
                del busy[name]
            self._addresses = busy
        return self._addresses.setdefault(address, _Bucket(self._each, now))
