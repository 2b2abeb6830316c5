"""SIGKILL of the kiosk at random moments, its own start included."""

from campaign.scene import Scene


def run(scene: Scene) -> None:
    while scene.rating(scene.rng.uniform(0.3, 3.0)):
        if scene.kiosk.kill():
            scene.count("kiosk killed")
