"""The platform's own time: milliseconds since 1970, written as ISO 8601 in UTC. Nothing else here reads a clock."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from terminal_app.domain.working_days import CHINA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def at(ms: int) -> datetime:
    """The moment of these milliseconds, in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


@lru_cache(maxsize=256)
def iso(ms: int) -> str:
    """`2026-11-21T02:32:05.123+00:00`."""
    return at(ms).isoformat(timespec="milliseconds")


@lru_cache(maxsize=4_096)
def parse_wall(wall: str) -> tuple[int, str] | None:
    """Milliseconds since 1970 and the local day (yyyy-mm-dd) of a wall time with offset; None when it is no such time, or
    none that `iso` can write."""
    try:
        moment = datetime.fromisoformat(wall)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        since = moment.astimezone(UTC) - _EPOCH
    except OverflowError:
        return None
    return since // timedelta(milliseconds=1), moment.date().isoformat()


def china_day(ms: int) -> str:
    """The day in China (yyyy-mm-dd) of milliseconds since 1970."""
    return at(ms).astimezone(CHINA).date().isoformat()
