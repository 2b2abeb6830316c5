"""Everything around the kiosk window in a demonstration: platform process, simulated devices, enrolment, configuration."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_drivers.simulators import (
    CardReaderSimulator,
    CaseTicketSimulator,
    FramedEvaluatorSimulator,
    KeyboardSimulator,
    PrinterSimulator,
    PtyDevice,
    ScannerSimulator,
    SimulatedDevice,
)
from terminal_app.demo.business_system import BusinessSystem
from terminal_app.demo.counter_devices import FURTHER, CounterDevices, further_devices, further_tables
from terminal_app.regions.library import UnknownRegion, load_pack
from terminal_app.regions.pack import Pack, PackError

WINDOW, NUMBER, SERVICE_NUMBER = "综合受理", "08", "12345"
STAFF = "number,name,post,role,cards\n0823,王慧敏,综合受理岗,clerk,04A1B2C3\n0517,李建国,综合受理岗,clerk,04D4E5F6\n"
CARD = "04A1B2C3"
FIRST_DRIVERS = {"ticket-line": "case_ticket", "scanner": "barcode_scanner", "card-reader": "card_reader"}
OTHER_DRIVERS = {
    "evaluator": "framed_evaluator",
    "keypad": "keypad",
    "wedge-scanner": "wedge_scanner",
    "printer": "receipt_printer",
}
START_DEADLINE_S = 60.0
LOOK_EVERY_S = 0.1


class StageError(Exception):
    """A part of the demonstration did not start; the message names it and its log."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform process of a demonstration."""

    process: "subprocess.Popen[bytes]"
    url: str
    db: str
    viewer_token: str

    @property
    def live_page(self) -> str:
        return f"{self.url}/?token={self.viewer_token}"

    def hold(self) -> None:
        """Stop answering, without dying."""
        self.process.send_signal(signal.SIGSTOP)

    def release(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def ratings(self) -> Iterator[Mapping[str, Any]]:
        """All ratings that the platform holds."""
        return self._listed("ratings")

    def standings(self) -> Iterator[Mapping[str, Any]]:
        """Per case which rating stands, as far as the platform has looked."""
        return self._listed("standings")

    def _listed(self, what: str) -> Iterator[Mapping[str, Any]]:
        after = 0
        while True:
            request = urllib.request.Request(
                f"{self.url}/v1/{what}?after={after}&limit=500", headers={"Authorization": f"Bearer {self.viewer_token}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                page = json.load(answer)
            yield from page["items"]
            if not page["items"]:
                return
            after = page["next"]


@dataclass(frozen=True, slots=True)
class Others:
    """What a window may have beside line, scanner and card reader."""

    evaluator: FramedEvaluatorSimulator
    keypad: KeyboardSimulator
    wedge: KeyboardSimulator
    printer: PrinterSimulator


@dataclass(frozen=True, slots=True)
class Everything:
    """A counter at which every kind of device stands, and whose PC runs a business system."""

    devices: CounterDevices
    business: BusinessSystem


@dataclass(frozen=True, slots=True)
class Stage:
    """A platform, an enrolled terminal's configuration, and its devices."""

    folder: Path
    platform: Platform
    config: Path
    line: CaseTicketSimulator
    scanner: ScannerSimulator
    cards: CardReaderSimulator
    others: "Others | None" = None
    everything: "Everything | None" = None

    @property
    def terminal_log(self) -> Path:
        return self.folder / "terminal.log"

    @property
    def last_words(self) -> str:
        """What the terminal said last."""
        return self.terminal_log.read_text("utf-8", "replace").strip()[-800:]

    def pending(self) -> set[str]:
        """The ids of the entries that wait for the platform."""
        listing = run_json(["terminal_app", "outbox", "list", "--config", str(self.config), "--json"])
        return {row["id"] for row in listing["entries"]}

    def journal(self) -> list[dict[str, Any]]:
        """What every entry says, in order; the terminal has ended."""
        file = self.folder / "journal.ndjson"
        run_json(["terminal_app", "journal", "export", str(file), "--config", str(self.config), "--json"])
        with file.open("rb") as lines:
            bodies = (json.loads(line)["body"] for line in lines)
            return [body for body in bodies if "kind" in body]

    def see_devices_closed(self) -> None:
        """After a terminal's end: so that the next one is not taken to listen before it does."""
        for simulator in (self.line, self.scanner, self.cards):
            simulator.device.wait_until_open(0)

    def wait_until_devices_are_open(self, terminal: "subprocess.Popen[bytes]") -> None:
        """Until the terminal listens on all lines: what is sent before is lost, as with real ones. Raises StageError."""
        deadline = time.monotonic() + START_DEADLINE_S
        first = (self.line.device, self.scanner.device, self.cards.device)
        for device in self.everything.devices.devices if self.everything else first:
            while not device.wait_until_open(LOOK_EVERY_S):
                if terminal.poll() is not None:
                    raise StageError(f"the terminal ended: {self.last_words}")
                if time.monotonic() > deadline:
                    raise StageError(f"the terminal did not open {device.address}")


@contextlib.contextmanager
def set_up(
    folder: Path, display: str, timing: str = "", region: str = "taian", *, whole: bool = False, every: bool = False
) -> Iterator[Stage]:
    """Build the stage in `folder`; `display` and `timing` are TOML lines of those tables; `region` an id
    or a pack's file; `whole` adds the other devices, `every` one of each kind beside them. All of it ends with the context.
    Raises StageError."""
    with contextlib.ExitStack() as stack:
        first = {name: stack.enter_context(PtyDevice(name, folder)) for name in FIRST_DRIVERS}
        pack = pack_of(region)
        platform = stack.enter_context(_platform(folder, region))
        config = folder / "terminal.toml"
        written = (
            f'data_dir = "{folder / "terminal"}"\n[platform]\nurl = "{platform.url}"\n'
            f"[display]\n{display}\n[timing]\n{timing}\n{_tables(first, FIRST_DRIVERS)}"
        )
        others = everything = None
        if whole or every:
            ports = {name: stack.enter_context(PtyDevice(name, folder)) for name in OTHER_DRIVERS}
            others = others_at(ports)
            written += f'[window]\nrating_url = "{platform.url}/w/{NUMBER}"\n' + other_tables(ports)
            if every:
                further = stack.enter_context(further_devices(folder))
                everything = _everything({**first, **ports, **further})
                stack.callback(everything.business.close)
                written += further_tables(further) + everything.business.tables
        config.touch(0o600)
        config.write_text(written, "utf-8")
        _enroll(folder, platform, config, f"{pack.name['zh-CN']}政务服务中心")
        yield Stage(
            folder,
            platform,
            config,
            CaseTicketSimulator(first["ticket-line"]),
            ScannerSimulator(first["scanner"]),
            CardReaderSimulator(first["card-reader"]),
            others,
            everything,
        )


def _everything(devices: Mapping[str, SimulatedDevice]) -> Everything:
    further = {name: kind.driver for name, kind in FURTHER.items()}
    return Everything(CounterDevices(FIRST_DRIVERS | OTHER_DRIVERS | further, devices), BusinessSystem())


def others_at(ports: Mapping[str, PtyDevice]) -> Others:
    """The other devices at these ports, by their names in OTHER_DRIVERS."""
    return Others(
        FramedEvaluatorSimulator(ports["evaluator"]),
        KeyboardSimulator(ports["keypad"]),
        KeyboardSimulator(ports["wedge-scanner"]),
        PrinterSimulator(ports["printer"]),
    )


def other_tables(ports: Mapping[str, PtyDevice]) -> str:
    """Their tables of terminal.toml."""
    return _tables(ports, OTHER_DRIVERS)


def _tables(ports: Mapping[str, PtyDevice], drivers: Mapping[str, str]) -> str:
    return "".join(
        f'[[devices]]\nname = "{name}"\ndriver = "{drivers[name]}"\naddress = "{port.address}"\n'
        for name, port in ports.items()
    )


def pack_of(region: str) -> Pack:
    """The pack of a region's id, or of a file. Raises StageError."""
    try:
        return load_pack(region)
    except (UnknownRegion, PackError) as error:
        raise StageError(str(error)) from None


@contextlib.contextmanager
def _platform(folder: Path, region: str) -> Iterator[Platform]:
    db = f"sqlite:///{folder / 'platform.db'}"
    serve = ["central_platform", "serve", "--db", db, "--port", "0", "--region", region, "--json"]
    with process(serve, folder / "platform.log", stdout=subprocess.PIPE) as server:
        told = _first_line(server, folder / "platform.log")
        yield Platform(server, told["listening"], db, told["viewer_token"])


def _enroll(folder: Path, platform: Platform, config: Path, hall: str) -> None:
    staff = folder / "staff.csv"
    staff.write_text(STAFF, "utf-8")
    run_json(["central_platform", "staff", "import", str(staff), "--db", platform.db, "--json"])
    place = ["--hall", hall, "--window", WINDOW, "--number", NUMBER, "--service-number", SERVICE_NUMBER]
    claim = run_json(["central_platform", "claim", "create", "--db", platform.db, *place, "--json"])["claim"]
    run_json(["terminal_app", "enroll", "--config", str(config), "--claim", claim, "--json"])


@contextlib.contextmanager
def process(
    module: Sequence[str],
    log: Path,
    stdout: int | None = None,
    inherit: Sequence[int] = (),
    under: Sequence[str] = (),
    **environment: str,
) -> "Iterator[subprocess.Popen[bytes]]":
    """`python -m …` in a session of its own, writing to a file, or its output to a pipe; ended with the context.

    `inherit`: file descriptors that it gets as they are. `under`: a command that runs it, such as a tracer.
    """
    with contextlib.ExitStack() as running:
        with log.open("ab") as out, _signals_held_back():
            child = subprocess.Popen(
                [*under, sys.executable, "-m", *module],
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=out,
                pass_fds=inherit,
                env={**os.environ, **environment},
                start_new_session=True,
            )
            if child.stdout:
                running.callback(child.stdout.close)
            running.callback(end, child)
        yield child


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """A process that was just started is known before Ctrl-C or SIGTERM ends this one: they come after the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda got, _: came.append(got)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)


def end(child: "subprocess.Popen[bytes]", deadline_s: float = 10.0) -> None:
    """Ask a process to end; kill it after the deadline."""
    if child.poll() is None:
        child.send_signal(signal.SIGCONT)
        child.terminate()
        try:
            child.wait(deadline_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def run_json(module: Sequence[str]) -> Any:
    """The JSON that `python -m …` prints. Raises StageError with what it said."""
    done = subprocess.run([sys.executable, "-m", *module], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StageError(f"{' '.join(module[:3])} failed: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def _first_line(server: "subprocess.Popen[bytes]", log: Path) -> Any:
    """What the platform says once it answers. Raises StageError."""
    assert server.stdout is not None
    if not select.select([server.stdout], [], [], START_DEADLINE_S)[0]:
        raise StageError(f"the platform did not answer within {START_DEADLINE_S:.0f} s")
    line = server.stdout.readline()
    if not line:
        raise StageError(f"the platform ended at start: {log.read_text('utf-8', 'replace').strip()[-500:]}")
    return json.loads(line)
