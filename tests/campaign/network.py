"""Every weather between kiosk and platform while people rate: slow, cut, reset, swallowed, refused."""

import random
import time

from campaign.proxy import FAIR, Weather
from campaign.scene import Scene

MEETS_WITHIN_S = 1.5


def run(scene: Scene) -> None:
    while scene.rating(scene.rng.uniform(0.0, 0.4)):
        before = scene.faults.total()
        scene.proxy.weather = _weather(scene.rng)
        deadline = time.monotonic() + MEETS_WITHIN_S
        while scene.rating(0.02) and scene.faults.total() == before and time.monotonic() < deadline:
            pass
        scene.rating(scene.rng.uniform(0.0, 0.6))
        scene.proxy.weather = FAIR


def _weather(rng: random.Random) -> Weather:
    match rng.choice(("delay", "throttle", "cut request", "cut answer", "black hole", "refuse")):
        case "delay":
            return Weather(delay_s=rng.uniform(0.05, 0.8))
        case "throttle":
            return Weather(bytes_per_s=rng.randint(1_000, 8_000))
        case "cut request":
            return Weather(cut_request_after=rng.choice((0, 1, rng.randint(2, 900))), resets=rng.random() < 0.5)
        case "cut answer":
            return Weather(cut_answer_after=rng.choice((0, 1, rng.randint(2, 400))), resets=rng.random() < 0.5)
        case "black hole":
            return Weather(black_hole=True)
    return Weather(refuses=True)
