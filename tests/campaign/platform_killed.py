"""SIGKILL of the platform while uploads are on their way, and its start a moment later."""

import threading

from campaign.scene import Scene

MOST = 3


def run(scene: Scene) -> None:
    for _ in range(scene.rng.randint(1, MOST)):
        if not scene.rating(scene.rng.uniform(0.1, 1.0)):
            return
        _kill(scene)
        scene.rating(scene.rng.uniform(0.0, 0.8))
        scene.start_platform()


def _kill(scene: Scene) -> None:
    """A moment after the next upload began; at random where none comes."""
    begun = threading.Event()
    scene.proxy.on_upload = begun.set
    under_load = begun.wait(1.5)
    scene.rating(scene.rng.uniform(0.0, 0.02))
    scene.platform.kill()
    scene.count("platform killed during an upload" if under_load else "platform killed")
