"""What the printer prints for a case: the case receipt with the rating QR, and when.

It is made when the session opens, before any star can be chosen, so that nothing on paper can depend on a level.
Source: taian 二(二)1: the QR on the case receipt, with an explanation.
"""

import logging
from collections.abc import Callable

from terminal_app.domain import session as s
from terminal_app.domain.frozen import frozen
from terminal_app.domain.turn import current_session
from terminal_app.ports import Clock, Scheduler

LOOK_EVERY_MS = 5_000
SILENT_LOOKS = 2
CASES_AT_MOST = 5
TITLE = "办件回执"

REMEDIES = {
    "paper_out": "It says that it is out of paper. Put in a new roll.",
    "cover_open": "It says that its cover is open. Close it.",
    "failed": "It says that it has a fault. Switch it off and on, and look for paper that is jammed.",
    "offline": "It says that it is offline. Put it online at the printer.",
    "silent": "It does not say how it is. Check that it is on and set to ESC/POS, and that its cable has both directions.",
}
"""What to do about each trouble of a printer, for administrators."""

log = logging.getLogger(__name__)


@frozen
class Place:
    """Where it is printed, and the address that its QR leads to."""

    hall: str
    window: str
    number: str
    service_number: str
    rating_url: str


@frozen
class CaseReceipt:
    """Text in reading order: `lines` above the symbol of `address`, `explanation` below it."""

    title: str
    lines: tuple[str, ...]
    address: str
    explanation: tuple[str, ...]


def case_receipt(session: s.Session, place: Place, wall: str) -> CaseReceipt:
    """`wall`: local time as RFC 3339. Nobody's name is on it, and what a ticket leaves out is left out."""
    ticket, cases = session.ticket, session.ticket.cases
    numbers = [f"办件编号：{case.number}" for case in cases[:CASES_AT_MOST]]
    more = [f"等共 {len(cases)} 件"] if len(cases) > CASES_AT_MOST else []
    names = dict.fromkeys(case.matter_name for case in cases if case.matter_name)
    lines = (
        place.hall,
        f"{place.number} 号窗口　{place.window}",
        *numbers,
        *more,
        *(f"事项名称：{name}" for name in list(names)[:CASES_AT_MOST]),
        *([f"受理单位：{ticket.accepting_body}"] if ticket.accepting_body else []),
        f"打印时间：{wall[:10]} {wall[11:16]}",
    )
    telephone = [f"服务电话：{place.service_number}"] if place.service_number else []
    return CaseReceipt(
        TITLE, lines, place.rating_url, ("请扫描二维码，评价本次服务。", "评价由您自愿作出，分为一至五星。", *telephone)
    )


class ReceiptPrinter:
    """One printer. Main thread. Implements ports.View.

    `render`: a receipt as the printer's bytes; `write` says whether the line took them; `told` gets a word for what is wrong
    (paper_out, cover_open, failed, offline, silent), empty once nothing is. A receipt that cannot be printed is not printed
    later: its citizen has gone. Rating never waits for it.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        scheduler: Scheduler,
        render: Callable[[CaseReceipt], bytes],
        query: bytes,
        write: Callable[[bytes], bool],
        told: Callable[[str], None],
    ) -> None:
        self._place = place
        self._clock = clock
        self._scheduler = scheduler
        self._render = render
        self._query = query
        self._write = write
        self._told = told
        self._status = ""
        self._unanswered = 0
        self._printed: str | None = None
        self._looking = False

    def show(self, state: s.Terminal) -> None:
        """Print once per session, as soon as its opening is durable."""
        session = current_session(state.phase)
        if session is None or isinstance(state.phase, s.Recording) or session.star or session.id == self._printed:
            return
        self._printed = session.id
        if self._status != "ready":
            log.warning("no receipt was printed: the printer is %s", self._status or "silent")
            return
        self._write(self._render(case_receipt(session, self._place, self._clock.moment().wall)) + self._query)

    @property
    def remedy(self) -> str:
        """What to do about what it says, or does not; empty while nothing is wrong. From any thread."""
        return REMEDIES.get(self._status, "")

    def connected(self) -> None:
        """The line is open: ask how it is, now and from then on."""
        self._unanswered = 0
        if self._looking:
            self._write(self._query)
        else:
            self._looking = True
            self._look()

    def lost(self) -> None:
        """The line is gone, which is told elsewhere."""
        self._status = ""

    def said(self, status: str) -> None:
        """An answer: `ready`, or what is wrong."""
        self._unanswered = 0
        self._is(status)

    def _look(self) -> None:
        self._scheduler.call_later(LOOK_EVERY_MS, self._look)
        if self._write(self._query):
            if self._unanswered >= SILENT_LOOKS:
                self._is("silent")
            self._unanswered += 1

    def _is(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self._told("" if status == "ready" else status)
