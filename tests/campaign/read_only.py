"""The disk goes read-only under load, as ext4 does at its first error, and is well again after a repair and a restart.

The kiosk stands still for the moment of the error itself: ext4 answers a sync that meets it with success now and then, and has
lost what was synced (a plain loop of write and fdatasync shows it). No program above can know.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from campaign.mounts import mount_image, remount, system
from campaign.scene import Scene

from terminal_app.demo.stage import StageError

MEGABYTES = 48
ROUNDS = 2
SEEN_S = 15.0
LOOK_EVERY_S = 0.2


def before(scene: Scene) -> None:
    mount_image(scene, MEGABYTES)
    scene.kiosk.under = partial(_repair_if_ordered, scene)


def run(scene: Scene) -> None:
    for _ in range(ROUNDS):
        if not scene.rating(scene.rng.uniform(1.0, 4.0)):
            return
        scene.crowd.may_be_refused = scene.kiosk.may_refuse_to_start = True
        with _standing_still(scene):
            system("sync", "--file-system", str(scene.data))
            _break(scene.data)
        scene.count("disk read-only")
        _wait_for_word(scene)
        if scene.rng.random() < 0.5:
            scene.kiosk.kill()
            scene.count("started again on a read-only disk")
            scene.rating(scene.rng.uniform(2.0, 4.0))
        _order(scene).touch()
        while _order(scene).exists() and scene.rating(LOOK_EVERY_S):
            scene.kiosk.kill()
        if _order(scene).exists():
            scene.kiosk.kill()


@contextlib.contextmanager
def _standing_still(scene: Scene) -> Iterator[None]:
    """The kiosk is stopped, and none of its threads is in the middle of a call."""
    assert scene.kiosk.process is not None
    child = scene.kiosk.process.child.pid
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(child, signal.SIGSTOP)
        while not all(_state(task) in "TZX" for task in Path(f"/proc/{child}/task").iterdir()):
            time.sleep(0.01)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)


def _state(task: Path) -> str:
    return (task / "stat").read_text("ascii").rpartition(")")[2].split()[0]


def _order(scene: Scene) -> Path:
    """While this is there, the next start finds a repaired disk."""
    return scene.folder / "repair"


def _repair_if_ordered(scene: Scene, start: int) -> Sequence[str]:
    if _order(scene).exists():
        remount(scene)
        scene.count("repaired")
        scene.crowd.may_be_refused = scene.kiosk.may_refuse_to_start = False
        _order(scene).unlink()
    return ()


def _break(folder: Path) -> None:
    """An error on the disk, told to the kernel as a driver would."""
    device = Path(system("findmnt", "-n", "-o", "SOURCE", str(folder))).name
    try:
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1", "ascii")
    except OSError as error:
        raise StageError(f"{device}: no error can be triggered: {error.strerror}") from None


def _wait_for_word(scene: Scene) -> None:
    """Until the window says that it is out of order, which it finds out at the next rating."""
    for _ in range(int(SEEN_S / LOOK_EVERY_S)):
        process = scene.kiosk.process
        if process is not None and process.last.get("screen") == "out_of_order":
            scene.count("window out of order")
            return
        if not scene.rating(LOOK_EVERY_S):
            return
