"""The kinds of faults, by name. The interface between a kind and the scene that it acts on:

A kind is a module here with `run(scene)`, and `before(scene)` if it needs one. In order, for each run (`scene.play`):

1. The scene's folder is made: an enrolled data folder `scene.data`, a platform database, devices on ptys, a configuration.
2. `before(scene)`: nothing runs yet but the platform and the proxy. Put a file system under `scene.data`, set
   `scene.kiosk.under` (a tracer's command for each start of the kiosk), …
3. The kiosk starts, and the crowd begins to rate on a thread of its own.
4. `run(scene)` acts meanwhile, on the main thread: `while scene.rating(seconds): …` goes on until the crowd has gone home, and
   sleeps in between. It may return earlier or later; after the crowd it may stop the kiosk and work on the files.
5. The scene heals: the proxy's weather is fair again, the devices are plugged in, the platform runs; then one more citizen must
   be able to rate, everything must be delivered, both processes end, and the checker looks (verdict.py).

What a kind uses: `scene.rng` for every choice, so that the seed repeats it; `scene.count("what was done")` for each fault;
`scene.note(text)` for the log that is kept with a failed run; `scene.complain(text)` for what the checker cannot see;
`scene.at_end(function)` to undo what outlives a process (mounts!), called before the folder is deleted and also after an error.
The crowd starts the kiosk again by itself whenever it was killed. `scene.kiosk.may_refuse_to_start` and
`scene.crowd.may_be_refused` say that a kiosk that ends by itself at a start, or a tap that no screen confirms, is no violation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from campaign import (
    disk_full,
    kill_at_answer,
    kill_at_enrolment,
    kill_at_random,
    kill_at_start,
    kill_at_step,
    network,
    platform_killed,
    platform_restored,
    power_cut,
    read_only,
    second_kiosk,
    unplugged,
)
from campaign.scene import Scene

Act = Callable[[Scene], None]


def nothing(scene: Scene) -> None:
    """Most kinds need no preparation."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What happens while the crowd rates, and what is set up before."""

    run: Act
    before: Act = nothing


KINDS: Mapping[str, Kind] = {
    "kill-at-random": Kind(kill_at_random.run),
    "kill-at-step": Kind(kill_at_step.run, kill_at_step.before),
    "kill-at-start": Kind(kill_at_start.run, kill_at_start.before),
    "kill-at-answer": Kind(kill_at_answer.run),
    "kill-at-enrolment": Kind(kill_at_enrolment.run, kill_at_enrolment.before),
    "power-cut": Kind(power_cut.run, power_cut.before),
    "disk-full": Kind(disk_full.run, disk_full.before),
    "read-only": Kind(read_only.run, read_only.before),
    "network": Kind(network.run),
    "platform-killed": Kind(platform_killed.run),
    "platform-restored": Kind(platform_restored.run),
    "unplugged": Kind(unplugged.run),
    "second-kiosk": Kind(second_kiosk.run, second_kiosk.before),
}
