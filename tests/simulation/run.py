"""One run: a hall of terminals with its crowd, its faults and its platform, from a seed; then the check.

Two runs of one seed do the same, down to the identifiers.
"""

import gc
import hashlib
import logging
import os
import random
import secrets
import shutil
import tempfile
import traceback
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from simulation import checker
from simulation.central import Central, fresh_database
from simulation.crowd import Crowd
from simulation.disk import DATABASE, Disk, Disks, scratch
from simulation.faults import KEEP_DAYS, ROSTER, Campaign
from simulation.machine import Machine, edition_roster
from simulation.network import Weather, named_key
from simulation.record import Record
from simulation.timeline import PowerCut, Timeline

from central_platform import documents, enrolment, service
from sync import policy
from terminal_app.store import opening, reserve

VISITS = 620
_HOUR_MS = 3_600_000
_DRAIN_MS = 5 * _HOUR_MS
_CALM_MS = 250 * 60_000
"""Until every session has timed out, and every window has looked at the documents and knows that it is not revoked."""
_SPEEDS_MS = (40, 1_500, 6_000, 12_000)
_LAGS_MS = (30_000, *(1_800_000, 3_600_000) * 20)
_PACES_MS = (30_000, 45_000, 90_000)
_FAULTS = (0.01, 0.03, 0.06, 0.15)
"""About so many faults strike for each visit."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to. `trace`: (virtual ms, who, what), everything that happened.

    `states`: what staff did, and in which phase. `digest`: of the trace and of every byte that the platform stored of an
    entry; the same for the same seed.
    """

    seed: int
    findings: list[str]
    ratings: int
    sessions: int
    entries: int
    virtual_ms: int
    faults: dict[str, int]
    states: dict[str, int]
    digest: str
    trace: list[tuple[int, str, str]]

    def without_trace(self) -> "Result":
        """The same without its story, to be handed from one process to another."""
        return replace(self, trace=[])

    def minimal_trace(self, most: int = 60) -> list[str]:
        """What happened to the first session or machine that a finding names, with the faults around it."""
        if not self.findings:
            return []
        words = set(self.findings[0].replace(":", " ").replace(",", " ").split())
        own = [at for at, (_, who, _) in enumerate(self.trace) if words & set(who.split())]
        if not own:
            own = list(range(len(self.trace)))[-most:]
        machines = {self.trace[at][1].split()[0] for at in own}
        first, last = own[0], own[-1]
        around = [
            at
            for at in range(max(0, first - 20), min(len(self.trace), last + 20))
            if " " not in self.trace[at][1] and self.trace[at][1] in {*machines, "platform"}
        ]
        shown = sorted({*own, *around})[-most:]
        return [f"{self.trace[at][0] / 1000:>12.3f}  {self.trace[at][1]:<40} {self.trace[at][2]}" for at in shown]


def simulate(seed: int, visits: int = VISITS, theme: str = "", without: Collection[str] = ()) -> Result:
    """One run of about `visits` visits in all, without these kinds of faults (faults.COMMON).

    `theme`: one of faults.THEMES; empty: drawn from the seed.
    """
    folder = _folder()
    folder.mkdir(mode=0o700)
    gc.disable()
    try:
        with _same_every_time(seed) as set_clock:
            hall = _Hall(folder, seed, visits, theme, without, set_clock)
            return hall.run()
    finally:
        gc.enable()
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _folder() -> Path:
    """The same for all runs of a process, so that the platform's engine can stay; it exists only during a run."""
    folder = Path(tempfile.mkdtemp(prefix="rating-simulation-", dir=scratch()))
    folder.rmdir()
    return folder


def simulate_briefly(seed: int, visits: int, theme: str, without: Collection[str]) -> Result:
    """One run, without its story where there is nothing to tell."""
    result = simulate(seed, visits, theme, without)
    return result if result.findings else result.without_trace()


class _Broken(Exception):
    """The run cannot go on; its record says why."""


