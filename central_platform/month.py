"""A month in China: its name, where it begins and ends, and which sessions of terminals may have been rated in it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from terminal_app.domain.working_days import CHINA

_MARGIN_MS = 86_400_000
"""A session's id carries the time of its beginning, its rating that of the last star: they lie in one day."""


class NotAMonth(ValueError):
    """The text is no month, as 2026-10."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month in China: `name` yyyy-mm, its first moment and the first one after it in milliseconds since 1970."""

    name: str
    starts: int
    ends: int

    def holds(self, at: int) -> bool:
        return self.starts <= at < self.ends

    def sessions(self) -> tuple[bytes, bytes]:
        """From which UUIDv7 on, and before which, sessions lie that may have been rated in the month."""
        return _first_session(self.starts - _MARGIN_MS), _first_session(self.ends + _MARGIN_MS)

    def before(self) -> "Month":
        """The month before it."""
        return Month.at(self.starts - 1)

    @staticmethod
    def at(ms: int) -> "Month":
        """The month of a moment."""
        return Month.named(datetime.fromtimestamp(ms / 1000, CHINA).strftime("%Y-%m"))

    @staticmethod
    def named(text: str) -> "Month":
        """Raises NotAMonth."""
        if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
            raise NotAMonth("a month is written as 2026-10")
        first = datetime.fromisoformat(f"{text}-01").replace(tzinfo=CHINA)
        following = (first + timedelta(days=31)).replace(day=1)
        return Month(text, _ms(first), _ms(following))


def _first_session(ms: int) -> bytes:
    """The lowest UUIDv7 of this moment."""
    return max(ms, 0).to_bytes(6, "big") + bytes(10)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
