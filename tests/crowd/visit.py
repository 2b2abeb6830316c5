"""One person after the other before the real window: looks at what is painted, thinks, acts, and sees whether it was taken."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crowd.hands import Finger, KeypadHand, Place
from crowd.people import Manner, Move, Person

from terminal_app.demo.citizens import Act
from terminal_app.demo.kiosk_process import KioskProcess, Report
from terminal_app.demo.record import Choice
from terminal_app.demo.stage import Stage
from terminal_app.demo.visits import after, confirms, is_free, present, target

STARS_S = 30.0
TAKEN_S = 5.0
HURRIED_S = 0.8
TRIES = 4
FREE_S = 40.0
MORE_REASONS, CORE_REASONS = "more-reasons", "core-reasons"
PAGES_AT_MOST = 4
PREFERENCES = ("large-print", "contrast", "language")


@dataclass(slots=True)
class Did:
    """What became of a person's visit. `choice`: what screens confirmed; `stuck`: why the visit could not go on."""

    choice: Choice | None = None
    stuck: str = ""
    again: int = 0
    manners: list[Manner] = field(default_factory=list)


class Service:
    """Everybody's turn at one window."""

    def __init__(self, stage: Stage, kiosk: KioskProcess, finger: Finger, rng: random.Random) -> None:
        assert stage.others is not None, "the stage has a keypad"
        self._stage = stage
        self._kiosk = kiosk
        self._finger = finger
        self._rng = rng
        self._keypad = KeypadHand(stage.others.keypad, rng)
        self._printer = stage.others.printer

    def serve(self, person: Person) -> Did:
        """One visit, from the ticket to the last act. Raises KioskGone."""
        did = Did()
        self._printer.serve()
        present(person.citizen, self._stage.line, self._stage.scanner, self._rng)
        is_shown = self._kiosk.wait(
            lambda report: report["screen"] == "rate" and report["case"] == person.case and bool(report["targets"]), STARS_S
        )
        if is_shown is None:
            did.stuck = f"no stars were shown, but {self._seen()}"
            return did
        if person.citizen.scanned_twice:
            present(person.citizen, self._stage.line, self._stage.scanner, self._rng)
        for move in person.moves:
            if not did.stuck:
                self._make(move, person, did)
        if person.stays and not did.stuck:
            self.wait_until_free()
        return did

    def wait_until_free(self) -> None:
        if not is_free(self._kiosk.last):
            self._kiosk.wait(is_free, FREE_S)

    def _make(self, move: Move, person: Person, did: Did) -> None:
        """One move, again where nothing came of it, as everybody does."""
        did.manners.append(move.manner)
        meant = after(did.choice, move.act)
        for attempt in range(TRIES):
            self._think(move.think_s)
            if not self._find(target(move.act)):
                did.stuck = f"{target(move.act)} is not there, but {self._seen()}"
                return
            if not move.is_meant:
                self._hand_of(move)(target(move.act))
                return
            if self._touch(move, attempt, meant):
                did.choice = meant or did.choice
                return
            did.again += not (attempt == 0 and move.manner is Manner.HURRIED)
        did.stuck = f"{target(move.act)} was not taken, but {self._seen()}"

    def _touch(self, move: Move, attempt: int, meant: Choice | None) -> bool:
        """Whether a painted screen confirmed it."""
        before = self._kiosk.last
        name = target(move.act)
        hurried = move.manner is Manner.HURRIED and attempt == 0
        self._hand_of(move)(name)
        wanted = self._sign(move.act, meant, before)
        return self._kiosk.wait(wanted, HURRIED_S if hurried else TAKEN_S) is not None

    def _sign(self, act: Act, meant: Choice | None, before: Report) -> Callable[[Report], bool]:
        """By what a person sees that the act was taken."""
        if act.on in PREFERENCES:
            at = PREFERENCES.index(act.on)
            return lambda report: report["preferences"][at] != before["preferences"][at]
        if act.on == "more-time":
            return lambda report: bool(report["extended"])
        return lambda report: confirms(report, act, meant)

    def _hand_of(self, move: Move) -> Callable[[str], None]:
        finger = self._finger
        by: Mapping[Manner, Callable[[str], None]] = {
            Manner.LONG: lambda name: finger.rest(self._places[name]),
            Manner.TREMBLING: lambda name: finger.tremble(self._places[name]),
            Manner.DOUBLE: lambda name: finger.double(self._places[name]),
            Manner.PALM_FIRST: self._palm_and_tap,
            Manner.SLIPPED: lambda name: finger.slip(self._places[name], finger.blank(self._all_places)),
            Manner.KEY: lambda name: self._keypad.choose(name, self._kiosk.last["screen"], list(self._places)),
        }
        return by.get(move.manner, lambda name: finger.tap(self._places[name]))

    def _palm_and_tap(self, name: str) -> None:
        self._finger.palm(self._all_places)
        self._think(0.1)
        self._finger.tap(self._places[name])

    # --- what is seen -------------------------------------------------------------------------------------------

    @property
    def _places(self) -> Mapping[str, Place]:
        return {name: Place(*place) for name, place in self._kiosk.last["targets"].items()}

    @property
    def _all_places(self) -> Sequence[Place]:
        return list(self._places.values())

    def _find(self, name: str) -> bool:
        """Whether it is on the screen; reasons may be on another page, further on or back on the first."""
        for _ in range(PAGES_AT_MOST):
            turn = next((turn for turn in (MORE_REASONS, CORE_REASONS) if turn in self._places), None)
            if name in self._places or turn is None or not name.startswith("reason-"):
                break
            before = set(self._places)
            self._finger.tap(self._places[turn])
            self._kiosk.wait(lambda report, before=before: set(report["targets"]) != before, TAKEN_S)
            self._keypad.leave_page()
            self._think(0.5)
        return name in self._places

    def _think(self, seconds: float) -> None:
        self._kiosk.wait(lambda _: False, seconds)

    def _seen(self) -> str:
        shown = self._kiosk.last
        return f"{shown['screen']} with {shown['notice'] or 'no notice'} is shown, stars {shown['stars']}"
