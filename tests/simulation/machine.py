"""A terminal of a run: the computer with its disk, clock and plug, and the process on it, made of the product's parts.

Wires the parts as the product's assembly does, with virtual time in place of threads. Decides nothing about ratings.
"""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from simulation.central import Central
from simulation.disk import Disk
from simulation.network import BASE_URL, Line, SimulatedClient, Weather
from simulation.record import Record
from simulation.timeline import Fiber, Gone, PowerCut, Timeline
from support.synchronous_journal import SynchronousJournal

from sync.downloads import Downloads
from sync.enrolment import EnrolmentFailed, enroll
from sync.policy import Rest
from sync.worker import SyncWorker
from terminal_app.application.controller import Controller
from terminal_app.application.documents import Identity, load_identity
from terminal_app.application.roster import Roster
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import ClockQuality, Draft, Entry, Moment
from terminal_app.domain.turn import closed_by, current_session
from terminal_app.ports import Link, StoreFailure, StoreUnavailable, SyncStatus
from terminal_app.store.errors import InstanceRunning, StoreOpenError
from terminal_app.store.opening import Store, open_store
from terminal_app.store.salvage import is_sound

_BEIJING = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RETRY_START_MS = 15_000
_TIDY_EVERY_MS = 240_000
_PRUNE_EVERY_MS = 3_600_000
_CHECK_AFTER_MS = 20_000
_LATE = 0.95


class Clock:
    """A machine's clocks: the wall clock may be wrong by `offset_ms`, the monotonic one starts with each boot."""

    def __init__(self, timeline: Timeline, epoch_ms: int) -> None:
        self._timeline = timeline
        self._epoch_ms = epoch_ms
        self._booted_at = 0
        self._boots = 0
        self.offset_ms = 0

    def boot(self) -> None:
        self._booted_at, self._boots = self._timeline.now, self._boots + 1

    def moment(self) -> Moment:
        wall = (_EPOCH + timedelta(milliseconds=self.wall_ms)).astimezone(_BEIJING)
        quality = ClockQuality.UNSYNCHRONISED if self.offset_ms else ClockQuality.SYNCHRONISED
        return Moment(wall.isoformat(timespec="milliseconds"), self.mono_ms(), f"boot-{self._boots}", quality)

    @property
    def wall_ms(self) -> int:
        return self._epoch_ms + self._timeline.now + self.offset_ms

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return 1_000 + self._timeline.now - self._booted_at


