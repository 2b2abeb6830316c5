"""Honest time from the operating system. The only module of the terminal that reads clocks for entries."""

import os
import time
from datetime import datetime
from pathlib import Path

from terminal_app.domain.journal import ClockQuality, Moment

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_QUALITY_KEPT_MS = 10_000
_UNSYNCHRONISED = 0x0040
"""STA_UNSYNC of adjtimex(2)."""
_GOOD_ERROR_US = 4_000_000
"""A clock that is being set every half hour, the longest interval of common time services, stays well below this."""


class SystemClock:
    """Wall clock with the local offset, monotonic clock, boot id, and the kernel's word on how good the wall clock is."""

    def __init__(self) -> None:
        self._boot = _boot_id()
        self._quality = ClockQuality.UNSYNCHRONISED
        self._quality_until_ms: int | None = None
        self._was_synchronised = False

    def moment(self) -> Moment:
        """Now. The quality is looked up every ten seconds."""
        mono_ms = self.mono_ms()
        if self._quality_until_ms is None or mono_ms >= self._quality_until_ms:
            self._quality = self._look_up_quality()
            self._quality_until_ms = mono_ms + _QUALITY_KEPT_MS
        return Moment(self.local_time(), mono_ms, self._boot, self._quality)

    def local_time(self) -> str:
        return datetime.now().astimezone().isoformat(timespec="milliseconds")

    def mono_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def _look_up_quality(self) -> ClockQuality:
        """Synchronised while the kernel says so; holding after that, until the next boot of this program."""
        from terminal_app.kernel_clock import adjtimex  # no picture waits for it

        kernel = adjtimex()
        in_step = kernel is not None and not kernel.status & _UNSYNCHRONISED
        if kernel is not None and in_step and kernel.maxerror_us <= _GOOD_ERROR_US:
            self._was_synchronised = True
            return ClockQuality.SYNCHRONISED
        if self._was_synchronised or in_step:
            return ClockQuality.HOLDING
        return ClockQuality.UNSYNCHRONISED


def _boot_id() -> str:
    """The kernel's boot id; where there is none, a random one, so that monotonic times are never compared across starts."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return os.urandom(16).hex()
