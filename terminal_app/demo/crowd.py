"""A scripted crowd at the real window, offscreen: bytes on ptys, touches on stars, SIGKILLs, and its own record of it all."""

import csv
import importlib.resources
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from terminal_app.demo.citizens import Act, Citizen, crowd
from terminal_app.demo.kiosk_process import KioskGone, KioskProcess
from terminal_app.demo.record import Tally, Tapped, compare
from terminal_app.demo.stage import CARD, Stage, StageError, set_up
from terminal_app.demo.visits import after, confirms, is_free, present, target

DISPLAY = "fullscreen = false\ncanvas = [1280, 800]\nallow_mouse = true"
TIMING = "stars_s = 3\nreasons_s = 3\nextension_s = 3\nthanks_s = 2\nnotice_s = 1.5\nstaff_s = 5"
CONFIRM_S = 10.0
LINGER_S = 12.0
DRAIN_S = 60.0


@dataclass(slots=True)
class Figures:
    """The last line of the demonstration."""

    sessions: int = 0
    committed: int = 0
    acked: int = 0
    platform: int = 0
    in_doubt: int = 0
    lost: int = 0
    duplicated: int = 0
    invented: int = 0
    altered: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Visit:
    """How one citizen's visit is to be disturbed: `kill_at` is the index of the act at which the plug is pulled."""

    citizen: Citizen
    kill_at: int | None = None
    held: bool = False
    tapped: Tapped = field(default_factory=Tapped)


