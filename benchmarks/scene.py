"""What is measured in: the demo's stage with its platform in the background, and tickets that nobody has seen before."""

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.probe import Probe, kiosk, started
from terminal_app.demo.stage import CARD, Stage, set_up

DISPLAY = "fullscreen = false\ncanvas = [1280, 800]\nallow_mouse = true"
PATIENT = "stars_s = 600\nreasons_s = 600\nextension_s = 600\nthanks_s = 600"
STOPPED_AT_WILL = "[watchdog]\nlimit_s = 600"
"""A kiosk that is stopped while another is measured is not ended for standing still."""
PLATFORM_NICE = 10
HERE: Mapping[str, str] = {}
"""Nothing else in the environment than what this process has."""
GUARD_S = 0.36
"""For a little less than this after a change of screen no contact acts (ui.contact, GUARD_MS)."""

_numbers = itertools.count(1)


@contextmanager
def scene(timing: str = "", *, whole: bool = False) -> Iterator[Stage]:
    """A stage in a folder of its own, in TMPDIR, `whole` with every device; the platform yields to everybody, as if it were
    another machine."""
    lines = f"{timing}\n{STOPPED_AT_WILL}"
    with tempfile.TemporaryDirectory(prefix="rating-bench-") as name, set_up(Path(name), DISPLAY, lines, whole=whole) as stage:
        os.setpriority(os.PRIO_PGRP, stage.platform.process.pid, PLATFORM_NICE)
        yield stage


@contextmanager
def kiosk_on_duty(stage: Stage, environment: Mapping[str, str] = HERE) -> Iterator[Probe]:
    """A kiosk that listens on its lines, with a member of staff logged in; `environment` on top of this one."""
    with started(kiosk(stage.config, **environment)) as probe:
        stage.wait_until_devices_are_open(probe.child)
        stage.cards.lay(CARD)
        probe.hear("idle", "screen")
        yield probe


def ticket() -> dict[str, str]:
    """The fields of a fresh ticket."""
    return {"case": f"TA20261121{next(_numbers):06d}", "name": "个体工商户设立登记", "kind": "即办件", "staff": "0823"}


def present(stage: Stage, kiosk: Probe) -> None:
    """A fresh ticket on the line; returns when the stars are painted. Contacts act GUARD_S later."""
    kiosk.forget()
    stage.line.present(ticket())
    kiosk.hear("rate", "screen")
