"""Whether the times that a chain's entries claim can be true, one after the other. Accuses only where they cannot.

**Back-dated** is an entry that claims an earlier time than what stands before it in its chain allows: it belongs to a boot that
had ended before, or to the same boot with an earlier monotonic time; or the wall clock went back by more than
CLOCK_TOLERANCE_MS since an entry that said, as it does, that it was synchronised. Within a boot the monotonic clock tells how
much time went by, across boots only that none went back.

A wall clock that went back while one of the two said `holding` or `unsynchronised` is what a window without network looks
like: a remark. Nothing here tells an entry that was written late by the key's owner with a time that fits.
"""

from datetime import datetime
from functools import lru_cache

from terminal_app.domain.journal import ClockQuality, Moment

CLOCK_TOLERANCE_MS = 5 * 60_000
"""As much as the platform allows a clock to be wrong before it marks an entry."""

BACK_DATED = "back_dated"
CLOCK_SET_BACK = "clock_set_back"

_NEVER_MS = 1 << 60
_WRITTEN_LENGTH = len("2026-11-21T10:32:05.123+08:00")


class ClaimedTime:
    """The times of one chain as far as they were read; memory grows with the boots only.

    A lead is wall minus monotonic time; it falls when the wall clock is set back. `_lead_ms` is that of the entry before,
    `_sure_lead_ms` the greatest of this boot that was said to be synchronised, `_sure_wall_ms` the latest such wall time.
    """

    __slots__ = ("_boot", "_boots", "_lead_ms", "_mono_ms", "_sure_lead_ms", "_sure_wall_ms")

    def __init__(self) -> None:
        self._boots: set[str] = set()
        self._boot = ""
        self._mono_ms = 0
        self._lead_ms = 0
        self._sure_lead_ms: int | None = None
        self._sure_wall_ms: int | None = None

    def take(self, moment: Moment) -> str | None:
        """BACK_DATED, CLOCK_SET_BACK or None for the next entry's time. A time that no clock shows is made up, too."""
        wall, mono_ms, boot, quality = moment
        try:
            wall_ms = wall_ms_of(wall)
        except ValueError:
            return BACK_DATED
        lead_ms = wall_ms - mono_ms
        impossible = mono_ms < self._mono_ms if boot == self._boot else self._enter(boot, mono_ms)
        set_back = self._lead_ms - lead_ms > CLOCK_TOLERANCE_MS
        self._mono_ms, self._lead_ms = mono_ms, lead_ms
        if quality is ClockQuality.SYNCHRONISED and self._contradicts(wall_ms, lead_ms):
            impossible = True
        if impossible:
            return BACK_DATED
        return CLOCK_SET_BACK if set_back else None

    def _enter(self, boot: str, mono_ms: int) -> bool:
        """Another boot; whether it had ended. Leads of before are counted as if no time had gone by since."""
        ended = boot in self._boots
        self._lead_ms = self._lead_ms + self._mono_ms - mono_ms if self._boots else -_NEVER_MS
        self._sure_lead_ms = None if self._sure_wall_ms is None else self._sure_wall_ms - mono_ms
        self._boots.add(boot)
        self._boot = boot
        return ended

    def _contradicts(self, wall_ms: int, lead_ms: int) -> bool:
        """Whether an entry before, as sure of its clock as this one, says that it is later. Told once: then this one counts."""
        if self._sure_lead_ms is None or self._sure_wall_ms is None:
            self._sure_lead_ms, self._sure_wall_ms = lead_ms, wall_ms
            return False
        if self._sure_lead_ms - lead_ms > CLOCK_TOLERANCE_MS:
            self._sure_lead_ms, self._sure_wall_ms = lead_ms, wall_ms
            return True
        if lead_ms > self._sure_lead_ms:
            self._sure_lead_ms = lead_ms
        if wall_ms > self._sure_wall_ms:
            self._sure_wall_ms = wall_ms
        return False


def wall_ms_of(wall: str) -> int:
    """Milliseconds since 1970 of a time in ISO 8601 with offset. Raises ValueError."""
    if len(wall) == _WRITTEN_LENGTH and wall[16] == ":" and wall[19] == ".":
        return _minute_ms(wall[:16] + wall[23:]) + int(wall[17:19]) * 1_000 + int(wall[20:23])
    return round(datetime.fromisoformat(wall).timestamp() * 1_000)


@lru_cache(maxsize=64)
def _minute_ms(minute: str) -> int:
    return round(datetime.fromisoformat(minute).timestamp() * 1_000)
