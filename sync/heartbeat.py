"""What the platform is told of the terminal's devices, and when: at each look for documents, and soon after a change.

Kinds and states alone: neither names nor addresses, and nothing that a device read. What it is told of the store goes along.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from terminal_app.ports import DeviceBoard, DeviceReport

EVERY_MS = 60_000
"""A device that comes and goes is told of this often at most."""

Attached: TypeAlias = dict[str, Any]
StoreTold: TypeAlias = dict[str, int | None]
"""`quarantined`: how many entries are; `lost_at`: when the platform was last found to hold less than it had acknowledged, in
milliseconds since 1970 by its own clock, None: never."""


class Heartbeat:
    """Of one sender. `board` None: there is nothing to tell."""

    def __init__(self, board: DeviceBoard | None) -> None:
        self._board = board
        self._told: tuple[tuple[str, str], ...] | None = None
        self._told_ms: int | None = None

    def tell(self, now_ms: int) -> list[Attached] | None:
        """What to tell now; it counts as told unless `failed` follows."""
        if self._board is None:
            return None
        reports = self._board.reports()
        self._told, self._told_ms = _states(reports), now_ms
        return [_attached(report, now_ms) for report in reports]

    def failed(self) -> None:
        """It did not arrive."""
        self._told = None

    def due_ms(self) -> int | None:
        """When to tell at the latest because something has changed, as monotonic time; None while the platform knows."""
        if self._board is None or self._told_ms is None or self._told == _states(self._board.reports()):
            return None
        return self._told_ms + EVERY_MS


def _states(reports: Sequence[DeviceReport]) -> tuple[tuple[str, str], ...]:
    return tuple((report.driver, report.state) for report in reports)


def _attached(report: DeviceReport, now_ms: int) -> Attached:
    return {
        "role": report.role,
        "driver": report.driver,
        "state": report.state,
        "for_s": _seconds(report.since_ms, now_ms),
        "quiet_s": None if report.last_good_ms is None else _seconds(report.last_good_ms, now_ms),
    }


def _seconds(then_ms: int, now_ms: int) -> int:
    return max(0, now_ms - then_ms) // 1000
