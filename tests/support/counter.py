"""A whole counter for end-to-end tests: devices on ptys, an enrolled data folder, a configuration, and the real kiosk at it.

`Counter` is what stands on the counter; `OpenKiosk` is the assembly in this process, before people with eyes and one finger.
Time is real, and nothing of the terminal is replaced.
"""

import contextlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from support.platform import RunningPlatform
from support.store_kit import entries_in

from device_drivers.simulators import CardReaderSimulator, CaseTicketSimulator, PtyDevice, ScannerSimulator, Unplugged
from terminal_app.assembly import Kiosk
from terminal_app.cli import run_command
from terminal_app.config import load
from terminal_app.demo.kiosk_process import KIOSK, KioskProcess, Report
from terminal_app.domain.journal import Entry, Kind
from terminal_app.store.opening import DATABASE
from terminal_app.store.reading import Counts, JournalReader
from ui.views import ViewState

DEADLINE_S = 20.0
CARD, NAME, NUMBER = "04A1B2C3", "王慧敏", "0823"
OTHER_CARD, OTHER_NAME = "04D4E5F6", "李建国"
UNKNOWN_CARD = "04ABCDEF"
STAFF = (
    f"number,name,post,role,cards\n{NUMBER},{NAME},综合受理岗,clerk,{CARD}\n0517,{OTHER_NAME},综合受理岗,clerk,{OTHER_CARD}\n"
)
DISPLAY = "[display]\nfullscreen = false\ncanvas = [1280, 800]\nallow_mouse = true\n"

_cases = count(1)


def fresh_case() -> str:
    """A case number that no other test has."""
    return f"TA20261121{next(_cases):06d}"


def fields(case: str) -> dict[str, str]:
    """A ticket as the counter's business system writes it."""
    return {"case": case, "name": "个体工商户设立登记", "kind": "即办件", "staff": NUMBER, "visit": "1"}


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def command(*words: object) -> Done:
    """Run `rating-terminal` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run_command([str(word) for word in words])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Counter:
    """Simulated devices, plugged in, and the files of one terminal."""

    folder: Path
    config: Path
    line: CaseTicketSimulator
    scanner: ScannerSimulator
    cards: CardReaderSimulator

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def devices(self) -> tuple[PtyDevice, ...]:
        return (self.line.device, self.scanner.device, self.cards.device)  # type: ignore[return-value]

    def configure(self, url: str, *, timing: str = "", platform: str = "", display: str = DISPLAY, watchdog: str = "") -> None:
        """Write terminal.toml; the texts are TOML lines of those tables."""
        drivers = ("case_ticket", "barcode_scanner", "card_reader")
        tables = "".join(
            f'[[devices]]\nname = "{device.name}"\ndriver = "{driver}"\naddress = "{device.address}"\n'
            for driver, device in zip(drivers, self.devices, strict=True)
        )
        text = f'data_dir = "{self.data}"\n[platform]\nurl = "{url}"\n{platform}\n{display}[timing]\n{timing}\n'
        text += f"[watchdog]\n{watchdog}\n{tables}"
        self.config.write_text(text, "utf-8")

    def enroll(self, platform: RunningPlatform) -> None:
        done = command("enroll", "--config", self.config, "--claim", platform.claim())
        assert done.code == 0, done.err

    def entries(self) -> list[Entry]:
        """The journal as an observer beside the kiosk sees it."""
        return entries_in(self.data)

    def kinds(self, case: str) -> list[str]:
        """The kinds of the entries of this case's session, in order; of the last one if there were several."""
        entries = self.entries()
        sessions = [entry.session for entry in entries if entry.kind == Kind.SESSION_OPENED and case in entry.data["covered"]]
        return [entry.kind for entry in entries if sessions and entry.session == sessions[-1]]

    def counts(self) -> Counts:
        """How many entries the journal holds, and how many wait or are quarantined."""
        with JournalReader(self.data / DATABASE) as reader:
            return reader.counts()

    def wait_until_open(self) -> None:
        """Until the terminal listens on every line."""
        for device in self.devices:
            assert device.wait_until_open(DEADLINE_S), f"{device.name} was not opened"

    def see_devices_closed(self) -> None:
        """After a terminal's end: so that the next one is not taken to listen before it does."""
        for device in self.devices:
            with contextlib.suppress(Unplugged):
                device.wait_until_open(0)

    def send_ticket(self, case: str) -> None:
        """A good ticket on the serial line, once the terminal listens on it."""
        assert self.line.device.wait_until_open(DEADLINE_S), "the ticket line was not opened"
        self.line.present(fields(case))

    def lay_card(self, card: str = CARD) -> None:
        """A card on the reader, the clerk's if no other, once the terminal listens on it."""
        assert self.cards.device.wait_until_open(DEADLINE_S), "the card reader was not opened"
        self.cards.lay(card)


@contextlib.contextmanager
def counter(folder: Path) -> Iterator[Counter]:
    """The devices of one counter; neither configured nor enrolled yet."""
    folder.mkdir(exist_ok=True)
    with (
        PtyDevice("ticket-line", folder) as line,
        PtyDevice("scanner", folder) as scanner,
        PtyDevice("card-reader", folder) as cards,
    ):
        file = folder / "terminal.toml"
        yield Counter(folder, file, CaseTicketSimulator(line), ScannerSimulator(scanner), CardReaderSimulator(cards))


