"""SIGKILL of the kiosk when the platform has stored a batch and its answer is still on the way."""

import threading

from campaign.scene import Scene

MOST = 3


def run(scene: Scene) -> None:
    for _ in range(scene.rng.randint(1, MOST)):
        if not scene.rating(scene.rng.uniform(0.0, 1.5)):
            return
        killed = threading.Event()

        def kill(killed: threading.Event = killed) -> None:
            if scene.kiosk.kill():
                scene.count("killed between storing and answer")
            killed.set()

        scene.proxy.on_answer = kill
        while not killed.is_set() and scene.rating(0.05):
            pass
        scene.proxy.on_answer = None
