"""A walk along the counter: every kind of device is used once, through its own line, until its rating is at the platform.

A few scripted people at the real window. What the journal and the platform hold in the end is compared with what was done.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from terminal_app.demo.business_system import NAME, NotInvited
from terminal_app.demo.crowd import DISPLAY
from terminal_app.demo.kiosk_process import KioskGone, KioskProcess, Report
from terminal_app.demo.record import Choice, Tapped, compare
from terminal_app.demo.stage import Everything, Stage, StageError, set_up
from terminal_app.demo.visits import is_free

FINGER = "finger"
PRINTER = "printer"
CONFIRM_S = 20.0
DRAIN_S = 60.0
SLICE_S = 0.1
THINK_S = 0.5
"""Nothing acts for 350 ms after another screen appeared."""
TIMING = "thanks_s = 20"
MATTER = "|name=个体工商户设立登记|kind=即办件|visit=1"


class Use(NamedTuple):
    """A device and what it is told, in the words of `simulate`; `{case}` stands for the case number."""

    device: str
    line: str


class Visit(NamedTuple):
    """Who goes on duty by which reader (nobody new: None), how the ticket comes, and what chooses how many stars."""

    card: Use | None
    on_duty: str
    ticket: Use
    rates: Use
    level: int
    source: str

    @property
    def devices(self) -> Sequence[str]:
        return [use.device for use in (self.card, self.ticket, self.rates) if use and use.device != FINGER]


def finger(level: int) -> tuple[Use, int, str]:
    return Use(FINGER, f"star-{level}"), level, "touch"


WALK = (
    Visit(Use("card-reader", "lay 04A1B2C3"), "0823", Use("ticket-line", "ticket case={case}" + MATTER), *finger(5)),
    Visit(
        Use("decimal-reader", "lay 4142257156"),
        "0517",
        Use("ticket-line", "ticket-gb case={case}" + MATTER),
        Use("evaluator", "rate 2"),
        4,
        "evaluator",
    ),
    Visit(
        Use("wiegand-reader", "lay 01185,45763"),
        "0823",
        Use("bare-line", "ticket {case}"),
        Use("five-key", "rate 3"),
        3,
        "evaluator",
    ),
    Visit(
        Use("short-reader", "lay 4D4E5F6"),
        "0517",
        Use("network-line", "ticket case={case}" + MATTER),
        Use("gwq", "rate 1"),
        5,
        "evaluator",
    ),
    Visit(
        Use("pcsc-reader", "lay 04A1B2C3"), "0823", Use("scanner", "scan ]C0{case}"), Use("activex", "rate 1"), 4, "evaluator"
    ),
    Visit(
        Use("frame-reader", "frame 04D4E5F6"),
        "0517",
        Use("wedge-scanner", "scan {case}"),
        Use("keypad", "press 3"),
        3,
        "keypad",
    ),
    Visit(None, "0517", Use(NAME, "invite {case}"), Use("pad-five", "rate 5"), 5, "evaluator"),
    Visit(None, "0517", Use("ticket-line", "ticket case={case}" + MATTER), Use("pad-zero", "rate 1"), 4, "evaluator"),
)


def run(region: str, display: str) -> int:
    """Walk, on this X server or off screen; prints one JSON line. Returns 0 only if every device did what it was used for.

    Raises StageError.
    """
    started = time.monotonic()
    _say("starting the platform, enrolling a terminal, and plugging every kind of device in")
    with (
        tempfile.TemporaryDirectory(prefix="rating-demo-") as folder,
        set_up(Path(folder), DISPLAY, TIMING, region, every=True) as stage,
    ):
        wrong = _Walker(stage, display).walk()
    for what in wrong:
        _say(what)
    used = sorted({name for visit in WALK for name in visit.devices} | {PRINTER})
    figures = {"devices": used, "ratings": len(WALK), "wrong": wrong, "seconds": round(time.monotonic() - started, 1)}
    print(json.dumps(figures, ensure_ascii=False), flush=True)
    return 1 if wrong else 0


class _Walker:
    """Whoever uses the devices, one visit after the other."""

    def __init__(self, stage: Stage, display: str) -> None:
        assert stage.everything is not None
        self._stage = stage
        self._at: Everything = stage.everything
        self._kiosk = KioskProcess(stage.config, stage.folder, display=display)

    def walk(self) -> list[str]:
        """Every visit; what is not as it was meant."""
        try:
            self._kiosk.wait_for_start(is_free)
            self._stage.wait_until_devices_are_open(self._kiosk.child)
            cases = [self._visit(number, visit) for number, visit in enumerate(WALK, 1)]
            self._drain()
        except KioskGone:
            raise StageError(f"the terminal ended: {self._stage.last_words}") from None
        except NotInvited as error:
            raise StageError(str(error)) from None
        finally:
            self._kiosk.stop()
        return list(differences(cases, self._stage.journal(), list(self._stage.platform.ratings())))

    def _visit(self, number: int, visit: Visit) -> str:
        case = f"TW2026112200{number:04d}"
        if visit.card:
            self._use(visit.card)
            self._until(lambda seen: seen["on_duty"] == visit.on_duty, f"{visit.card.device}: {visit.on_duty} is on duty")
        printed = len(self._at.devices.printed)
        self._use(visit.ticket, case)
        self._until(lambda seen: (seen["screen"], seen["case"]) == ("rate", case), f"{visit.ticket.device}: stars for {case}")
        self._until(lambda _: len(self._at.devices.printed) > printed, f"{PRINTER}: a case receipt")
        self._pass(THINK_S)
        self._use(visit.rates)
        what = f"{visit.rates.device}: {visit.level} stars"
        self._until(lambda seen: (seen["screen"], seen["stars"]) == ("thanks", visit.level), what)
        if visit.ticket.device == NAME and (outcome := self._at.business.outcome(CONFIRM_S)) != "rated":
            raise StageError(f"{NAME}: a rating was given, and it was told {outcome}")
        self._kiosk.touch("finish")
        self._until(is_free, "the next one can come")
        _say(f"{number} of {len(WALK)}: " + " → ".join(visit.devices))
        return case

    def _use(self, use: Use, case: str = "") -> None:
        if use.device == FINGER:
            self._kiosk.touch(use.line)
        elif use.device == NAME:
            self._at.business.invite(case)
        else:
            self._at.devices.tell(use.device, use.line.format(case=case))

    def _until(self, wanted: Callable[[Report], bool], what: str) -> None:
        """A screen that is `wanted`, while the printer answers. Raises StageError."""
        deadline = time.monotonic() + CONFIRM_S
        while not wanted(self._kiosk.last):
            if time.monotonic() > deadline:
                shown = {name: self._kiosk.last.get(name) for name in ("screen", "case", "notice", "on_duty", "problems")}
                raise StageError(f"it did not come to this: {what}; the window shows {shown}")
            self._pass(SLICE_S, wanted)

    def _pass(self, seconds: float, wanted: Callable[[Report], bool] = lambda _: False) -> None:
        self._at.devices.look()
        self._kiosk.wait(wanted, seconds)

    def _drain(self) -> None:
        _say("waiting for the last deliveries")
        deadline = time.monotonic() + DRAIN_S
        while self._stage.pending() and time.monotonic() < deadline:
            self._pass(SLICE_S)


def differences(cases: Sequence[str], journal: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What journal and platform hold otherwise than it was done."""
    opened = {entry["data"]["covered"][0]: entry for entry in journal if entry["kind"] == "session_opened"}
    stars = {entry["session"]: entry["data"] for entry in journal if entry["kind"] == "star_chosen"}
    for case, visit in zip(cases, WALK, strict=True):
        meant = (visit.ticket.device, visit.on_duty, visit.level, visit.source)
        entry = opened.get(case)
        star = stars.get(entry["session"]) if entry else None
        found = (entry["data"]["device"], entry["data"]["on_duty"], star["level"], star["source"]) if entry and star else None
        if found != meant:
            yield f"{case}: the journal holds {found} instead of {meant}"
    tally = compare({case: Tapped(Choice(visit.level)) for case, visit in zip(cases, WALK, strict=True)}, held)
    for what in ("lost", "duplicated", "invented", "altered"):
        for case in getattr(tally, what):
            yield f"{what}: {case}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
