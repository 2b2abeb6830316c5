"""A hall for the crowd: an X server, a platform, devices, the real window on that screen; and the comparison at the end."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crowd.hands import Finger
from crowd.people import Manner, Person
from crowd.visit import Did, Service

from benchmarks.virtual_screen import virtual_screen
from terminal_app.demo.kiosk_process import KioskProcess
from terminal_app.demo.record import Choice, Tally, Tapped, compare
from terminal_app.demo.stage import CARD, Stage, StageError, set_up
from terminal_app.demo.visits import is_free

TIMING = "stars_s = 20\nreasons_s = 20\nextension_s = 10\nthanks_s = 8\nnotice_s = 1.5\nstaff_s = 5"
ON_DUTY_S = 30.0
DRAIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Visited:
    """One person's visit and everything that differs from what was meant."""

    person: Person
    did: Did
    arrived: Choice | None
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept in the end: the platform's ratings, and the journal's word on what chose the stars, by first case number."""

    ratings: list[Mapping[str, Any]]
    sources: Mapping[str, set[str]]

    def of(self, case: str) -> Choice | None:
        found = [one for one in self.ratings if one["cases"][0] == case and one["level"] is not None]
        return Choice(found[0]["level"], frozenset(found[0]["reasons"])) if found else None


@contextmanager
def service(folder: Path, canvas: tuple[int, int], seed: int) -> Iterator[tuple[Service, Callable[[], Held]]]:
    """The window, served; and a function that ends it and says what came of it all. Raises StageError."""
    display = f"fullscreen = false\ncanvas = [{canvas[0]}, {canvas[1]}]\nallow_mouse = true"
    with virtual_screen(canvas) as screen, set_up(folder, display, TIMING, whole=True) as stage:
        stage.see_devices_closed()
        kiosk = KioskProcess(stage.config, folder, display=screen.name)
        try:
            kiosk.wait_for_start(is_free)
            stage.wait_until_devices_are_open(kiosk.child)
            _log_in(stage, kiosk)
            rng = random.Random(f"hands {seed}")
            at_window = Service(stage, kiosk, Finger(screen, canvas, rng), rng)
            yield at_window, lambda: _held(at_window, stage, kiosk)
        finally:
            kiosk.stop()


def _log_in(stage: Stage, kiosk: KioskProcess) -> None:
    stage.cards.lay(CARD)
    if kiosk.wait(lambda report: report["screen"] == "idle" and bool(report["on_duty"]), ON_DUTY_S) is None:
        raise StageError("the card was laid and nobody is on duty")


def _held(at_window: Service, stage: Stage, kiosk: KioskProcess) -> Held:
    """Once the terminal has delivered everything and ended."""
    at_window.wait_until_free()
    deadline = time.monotonic() + DRAIN_S
    while stage.pending():
        if time.monotonic() > deadline:
            raise StageError(f"the terminal did not deliver everything: {stage.last_words}")
        kiosk.wait(lambda _: False, 0.3)
    kiosk.stop()
    return Held(list(stage.platform.ratings()), _sources(stage.journal()))


def _sources(journal: Iterable[Mapping[str, Any]]) -> Mapping[str, set[str]]:
    """By first case number: with what its stars were chosen."""
    cases: dict[str, str] = {}
    sources: dict[str, set[str]] = {}
    for entry in journal:
        if entry["kind"] == "session_opened":
            cases[entry["session"]] = entry["data"]["covered"][0]
        elif entry["kind"] == "star_chosen":
            sources.setdefault(cases[entry["session"]], set()).add(entry["data"]["source"])
    return sources


def judge(visits: Iterable[tuple[Person, Did]], held: Held) -> list[Visited]:
    """Each visit beside what arrived of it. Raises StageError for a rating of a case that nobody came with."""
    visits = list(visits)
    tally = compare({person.case: Tapped(confirmed=person.meant) for person, _ in visits}, held.ratings)
    known = {person.case for person, _ in visits}
    if strangers := [case for case in tally.invented if case not in known]:
        raise StageError(f"the platform holds ratings of cases that nobody came with: {', '.join(strangers)}")
    return [Visited(person, did, held.of(person.case), tuple(_differences(person, did, held, tally))) for person, did in visits]


def _differences(person: Person, did: Did, held: Held, tally: Tally) -> Iterator[str]:
    for what in ("lost", "duplicated", "invented", "altered"):
        if person.case in getattr(tally, what):
            yield what
    if did.stuck:
        yield did.stuck
    elif did.choice != person.meant:
        yield f"the screen confirmed {did.choice}"
    expected = {"keypad" if person.moves and person.moves[0].manner is Manner.KEY else "touch"}
    if (sources := held.sources.get(person.case, expected)) != expected:
        yield f"stars were chosen with {' and '.join(sorted(sources))}"
