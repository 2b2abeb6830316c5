"""Writes a file whole or not at all, for its owner alone to read."""

import os
import tempfile
from pathlib import Path


class FileNotWritten(Exception):
    """The file cannot be written; the message names it and the remedy. What was there before is there still."""


def check_place(path_text: str) -> None:
    """See whether a file could be written there, before long work. Raises FileNotWritten."""
    handle, made = _begin(Path(path_text))
    os.close(handle)
    Path(made).unlink()


def write_whole(path_text: str, content: bytes) -> None:
    """Raises FileNotWritten."""
    path = Path(path_text)
    handle, made = _begin(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(made, path)
    except OSError as error:
        raise _not_written(path, error) from None
    finally:
        Path(made).unlink(missing_ok=True)


def _begin(path: Path) -> tuple[int, str]:
    if path.is_dir():
        raise FileNotWritten(f"{path} is a folder. Name a file with -o.")
    try:
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _not_written(path, error) from None


def _not_written(path: Path, error: OSError) -> FileNotWritten:
    return FileNotWritten(f"{path} cannot be written: {error.strerror}. Name another file with -o.")
