"""Printed receipts: bytes rendered back to paper, and what a printer says of itself.

Source: device protocols, “Roles” (ESC/POS, GB18030 text); taian 二(二)1 (a QR with an explanation on the case receipt).
"""

import itertools
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import STOP_S, reading, wait_for
from support.paper import printed

from device_drivers.escpos import STATUS_QUERY, receipt
from device_drivers.framing import BadFrame
from device_drivers.receipt_printer import StatusFramer, status
from device_drivers.registry import DRIVERS
from device_drivers.simulators import PrinterSimulator, PtyDevice, TcpDevice
from device_drivers.transport import LineError, StopSignal
from device_drivers.usb_printer import PrinterFile, UsbPrinter, pick_printer, usb_printers

ADDRESS = "https://haochaping.example.gov.cn/w/3709000812?from=receipt"
LINES = ("泰安市政务服务中心", "办件编号：TA20261121000417", "事项名称：个体工商户设立登记（𠮷、㐂）")
WHAT_FOR = ("请扫描二维码，评价本次服务。",)


def test_a_receipt_on_paper() -> None:
    paper = printed(receipt("办件回执", LINES, ADDRESS, WHAT_FOR))
    assert paper.lines == [
        ("办件回执", True, True),
        *((line, False, False) for line in LINES),
        (WHAT_FOR[0], True, False),
    ]
    assert paper.symbols == [ADDRESS]
    assert paper.cut


@given(length=st.integers(1, 300))
def test_addresses_of_any_length_can_be_read_off_or_are_refused(length: int) -> None:
    address = ("https://p.example/" + "x7Q-" * 100)[:length]
    assert printed(receipt("回执", (), address, ())).symbols == [address]


def test_an_address_that_no_paper_is_wide_enough_for_is_refused() -> None:
    with pytest.raises(ValueError, match="shorten the address"):
        receipt("回执", (), "x" * 2400, ())


@given(line=st.text(max_size=40))
def test_what_a_ticket_says_is_never_a_command(line: str) -> None:
    """Control characters of a matter's name neither cut the paper nor open a drawer."""
    paper = printed(receipt("回执", (line + "\x1b@\x1dV\x00\x10\x14",), ADDRESS, ()))
    assert len(paper.lines) == 2
    assert paper.symbols == [ADDRESS]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (b"\x12\x12\x12", "ready"),
        (b"\x16\x12\x1e", "ready"),  # paper is near its end
        (b"\x1a\x32\x72", "paper_out"),
        (b"\x1a\x12\x72", "paper_out"),
        (b"\x1a\x16\x12", "cover_open"),
        (b"\x1a\x52\x12", "failed"),
        (b"\x1a\x12\x12", "offline"),
        (b"\x1a\x36\x72", "paper_out"),
    ],
)
def test_what_the_status_bytes_say(answers: bytes, said: str) -> None:
    assert StatusFramer().feed(answers) == [answers]
    assert status(answers) == f"status={said}".encode()


def test_a_cut_off_or_strange_answer_says_nothing() -> None:
    framer = StatusFramer()
    assert framer.feed(b"\x12\x12") + framer.gap() == [BadFrame("truncated", 2)]
    assert framer.feed(b"\x12\x00\x12\x12\x12") == [BadFrame("garbage", 2), b"\x12\x12\x12"]
    assert len(framer.feed(b"\x00" * 1000)) == 3


@pytest.mark.parametrize("kind", [PtyDevice, TcpDevice], ids=["serial", "network"])
def test_a_receipt_and_a_question_over_a_line(kind: type[PtyDevice] | type[TcpDevice]) -> None:
    data = receipt("办件回执", LINES, ADDRESS, WHAT_FOR)
    with kind("printer") as printer, reading("receipt_printer", printer.address) as (reader, log):
        assert printer.wait_until_open(STOP_S)
        wait_for(lambda: reader.status().state == "connected")
        assert reader.write(data + STATUS_QUERY)
        wait_for(lambda: printer.wait_until_open(0) and len(printer.received) >= len(data + STATUS_QUERY))
        assert bytes(printer.received) == data + STATUS_QUERY
        printer.write(b"\x1a\x32\x72")
        wait_for(lambda: log.payloads == [b"status=paper_out"])


