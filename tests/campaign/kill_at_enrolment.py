"""SIGKILL at numbered steps of `rating-terminal enroll`; the same claim, given again, ends it well.

The steps are those between key, identity and documents, as counted in an enrolment that nothing disturbed.
"""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence

from campaign.scene import Scene
from campaign.tracing import kill_at, shuffled, walk

KILLS = 2
REACH = {
    "mkdir": range(1, 2),
    "openat": range(1, 22),
    "pwrite64": range(1, 94),
    "fdatasync": range(1, 25),
    "fsync": range(1, 4),
    "ftruncate": range(1, 4),
    "unlink": range(1, 9),
    "rename": range(1, 2),
    "sendto": range(1, 6),
    "recvfrom": range(1, 6),
}
STEPS = shuffled(REACH)


def before(scene: Scene) -> None:
    """Enrol with interruptions, from nothing."""
    scene.platform.stop()
    scene.platform.restore(scene.template.fresh)
    scene.start_platform()
    shutil.rmtree(scene.data)
    for number in range(KILLS):
        step = walk(STEPS, scene.seed, number, KILLS)
        scene.note(f"enrolment until {step}")
        code, words = _enroll(scene, kill_at(step, scene.data, scene.folder / f"strace-enroll-{number}.txt"))
        if code == -signal.SIGKILL:
            scene.count(f"enrolment killed at {step.call}")
        elif code != 0:
            scene.complain(f"enrolment after {number} interruptions ended with {code}: {words}")
    code, words = _enroll(scene, ())
    if code != 0:
        scene.complain(f"enrolment with the same claim ended with {code}: {words}")
    with contextlib.closing(sqlite3.connect(f"file:{scene.platform.database}?mode=ro", uri=True)) as connection:
        (devices,) = connection.execute("SELECT count(*) FROM devices").fetchone()
    if devices != 1:
        scene.complain(f"one claim made {devices} devices")


def run(scene: Scene) -> None:
    """People rate undisturbed."""


def _enroll(scene: Scene, under: Sequence[str]) -> tuple[int, str]:
    words = ["enroll", "--config", str(scene.config), "--claim", scene.template.claim]
    done = subprocess.run([*under, sys.executable, "-m", "terminal_app", *words], capture_output=True, text=True, check=False)
    return done.returncode, (done.stderr or done.stdout)[-300:]
