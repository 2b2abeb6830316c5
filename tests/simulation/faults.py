"""What goes wrong in a run, chosen by its seed: at machines, disks and clocks, and at the platform."""

import random
import sqlite3
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Protocol

from simulation.central import Central
from simulation.disk import DATABASE
from simulation.machine import Machine, edition_roster
from simulation.network import Weather
from simulation.record import Record
from simulation.timeline import Timeline

ROSTER = 4
KEEP_DAYS = 0.25
"""How long terminals keep what the platform has counter-signed, and the oldest backup that is ever restored."""
_DAY_MS = 86_400_000
_LULL_MS = 3_600_000
THEMES = ("", "plain", "storm", "backup", "image", "damage")
COMMON = (
    "power_cut", "crash_at_commit", "crash_in_flight", "commit_error", "full_disk", "clock_jump", "second_process", "restart",
    "weather", "platform_down", "platform_slow", "platform_restart", "new_edition", "revoke", "revoke_in_flight", "enrol_again",
)  # fmt: skip
_OFTEN = {"power_cut": 2, "crash_at_commit": 2, "weather": 2}
_STORM = (0.0, 0.02, 0.1, 0.3, 0.6)


class Hall(Protocol):
    """The run, as far as faults change it."""

    timeline: Timeline
    central: Central
    weather: Weather
    record: Record
    machines: list[Machine]

    def add_clone(self, original: Machine, image: dict[str, bytes]) -> None: ...


