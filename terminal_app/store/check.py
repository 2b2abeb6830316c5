"""`python -m terminal_app.store.check FILE`: SQLite's integrity check in a process of its own, at the lowest priority.

Exit code 0 when the file is sound, 1 when it is damaged, 2 when it cannot be looked at.
"""

import os
import sqlite3
import sys
from pathlib import Path

from terminal_app.store.salvage import is_sound

SOUND, DAMAGED, UNKNOWN = 0, 1, 2


def main(path: str) -> int:
    """Check the database at `path`. Returns the exit code."""
    os.nice(19)
    try:
        return SOUND if is_sound(Path(path), thorough=True) else DAMAGED
    except sqlite3.Error:
        return UNKNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
