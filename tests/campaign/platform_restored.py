"""The platform is killed and comes back with an older copy of its database: the terminal offers again what lies after it."""

from campaign.scene import Scene


def run(scene: Scene) -> None:
    copy = scene.folder / "backup.sqlite"
    scene.rating(scene.rng.uniform(0.0, 2.0))
    scene.platform.back_up(copy)
    scene.note("backup")
    scene.rating(scene.rng.uniform(0.5, 2.5))
    scene.platform.kill()
    oldest = scene.rng.random() < 0.25
    scene.platform.restore(scene.template.platform if oldest else copy)
    scene.start_platform()
    scene.count("platform set back to its first day" if oldest else "platform set back")
