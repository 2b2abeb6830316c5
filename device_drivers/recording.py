"""A recording of a line: what a device sent and when, as text that can be read, kept as a fixture and replayed.

    # rating-terminal recording 1
    # driver: barcode_scanner
    0.000 54 41 32 30
    0.012 32 36 0D

Seconds since the first byte, then the bytes in hex. It masks nothing: it holds whatever was scanned, laid or chosen.
"""

import os
import re
from pathlib import Path
from typing import IO, NamedTuple, Self

HEADER = "# rating-terminal recording 1"
_DRIVER = re.compile(r"# driver: (\w+)")
_CHUNK = re.compile(r"(\d{1,9}\.\d{3})((?: [0-9A-F]{2})+)")


class RecordingError(ValueError):
    """The file is no recording; the message names the line."""


class Recording(NamedTuple):
    """`chunks`: seconds since the first byte, and bytes, in order."""

    driver: str
    chunks: tuple[tuple[float, bytes], ...]


class Recorder:
    """Writes a recording, each chunk at once, so that an interrupted one is whole; nobody but its owner may read it."""

    def __init__(self, file: Path, driver: str) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: IO[str] = os.fdopen(descriptor, "w", encoding="ascii", buffering=1)
        self._first_s: float | None = None
        self._file.write(f"{HEADER}\n# driver: {driver}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take(self, data: bytes, now_s: float) -> None:
        """Bytes that came at this time, seconds of any clock that only goes forward."""
        self._first_s = now_s if self._first_s is None else self._first_s
        self._file.write(f"{now_s - self._first_s:.3f} {data.hex(' ').upper()}\n")


def read_recording(file: Path) -> Recording:
    """Raises RecordingError, OSError."""
    lines = file.read_text("ascii", "replace").splitlines()
    driver = _DRIVER.fullmatch(lines[1]) if len(lines) > 1 else None
    if lines[:1] != [HEADER] or driver is None:
        raise RecordingError(f"{file} does not begin like a recording of `rating-terminal devices record`")
    return Recording(driver[1], tuple(_chunk(file, number, line) for number, line in enumerate(lines[2:], 3) if _tells(line)))


def _tells(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _chunk(file: Path, number: int, line: str) -> tuple[float, bytes]:
    found = _CHUNK.fullmatch(line.strip())
    if not found:
        raise RecordingError(f"{file}, line {number}: seconds and bytes in hex are expected, as in `0.012 54 41`")
    return float(found[1]), bytes.fromhex(found[2])