class _Hall:
    def __init__(
        self,
        folder: Path,
        seed: int,
        visits: int,
        theme: str,
        without: Collection[str],
        set_clock: Callable[[Callable[[], int]], None],
    ) -> None:
        self._folder = folder
        self._seed = seed
        self._chance = random.Random(f"{seed} hall")
        self.timeline = Timeline()
        self.record = Record()
        self._epoch_ms = _beginning(self._chance)
        set_clock(lambda: self._epoch_ms + self.timeline.now)
        self.central = Central(folder, self.timeline, self._epoch_ms)
        documents.load_pack, documents.load_catalogue = self.central.pack, self.central.catalogue
        self.central.publish(0, edition_roster(self._chance, ROSTER))
        self.weather = Weather(random.Random(f"{seed} weather"), self.record.count)
        self.machines: list[Machine] = []
        self.crowds: list[Crowd] = []
        self._disks = Disks()
        opening.connect = self._disks.connect
        count = self._chance.choice((1, 2, 3, 4))
        self._pace_ms = self._chance.choice(_PACES_MS)
        self._speed_ms = self._chance.choice(_SPEEDS_MS)
        self._each = visits // count
        self._lag_ms = min(self._chance.choice(_LAGS_MS), self._each * self._pace_ms // 3)
        for number in range(count):
            self._add(f"t{number + 1}", self.central.claim(f"{number + 1}"))
        self.campaign = Campaign(self, f"{seed} faults", self._chance.choice(_FAULTS), theme, without)

    def _add(self, name: str, claim: str) -> Machine:
        disk = Disk(name, self._folder / name, random.Random(f"{self._seed} {name} disk"), self.record.count)
        self._disks.by_folder[str(disk.folder)] = disk
        disk.put_back({"device.key": random.Random(f"{self._seed} {name} key").randbytes(32)})
        machine = Machine(
            name, disk, claim, self.timeline, self.central, self.weather, self.record,
            f"{self._seed} {name}", self._epoch_ms, self._speed_ms, self._lag_ms, KEEP_DAYS,
        )  # fmt: skip
        machine.on_end = lambda: self._audit(machine)
        self.machines.append(machine)
        crowd = Crowd(machine, self.timeline, self.record, f"{self._seed} {name} crowd", self._each, self._pace_ms)
        crowd.on_visit = lambda: self.campaign.somebody_came()
        self.crowds.append(crowd)
        self.timeline.after(0, machine.power_on)
        self.timeline.after(60_000, crowd.come)
        self.timeline.after(90_000, crowd.interfere)
        self.timeline.after(self._chance.uniform(_HOUR_MS, 4 * _HOUR_MS), lambda: self._night(machine))
        return machine

    def add_clone(self, original: Machine, image: dict[str, bytes]) -> None:
        """A second machine on a copy of a disk."""
        clone = self._add(f"{original.name}c", original.claim)
        clone.disk.put_back(image)
        clone.device = original.device

    def _night(self, machine: Machine) -> None:
        """Somebody switches the window off and, some hours later, on again."""
        if all(crowd.done for crowd in self.crowds):
            return
        if machine.powered:
            machine.stop()
        self.timeline.after(self._chance.uniform(_HOUR_MS, 14 * _HOUR_MS), machine.power_on)
        self.timeline.after(self._chance.uniform(16 * _HOUR_MS, 20 * _HOUR_MS), lambda: self._night(machine))

    # --- the run ----------------------------------------------------------------------------------------------------

    def run(self) -> Result:
        self.campaign.begin()
        try:
            while not all(crowd.done for crowd in self.crowds):
                self._one(self.timeline.now + _HOUR_MS)
            self._drain()
            checked = self._check()
        except _Broken:
            checked = checker.Checked(self.record.findings, 0, 0, 0, "")
        finally:
            self._end()
        record = self.record
        return Result(
            self._seed, checked.findings, checked.ratings, checked.sessions, checked.entries,
            self.timeline.now, record.faults, record.states, _digest(record, checked.digest), record.trace,
        )  # fmt: skip

    def _one(self, until_ms: int) -> None:
        act = self.timeline.step(until_ms)
        self.record.now = self.timeline.now
        if act is None:
            return
        try:
            act()
        except PowerCut as cut:
            next(machine for machine in self.machines if machine.name == cut.machine).power_cut()
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.record.complain(f"unexpected {type(error).__name__}: {error}, in {Path(where.filename).name}:{where.lineno}")
            raise _Broken from error

    def _drain(self) -> None:
        """Faults off; every session ends, everything is delivered, or it never will be."""
        self.record.note("platform", "faults off")
        self.campaign.end()
        for machine in self.machines:
            machine.power_on()
        self._until(self.timeline.now + _CALM_MS)
        for machine in self.machines:
            if machine.name in self.record.damaged:
                machine.restart()
        for crowd in self.crowds:
            crowd.next_morning()
        self._until(self.timeline.now + 60_000)
        deadline = self.timeline.now + _DRAIN_MS
        while self._waiting() and self.timeline.now < deadline:
            self._until(self.timeline.now + 60_000)
        waiting = self._waiting()
        if waiting:
            self.record.complain(f"{waiting}: not delivered {_DRAIN_MS // _HOUR_MS} hours after the last fault")

    def _audit(self, machine: Machine) -> None:
        """Whatever a machine holds for acknowledged is at the platform at that moment."""
        if self.record.restored or machine.name in self.record.forkable:
            return
        missing = checker.acknowledged_but_missing(machine.disk.folder / DATABASE, self.central.path)
        if missing:
            self.record.complain(f"{machine.name}: acknowledged, and not at the platform: {missing[:3]}")

    def _until(self, at_ms: int) -> None:
        while self.timeline.now < at_ms:
            self._one(at_ms)

    def _waiting(self) -> str:
        """The first machine that is not up, or has something to deliver still."""
        for machine in self.machines:
            process = machine.process
            if process is None or process.controller is None or process.store.outbox.pending():
                return machine.name
        return ""

    def _check(self) -> checker.Checked:
        for machine in self.machines:
            if machine.device is not None:
                self.record.held.setdefault(machine.device, machine.name)
            machine.stop()
        self.central.close()
        journals = {machine.name: machine.disk.folder / DATABASE for machine in self.machines}
        return checker.check(self.central.path, journals, self.record)

    def _end(self) -> None:
        for machine in self.machines:
            if machine.process is not None:
                machine.process.vanish()
        self.central.close()


def _digest(record: Record, stored: str) -> str:
    return hashlib.sha256(f"{record.trace}{sorted(record.faults.items())}{stored}".encode()).hexdigest()


def _beginning(chance: random.Random) -> int:
    """When a run begins: any minute, and often shortly before midnight or before the year ends, in Beijing."""
    day = datetime(2026, chance.randint(1, 12), chance.randint(1, 28), tzinfo=UTC)
    kind = chance.random()
    if kind < 0.2:
        day = datetime(2026, 12, 31, tzinfo=UTC)
    hours = chance.uniform(15.2, 15.95) if kind < 0.45 else chance.uniform(0, 24)
    return round((day.timestamp() + hours * 3_600) * 1000)


@contextmanager
def _same_every_time(seed: int) -> Iterator[Callable[[Callable[[], int]], None]]:
    """All chance and all time that the product takes from the system comes from the run instead."""
    chance = random.Random(f"{seed} system")
    clock: dict[str, Callable[[], int]] = {"now": lambda: 0}
    with ExitStack() as stack:

        def put(owner: Any, name: str, value: Any) -> None:
            stack.enter_context(mock.patch.object(owner, name, value))

        fresh_database()
        put(os, "urandom", chance.randbytes)
        put(secrets, "token_bytes", chance.randbytes)
        put(enrolment.uuid, "uuid4", lambda: uuid.UUID(int=chance.getrandbits(128), version=4))
        put(service, "now_ms", lambda: clock["now"]())
        put(documents, "now_ms", lambda: clock["now"]())
        put(documents, "load_pack", documents.load_pack)
        put(documents, "load_catalogue", documents.load_catalogue)
        put(service, "signing_key_of", named_key)
        put(opening, "connect", opening.connect)
        put(reserve, "RESERVE_BYTES", 4_096)
        put(policy, "DOCUMENTS_MS", (120 * 60_000, 240 * 60_000))
        level = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        try:
            yield lambda now: clock.__setitem__("now", now)
        finally:
            logging.disable(level)
