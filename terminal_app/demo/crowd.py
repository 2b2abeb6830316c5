"""A scripted crowd at the real window, offscreen: bytes on ptys, touches on stars, SIGKILLs, and its own record of it all."""

import csv
import importlib.resources
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from terminal_app.demo.citizens import Act
from terminal_app.demo.errands import Customs, What
from terminal_app.demo.kiosk_process import KioskGone, KioskProcess, Report
from terminal_app.demo.record import Tally, Tapped, compare
from terminal_app.demo.schedule import Visit, plan
from terminal_app.demo.stage import CARD, Stage, StageError, pack_of, run_json, set_up
from terminal_app.demo.standings import misplaced
from terminal_app.demo.visits import after, confirms, is_free, present, target

DISPLAY = "fullscreen = false\ncanvas = [1280, 800]\nallow_mouse = true"
TIMING = "stars_s = 3\nreasons_s = 3\nextension_s = 3\nthanks_s = 2\nnotice_s = 1.5\nstaff_s = 5"
CONFIRM_S = 20.0
LINGER_S = 12.0
_COUNTED = (What.BATCH, What.CHAIN, What.SINGLE, What.FOLLOW_UP, What.NEXT_VISIT)
DRAIN_S = 60.0


@dataclass(slots=True)
class Figures:
    """The last line of the demonstration. `batches` to `next_visits` count ratings by what they were about, the three after
    them what people were told instead of being shown stars."""

    sessions: int = 0
    committed: int = 0
    acked: int = 0
    platform: int = 0
    batches: int = 0
    chains: int = 0
    singles: int = 0
    follow_ups: int = 0
    next_visits: int = 0
    already_rated: int = 0
    not_yet_ratable: int = 0
    no_follow_up: int = 0
    in_doubt: int = 0
    lost: int = 0
    duplicated: int = 0
    invented: int = 0
    altered: int = 0
    seconds: float = 0.0