def wait_until(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Let Qt run until `condition` holds; AssertionError at the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        QTest.qWait(5)


class OpenKiosk:
    """The real assembly, with its window open, as the people before it see and touch it."""

    def __init__(self, at: Counter) -> None:
        self.counter = at
        at.see_devices_closed()
        self.kiosk = Kiosk(load(at.config))
        self.window = self.kiosk.window
        self._begun = False

    def open(self) -> None:
        """Put the window on the screen and start all the rest."""
        self.window.open(self._begin)
        wait_until(lambda: self._begun, "the first picture")

    def _begin(self) -> None:
        self.kiosk.begin()
        self._begun = True

    def close(self) -> None:
        self.kiosk.stop()

    # --- what is seen -------------------------------------------------------------------------------------------

    @property
    def view(self) -> ViewState:
        assert self.window.view is not None
        return self.window.view

    @property
    def shown(self) -> str:
        """The screen that is shown."""
        return self.window.screen_name

    @property
    def words(self) -> str:
        """Every word on the screen, without the marks that tell where a line may break."""
        return repr(self.view).replace(r"\u200b", "")

    @property
    def notice(self) -> str | None:
        """What the terminal is telling the people before it."""
        notice = self.kiosk.controller.state.notice
        return notice.what if notice else None

    @property
    def problems(self) -> dict[str, str]:
        """What staff is told does not work: what it is, by the device's name where it is one."""
        return {problem.name: problem.what for problem in self.kiosk.facts.problems}

    def wait_for(self, *screens: str) -> None:
        wait_until(lambda: self.shown in screens, f"screen {' or '.join(screens)}, but {self.shown} is shown")

    def wait_for_notice(self, what: str) -> None:
        wait_until(lambda: self.notice == what, f"notice {what}, but {self.notice} is told")

    def is_whole(self) -> bool:
        """Whether the window has painted a picture with more than a ground in it."""
        image = self.window.widget.grab().toImage()
        return len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}) > 5

    # --- what is done -------------------------------------------------------------------------------------------

    def tap(self, name: str) -> None:
        """A finger's press and release on a control, once the screen takes contacts."""
        wait_until(lambda: self.window.takes_input and self._point(name) is not None, f"{name} to touch on {self.shown}")
        point = self._point(name)
        assert point is not None
        QTest.mouseClick(self.window.widget.windowHandle(), Qt.MouseButton.LeftButton, pos=point)

    def _point(self, name: str) -> QPoint | None:
        at = self.window.target_point(name)
        return None if at is None else self.window.widget.mapFromGlobal(at)

    def present(self, case: str) -> None:
        """A good ticket on the serial line, until its stars are shown."""
        self.counter.send_ticket(case)
        wait_until(lambda: self.shown == "rate" and case in self._covered(), f"stars for {case}, but {self.shown} is shown")

    def _covered(self) -> tuple[str, ...]:
        session = getattr(self.kiosk.controller.state.phase, "session", None)
        return tuple(one.number for one in session.covered) if session else ()

    def rate(self, level: int, case: str | None = None) -> str:
        """A citizen's visit with three stars or more, until the screen thanks; the case number."""
        case = case or fresh_case()
        self.present(case)
        self.tap(f"star-{level}")
        self.wait_for("thanks")
        return case

    def log_in(self) -> None:
        self.counter.lay_card()
        wait_until(lambda: self.kiosk.controller.state.on_duty is not None, "somebody on duty")


@contextlib.contextmanager
def kiosk_at(at: Counter) -> Iterator[OpenKiosk]:
    """The kiosk in this process, listening on every line that is plugged in."""
    opened = OpenKiosk(at)
    try:
        opened.open()
        yield opened
    finally:
        opened.close()


class SeparateKiosk:
    """The real kiosk as a process of its own, which can be killed."""

    def __init__(self, at: Counter, under: Sequence[str] = (), module: str = KIOSK) -> None:
        self.counter = at
        at.see_devices_closed()
        self.process = KioskProcess(at.config, at.folder, under, module)
        self.wait_for(lambda report: bool(report["screen"]), "a first picture")

    @property
    def last(self) -> Report:
        """What the window painted last."""
        return self.process.last

    @property
    def log(self) -> str:
        return (self.counter.folder / "terminal.log").read_text("utf-8")

    def wait_for(self, wanted: Callable[[Report], bool], what: str) -> None:
        """Until the window has painted what is wanted; AssertionError at the deadline."""
        if self.last and wanted(self.last):
            return
        painted = self.process.wait(wanted, DEADLINE_S)
        assert painted, f"not painted: {what}, but {dict(self.last)}\n{self.log[-2000:]}"

    def wait_for_screen(self, *screens: str) -> None:
        self.wait_for(lambda report: report["screen"] in screens, f"screen {' or '.join(screens)}")

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Until something outside the window holds; AssertionError at the deadline."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f"did not happen: {what}\n{self.log[-2000:]}"
            self.process.wait(lambda _: False, 0.01)

    def touch(self, name: str) -> None:
        """A finger on a control, once the screen takes contacts."""
        self.process.touch(name)

    def present(self, case: str) -> None:
        """A good ticket on the serial line, until its stars are shown."""
        self.counter.send_ticket(case)
        self.wait_for(lambda report: report["screen"] == "rate" and report["case"] == case, f"stars for {case}")
