"""SIGKILL at each numbered step that a rating passes: what is written to the journal, made durable, sent, and received.

`pwrite64` is each page of the write-ahead log or of the file (the last one of a transaction is its commit), `fdatasync` the
moment between a commit and anybody's hearing of it, `sendto` a request or the report of a painted screen, `recvfrom` an answer.
A rating that nothing disturbed took about 65, 10, 6 and 5 of them.
"""

from collections.abc import Sequence

from campaign.kiosk_seat import directly
from campaign.scene import Scene
from campaign.tracing import kill_at, shuffled, walk

KILLS = 2
REACH = {"pwrite64": range(11, 142), "fdatasync": range(1, 31), "sendto": range(3, 25), "recvfrom": range(1, 16)}
STEPS = shuffled(REACH)
"""A seed takes the next KILLS."""


def before(scene: Scene) -> None:
    steps = {start: walk(STEPS, scene.seed, start - 1, KILLS) for start in range(1, KILLS + 1)}

    def under(start: int) -> Sequence[str]:
        if start not in steps:
            return ()
        scene.note(f"start {start} lasts until {steps[start]}")
        return kill_at(steps[start], scene.data, scene.folder / f"strace-{start}.txt")

    scene.kiosk.under = under


def run(scene: Scene) -> None:
    while scene.rating(1.0):
        pass
    scene.kiosk.under = directly
    scene.kiosk.stop()
    for start in scene.kiosk.deaths:
        if start <= KILLS:
            scene.count(f"killed at {walk(STEPS, scene.seed, start - 1, KILLS).call}")
