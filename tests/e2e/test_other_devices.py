"""Evaluator, keypad, scanner in keyboard mode and printer at the real kiosk, each through its line. Issue 6, points 3, 5, 6."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from support.counter import CARD, Counter, OpenKiosk, command, fresh_case, kiosk_at, wait_until
from support.paper import printed
from support.platform import RunningPlatform

from device_drivers.input_events import PAD_DIGITS
from device_drivers.simulators import FramedEvaluatorSimulator, PrinterSimulator, PtyDevice
from terminal_app.demo.stage import OTHER_DRIVERS, Others, other_tables, others_at
from terminal_app.domain.journal import Kind

ADDRESS = "https://p.example/w/08"
DIGIT_KEYS = {digit: code for code, digit in PAD_DIGITS.items()}


@pytest.fixture
def others(bare_counter: Counter, platform: RunningPlatform) -> Iterator[Others]:
    with ExitStack() as stack:
        ports = {name: stack.enter_context(PtyDevice(name, bare_counter.folder)) for name in OTHER_DRIVERS}
        bare_counter.configure(platform.url, platform=f'[window]\nrating_url = "{ADDRESS}"')
        bare_counter.enroll(platform)
        bare_counter.config.write_text(bare_counter.config.read_text("utf-8") + other_tables(ports), "utf-8")
        yield others_at(ports)


@pytest.fixture
def kiosk(others: Others, bare_counter: Counter, qapp: QApplication) -> Iterator[OpenKiosk]:
    with kiosk_at(bare_counter) as opened:
        bare_counter.wait_until_open()
        for one in (others.evaluator, others.keypad, others.wedge, others.printer):
            assert one.device.wait_until_open(10)
        yield opened


def stars(kiosk: OpenKiosk) -> list[tuple[int, str]]:
    chosen = [entry for entry in kiosk.counter.entries() if entry.kind == Kind.STAR_CHOSEN]
    return [(entry.data["level"], entry.data["source"]) for entry in chosen]


def test_a_key_of_the_evaluator_rates_and_is_acknowledged_once_durable(kiosk: OpenKiosk, others: Others) -> None:
    """Device protocols, “The framed serial evaluator”: start, rating, acknowledgement with FUNC 01."""
    evaluator: FramedEvaluatorSimulator = others.evaluator
    evaluator.rate(3)
    kiosk.present(fresh_case())
    wait_until(lambda: b"\x01\x01\x0b" in evaluator.heard(), "the device is asked")
    assert stars(kiosk) == [], "what was pressed before it was asked is no rating"
    evaluator.rate(2)
    kiosk.wait_for("thanks")
    assert stars(kiosk) == [(4, "evaluator")]
    wait_until(lambda: b"\x01\x01\x02" in evaluator.heard(), "it is acknowledged")
    assert b"\x01\x01\x03" not in evaluator.heard()


def test_a_key_of_the_keypad_rates_and_a_scan_of_digits_does_not(kiosk: OpenKiosk, others: Others) -> None:
    kiosk.present(fresh_case())
    for digit in "0123456789":
        others.wedge.scan(digit)
    wait_until(lambda: kiosk.kiosk.devices.readers["wedge-scanner"].status().frames == 10, "all digits are read")
    kiosk.wait_for_notice("unreadable_ticket")
    assert stars(kiosk) == []
    wait_until(lambda: kiosk.window.takes_input, "the screen takes input")
    others.keypad.press(DIGIT_KEYS[4])
    kiosk.wait_for("thanks")
    assert stars(kiosk) == [(4, "keypad")]


def test_a_ticket_that_was_typed_by_a_scanner_opens_a_session(kiosk: OpenKiosk, others: Others) -> None:
    case = fresh_case()
    others.wedge.scan(case)
    kiosk.wait_for("rate")
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED]


def test_no_focus_and_no_input_method_matter_to_a_scanner_in_keyboard_mode(
    kiosk: OpenKiosk, others: Others, qtbot: QtBot
) -> None:
    """Device protocols, “What goes wrong in the field”: focus loss swallows scans, an input method garbles them."""
    elsewhere = QLineEdit()
    elsewhere.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, True)
    qtbot.addWidget(elsewhere)
    elsewhere.show()
    elsewhere.activateWindow()
    elsewhere.setFocus()
    qtbot.waitUntil(lambda: elsewhere.hasFocus())
    others.wedge.scan(case := fresh_case().lower())
    kiosk.wait_for("rate")
    assert kiosk.counter.kinds(case.upper()) == [Kind.SESSION_OPENED]
    assert elsewhere.text() == ""


def test_one_scan_that_arrives_twice_is_one_and_the_screen_says_so(kiosk: OpenKiosk, others: Others) -> None:
    """Device protocols, “What goes wrong in the field”: a trigger bounces; the same by whichever of the scanners."""
    case = fresh_case()
    kiosk.counter.scanner.scan(case)
    kiosk.wait_for("rate")
    kiosk.counter.scanner.scan(case)
    kiosk.wait_for_notice("already_read")
    others.wedge.scan(case)
    wait_until(lambda: kiosk.kiosk.devices.readers["wedge-scanner"].status().frames == 1, "it is read")
    opened = [entry for entry in kiosk.counter.entries() if entry.kind == Kind.SESSION_OPENED]
    assert [entry.data["covered"] for entry in opened] == [[case]]


def test_what_a_keyboard_types_logs_nobody_in(kiosk: OpenKiosk, others: Others) -> None:
    """Device protocols, “Roles”: a card reader in keyboard mode is never a credential."""
    others.wedge.scan(CARD)
    kiosk.wait_for("rate", "notice")
    assert kiosk.kiosk.controller.state.on_duty is None


def test_the_case_receipt_is_printed_and_a_printer_without_paper_is_told(kiosk: OpenKiosk, others: Others) -> None:
    """taian 二(二)1."""
    printer: PrinterSimulator = others.printer
    wait_until(lambda: printer.serve() == b"" and kiosk.kiosk.devices.readers["printer"].status().frames, "it has answered")
    kiosk.present(case := fresh_case())
    paper = bytearray()
    wait_until(lambda: paper.extend(printer.serve()) or paper.endswith(b"\x1dVB\x00"), "the receipt is printed")
    assert f"办件编号：{case}" in printed(bytes(paper)).text
    assert printed(bytes(paper)).symbols == [ADDRESS]
    printer.answers = printer.PAPER_OUT
    wait_until(lambda: printer.serve() == b"" and kiosk.problems.get("printer") == "device_paper_out", "staff is told")
    shown = partial(command, "devices", "status", "--config", kiosk.counter.config)
    wait_until(lambda: "It says that it is out of paper. Put in a new roll." in shown().out, "administrators are told")
    assert shown().code == 1
    kiosk.tap("star-4")
    kiosk.wait_for("thanks")


def test_the_configuration_of_the_demonstration_names_every_driver(others: Others, bare_counter: Counter) -> None:
    text = Path(bare_counter.config).read_text("utf-8")
    assert all(f'driver = "{driver}"' in text for driver in OTHER_DRIVERS.values())
