"""A second kiosk on the same data folder, beside the first one or right after its death: only one may ever have it."""

import time

from campaign.scene import Scene

from terminal_app.demo.kiosk_process import KioskGone, KioskProcess

REFUSED = 3
PATIENCE_S = 30.0


def before(scene: Scene) -> None:
    """The first may find the second in its place when it comes back."""
    scene.kiosk.may_refuse_to_start = True
    (scene.folder / "second").mkdir()


def run(scene: Scene) -> None:
    scene.rating(scene.rng.uniform(0.1, 1.0))
    _second_beside(scene)
    if scene.rating(scene.rng.uniform(0.1, 1.0)) and scene.rng.random() < 0.7:
        _race(scene)


def _start(scene: Scene) -> KioskProcess:
    second = KioskProcess(scene.config, scene.folder / "second")
    scene.at_end(second.stop)
    return second


def _second_beside(scene: Scene) -> None:
    """Refused with the folder's name, while the first goes on."""
    first = scene.kiosk.process
    second = _start(scene)
    if _got_in(second):
        scene.complain("two kiosks run on one data folder")
        second.kill()
        return
    words = (scene.folder / "second" / "terminal.log").read_text("utf-8", "replace")
    if second.child.wait() != REFUSED or str(scene.data) not in words:
        scene.complain(f"the second kiosk ended with {second.child.returncode} and said: {words[-300:]}")
    if first is None or first.child.poll() is not None:
        scene.complain("the first kiosk did not survive the second")
    scene.count("second kiosk refused")


def _race(scene: Scene) -> None:
    """The first is killed and both start; the second, if it wins, is killed as well."""
    if not scene.kiosk.kill():
        return
    second = _start(scene)
    if _got_in(second):
        scene.count("second kiosk came first")
        second.kill()
    else:
        scene.count("second kiosk came too late")


def _got_in(second: KioskProcess) -> bool:
    """Whether it showed a screen; False when it ended instead."""
    deadline = time.monotonic() + PATIENCE_S
    try:
        return second.wait(lambda report: "screen" in report, deadline - time.monotonic()) is not None
    except KioskGone:
        return False