def run(ratings: int, seed: int, kills: int, region: str) -> int:
    """Drive the crowd; prints one JSON line. Returns 0 only if the platform holds what the crowd's record says."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="rating-demo-"))
    _say(f"starting the platform with the rules of {region} and enrolling a terminal in {folder}")
    try:
        with set_up(folder, DISPLAY, TIMING, region) as stage:
            figures, tally = _Crowd(stage).drive(plan(ratings, seed, kills, Customs.of(pack_of(region)), reason_codes()))
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

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rng = random.Random("crowd")
        self._record: dict[str, Tapped] = {}
        self._met: list[Visit] = []
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

    def drive(self, visits: list[Visit]) -> tuple[Figures, Tally]:
        """All visits, then the comparison."""
        try:
            self._log_in()
            for done, visit in enumerate(visits, 1):
                self._receive(visit)
                if done % 10 == 0 or done == len(visits):
                    _say(f"{done} of {len(visits)} visits")
            return self._compare()
        finally:
            self._kiosk.stop()

    def _log_in(self) -> None:
        self._stage.cards.lay(CARD)
        if self._kiosk.wait(lambda report: report.get("screen") == "idle" and bool(report.get("on_duty")), CONFIRM_S) is None:
            raise StageError("the card was laid and nobody is on duty")

    # --- one visit ----------------------------------------------------------------------------------------------

    def _receive(self, visit: Visit) -> None:
        if visit.errand is not None and visit.errand.what is What.FOLLOW_UP:
            self._put_right(visit)
        if visit.held:
            self._stage.platform.hold()
        try:
            self._visit(visit)
        except KioskGone:
            self._kiosk = self._start()
        finally:
            self._met.append(visit)
            if visit.held:
                self._stage.platform.release()

    def _put_right(self, visit: Visit) -> None:
        """What the complaint was about is rectified, and the platform told so, before a follow-up is asked for."""
        platform = self._stage.platform
        is_complaint = [one for one in self._met if one.errand and one.errand.what is What.COMPLAINT]
        complaint = next(one.session for one in is_complaint if one.cases == visit.cases)
        deadline = time.monotonic() + CONFIRM_S
        while complaint is None or complaint not in {rating["session"] for rating in platform.ratings()}:
            if time.monotonic() > deadline:
                raise StageError(f"the complaint on {visit.cases[0]} did not reach the platform")
            self._kiosk.wait(lambda _: False, 0.1)
        run_json(["central_platform", "duty", "record", complaint, "rectification", "--db", platform.db, "--json"])

    def _visit(self, visit: Visit) -> None:
        citizen = visit.citizen
        if visit.comes_again:
            self._linger()
        if self._kiosk.last.get("notice"):
            self._kiosk.wait(partial(_shows, notice=None), LINGER_S)
        self._present(visit)
        if visit.told is not None:
            self._expect(partial(_shows, notice=visit.told), visit, f"“{visit.told}” was told")
            return
        self._choose_scope(visit)
        report = self._expect(partial(_shows, screen="rate", case=visit.cases[0]), visit, "stars were painted")
        visit.session = report["session"]
        self._record[visit.name] = visit.tapped
        if citizen.scanned_twice:
            self._present(visit)
        before = Act("ticket")
        for index, act in enumerate(citizen.acts):
            self._think(before, act)
            self._act(visit, act, kill=index == visit.kill_at)
            before = act
        if citizen.lingers:
            self._linger()

    def _choose_scope(self, visit: Visit) -> None:
        for name, screen in zip(visit.touches, ("scope", "cases"), strict=False):
            self._expect(partial(_shows, screen=screen, case=visit.cases[0]), visit, f"the screen {screen} was painted")
            self._think(Act("ticket"), Act(name))
            self._kiosk.touch(name)

    def _expect(self, wanted: Callable[[Report], bool], visit: Visit, what: str) -> Report:
        """A screen that is `wanted`. Raises StageError."""
        report = self._kiosk.wait(wanted, CONFIRM_S)
        if report is None:
            shown = {name: self._kiosk.last.get(name) for name in ("screen", "case", "notice", "problems")}
            raise StageError(f"case {visit.cases[0]} was presented, and it is not so that {what}: the window shows {shown}")
        return report

    def _linger(self) -> None:
        """Until the window is free again."""
        if not is_free(self._kiosk.last):
            self._kiosk.wait(is_free, LINGER_S)

    def _present(self, visit: Visit) -> None:
        more = visit.errand.fields if visit.errand else None
        present(visit.citizen, self._stage.line, self._stage.scanner, self._rng, more)

    def _think(self, before: Act, act: Act) -> None:
        """Nothing acts for 350 ms after another screen appeared; people are slower than that anyway."""
        on_one_screen = before.on == act.on == "reason"
        self._kiosk.wait(lambda _: False, self._rng.uniform(0.05, 0.1) if on_one_screen else self._rng.uniform(0.4, 0.5))

    def _act(self, visit: Visit, act: Act, *, kill: bool) -> None:
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
        tally.altered += misplaced(self._stage.platform, held, self._followed_up())
        stars = {entry["session"]: entry["id"] for entry in journal if entry["kind"] == "star_chosen"}
        return Figures(
            sessions=len({entry["session"] for entry in journal if entry["kind"] == "session_opened"}),
            committed=len(stars),
            acked=len(stars) - len(self._stage.pending() & set(stars.values())),
            platform=sum(1 for rating in held if rating["level"] is not None),
            **self._met_counts(),
            in_doubt=sum(1 for tapped in self._record.values() if tapped.unconfirmed is not None),
            lost=len(tally.lost),
            duplicated=len(tally.duplicated),
            invented=len(tally.invented),
            altered=len(tally.altered),
        ), tally

    def _followed_up(self) -> set[str]:
        """Sessions of follow-up ratings."""
        return {one.session for one in self._met if one.session and one.errand and one.errand.what is What.FOLLOW_UP}

    def _met_counts(self) -> dict[str, int]:
        told = Counter(visit.told for visit in self._met)
        rated = Counter(visit.about for visit in self._met if visit.tapped.latest)
        return {
            **{notice: told[notice] for notice in ("already_rated", "not_yet_ratable", "no_follow_up")},
            **{f"{what}{'es' if what == What.BATCH else 's'}": rated[what] for what in _COUNTED},
        }

    def _drain(self) -> None:
        _say("waiting for the last deliveries")
        deadline = time.monotonic() + DRAIN_S
        while self._stage.pending() and time.monotonic() < deadline:
            self._kiosk.wait(lambda _: False, 0.5)


def _shows(report: Report, **wanted: str | None) -> bool:
    return all(report.get(name) == value for name, value in wanted.items())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
