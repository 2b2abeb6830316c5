"""The plug is pulled: the kiosk's writes are recorded, and whatever the disk had not been told to keep may be gone.

The kiosk runs under strace. A cut is SIGKILL, after which the data folder becomes what the recording says that a disk would
hold: all that was synced and, of the rest, nothing, all of it, some writes or some sectors.
"""

import contextlib
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from campaign.scene import Scene
from campaign.write_log import FATES, STRACE, Disk, put, read_log

from terminal_app.demo.stage import StageError

CUTS = 4
TRACER_S = 20.0
LOOK_EVERY_S = 0.02


class Cable:
    """Between the kiosk and its power. Records each start, and before the next one leaves on the disk what the cut left."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._disk = Disk()

    def under(self, start: int) -> Sequence[str]:
        """The tracer's command for a start; called by whoever starts the kiosk, while it does not run."""
        if start - 1 in self._scene.kiosk.deaths:
            self._lose(self._log(start - 1))
        self._disk = Disk.of(self._scene.data)
        return (*STRACE, "-DD", "-o", str(self._log(start)))

    def _log(self, start: int) -> Path:
        return self._scene.folder / f"strace-{start}.txt"

    def _lose(self, log: Path) -> None:
        """Make of the data folder what the disk kept."""
        scene = self._scene
        _wait_for_end_of_tracer(log)
        with log.open(encoding="ascii") as lines:
            operations = read_log(lines, scene.data, scene.folder / "no-marks")
        for operation in operations:
            self._disk.apply(operation)
        chance = random.Random(f"{log.name} of {scene.seed}")
        fate = chance.choice(FATES)
        image = self._disk.after_cut(fate, chance)
        for path in scene.data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        put(image, scene.data)
        log.unlink()
        scene.note(f"{len(operations)} operations on the disk")
        scene.count(f"plug pulled, unsynced writes {fate}")


def before(scene: Scene) -> None:
    scene.kiosk.under = Cable(scene).under


def run(scene: Scene) -> None:
    """Not more often than a kiosk can start in between, so that people get to rate."""
    while len(scene.kiosk.deaths) < CUTS and scene.rating(scene.rng.uniform(0.3, 3.0)):
        process = scene.kiosk.process
        if process is not None and _is_traced(process.child.pid):
            scene.kiosk.kill()
    while scene.rating(1.0):
        pass


def _is_traced(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "TracerPid:\t0\n" not in Path(f"/proc/{process}/status").read_text("ascii")
    return False


def _wait_for_end_of_tracer(log: Path) -> None:
    """strace writes line by line to the end what a killed process did. Raises StageError."""
    deadline = time.monotonic() + TRACER_S
    while any(str(log).encode() in words for words in _command_lines()):
        if time.monotonic() > deadline:
            raise StageError(f"{log.name}: strace does not end after the process that it traced")
        time.sleep(LOOK_EVERY_S)


def _command_lines() -> Iterator[bytes]:
    """Those of all processes that live."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield path.read_bytes()
