"""When a case receipt is printed, what is on it, and what is told when it cannot be. Source: taian 二(二)1."""

from collections.abc import Callable

import pytest
from support.behaviour import Window, presented

from device_drivers.escpos import PAPER_DOTS
from terminal_app.application.case_receipt import (
    LOOK_EVERY_MS,
    REMEDIES,
    SILENT_LOOKS,
    CaseReceipt,
    Place,
    ReceiptPrinter,
    case_receipt,
)
from terminal_app.domain import session as s
from terminal_app.domain.journal import ClockQuality, Moment
from terminal_app.domain.rating import Level
from terminal_app.domain.turn import current_session

PLACE = Place("泰安市政务服务中心", "综合受理", "08", "12345", "https://p.example/w/08")
QUERY = b"?"


class Counter:
    """A window with a printer; the test answers for the printer."""

    def __init__(self, status: str | None = "ready") -> None:
        self.window = Window()
        self.receipts: list[CaseReceipt] = []
        self.written: list[bytes] = []
        self.told: list[str] = []
        self.later: list[Callable[[], None]] = []
        self.printer = ReceiptPrinter(PLACE, self, self, self._render, QUERY, self._write, self.told.append)
        self.printer.show(self.window.state)
        self.printer.connected()
        if status:
            self.printer.said(status)

    def moment(self) -> Moment:
        return Moment("2026-11-21T10:32:05.123+08:00", self.window.now, "boot", ClockQuality.SYNCHRONISED)

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return self.window.now

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None:
        assert delay_ms == LOOK_EVERY_MS
        self.later.append(callback)

    def _render(self, receipt: CaseReceipt) -> bytes:
        self.receipts.append(receipt)
        return b"receipt"

    def _write(self, data: bytes) -> bool:
        self.written.append(data)
        return True

    def send(self, *events: s.Event) -> "Counter":
        for event in events:
            self.window.send(event)
            self.printer.show(self.window.state)
            while self.window.writing:
                self.window.write_one()
                self.printer.show(self.window.state)
        return self


def test_it_is_printed_once_per_session_and_before_any_star() -> None:
    counter = Counter()
    counter.send(presented("A"))
    assert len(counter.receipts) == 1
    counter.send(s.LanguageChosen("en"), s.StarTapped(Level(1)), s.ChangeRequested(), s.StarTapped(Level(5)), s.Finished())
    assert len(counter.receipts) == 1
    counter.send(presented("B"))
    assert len(counter.receipts) == 2
    assert counter.written[-1] == b"receipt" + QUERY


def test_a_session_that_has_its_star_is_not_printed() -> None:
    """As a printer that is shown the window only then: paper would follow the star."""
    counter = Counter()
    counter.window.send(presented("A")).write().send(s.StarTapped(Level(1))).write()
    counter.printer.show(counter.window.state)
    assert counter.receipts == []


@pytest.mark.parametrize("level", list(Level))
def test_what_is_written_to_the_printer_is_the_same_for_every_level(level: Level) -> None:
    """Neutral: not a byte, and not a moment of it, depends on what is chosen."""
    counter = Counter().send(presented("A"))
    before = list(counter.written), list(counter.receipts)
    counter.send(s.StarTapped(level), s.ReasonsSkipped(), s.Finished())
    assert (counter.written, counter.receipts) == before


def test_what_is_on_it() -> None:
    session = current_session(Window().send(presented("AB")).write().phase)
    assert session is not None
    receipt = case_receipt(session, PLACE, "2026-11-21T10:32:05.123+08:00")
    assert receipt.title == "办件回执"
    assert receipt.lines == (
        "泰安市政务服务中心",
        "08 号窗口　综合受理",
        "办件编号：CASE-A",
        "办件编号：CASE-B",
        "打印时间：2026-11-21 10:32",
    )
    assert receipt.address == PLACE.rating_url
    assert receipt.explanation[0] == "请扫描二维码，评价本次服务。"
    assert receipt.explanation[-1] == "服务电话：12345"


def test_what_the_symbol_is_for_breaks_no_row() -> None:
    """58 mm paper has 16 Chinese characters, which are two cells each, to a row."""
    session = current_session(Window().send(presented("A")).write().phase)
    assert session is not None
    receipt = case_receipt(session, PLACE, "2026-11-21T10:32:05.123+08:00")
    cells = [len(line.encode("gb18030")) for line in receipt.explanation]
    assert len(cells) == 3 and max(cells) <= PAPER_DOTS // 12


@pytest.mark.parametrize("status", ["paper_out", "cover_open", "failed", "offline"])
def test_a_printer_that_cannot_print_is_told_and_holds_nobody_up(status: str) -> None:
    counter = Counter(status)
    assert counter.told == [status]
    assert counter.printer.remedy == REMEDIES[status]
    counter.send(presented("A"), s.StarTapped(Level(4)))
    assert isinstance(counter.window.phase, s.Thanks)
    assert counter.receipts == []
    counter.printer.said("ready")
    assert (counter.told, counter.printer.remedy) == ([status, ""], "")
    assert counter.receipts == [], "that citizen has gone"
    counter.send(s.Finished(), presented("B"))
    assert len(counter.receipts) == 1


def test_a_printer_that_does_not_answer_is_told() -> None:
    counter = Counter(status=None)
    for _ in range(SILENT_LOOKS):
        counter.later.pop()()
    assert counter.told == ["silent"]
    assert counter.written == [QUERY] * (1 + SILENT_LOOKS)
    counter.printer.said("ready")
    assert counter.told == ["silent", ""]


def test_after_a_lost_line_it_is_asked_again_before_anything_is_printed() -> None:
    counter = Counter()
    counter.printer.lost()
    counter.printer.connected()
    counter.send(presented("A"))
    assert counter.receipts == []
    assert len(counter.later) == 1, "it is looked at once every five seconds, however often it was plugged in"
