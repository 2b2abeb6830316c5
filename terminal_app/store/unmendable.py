"""Which file a salvage did not mend, so that no start sets the same content aside once more. It deletes no copy and no entry.

A service manager starts a terminal that cannot open its journal again every few seconds; a copy at each start would fill the
disk. Other content is tried afresh, and so is the same content by another build.
"""

import os
from pathlib import Path

from terminal_app.store.connection import wal_of
from terminal_app.store.folder import sync_folder

_NOTE = "salvage-did-not-help"


def is_unmendable(path: Path, build: str) -> bool:
    """Whether this build salvaged the database at `path` before, and could not open what it made. Raises OSError."""
    note = _note(path)
    return note.exists() and note.read_bytes() == _fingerprint(path, build)


def is_noted(path: Path) -> bool:
    """Whether some build could not open the database at `path` even after a salvage, and none has opened it since."""
    return _note(path).exists()


def note_unmendable(path: Path, build: str) -> None:
    """The database at `path`, as it is now, has been salvaged by this build and could not be opened. Raises OSError."""
    with _note(path).open("wb") as file:
        file.write(_fingerprint(path, build))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def forget(path: Path) -> None:
    """The database at `path` has been opened."""
    _note(path).unlink(missing_ok=True)


def _note(path: Path) -> Path:
    return path.parent / _NOTE


def _fingerprint(path: Path, build: str) -> bytes:
    """The build, and the SHA-256 of what SQLite would read."""
    import hashlib

    digest = hashlib.sha256()
    for file in (path, wal_of(path)):
        if file.exists():
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return f"{build} {digest.hexdigest()}".encode()