class Ids:
    """UUIDv7 from a machine's wall clock and the run's chance; never going back inside a process."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock = clock
        self._chance = chance
        self._last = 0

    def uuid7(self) -> str:
        self._last = max(self._clock.wall_ms << 12, self._last + 1)
        tail = self._chance.getrandbits(62)
        digits = f"{self._last >> 12:012x}7{self._last & 0xFFF:03x}{0b10 << 62 | tail:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def token(self) -> bytes:
        return self._chance.randbytes(16)


class Machine:
    """A computer at a window. `on_screen` is told of every picture, None when the screen went dark."""

    def __init__(
        self,
        name: str,
        disk: Disk,
        claim: str,
        timeline: Timeline,
        central: Central,
        weather: Weather,
        record: Record,
        seed: str,
        epoch_ms: int,
        speed_ms: int,
        lag_ms: int,
        keep_days: float,
    ) -> None:
        self.name = name
        self.disk = disk
        self.claim = claim
        self.timeline = timeline
        self.central = central
        self.record = record
        self.chance = random.Random(seed)
        self.clock = Clock(timeline, epoch_ms)
        self.line = Line(timeline, central, weather, random.Random(f"{seed} line"), self._sleep_in_fiber, speed_ms)
        self.lag_ms = lag_ms
        self.keep_days = keep_days
        self.process: Process | None = None
        self.powered = False
        self.enrol_again = False
        self.device: str | None = None
        self.on_screen: Callable[[s.Terminal | None], None] = lambda state: None
        self.on_end: Callable[[], None] = lambda: None

    # --- power ------------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        if not self.powered:
            self.powered = True
            self.clock.boot()
            self.start()

    def start(self) -> None:
        """Start the program; the service manager tries again later when it does not come up."""
        if not self.powered or self.process is not None:
            return
        process = Process(self)
        try:
            process.open()
        except StoreOpenError as error:
            self.record.note(self.name, f"does not start: {type(error).__name__}")
            self.timeline.after(_RETRY_START_MS, self.start)
            return
        except PowerCut:
            self._lose_power(process)
            return
        self.process = process
        self.record.note(self.name, "started")
        process.begin()

    def power_cut(self, back_after_ms: float | None = None) -> None:
        """The plug is pulled; somebody puts it in again later."""
        if not self.powered:
            return
        process, self.process = self.process, None
        self._lose_power(process, back_after_ms)

    def _lose_power(self, process: "Process | None", back_after_ms: float | None = None) -> None:
        self.powered = False
        self.record.note(self.name, "power cut")
        self.disk.lose_power(process.vanish if process else lambda: None)
        self.on_end()
        self.on_screen(None)
        self.timeline.after(self.chance.uniform(1_000, 60_000) if back_after_ms is None else back_after_ms, self.power_on)

    def stop(self) -> None:
        """Shut down in order."""
        if self.process is not None:
            process, self.process = self.process, None
            try:
                process.stop()
            except PowerCut:
                self._lose_power(process)
                return
            self.record.note(self.name, "stopped")
            self.on_end()
        self.powered = False
        self.on_screen(None)

    def restart(self) -> None:
        self.stop()
        self.power_on()

    def try_second_process(self) -> None:
        """Somebody starts the program twice on one data folder."""
        if self.process is None:
            return
        try:
            open_store(self.disk.folder, self.clock, Ids(self.clock, self.chance), app_version="sim").stop()
        except InstanceRunning:
            self.record.count("second process refused")
        else:
            self.record.complain(f"{self.name}: two processes on one data folder")

    def _sleep_in_fiber(self, delay_ms: float) -> None:
        if self.process is None:
            raise Gone
        self.process.sleep(delay_ms)


class Process:
    """The running program on a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.alive = True
        self.controller: Controller | None = None
        self.worker: Worker | None = None
        self.identity: Identity | None = None
        self.store: Store | None = None
        self._revoked = False
        self._nap = 0
        self._napping = False
        self._journal_free_at = 0
        self._fiber: Fiber | None = None
        self._broken_since: int | None = None

    def open(self) -> None:
        machine = self.machine
        self.ids = Ids(machine.clock, machine.chance)
        self.store = open_store(machine.disk.folder, machine.clock, self.ids, app_version="sim")
        self.identity = load_identity(self.store.documents)
        if self.store.salvaged:
            machine.record.count("database salvaged")
            machine.record.suspect.discard(machine.name)

    def begin(self) -> None:
        """First picture, then delivery, or enrolment where that is not complete."""
        machine, store = self.machine, self.store
        assert store is not None
        if self.identity is None or machine.enrol_again:
            machine.on_screen(None)
            self._fiber = Fiber(self._enrol, self._fiber_ended)
            self._fiber.resume()
            return
        machine.device = self.identity.record.device
        self.roster = Roster(self.identity.documents.staff)
        self.journal = SlowJournal(self, SynchronousJournal(store.journal, self._appended))
        self.controller = Controller(machine.clock, self.ids, self.journal, self.roster, self, self._first_state())
        self.controller.show_on(self)
        client = SimulatedClient(BASE_URL, store.key.private, wall_clock=self._wall).over(machine.line)
        self.worker = Worker(
            store.outbox,
            client,
            machine.clock,
            downloads=Downloads(client, store.documents, self.identity.record.platform_key),
            heads=client,
            on_status=lambda status: self.call_later(0, partial(self._delivery_changed, status)),
            on_documents=lambda _: self.call_later(0, self._documents_changed),
            kept_deadline=store.deadline,
            chance=random.Random(machine.chance.random()),
            attended=self._somebody_is_there,
            pause_s=0,
        )
        self.worker.process, self.worker._woken = self, _Woken(self)
        self._fiber = Fiber(lambda _: self.worker._run(), self._fiber_ended)
        self.call_later(0, self._fiber.resume)
        self.call_later(_CHECK_AFTER_MS, self._check)
        self.call_later(_TIDY_EVERY_MS, self._tidy)
        self.call_later(_PRUNE_EVERY_MS, self._prune)

    def _first_state(self) -> s.Terminal:
        found = self.store.recovered
        since = None
        if found.paused_since is not None:
            since = self._mono_of(found.paused_since)
        return initial(self.identity.documents.rules, None, self.roster.find(found.on_duty), since)

    def _mono_of(self, then: Moment) -> int:
        now = self.machine.clock.moment()
        if then.boot == now.boot:
            return then.mono_ms
        passed = datetime.fromisoformat(now.wall) - datetime.fromisoformat(then.wall)
        return now.mono_ms - max(0, passed // timedelta(milliseconds=1))

    def _wall(self) -> datetime:
        return _EPOCH + timedelta(milliseconds=self.machine.clock.wall_ms)

    # --- the end ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """In order: what is being written first, then delivery, then the store."""
        if self.controller is not None:
            self.journal.finish()
        self.alive = False
        self._kill_fiber()
        self.store.stop()

    def vanish(self) -> None:
        """The process is gone; its file handles and its lock go with it."""
        self.alive = False
        self._kill_fiber()
        if self.store is not None:
            self.store.stop()

    def _kill_fiber(self) -> None:
        if self._fiber is not None:
            self._fiber.kill()

    def _fiber_ended(self, cause: BaseException | None) -> None:
        if isinstance(cause, PowerCut):
            self.machine.power_cut()
        elif cause is not None:
            raise cause

    # --- waiting ----------------------------------------------------------------------------------------------------

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> None:
        """`ports.Scheduler`: what was planned by a process that has ended never happens."""
        self.machine.timeline.after(delay_ms, lambda: callback() if self.alive else None)

    def sleep(self, delay_ms: float | None) -> None:
        """From the fiber: until the time is over (None: for good), or `rouse`."""
        self._nap += 1
        if delay_ms is not None:
            self.call_later(delay_ms, partial(self._end_nap, self._nap))
        self._napping = True
        self._fiber.pause()

    def _end_nap(self, nap: int) -> None:
        if self._napping and nap == self._nap:
            self._napping = False
            self._fiber.resume()

    def rouse(self) -> None:
        """End the present sleep, as late as the machine gets round to it."""
        self.call_later(self.late_ms(), partial(self._end_nap, self._nap))

    def late_ms(self) -> float:
        """How late a sender that was woken is: now and then not at all, mostly as late as a busy machine gets round to it."""
        chance = self.machine.chance
        return self.machine.lag_ms * chance.random() if chance.random() < _LATE else 0

    # --- what the assembly does -------------------------------------------------------------------------------------

    def show(self, state: s.Terminal) -> None:
        """`ports.View`. What is written into a damaged file may be lost with it."""
        session = current_session(state.phase)
        if session is not None and self.machine.name in self.machine.record.suspect:
            self.machine.record.at_risk.add(session.id)
        closed = closed_by(state.phase)
        if isinstance(closed, s.OutOfOrder):
            self._out_of_order(closed.reason)
        else:
            self._broken_since = None
        self.machine.on_screen(state)

    def _out_of_order(self, reason: str) -> None:
        if self._broken_since is None:
            self._broken_since = self.machine.timeline.now
            self.machine.record.note(self.machine.name, f"out of order: {reason}")
            self.call_later(120_000, partial(self._give_up, self._broken_since))
        if reason == "internal" and self.machine.name not in self.machine.record.damaged:
            self.machine.record.complain(f"{self.machine.name}: internal error")

    def _give_up(self, since: int) -> None:
        if self._broken_since == since:
            self.machine.restart()

    def _appended(self) -> None:
        if self.worker is not None:
            self.worker.wake()

    def _delivery_changed(self, status: SyncStatus) -> None:
        if status.link is Link.REVOKED and not self._revoked:
            self._revoked = True
            self.controller.handle(s.Revoked("revoked"))
        elif status.link is Link.ONLINE and self._revoked:
            self._revoked = False
            self.controller.handle(s.Reinstated())

    def _somebody_is_there(self) -> bool:
        return current_session(self.controller.state.phase) is not None

    def _documents_changed(self) -> None:
        identity = load_identity(self.store.documents)
        if identity is not None:
            self.identity = identity
            self.roster.current = identity.documents.staff
            self.controller.handle(s.RulesChanged(identity.documents.rules))

    def _check(self) -> None:
        """As housekeeping does after a start: what it finds in the file is set right by the next start."""
        suspect = self.machine.record.suspect
        if self.machine.name in suspect and not is_sound(self.store.path, thorough=True):
            self.store.distrust()
        else:
            suspect.discard(self.machine.name)
        try:
            self.store.offer_overlooked()
        except StoreUnavailable:
            self.machine.record.note(self.machine.name, "nothing was offered again")

    def _tidy(self) -> None:
        if not self.machine.disk.full:
            self.store._tidy()
        self.call_later(_TIDY_EVERY_MS, self._tidy)

    def _prune(self) -> None:
        try:
            if self.store.prune(self.machine.keep_days):
                self.machine.record.count("journal pruned")
        except StoreUnavailable:
            self.machine.record.note(self.machine.name, "nothing was pruned")
        self.call_later(_PRUNE_EVERY_MS, self._prune)

    def _enrol(self, _: Fiber) -> None:
        machine = self.machine
        client = SimulatedClient(BASE_URL, self.store.key.private, wall_clock=self._wall).over(machine.line)
        while True:
            try:
                enroll(client, machine.claim, self.store.documents)
                break
            except (EnrolmentFailed, StoreUnavailable) as error:
                machine.record.note(machine.name, f"enrolment: {error}")
                self.sleep(machine.chance.uniform(5_000, 300_000))
        machine.record.count("enrolled" if not machine.enrol_again else "enrolled again")
        machine.enrol_again = False
        self.call_later(0, machine.restart)


class _Woken(threading.Event):
    """What the sender waits for between two batches; the wait takes virtual time."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process

    def wait(self, timeout: float | None = None) -> bool:
        if timeout and not self.is_set():
            self._process.sleep(timeout * 1000)
        return self.is_set()


class Worker(SyncWorker):
    """The product's sender with its sleep on virtual time."""

    process: Process

    def wake(self) -> None:
        super().wake()
        if self._resting_until_woken:
            self._resting_until_woken = False
            self.process.rouse()

    _resting_until_woken = False

    def _sleep(self, rest: Rest) -> None:
        if rest.may_be_woken and self._woken.is_set():
            self.process.sleep(self.process.late_ms())
            return
        self._resting_until_woken = rest.may_be_woken
        self.process.sleep(None if rest.until_ms is None else max(0, rest.until_ms - self._now()))
        self._resting_until_woken = False

    def _survive(self, error: Exception) -> None:
        record, name = self.process.machine.record, self.process.machine.name
        if not isinstance(error, StoreUnavailable) and name not in record.damaged:
            record.complain(f"{name}: delivery failed with {type(error).__name__}: {error}")
        super()._survive(error)


class SlowJournal:
    """`ports.Journal` whose disk takes its time: work waits, is done, and is answered, at three different moments."""

    def __init__(self, process: Process, journal: SynchronousJournal) -> None:
        self._process = process
        self._journal = journal
        self._waiting: list[Callable[[], None]] = []
        self._free_at = 0

    def append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None]) -> None:
        self._queue(lambda: self._journal.append(draft, partial(self._appended, done)))

    def rated_before(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        self._queue(lambda: self._journal.rated_before(keys, partial(self._answer, done)))

    def recover(self, done: Callable[[bool], None]) -> None:
        self._queue(lambda: self._journal.recover(partial(self._answer, done)))

    def finish(self) -> None:
        """Do at once what waits; nobody hears of it."""
        self._answer = lambda done, value: None
        while self._waiting:
            self._perform()

    def _queue(self, work: Callable[[], None]) -> None:
        process = self._process
        now = process.machine.timeline.now
        self._free_at = max(now, self._free_at) + process.machine.chance.choice((1, 1, 2, 5, 30, 400))
        self._waiting.append(work)
        process.call_later(self._free_at - now, self._perform)

    def _perform(self) -> None:
        if not self._waiting:
            return
        work = self._waiting.pop(0)
        try:
            work()
        except PowerCut:
            raise
        except Exception as error:  # noqa: BLE001 - told to the crowd's record, and to the window as the product does
            self._unexpected(error)

    def _unexpected(self, error: Exception) -> None:
        machine = self._process.machine
        if machine.name not in machine.record.damaged:
            machine.record.complain(f"{machine.name}: store failed with {type(error).__name__}: {error}")
        self._process.call_later(0, partial(self._process.controller.handle, s.FaultRaised("internal")))

    def _appended(self, done: Callable[[Entry | StoreFailure], None], result: Entry | StoreFailure) -> None:
        if isinstance(result, StoreFailure) and result.reason == "corrupt":
            self._process.store.distrust()
        self._answer(done, result)

    def _answer(self, done: Callable, value: object) -> None:
        self._process.call_later(1, partial(done, value))


def edition_roster(chance: random.Random, size: int) -> list[dict[str, object]]:
    """Members of staff with a card each; who has left and who is new differs between two calls."""
    names = chance.sample(range(1, size + 3), size)
    return [
        {"number": f"{number:03}", "name": f"员{number}", "post": "综合", "role": "clerk", "cards": [card(number)]}
        for number in sorted(names)
    ]


def card(number: int) -> str:
    """The card of a staff number."""
    return f"04A1B2C3{number:02X}"
