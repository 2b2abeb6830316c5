"""One run: a folder, the platform, the proxy, the devices, the kiosk, the crowd, and what is left as evidence.

`kinds.py` says what a kind of fault may do here and in which order things happen.
"""

import contextlib
import random
import shutil
import sqlite3
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from campaign.crowd import Crowd
from campaign.kiosk_seat import KioskSeat
from campaign.platform_server import PlatformServer
from campaign.proxy import FAIR, Proxy
from campaign.template import Template
from campaign.verdict import judge
from simulation.record import Record

from device_drivers.simulators import CardReaderSimulator, CaseTicketSimulator, PtyDevice, ScannerSimulator
from terminal_app.demo.stage import CARD, StageError

JOURNAL = "journal.sqlite3"
VISITS = 4
DRAIN_S = 75.0
LOOK_EVERY_S = 0.1
_WAITING = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM open_sessions)"
SETTINGS = """\
[display]
fullscreen = false
canvas = [1280, 800]
allow_mouse = true
[timing]
stars_s = 10
reasons_s = 6
extension_s = 3
thanks_s = 2
notice_s = 1
staff_s = 5
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run: what is wrong, how much was looked at, which faults were done."""

    findings: list[str]
    ratings: int
    entries: int
    faults: Counter[str]
    seconds: float


