"""Ticket line, scanner and card reader are pulled out and plugged in again while tickets are on the line."""

from campaign.scene import Scene


def run(scene: Scene) -> None:
    while scene.rating(scene.rng.uniform(0.1, 0.8)):
        several = scene.rng.sample(scene.devices, scene.rng.choice((1, 1, 1, 2, 3)))
        for device in several:
            scene.unplug(device)
            scene.count(f"{device.name} unplugged")
        scene.rating(scene.rng.uniform(0.05, 1.0))
        for device in several:
            scene.replug(device)
