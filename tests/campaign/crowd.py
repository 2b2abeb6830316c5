"""The scripted crowd before one window: presents tickets, touches what it sees, and writes down what screens confirmed."""

import json
import random
import threading
import time
from collections.abc import Callable
from itertools import islice

from campaign.kiosk_seat import KioskSeat
from simulation.record import Act as Touch
from simulation.record import Record, Visit

from device_drivers.simulators import CaseTicketSimulator, ScannerSimulator, Unplugged
from terminal_app.demo.citizens import BAD, Act, Citizen, crowd
from terminal_app.demo.crowd import reason_codes
from terminal_app.demo.kiosk_process import KioskGone, KioskProcess, Report

MACHINE = "kiosk"
STARS_S = 20.0
SCANNED_AGAIN_S = 1.5
CONFIRM_S = 10.0
REFUSED_S = 3.0


class Crowd:
    """Everybody who comes to the window of one scene. Touches nothing that it was not shown.

    `may_be_refused`: a ticket without stars, or a touch that no screen confirms, is no violation.
    """

    def __init__(
        self,
        seat: KioskSeat,
        line: CaseTicketSimulator,
        scanner: ScannerSimulator,
        cables: threading.RLock,
        record: Record,
        seed: int,
        note: Callable[[str], None],
    ) -> None:
        self._seat = seat
        self._line = line
        self._scanner = scanner
        self._cables = cables
        self._record = record
        self._rng = random.Random(f"crowd {seed}")
        self._note = note
        self._citizens = crowd(seed, 10**6, reason_codes())
        self.may_be_refused = False
        record.presented.setdefault(MACHINE, set())

    def serve(self, visits: int) -> None:
        """So many visits. The kiosk is started again whenever it has gone."""
        for citizen in islice(self._citizens, visits):
            self._receive(citizen)

    def serve_one(self) -> bool:
        """One citizen who certainly taps; whether a screen confirmed everything."""
        citizen = next(citizen for citizen in self._citizens if citizen.taps)
        before = len(self._record.visits)
        self._receive(citizen)
        visits = list(self._record.visits.values())[before:]
        return bool(visits) and bool(visits[-1].acts) and all(touch.confirmed for touch in visits[-1].acts)

    def leave(self) -> None:
        """The last one goes: the window is free again. Raises StageError."""
        try:
            if self._kiosk.last.get("screen") == "thanks":
                self._think(Act("star"), Act("finish"))
                self._kiosk.touch("finish")
            if not _is_free(self._kiosk.last) and self._kiosk.wait(_is_free, CONFIRM_S) is None:
                self._record.complain(f"the window is not free again: {self._kiosk.last}")
        except KioskGone:
            self._seat.explain_end()
            self._seat.start()

    def _receive(self, citizen: Citizen) -> None:
        visit: list[Visit] = []
        try:
            self._visit(citizen, visit)
        except KioskGone:
            self._seat.explain_end()
            self._seat.start()
            if not visit or (not any(touch.confirmed for touch in visit[0].acts) and self._rng.random() < 0.5):
                self._come_again(citizen, rated=bool(visit and visit[0].acts))

    def _come_again(self, citizen: Citizen, *, rated: bool) -> None:
        """With the same ticket; where a star was touched it may be rated already."""
        self._note(f"{citizen.cases[0]} comes again")
        try:
            self._visit(citizen, [], expects_stars=not rated)
        except KioskGone:
            self._seat.explain_end()
            self._seat.start()

    def _visit(self, citizen: Citizen, made: list[Visit], *, expects_stars: bool = True) -> None:
        visit = self._present(citizen, expects_stars)
        if visit is None:
            return
        made.append(visit)
        before = Act("ticket")
        chosen, reasons = 0, set[str]()
        for act in citizen.acts:
            self._think(before, act)
            if act.on == "star":
                reasons = reasons if chosen == act.value else set()
                chosen = act.value
            elif act.on == "reason":
                reasons ^= {str(act.value)}
            if not self._touch(visit, act, chosen, reasons):
                return
            before = act

    # --- the ticket ---------------------------------------------------------------------------------------------

    def _present(self, citizen: Citizen, expects_stars: bool) -> Visit | None:
        """Until the stars are painted; the clerk scans again when nothing comes of it."""
        case = citizen.cases[0]
        self._record.presented[MACHINE] |= set(citizen.cases)
        patience = STARS_S if expects_stars and not self.may_be_refused else REFUSED_S
        deadline = time.monotonic() + patience
        tries = 0
        while time.monotonic() < deadline:
            with self._cables:
                tries += self._send(citizen, tries)
            wait = min(SCANNED_AGAIN_S if tries else 0.1, max(0.05, deadline - time.monotonic()))
            report = self._kiosk.wait(lambda report: report.get("screen") == "rate" and report.get("case") == case, wait)
            if report is not None:
                return self._record.visits.setdefault(
                    report["session"], Visit(report["session"], MACHINE, citizen.cases, asked=True)
                )
        if expects_stars and not self.may_be_refused:
            self._record.complain(f"case {case} was presented {tries} times and no stars were painted: {self._kiosk.last}")
        return None

    def _send(self, citizen: Citizen, tries: int) -> bool:
        """Over one of the two devices; whether it took the ticket. The other one when that did not help."""
        by_line = citizen.way.startswith("line") != bool(tries % 2)
        device = (self._line if by_line else self._scanner).device
        fields = _fields(citizen)
        try:
            if not device.wait_until_open(0):
                return False
            if citizen.garbage_first and not tries:
                device.write(self._rng.randbytes(self._rng.randint(1, 40)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n")
            if by_line:
                self._line.present(fields, encoding="gb18030" if citizen.way == "line_gb18030" else "utf-8")
            elif citizen.way == "scan_number":
                self._scanner.scan(citizen.cases[0], aim="]C0")
            elif citizen.way == "scan_url":
                self._scanner.scan("https://example.invalid/r?" + "&".join(f"{key}={value}" for key, value in fields.items()))
            else:
                self._scanner.scan(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
        except Unplugged:
            return False
        return True

    # --- touches ------------------------------------------------------------------------------------------------

    def _think(self, before: Act, act: Act) -> None:
        """Nothing acts for 350 ms after another screen appeared."""
        on_one_screen = before.on == act.on == "reason"
        self._kiosk.wait(lambda _: False, self._rng.uniform(0.05, 0.1) if on_one_screen else self._rng.uniform(0.37, 0.45))

    def _touch(self, visit: Visit, act: Act, level: int, reasons: set[str]) -> bool:
        """Touch, and wait for the screen that confirms it; whether that came."""
        touch = _record_of(act, level)
        if touch is not None:
            visit.acts.append(touch)
        target = f"{act.on}-{act.value}" if act.on in ("star", "reason") else act.on
        self._kiosk.touch(target)
        wait = REFUSED_S if self.may_be_refused else CONFIRM_S
        if self._kiosk.wait(lambda report: _confirms(report, visit.session, act, level, reasons), wait) is not None:
            if touch is not None:
                touch.confirmed = True
            return True
        if not self.may_be_refused:
            self._record.complain(f"session {visit.session}: touched {target}, and nothing confirmed it: {self._kiosk.last}")
        return False

    @property
    def _kiosk(self) -> KioskProcess:
        assert self._seat.process is not None
        return self._seat.process


def _is_free(report: Report) -> bool:
    return report.get("screen") in ("idle", "nobody")


def _fields(citizen: Citizen) -> dict[str, str]:
    key = "case" if len(citizen.cases) == 1 else "cases"
    return {key: ",".join(citizen.cases), "name": citizen.matter, "staff": "0823", "visit": "1"}


def _record_of(act: Act, level: int) -> Touch | None:
    """As the checker reads it; None for a touch that chooses nothing."""
    match act.on:
        case "star":
            return Touch(0, "star", act.value, act.value)
        case "reason":
            return Touch(0, "toggle", act.value, level)
        case "submit" | "skip":
            return Touch(0, act.on, None, level)
    return None


def _confirms(report: Report, session: str, act: Act, level: int, reasons: set[str]) -> bool:
    """Whether a painted screen confirms the touch."""
    screen = report.get("screen")
    if act.on == "finish":
        return screen in ("idle", "nobody")
    if report.get("session") != session or report.get("stars") != level:
        return False
    match act.on:
        case "star":
            return screen == ("reasons" if level in BAD else "thanks")
        case "reason":
            return screen == "reasons" and set(report.get("reasons", ())) == reasons
        case "change":
            return screen == "rate"
    return screen == "thanks"
