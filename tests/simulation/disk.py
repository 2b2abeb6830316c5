"""The disk of a machine: real files, with the troubles of real disks at COMMIT and while the machine is off.

A power cut keeps what was written and tears what was being written. Nothing here knows what the files mean.
"""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simulation.timeline import PowerCut

DATABASE = "journal.sqlite3"
_BUSY_S = 2.0
_SECTOR = 512
"""What a disk writes at once. SQLite's own random salts make bytes differ between two runs of a seed, not sectors."""


@dataclass(slots=True)
class Disk:
    """One data folder. `failures`: error codes that the next commits meet; `cut`: where the plug is pulled at the next one.

    `full`: commits fail unless the reserve file was given up and `spare` transactions still fit.
    """

    machine: str
    folder: Path
    chance: random.Random
    count: Callable[[str], None]
    failures: list[int] = field(default_factory=list)
    cut: str | None = None
    full: bool = False
    spare: int = 0
    frozen: dict[str, bytes] | None = None

    def commit(self, really: Callable[[], object]) -> object:
        """A COMMIT on this disk. Raises sqlite3.OperationalError or PowerCut."""
        cut, self.cut = self.cut, None
        if cut == "before":
            self._pull_plug("crash before commit")
        if cut == "torn":
            self._tear(really)
        if self.failures:
            self.count("commit I/O error")
            raise _error(self.failures.pop(), "disk I/O error")
        if self.full and not self._has_room():
            self.count("commit on a full disk")
            raise _error(sqlite3.SQLITE_FULL, "database or disk is full")
        result = really()
        if cut == "after":
            self._pull_plug("crash after commit")
        return result

    def _pull_plug(self, how: str) -> None:
        self.count(how)
        self.frozen = self.frozen or self.image()
        raise PowerCut(self.machine)

    def _tear(self, really: Callable[[], object]) -> None:
        wal = self.folder / f"{DATABASE}-wal"
        before = wal.read_bytes() if wal.exists() else b""
        really()
        after = wal.read_bytes() if wal.exists() else b""
        sectors = range(0, len(after), _SECTOR)
        first = next((at for at in sectors if before[at : at + _SECTOR] != after[at : at + _SECTOR]), len(after))
        at = first + int(self.chance.random() * (len(after) - first) / _SECTOR) * _SECTOR
        self.frozen = self.image() | {wal.name: after[:at] + before[at:]}
        self._pull_plug("crash with a torn commit")

    def _has_room(self) -> bool:
        if (self.folder / "reserve").exists() or self.spare <= 0:
            return False
        self.spare -= 1
        return True

    def image(self) -> dict[str, bytes]:
        """Every file as it is now."""
        paths = (path for path in self.folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}

    def put_back(self, image: dict[str, bytes]) -> None:
        """Set the whole disk to an image."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        for name, content in image.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def lose_power(self, end: Callable[[], object]) -> None:
        """What is on the disk stays as it is this moment, whatever ending the process would still write."""
        image = self.frozen or self.image()
        end()
        self.frozen, self.cut = None, None
        self.put_back(image)

    def flip(self) -> None:
        """Change some bytes of the database file while the machine is off."""
        path = self.folder / DATABASE
        content = bytearray(path.read_bytes())
        for _ in range(self.chance.choice((1, 1, 3, 40))):
            at = self.chance.randrange(100, len(content))
            content[at] ^= 1 << self.chance.randrange(8)
        path.write_bytes(content)

    def tear(self) -> None:
        """Overwrite one sector of the database file with what stood elsewhere."""
        path = self.folder / DATABASE
        content = bytearray(path.read_bytes())
        sectors = len(content) // 512
        to, source = self.chance.randrange(1, sectors), self.chance.randrange(sectors)
        content[to * 512 : to * 512 + 512] = content[source * 512 : source * 512 + 512]
        path.write_bytes(content)


class Disks:
    """Finds the disk that a database file is on; `connect` stands in for the store's own."""

    def __init__(self) -> None:
        self.by_folder: dict[str, Disk] = {}

    def connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_S, factory=_Connection)
        connection.disk = self.by_folder.get(str(path.parent))
        connection.execute("PRAGMA foreign_keys=ON")
        return connection


class _Connection(sqlite3.Connection):
    disk: Disk | None = None

    def execute(self, sql, *parameters):
        if sql == "COMMIT" and self.disk is not None:
            return self.disk.commit(lambda: sqlite3.Connection.execute(self, sql))
        return super().execute(sql, *parameters)


def _error(code: int, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def scratch() -> Path:
    """Where runs keep their files: memory if there is some."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(os.environ.get("TMPDIR", "/tmp"))
