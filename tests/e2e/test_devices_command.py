"""`rating-terminal devices`: what an administrator is told of a device that works, and of one that does not (issue 6)."""

import json
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import serial
from serial.tools import list_ports
from support.counter import CARD, Counter, Done, command, fields, fresh_case
from support.identity import identity_number

from device_drivers.simulators import PtyDevice
from terminal_app.config import load


@pytest.fixture
def at(bare_counter: Counter) -> Counter:
    bare_counter.configure("http://127.0.0.1:9")
    return bare_counter


def tried(at: Counter, name: str, device: PtyDevice, use: Callable[[], None], seconds: float = 10) -> Done:
    """`devices test NAME` while somebody uses the device."""
    user = threading.Thread(target=lambda: device.wait_until_open(10) and use(), daemon=True)
    user.start()
    done = command("devices", "test", name, "--config", at.config, "--seconds", seconds)
    user.join(10)
    return done


def test_a_ticket_line_that_works(at: Counter) -> None:
    case = fresh_case()
    done = tried(at, "ticket-line", at.line.device, lambda: at.line.present(fields(case)))
    assert done.code == 0
    assert "good   a ticket of 1 case(s), single" in done.out
    assert "<STX>AAAA.AA99999999" in done.out
    assert "<ETX>" in done.out
    assert case not in done.out + done.err
    assert "王" not in done.out + done.err


def test_a_scanner_and_a_card_reader_that_work(at: Counter) -> None:
    scanned = tried(at, "scanner", at.scanner.device, lambda: at.scanner.scan(fresh_case()))
    laid = tried(at, "card-reader", at.cards.device, lambda: at.cards.lay(CARD))
    assert (scanned.code, laid.code) == (0, 0)
    assert "good   a ticket of 1 case(s)" in scanned.out
    assert "good   a card with a UID of 4 bytes" in laid.out
    assert CARD not in laid.out


def test_an_identity_number_is_not_shown(at: Counter) -> None:
    number = identity_number(born="19490131")
    done = tried(at, "scanner", at.scanner.device, lambda: at.scanner.scan(number))
    assert "no ticket: identity_number" in done.out
    assert number not in done.out + done.err


WRONG: dict[str, tuple[Callable[[Counter], None], str]] = {
    "wrong checksum": (lambda at: at.line.present(fields(fresh_case()), corrupt="checksum"), "the checksum is wrong"),
    "broken off": (lambda at: at.line.present(fields(fresh_case()), corrupt="truncated"), "it broke off"),
    "no end": (lambda at: at.line.present(fields(fresh_case()), corrupt="too_long"), "it does not end"),
    "another protocol": (lambda at: at.line.device.write(b"hello\r\n" * 3), "these bytes belong to no frame"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_words(at: Counter, what: str) -> None:
    use, words = WRONG[what]
    done = tried(at, "ticket-line", at.line.device, lambda: use(at), seconds=1.5)
    assert done.code == 1
    assert words in done.out
    assert "bytes arrived, and no good frame among them" in done.out


def test_silence_is_explained(at: Counter) -> None:
    done = command("devices", "test", "ticket-line", "--config", at.config, "--seconds", "0.3")
    assert done.code == 1
    assert "nothing arrived in 0.3 s" in done.out
    assert "9600 baud" in done.out


def test_a_device_that_is_not_there(at: Counter) -> None:
    at.line.device.unplug()
    done = command("devices", "test", "ticket-line", "--config", at.config)
    assert done.code == 3
    assert "ticket-line" in done.err
    assert "missing. Connect the device" in done.err


def test_a_device_that_another_program_holds(at: Counter) -> None:
    with serial.Serial(at.line.device.address, exclusive=True):
        done = command("devices", "test", "ticket-line", "--config", at.config)
    assert done.code == 3
    assert "busy. Another program holds this port" in done.err


def test_a_device_that_nobody_configured(at: Counter) -> None:
    done = command("devices", "test", "scaner", "--config", at.config)
    assert done.code == 2
    assert "'scaner'; configured: ticket-line, scanner, card-reader" in done.err


def test_an_unknown_file_is_told(tmp_path: Path) -> None:
    done = command("devices", "test", "x", "--config", tmp_path / "none.toml")
    assert (done.code, "no such file" in done.err) == (2, True)


class Port:
    def __init__(self, device: str, vid: int | None, pid: int | None, serial_number: str | None) -> None:
        self.device, self.vid, self.pid, self.serial_number = device, vid, pid, serial_number


def test_scan_proposes_what_loads(at: Counter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is proposed can be put into terminal.toml as it stands."""
    ports = [Port(at.line.device.address, None, None, None), Port("/dev/ttyUSB7", 0x0C2E, 0x0B61, None)]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    done = command("devices", "scan", "--config", at.config)
    assert done.code == 0
    assert f"# {at.line.device.address}: serial port of a kind that is not in the table, configured as ticket-line" in done.out
    assert "# /dev/ttyUSB7: Honeywell (Metrologic) scanner (0C2E:0B61)" in done.out
    file = tmp_path / "proposed.toml"
    file.write_text(f'data_dir = "{tmp_path}"\n[platform]\nurl = "https://p.example"\n{done.out}', "utf-8")
    assert [(device.address, device.driver.name) for device in load(file).devices] == [("0C2E:0B61", "barcode_scanner")]
    assert tomllib.loads(done.out)["devices"][0]["name"] == "ttyusb7"


def test_scan_for_programs_and_without_ports(at: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: [Port("/dev/ttyUSB7", 0x0403, 0x6001, "A5")])
    (port,) = json.loads(command("devices", "scan", "--json", "--config", at.config).out)["ports"]
    assert (port["address"], port["stable"], port["usb"], port["configured_as"]) == ("0403:6001:A5", True, "0403:6001", None)
    monkeypatch.setattr(list_ports, "comports", list)
    done = command("devices", "scan", "--config", at.config)
    assert (done.code, "no serial port found" in done.out) == (1, True)
