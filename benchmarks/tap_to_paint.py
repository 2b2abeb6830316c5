"""Injected press → painted pressed state, beside the same press on a bare window.

The press comes from another process, as a real one does, so that the time which the window's thread waits to run is part of
it. While a backlog is delivered, and while the platform is black-holed, the floor is a kiosk that has nothing else to do.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from benchmarks.backlog import Delivery, delivering_kiosk
from benchmarks.figure import Figure, Pair, interleave, median, p99, times
from benchmarks.filling import fill
from benchmarks.probe import Probe, bare_window, started
from benchmarks.scene import GUARD_S, PATIENT, kiosk_on_duty, present, scene
from terminal_app.demo.stage import Stage

PRESSES = 220
PAUSE_S = 0.004
TARGET = times(2)
TARGET_BUSY = times(1.5)


def measure() -> Iterator[Figure]:
    """Medians and 99th percentiles: idle, while 100,000 entries are delivered, while the platform is black-holed."""
    with ExitStack() as stack:
        idle_stage, dark_stage = (stack.enter_context(scene(PATIENT)) for _ in range(2))
        fill(dark_stage.folder / "terminal", 1_000, pending=True)
        dark_stage.platform.hold()
        bare = stack.enter_context(started(bare_window(idle_stage.folder)))
        idle, dark = (stack.enter_context(_rating(stage)) for stage in (idle_stage, dark_stage))
        delivery = stack.enter_context(_delivering())
        samples = interleave(partial(presses, bare), partial(presses, idle), partial(_busy, delivery), partial(presses, dark))
    floor, own, busy, blackholed = samples
    for name, pair, target in (
        ("tap_to_paint", Pair(own, floor), TARGET),
        ("tap_to_paint_delivering", Pair(busy, own), TARGET_BUSY),
        ("tap_to_paint_blackholed", Pair(blackholed, own), TARGET_BUSY),
    ):
        yield median(name, pair, "ms", target)
        yield p99(f"{name}_p99", pair, "ms", target)


@contextmanager
def _rating(stage: Stage) -> Iterator[Probe]:
    """A kiosk with the stars on its screen."""
    with kiosk_on_duty(stage) as probe:
        present(stage, probe)
        yield probe


@contextmanager
def _delivering() -> Iterator[Delivery]:
    with delivering_kiosk(PATIENT) as delivery:
        present(delivery.stage, delivery.kiosk)
        delivery.stop()
        yield delivery


def _busy(delivery: Delivery) -> list[float]:
    with delivery.flowing():
        return presses(delivery.kiosk)


def presses(window: Probe) -> list[float]:
    """Milliseconds of presses on all stars by turns. The finger slips off each star, so that none is chosen."""
    time.sleep(GUARD_S)
    window.forget()
    samples = []
    for press in range(PRESSES):
        name = f"star-{press % 5 + 1}"
        pressed_ns = window.say(f"press {name}")
        samples.append((window.hear("rate", f"pressed:{name}").at_ns - pressed_ns) / 1e6)
        time.sleep(PAUSE_S)
        window.say("slip")
        while not window.hear("rate").words[1].startswith("released"):
            pass  # a banner may come and go meanwhile
        time.sleep(PAUSE_S)
    return samples
