"""The disk fills up. The reserve carries ratings on; then nothing fits and the window says so; then there is space again."""

import contextlib
from pathlib import Path

from campaign.mounts import mount_memory
from campaign.scene import Scene

MEGABYTES = 14
LOOK_EVERY_S = 0.2


def before(scene: Scene) -> None:
    mount_memory(scene, MEGABYTES)


def run(scene: Scene) -> None:
    while scene.rating(scene.rng.uniform(0.5, 2.0)):
        if not _reserve(scene).exists():
            continue
        _fill(scene)
        if _wait_for_reserve_to_go(scene):
            scene.count("full, reserve given up")
            scene.rating(scene.rng.uniform(0.5, 3.0))
            _fill_up(scene)
        _ballast(scene).unlink()
        scene.count("space again")
        while _is_out_of_order(scene) and scene.rating(LOOK_EVERY_S):
            pass
        scene.crowd.may_be_refused = False


def _wait_for_reserve_to_go(scene: Scene) -> bool:
    """With the disk full, until the store has given its reserve up; false when the crowd has gone home before."""
    while _reserve(scene).exists():
        if not scene.rating(LOOK_EVERY_S):
            return False
    return True


def _fill_up(scene: Scene) -> None:
    """Not even a rating fits, for as long as it takes the window to say so."""
    scene.crowd.may_be_refused = True
    _fill(scene)
    scene.count("full, nothing fits")
    for _ in range(int(scene.rng.uniform(20, 50))):
        if not scene.rating(LOOK_EVERY_S):
            return
        if _is_out_of_order(scene):
            scene.count("window out of order")
            return


def _is_out_of_order(scene: Scene) -> bool:
    process = scene.kiosk.process
    return process is not None and process.last.get("screen") == "out_of_order"


def _reserve(scene: Scene) -> Path:
    return scene.data / "reserve"


def _ballast(scene: Scene) -> Path:
    return scene.data / "ballast"


def _fill(scene: Scene) -> None:
    """Take all the space there is."""
    with _ballast(scene).open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(4096))
