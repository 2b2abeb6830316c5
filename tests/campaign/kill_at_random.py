"""SIGKILL of the kiosk at random moments, its own start included."""

from campaign.scene import Scene

MOST = 3


def run(scene: Scene) -> None:
    for _ in range(scene.rng.randint(1, MOST)):
        if scene.rating(scene.rng.uniform(0.2, 3.0)) and scene.kiosk.kill():
            scene.count("kiosk killed")