class Campaign:
    """Draws faults until it is over: `rate` of them for each citizen who comes, and a few while nobody does.

    Images are put back only where no platform backup is, so that each loss has one cause. Kinds `without` do nothing.
    """

    def __init__(self, hall: Hall, seed: str, rate: float, theme: str, without: Collection[str]) -> None:
        self._hall = hall
        self._chance = random.Random(seed)
        self._rate = rate
        self._over = False
        self._backup: tuple[bytes, int] | None = None
        self._images: dict[str, dict[str, bytes]] = {}
        self._cloned = False
        common = [getattr(self, name) for name in COMMON for _ in range(_OFTEN.get(name, 1))]
        special: dict[str, list[Callable[[], None]]] = {
            "backup": [self.back_up, self.restore],
            "image": [self.take_image, self.set_back, self.clone],
            "damage": [self.damage],
            "storm": [self.power_cut, self.restart, self.crash_in_flight],
            "plain": [],
        }
        theme = theme or self._chance.choice(("backup", "backup", "image", "image", "damage", "storm", "plain"))
        self._without = frozenset(without)
        if theme == "storm":
            hall.weather.trouble = 0.5
        kinds = common if theme == "plain" else self._chance.sample(common, 12)
        lasting = [kind for kind in kinds if theme != "storm" or kind != self.weather]
        self._acts = lasting + special[theme] * self._chance.choice((1, 3))

    def begin(self) -> None:
        self._next()

    def somebody_came(self) -> None:
        """A citizen stands at a window: perhaps something goes wrong in the next minutes, perhaps in the next seconds."""
        if self._chance.random() < self._rate:
            self._later(self._chance.choice((3_000, 120_000, 120_000)), self._strike)

    def end(self) -> None:
        """No more faults, and all that lasted is over."""
        self._over = True
        hall = self._hall
        hall.weather.trouble, hall.weather.down, hall.weather.slow_ms = 0.0, False, 0
        for machine in hall.machines:
            machine.disk.failures.clear()
            machine.disk.cut, machine.disk.full = None, False
            machine.line.in_flight = None
        self._reinstate_all()

    def _next(self) -> None:
        self._hall.timeline.after(self._chance.expovariate(1 / _LULL_MS), self._pass_time)

    def _pass_time(self) -> None:
        if not self._over:
            self._strike()
            self._next()

    def _strike(self) -> None:
        act = self._chance.choice(self._acts)
        if act.__name__ not in self._without:
            act()

    def _later(self, most_ms: int, act: Callable[[], None]) -> None:
        self._hall.timeline.after(self._chance.uniform(0, most_ms), lambda: None if self._over else act())

    def _some(self) -> Machine:
        return self._chance.choice(self._hall.machines)

    def _note(self, what: str, machine: Machine | None = None) -> None:
        self._hall.record.count(what)
        self._hall.record.note(machine.name if machine else "platform", what)

    # --- machines ---------------------------------------------------------------------------------------------------

    def power_cut(self) -> None:
        machine = self._some()
        if machine.powered:
            self._note("power cut", machine)
            machine.power_cut()

    def crash_at_commit(self) -> None:
        machine = self._some()
        machine.disk.cut = self._chance.choice(("before", "torn", "after"))

    def crash_in_flight(self) -> None:
        machine = self._some()

        def cut(delay_ms: float) -> None:
            self._note("crash during a request", machine)
            self._hall.timeline.after(delay_ms, machine.power_cut)

        machine.line.in_flight = cut

    def restart(self) -> None:
        machine = self._some()
        if machine.powered:
            self._note("restart", machine)
            machine.restart()

    def enrol_again(self) -> None:
        machine = self._some()
        if machine.powered and machine.process is not None:
            machine.enrol_again = True
            machine.restart()

    def second_process(self) -> None:
        self._some().try_second_process()

    def clock_jump(self) -> None:
        machine = self._some()
        self._note("clock jump", machine)
        size = self._chance.choice((2_000, 3_600_000, _DAY_MS, 400 * _DAY_MS))
        machine.clock.offset_ms += round(self._chance.uniform(-size, size))
        self._later(3_600_000, partial(setattr, machine.clock, "offset_ms", 0))

    # --- disks ------------------------------------------------------------------------------------------------------

    def commit_error(self) -> None:
        disk = self._some().disk
        code = self._chance.choice((sqlite3.SQLITE_IOERR, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_READONLY))
        disk.failures += [code] * self._chance.choice((1, 1, 2, 5))

    def full_disk(self) -> None:
        machine = self._some()
        machine.disk.full, machine.disk.spare = True, self._chance.choice((0, 1, 3, 30))
        self._note("disk full", machine)
        self._later(600_000, partial(setattr, machine.disk, "full", False))

    def take_image(self) -> None:
        machine = self._some()
        if machine.device is not None and machine.process is not None:
            self._note("image taken", machine)
            machine.power_cut()
            self._images[machine.name] = machine.disk.image()

    def set_back(self) -> None:
        machine = self._some()
        image = self._images.get(machine.name)
        if image is None or not machine.powered:
            return
        self._note("disk set back to an image", machine)
        machine.power_cut()
        self._put_at_risk(machine)
        machine.disk.put_back(image)
        self._reopens(machine)
        self._hall.record.forkable.add(machine.name)

    def clone(self) -> None:
        machine = self._some()
        image = self._images.get(machine.name)
        if image is None or self._cloned:
            return
        self._cloned = True
        self._note("disk cloned into a second machine", machine)
        self._hall.record.forkable.add(machine.name)
        self._hall.add_clone(machine, image)
        self._reopens(self._hall.machines[-1])

    def damage(self) -> None:
        machine = self._some()
        if machine.device is None or machine.process is None:
            return
        kind = self._chance.choice(("flip", "tear"))
        self._note("bytes flipped while off" if kind == "flip" else "sector torn while off", machine)
        if self._chance.random() < 0.5:
            machine.stop()
            self._hall.timeline.after(self._chance.uniform(1_000, 60_000), machine.power_on)
        else:
            machine.power_cut()
        if machine.powered:
            return
        self._put_at_risk(machine)
        self._hall.record.damaged.add(machine.name)
        self._hall.record.suspect.add(machine.name)
        self._hall.record.forkable.add(machine.name)
        getattr(machine.disk, kind)()

    def _put_at_risk(self, machine: Machine) -> None:
        """Sessions of which something stands on this disk only, and those that are open, may lose by what comes."""
        record = self._hall.record
        with _reading(self._hall.central.path) as platform:
            held = {row[0] for row in platform.execute("SELECT id FROM entries")}
        try:
            stored = _entries(machine.disk.folder / DATABASE)
        except sqlite3.DatabaseError:
            record.at_risk.update(visit.session for visit in record.visits.values() if visit.machine == machine.name)
            return
        record.at_risk.update(session for entry, session in stored if entry not in held and session is not None)
        record.at_risk.update(self._reopens(machine))

    def _reopens(self, machine: Machine) -> set[str]:
        """Sessions that are open in the file are closed by the next start, elsewhere they may have ended otherwise."""
        open_ones: dict[str, bool] = {}
        for kind, session in _kinds(machine.disk.folder / DATABASE):
            if session is not None:
                open_ones[session] = kind != "session_closed"
        left_open = {session for session, is_open in open_ones.items() if is_open}
        self._hall.record.reopened |= left_open
        return left_open

    # --- platform and network ---------------------------------------------------------------------------------------

    def weather(self) -> None:
        self._hall.weather.trouble = self._chance.choice(_STORM)

    def platform_down(self) -> None:
        self._note("platform down")
        self._hall.weather.down = True
        self._later(900_000, partial(setattr, self._hall.weather, "down", False))

    def platform_slow(self) -> None:
        """It answers late, or so late that nobody waits for it any more."""
        self._note("platform slow or hanging")
        self._hall.weather.slow_ms = self._chance.choice((2_000, 10_000, 60_000))
        self._later(900_000, partial(setattr, self._hall.weather, "slow_ms", 0))

    def platform_restart(self) -> None:
        self._note("platform restarted")
        self._hall.central.restart()

    def new_edition(self) -> None:
        self._note("pack, catalogue and roster changed")
        central = self._hall.central
        central.publish(central.edition + 1, edition_roster(self._chance, ROSTER))

    def revoke(self) -> None:
        machine = self._some()
        if machine.device is None:
            return
        self._note("device revoked", machine)
        self._hall.central.revoke(machine.device, True)
        self._later(300_000, partial(self._hall.central.revoke, machine.device, False))

    def revoke_in_flight(self) -> None:
        machine = self._some()

        def revoke(delay_ms: float) -> None:
            if machine.device is not None and not self._over:
                self._note("device revoked during a request", machine)
                self._hall.timeline.after(delay_ms, partial(self._hall.central.revoke, machine.device, True))
                self._hall.timeline.after(delay_ms + 120_000, partial(self._hall.central.revoke, machine.device, False))

        machine.line.in_flight = revoke

    def back_up(self) -> None:
        if all(machine.device for machine in self._hall.machines):
            self._note("platform backed up")
            self._backup = self._hall.central.back_up(), self._hall.timeline.now

    def restore(self) -> None:
        """Never older than the terminals keep what was acknowledged: that is what the backup window is for."""
        if self._backup is not None and self._hall.timeline.now - self._backup[1] < KEEP_DAYS * _DAY_MS:
            self._note("platform restored from a backup")
            self._hall.record.restored = True
            self._hall.central.restore(self._backup[0])
            self._later(300_000, self._reinstate_all)

    def _reinstate_all(self) -> None:
        """A backup may be of a moment at which a device was revoked."""
        for machine in self._hall.machines:
            if machine.device is not None:
                self._hall.central.revoke(machine.device, False)


class _reading:
    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._connection.text_factory = _legible

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _legible(raw: bytes) -> str:
    """Flipped bytes need not be text any more."""
    return raw.decode(errors="replace")


def _entries(path: Path) -> list[tuple[bytes, str | None]]:
    with _reading(path) as journal:
        rows = journal.execute("SELECT id, session FROM entries ORDER BY n").fetchall()
    return [(entry, _text(session)) for entry, session in rows]


def _kinds(path: Path) -> list[tuple[str, str | None]]:
    with _reading(path) as journal:
        rows = journal.execute("SELECT kind, session FROM entries ORDER BY n").fetchall()
    return [(kind, _text(session)) for kind, session in rows]


def _text(raw: bytes | None) -> str | None:
    if raw is None:
        return None
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