def run(ratings: int, seed: int, kills: int, region: str) -> int:
    """Drive the crowd; prints one JSON line. Returns 0 only if the platform holds what the crowd's record says."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="rating-demo-"))
    _say(f"starting the platform with the rules of {region} and enrolling a terminal in {folder}")
    try:
        with set_up(folder, DISPLAY, TIMING, region) as stage:
            figures, tally = _Crowd(stage, seed).drive(ratings, kills)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    figures.seconds = round(time.monotonic() - started, 1)
    if tally.clean:
        shutil.rmtree(folder)
    else:
        _say(f"journal, platform and logs are kept in {folder}")
    for what in ("lost", "duplicated", "invented", "altered"):
        for case in getattr(tally, what):
            _say(f"{what}: {case}")
    print(json.dumps({name: getattr(figures, name) for name in Figures.__slots__}), flush=True)
    return 0 if tally.clean else 1


def reason_codes() -> Mapping[int, list[int]]:
    """Reason codes by level, from the catalogue that the platform hands out."""
    text = (importlib.resources.files("terminal_app.regions") / "reasons-2020.csv").read_text("utf-8")
    codes: dict[int, list[int]] = {}
    for row in csv.DictReader(text.splitlines()):
        codes.setdefault(int(row["level"]), []).append(int(row["code"]))
    return codes


class _Crowd:
    """The crowd before one window."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage = stage
        self._seed = seed
        self._rng = random.Random(f"crowd {seed}")
        self._record: dict[str, Tapped] = {}
        self._kiosk = self._start()

    def _start(self) -> KioskProcess:
        self._stage.see_devices_closed()
        kiosk = KioskProcess(self._stage.config, self._stage.folder)
        try:
            kiosk.wait_for_start(is_free)
            self._stage.wait_until_devices_are_open(kiosk.child)
        except BaseException:
            kiosk.kill()
            raise
        return kiosk

    def drive(self, ratings: int, kills: int) -> tuple[Figures, Tally]:
        """All visits, then the comparison."""
        try:
            self._log_in()
            visits = self._plan(ratings, kills)
            for done, visit in enumerate(visits, 1):
                self._receive(visit)
                if done % 10 == 0 or done == len(visits):
                    _say(f"{done} of {len(visits)} visits")
            return self._compare()
        finally:
            self._kiosk.stop()

    def _plan(self, ratings: int, kills: int) -> list[_Visit]:
        visits = [_Visit(citizen) for citizen in crowd(self._seed, ratings, reason_codes())]
        tapping = [visit for visit in visits if visit.citizen.taps]
        for number, visit in enumerate(self._rng.sample(tapping, min(kills, len(tapping)))):
            visit.held = number % 2 == 0
            taps = ("star",) if visit.held else ("star", "reason")
            visit.kill_at = self._rng.choice([index for index, act in enumerate(visit.citizen.acts) if act.on in taps])
        return visits

    def _log_in(self) -> None:
        self._stage.cards.lay(CARD)
        if self._kiosk.wait(lambda report: report.get("screen") == "idle" and bool(report.get("on_duty")), CONFIRM_S) is None:
            raise StageError("the card was laid and nobody is on duty")

    # --- one visit ----------------------------------------------------------------------------------------------

    def _receive(self, visit: _Visit) -> None:
        case = visit.citizen.cases[0]
        self._record[case] = visit.tapped
        if visit.held:
            self._stage.platform.hold()
        try:
            self._visit(visit, case)
        except KioskGone:
            self._kiosk = self._start()
        finally:
            if visit.held:
                self._stage.platform.release()

    def _visit(self, visit: _Visit, case: str) -> None:
        citizen = visit.citizen
        self._present(citizen)
        if self._kiosk.wait(lambda report: report.get("screen") == "rate" and report.get("case") == case, CONFIRM_S) is None:
            raise StageError(f"case {case} was presented and no stars were painted")
        if citizen.scanned_twice:
            self._present(citizen)
        before = Act("ticket")
        for index, act in enumerate(citizen.acts):
            self._think(before, act)
            self._act(visit, act, kill=index == visit.kill_at)
            before = act
        if citizen.lingers:
            self._linger()

    def _linger(self) -> None:
        """Until the window is free again."""
        if not is_free(self._kiosk.last):
            self._kiosk.wait(is_free, LINGER_S)

    def _present(self, citizen: Citizen) -> None:
        present(citizen, self._stage.line, self._stage.scanner, self._rng)

    def _think(self, before: Act, act: Act) -> None:
        """Nothing acts for 350 ms after another screen appeared; people are slower than that anyway."""
        on_one_screen = before.on == act.on == "reason"
        self._kiosk.wait(lambda _: False, self._rng.uniform(0.05, 0.1) if on_one_screen else self._rng.uniform(0.4, 0.5))

    def _act(self, visit: _Visit, act: Act, *, kill: bool) -> None:
        choice = after(visit.tapped.latest, act)
        if choice is not None:
            visit.tapped.attempt(choice)
        self._kiosk.touch(target(act))
        if kill and not visit.held:
            self._kiosk.wait(lambda _: False, self._rng.uniform(0.0, 0.06))
        elif self._kiosk.wait(lambda report: confirms(report, act, choice), CONFIRM_S) is None:
            raise StageError(f"touched {target(act)} and nothing confirmed it")
        elif choice is not None:
            visit.tapped.confirm()
        if kill:
            self._kiosk.kill()
            raise KioskGone

    # --- the end ------------------------------------------------------------------------------------------------

    def _compare(self) -> tuple[Figures, Tally]:
        self._linger()
        self._drain()
        self._kiosk.stop()
        journal = self._stage.journal()
        held = list(self._stage.platform.ratings())
        tally = compare(self._record, held)
        stars = {entry["session"]: entry["id"] for entry in journal if entry["kind"] == "star_chosen"}
        return Figures(
            sessions=len({entry["session"] for entry in journal if entry["kind"] == "session_opened"}),
            committed=len(stars),
            acked=len(stars) - len(self._stage.pending() & set(stars.values())),
            platform=sum(1 for rating in held if rating["level"] is not None),
            in_doubt=sum(1 for tapped in self._record.values() if tapped.unconfirmed is not None),
            lost=len(tally.lost),
            duplicated=len(tally.duplicated),
            invented=len(tally.invented),
            altered=len(tally.altered),
        ), tally

    def _drain(self) -> None:
        _say("waiting for the last deliveries")
        deadline = time.monotonic() + DRAIN_S
        while self._stage.pending() and time.monotonic() < deadline:
            self._kiosk.wait(lambda _: False, 0.5)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
