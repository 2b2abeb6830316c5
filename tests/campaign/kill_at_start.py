"""SIGKILL at each numbered step of a start that finds a session left open: before, while and after it is closed.

How many there are was counted at a start that nothing disturbed.
"""

from collections.abc import Sequence

from campaign.kiosk_seat import directly
from campaign.scene import Scene
from campaign.tracing import kill_at, shuffled, walk

KILLS = 3
REACH = {
    "openat": range(1, 11),
    "pwrite64": range(1, 32),
    "fdatasync": range(1, 3),
    "ftruncate": range(1, 4),
    "unlink": range(1, 2),
}
STEPS = shuffled(REACH)


def before(scene: Scene) -> None:
    """The first start is left alone; those after it die on their way."""

    def under(start: int) -> Sequence[str]:
        if not 2 <= start < 2 + KILLS:
            return ()
        step = walk(STEPS, scene.seed, start - 2, KILLS)
        scene.note(f"start {start} lasts until {step}")
        return kill_at(step, scene.data, scene.folder / f"strace-{start}.txt")

    scene.kiosk.under = under


def run(scene: Scene) -> None:
    scene.rating(scene.rng.uniform(0.3, 2.0))
    if scene.kiosk.kill():
        scene.count("kiosk killed")
    while scene.rating(1.0):
        pass
    scene.kiosk.under = directly
    scene.kiosk.stop()
    for start in scene.kiosk.deaths:
        if 2 <= start < 2 + KILLS:
            scene.count(f"killed at {walk(STEPS, scene.seed, start - 2, KILLS).call}")
