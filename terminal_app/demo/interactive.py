"""The demonstration on a desktop: the kiosk window, a live page, and keys that stand for the devices."""

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from terminal_app.commands.shared import CommandError, tell
from terminal_app.demo.business_system import NotInvited
from terminal_app.demo.stage import CARD, Stage, process, set_up
from terminal_app.display import display_problem

STAFF = {"staff": "0823"}
CHAIN = ("企业设立登记", "公章刻制备案", "社会保险登记")
DISPLAY = "fullscreen = false\ncanvas = [1280, 800]\nallow_mouse = true"
KEYS = """keys (in this console):
  t  present a ticket on the serial line, framed
  l  present a ticket on another serial line, as a bare line
  a  invite to rate by a business system, over the local API
  b  present a batch of three cases by the scanner
  k  present a chain of three matters (一链办): rated overall, or one of them alone
  f  present a follow-up (追评) for the ticket that was presented last
  n  present an online case that is not finished yet
  r  present the last ticket again
  w  present a ticket by a scanner in keyboard mode
  c  lay the staff card
  d  lay a colleague's card on a reader that writes its number backwards, in decimal
  m  lay the staff card on a reader behind PC/SC (what the service would tell)
  1 2 3 4 5  keys of the numeric keypad
  6 7 8 9 0  keys of the five-key evaluator, 1 to 5 stars
  u i o p    keys of the four-key evaluator, 不满意 to 非常满意
  q  quit (or Ctrl-C)"""
USES: Mapping[str, tuple[str, str, str]] = {
    "c": ("card-reader", f"lay {CARD}", "staff card laid"),
    "d": ("decimal-reader", "lay 4142257156", "a colleague's card laid on another reader"),
    "m": ("pcsc-reader", f"lay {CARD}", "staff card laid on the reader behind PC/SC"),
    **{key: ("keypad", f"press {key}", f"key {key} of the keypad pressed") for key in "12345"},
    **{key: ("five-key", f"rate {stars}", "key of the five-key evaluator pressed") for stars, key in enumerate("67890", 1)},
    **{key: ("evaluator", f"rate {code}", "key of the four-key evaluator pressed") for code, key in enumerate("uiop")},
}
"""Keys that have a device do one thing: its name, what it is told, and what is said of it."""
WITHOUT_DISPLAY = (
    "or under a virtual display (apt-get install xvfb; xvfb-run ./dev demo), or take the scripted crowd: ./dev demo --headless"
)


def show(region: str) -> int:
    """With this region's rules, run until `q`, Ctrl-C or the window is closed. Returns the exit code."""
    if problem := display_problem():
        raise CommandError(f"{problem}, {WITHOUT_DISPLAY}")
    try:
        with tempfile.TemporaryDirectory(prefix="rating-demo-") as folder:
            tell("starting the platform and enrolling a terminal …")
            with (
                set_up(Path(folder), DISPLAY, region=region, every=True) as stage,
                process(["terminal_app", "run", "--config", str(stage.config)], stage.terminal_log) as kiosk,
            ):
                stage.wait_until_devices_are_open(kiosk)
                stage.cards.lay(CARD)
                print(f"live page:  {stage.platform.live_page}\n{KEYS}", flush=True)
                return _serve_keys(stage, kiosk)
    except KeyboardInterrupt:
        return 0


def _serve_keys(stage: Stage, kiosk: "subprocess.Popen[bytes]") -> int:
    presenter = _Presenter(stage)
    acts: Mapping[str, Callable[[], None]] = {
        "t": presenter.ticket,
        "b": presenter.batch,
        "k": presenter.chain,
        "f": presenter.follow_up,
        "n": presenter.unfinished,
        "r": presenter.again,
        "l": presenter.bare_line,
        "a": presenter.invitation,
        "w": presenter.typed_ticket,
        **{key: partial(presenter.use, *use) for key, use in USES.items()},
    }
    with _single_keys() as watched:
        while kiosk.poll() is None:
            presenter.look()
            if not select.select(watched, [], [], 0.2)[0]:
                continue
            key = os.read(watched[0], 1).decode(errors="replace")
            if key == "q":
                return 0
            if not key:
                watched.clear()
            elif key in acts:
                acts[key]()
    if kiosk.returncode:
        raise CommandError(f"the window ended: {stage.last_words}")
    return 0


class _Presenter:
    """Presents tickets with ever new case numbers, and some of them again."""

    def __init__(self, stage: Stage) -> None:
        assert stage.everything is not None
        self._stage = stage
        self._devices = stage.everything.devices
        self._business = stage.everything.business
        self._printed = 0
        self._number = 416
        self._last: dict[str, str] = {}

    def _case(self) -> str:
        self._number += 1
        return f"TA2026112100{self._number:04d}"

    def _present(self, fields: dict[str, str], what: str, *, scanned: bool = True) -> None:
        self._last = fields
        if scanned:
            self._stage.scanner.scan(json.dumps(fields | STAFF, ensure_ascii=False, separators=(",", ":")))
        else:
            self._stage.line.present(fields | STAFF)
        tell(f"{what} presented {'by the scanner' if scanned else 'on the serial line'}")

    def ticket(self) -> None:
        self._present({"case": self._case(), "name": "个体工商户设立登记", "kind": "即办件"}, "ticket", scanned=False)

    def batch(self) -> None:
        cases = ",".join(self._case() for _ in range(3))
        self._present({"cases": cases, "name": "食品经营许可", "kind": "即办件"}, "batch of three")

    def chain(self) -> None:
        rows = [{"case": self._case(), "name": name, "kind": "承诺件", "state": "办结", "visit": "1"} for name in CHAIN]
        self._present({"group": "chain", "cases": json.dumps(rows, ensure_ascii=False)}, "chain of three matters")

    def unfinished(self) -> None:
        fields = {"case": self._case(), "name": "社会保险登记", "kind": "全程网办", "state": "在办"}
        self._present(fields, "online case that is not finished")

    def follow_up(self) -> None:
        self._present(self._last | {"group": "follow_up"}, "follow-up for the last ticket") if self._last else self.ticket()

    def again(self) -> None:
        self._present(self._last, "last ticket") if self._last else self.ticket()

    def bare_line(self) -> None:
        self.use("bare-line", f"ticket {self._case()}", "case number presented as a bare line")

    def typed_ticket(self) -> None:
        self.use("wedge-scanner", f"scan {self._case()}", "case number typed by the scanner in keyboard mode")

    def invitation(self) -> None:
        try:
            self._business.invite(self._case())
        except NotInvited as error:
            tell(str(error))
        else:
            tell("invited by the business system")

    def use(self, device: str, line: str, what: str) -> None:
        """What a device is told in the words of `simulate`, and in those for whoever looks on."""
        self._devices.tell(device, line)
        tell(what)

    def look(self) -> None:
        """What came back from the terminal."""
        self._devices.look()
        if paper := len(self._devices.printed) - self._printed:
            self._printed += paper
            tell(f"case receipt printed ({paper} bytes)")
        if outcome := self._business.outcome():
            tell(f"the business system was told: {outcome}")


@contextlib.contextmanager
def _single_keys() -> Iterator[list[int]]:
    """Standard input key by key where it is a terminal; nothing to watch where it is not."""
    if not sys.stdin.isatty():
        yield []
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield [descriptor]
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