class Scene:
    """Everything of one run in `folder`. A context manager that leaves nothing running; the folder stays."""

    def __init__(self, folder: Path, seed: int, template: Template) -> None:
        self.folder = folder
        self.seed = seed
        self.template = template
        self.rng = random.Random(f"faults {seed}")
        self.data = folder / "terminal"
        self.config = folder / "terminal.toml"
        self.record = Record()
        self.faults: Counter[str] = Counter()
        self.errors: list[str] = []
        self._began = time.monotonic()
        self._guard = threading.Lock()
        self.cables = threading.RLock()
        self._unplugged: set[PtyDevice] = set()
        self._gone_home = threading.Event()
        self._leaving = contextlib.ExitStack()
        self.at_end = self._leaving.callback

    def __enter__(self) -> "Scene":
        with contextlib.ExitStack() as making:
            making.callback(self._leaving.close)
            self._make()
            making.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leaving.close()

    def _make(self) -> None:
        shutil.copytree(self.template.terminal, self.data)
        database = self.folder / "platform.sqlite"
        shutil.copyfile(self.template.platform, database)
        self.line_device, self.scanner_device, self.card_device = (
            self._leaving.enter_context(PtyDevice(name, self.folder, patience_s=1.0))
            for name in ("ticket-line", "scanner", "card-reader")
        )
        self.cards = CardReaderSimulator(self.card_device)
        self.proxy = Proxy(self.count)
        self.at_end(self.proxy.close)
        self.platform = PlatformServer(database, self.folder / "platform.log", self.proxy.url)
        self.at_end(self.platform.stop)
        self.config.write_text(self._settings(), "utf-8")
        self.kiosk = KioskSeat(self.config, self.folder, self._are_open, self.note)
        self.at_end(self.kiosk.stop)
        line, scanner = CaseTicketSimulator(self.line_device), ScannerSimulator(self.scanner_device)
        self.crowd = Crowd(self.kiosk, line, scanner, self.cables, self.record, self.seed, self.note)

    def _settings(self) -> str:
        devices = "".join(
            f'[[devices]]\nname = "{device.name}"\ndriver = "{driver}"\naddress = "{device.address}"\n'
            for device, driver in (
                (self.line_device, "case_ticket"),
                (self.scanner_device, "barcode_scanner"),
                (self.card_device, "card_reader"),
            )
        )
        return f'data_dir = "{self.data}"\n[platform]\nurl = "{self.proxy.url}"\n{SETTINGS}{devices}'

    @property
    def devices(self) -> tuple[PtyDevice, ...]:
        return (self.line_device, self.scanner_device, self.card_device)

    @property
    def journal(self) -> Path:
        """The terminal's database file."""
        return self.data / JOURNAL

    # --- for the kinds ------------------------------------------------------------------------------------------

    def count(self, fault: str) -> None:
        """One more fault of this sort was done. Any thread."""
        with self._guard:
            self.faults[fault] += 1
        self.note(fault)

    def note(self, text: str) -> None:
        """A line in `events.log`. Any thread."""
        with self._guard, (self.folder / "events.log").open("a", encoding="utf-8") as log:
            log.write(f"{time.monotonic() - self._began:8.3f} {text}\n")

    def complain(self, finding: str) -> None:
        """A violation. Any thread."""
        self.errors.append(finding)

    def rating(self, seconds: float) -> bool:
        """Sleep so long, or until the crowd has gone home; whether it is still rating."""
        return not self._gone_home.wait(seconds)

    def start_platform(self) -> None:
        """Start it (again), and let the proxy lead to it."""
        self.platform.start()
        self.proxy.upstream = self.platform.port

    def unplug(self, device: PtyDevice) -> None:
        """Pull the plug of a device."""
        with self.cables:
            device.unplug()
            self._unplugged.add(device)

    def replug(self, device: PtyDevice) -> None:
        """Plug it in again."""
        with self.cables:
            device.replug()
            self._unplugged.discard(device)

    def waiting(self) -> int:
        """How many entries are not acknowledged, quarantined ones included, and how many sessions are not closed yet."""
        with contextlib.closing(sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True)) as connection:
            return int(connection.execute(_WAITING).fetchone()[0])

    # --- the run ------------------------------------------------------------------------------------------------

    def play(self, run: Callable[["Scene"], None], before: Callable[["Scene"], None]) -> Result:
        """The whole run, and the checker's word on it."""
        ratings = entries = 0
        try:
            self.start_platform()
            before(self)
            self.kiosk.start()
            self.cards.lay(CARD)
            self._rate(run)
            self._heal()
            self._finish()
        except StageError as error:
            self.complain(str(error))
        else:
            checked = judge(self.platform.database, self.journal, self.record)
            ratings, entries = checked.ratings, checked.entries
            self.errors += checked.findings
        return Result(self.errors, ratings, entries, self.faults, time.monotonic() - self._began)

    def _rate(self, run: Callable[["Scene"], None]) -> None:
        people = threading.Thread(target=self._serve, daemon=True)
        people.start()
        try:
            run(self)
        except BaseException:
            self.kiosk.abandon()
            raise
        finally:
            people.join()

    def _serve(self) -> None:
        try:
            self.crowd.serve(VISITS)
        except StageError as error:
            self.complain(str(error))
        except Exception:  # noqa: BLE001 - a run whose crowd broke down has shown nothing
            self.complain(f"the crowd broke down: {traceback.format_exc()}")
        finally:
            self._gone_home.set()

    def _heal(self) -> None:
        """Everything outside the terminal is well again."""
        self.note("healing")
        self.proxy.weather = FAIR
        if not self.platform.runs:
            self.start_platform()
        for device in list(self._unplugged):
            self.replug(device)
        self.crowd.may_be_refused = self.kiosk.may_refuse_to_start = False
        if self.kiosk.process is None or self.kiosk.process.child.poll() is not None:
            self.kiosk.start()

    def _finish(self) -> None:
        """One more citizen, everything delivered, the end of both processes."""
        if not self.crowd.serve_one():
            self.complain("after the faults a citizen could not rate")
        self.crowd.leave()
        deadline = time.monotonic() + DRAIN_S
        while self.waiting():
            if time.monotonic() > deadline:
                self.complain(f"{self.waiting()} entries were not delivered within {DRAIN_S:.0f} s")
                break
            time.sleep(LOOK_EVERY_S)
        self.kiosk.stop()
        self.platform.stop()

    def _are_open(self) -> bool:
        """Whether the terminal listens on every line that is plugged in: what is sent before is lost, as with real ones."""
        with self.cables:
            opened = [device.wait_until_open(0) for device in self.devices if device not in self._unplugged]
            return all(opened)
