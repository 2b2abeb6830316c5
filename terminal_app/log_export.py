"""The last lines of the log, and how an administrator gets them onto a stick. Knows no journal: that holds levels and reasons.

The log is the system's (docs/rating-terminal-journald.conf), which the terminal may not read; what it said itself it remembers.
"""

import errno
import logging
import os
from collections import deque
from collections.abc import Iterable
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LINES = 2_000


class RecentLog(logging.Handler):
    """Remembers the last LINES lines since the start; any thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self._lines: deque[str] = deque(maxlen=LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def lines(self) -> list[str]:
        self.acquire()
        try:
            return list(self._lines)
        finally:
            self.release()


def write_to_stick(stick: Path, name: str, lines: Iterable[str]) -> None:
    """The file is there whole or not at all. Raises OSError, also where nothing is mounted at `stick`."""
    if not os.path.ismount(stick):
        raise OSError(errno.ENODEV, "nothing is mounted there")
    draft = stick / f"{name}.part"
    try:
        with draft.open("w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(stick / name)
    finally:
        draft.unlink(missing_ok=True)
