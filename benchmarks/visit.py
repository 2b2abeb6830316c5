"""Visits of a dissatisfied citizen at a real window: a ticket, one star, then reasons on and off. Every tap is an entry."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.probe import Probe
from benchmarks.scene import GUARD_S, present
from terminal_app.demo.stage import Stage

REASONS = ("110", "111", "112", "113")
ROUNDS = 5
CONTACT_S = 0.02
PAUSE_S = 0.03


@dataclass(frozen=True, slots=True)
class Tap:
    """Times of one tap in ns: release given to the process and handed to Qt, entry begun and durable. `size`: of the line."""

    sent_ns: int
    touched_ns: int
    begun_ns: int
    durable_ns: int
    size: int


def visit(stage: Stage, kiosk: Probe) -> Iterator[Tap]:
    """One visit. The caller may look at the kiosk's line after each tap, until PAUSE_S later."""
    present(stage, kiosk)
    time.sleep(GUARD_S)
    yield _tap(kiosk, "rate", "star-1")
    kiosk.hear("reasons", "screen")
    time.sleep(GUARD_S)
    for reason in REASONS * ROUNDS:
        yield _tap(kiosk, "reasons", f"reason-{reason}")
        time.sleep(PAUSE_S)


def _tap(kiosk: Probe, screen: str, name: str) -> Tap:
    kiosk.say(f"press {name}")
    kiosk.hear(screen, f"pressed:{name}")
    time.sleep(CONTACT_S)
    sent_ns = kiosk.say("release")
    at_ns, (_, touched_ns, begun_ns, size) = kiosk.hear("durable")
    return Tap(sent_ns, int(touched_ns), int(begun_ns), at_ns, int(size))