@given(cuts=st.sets(st.integers(1, 40), max_size=6), ending=st.sampled_from([b"", STATUS_QUERY[:1], STATUS_QUERY[:5]]))
def test_a_simulated_printer_answers_a_question_in_any_pieces(cuts: set[int], ending: bytes) -> None:
    """And prints everything else; what may be the beginning of a question waits for its end."""
    sent = b"ab" + STATUS_QUERY + b"\x10c" + STATUS_QUERY + STATUS_QUERY + b"d" + ending
    line = Said()
    printer, paper = PrinterSimulator(line), b""
    for start, end in itertools.pairwise([0, *sorted(cuts), len(sent)]):
        line.received += sent[start:end]
        paper += printer.serve()
    assert (paper, bytes(line.answered)) == (b"ab\x10cd", printer.READY * 3)


class Said:
    """A line that is open, and takes in what a test puts there."""

    address = "said"

    def __init__(self) -> None:
        self.received, self.answered = bytearray(), bytearray()

    def write(self, data: bytes) -> None:
        self.answered += data

    def wait_until_open(self, timeout_s: float) -> bool:
        return True

    def unplug(self) -> None: ...

    def replug(self) -> None: ...


# --- a USB printer's file, here one end of a socket that blocks as it does --------------------------------------------


def test_a_usb_printers_file_is_written_whole_and_read() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    data = b"x" * 500_000
    file = PrinterFile("/dev/usb/lp0", os.dup(ours.fileno()))
    received = bytearray()

    def take() -> None:
        while len(received) < len(data):
            received.extend(theirs.recv(65536))

    taking = threading.Thread(target=take)
    taking.start()
    file.write(data)
    taking.join(STOP_S)
    assert bytes(received) == data
    theirs.sendall(b"\x12")
    assert file.read(StopSignal(), 2) == b"\x12"
    assert file.read(StopSignal(), 0.01) == b""
    file.close()
    ours.close()
    theirs.close()


def test_a_printer_that_takes_nothing_says_so_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device_drivers.usb_printer._WRITE_PATIENCE_S", 0.05)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    file = PrinterFile("/dev/usb/lp0", os.dup(ours.fileno()))
    with pytest.raises(LineError, match="failed") as caught:
        file.write(b"x" * 5_000_000)
    assert "paper" in caught.value.remedy
    theirs.close()
    with pytest.raises(LineError, match="missing"):
        file.write(b"x")
    file.close()
    ours.close()


def test_a_printer_that_is_not_there_is_missing() -> None:
    with pytest.raises(LineError, match="missing"):
        DRIVERS["receipt_printer"].open("/dev/usb/lp-none", DRIVERS["receipt_printer"].line)


def test_usb_printers_are_found_in_sysfs(tmp_path: Path) -> None:
    """An interface of a USB device each; what is unplugged meanwhile is passed over."""
    for number, (vendor, serial) in enumerate([("04b8", "J6NF"), ("0416", ""), ("", "")]):
        usb = tmp_path / f"1-{number}"
        (usb / "1-0:1.0").mkdir(parents=True)
        if vendor:
            (usb / "idVendor").write_text(vendor + "\n")
            (usb / "idProduct").write_text("5011\n")
        if serial:
            (usb / "serial").write_text(serial + "\n")
        (tmp_path / "class" / f"lp{number}").mkdir(parents=True)
        (tmp_path / "class" / f"lp{number}" / "device").symlink_to(usb / "1-0:1.0")
    assert list(usb_printers(tmp_path / "class")) == [
        UsbPrinter("/dev/usb/lp0", 0x04B8, 0x5011, "J6NF"),
        UsbPrinter("/dev/usb/lp1", 0x0416, 0x5011, ""),
    ]


PRINTERS = [
    UsbPrinter("/dev/usb/lp0", 0x04B8, 0x0E03, "J6"),
    UsbPrinter("/dev/usb/lp1", 0x04B8, 0x0E03, "J7"),
    UsbPrinter("/dev/usb/lp2", 0x0416, 0x5011, ""),
]


def test_a_printer_keeps_its_address_whatever_its_number() -> None:
    """Device protocols, “`ttyUSB0` becomes `ttyUSB1`”, of printers; what is no printer with a file is a line as any other."""
    assert pick_printer("04b8:0e03:J7", PRINTERS) == "/dev/usb/lp1"
    assert pick_printer("0416:5011", PRINTERS) == "/dev/usb/lp2"
    for address in ("0403:6001", "/dev/usb/lp0", "socket://192.0.2.1:9100"):
        assert pick_printer(address, PRINTERS) == address
    with pytest.raises(LineError, match="failed") as caught:
        pick_printer("04B8:0E03", PRINTERS)
    assert "serial number" in caught.value.remedy
