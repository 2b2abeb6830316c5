"""`rating-terminal devices`: what an administrator is told of a device that works, and of one that does not (issue 6)."""

import json
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
import serial
from serial.tools import list_ports
from support.counter import CARD, Counter, Done, command, fields, fresh_case
from support.identity import identity_number

from device_drivers.framed_evaluator import frame
from device_drivers.input_line import InputDevice
from device_drivers.scripting import Bench, perform
from device_drivers.simulators import FramedEvaluatorSimulator, PtyDevice
from device_drivers.usb_printer import UsbPrinter
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


def alone(folder: Path, driver: str, device: PtyDevice) -> Path:
    """A configuration with this device and no other."""
    config = folder / "alone.toml"
    table = f'[[devices]]\nname = "it"\ndriver = "{driver}"\naddress = "{device.address}"\n'
    config.write_text(f'data_dir = "{folder}"\n[platform]\nurl = "http://127.0.0.1:9"\n{table}', "utf-8")
    return config


def tried_alone(folder: Path, driver: str, device: PtyDevice, use: Callable[[], None], frames: int = 1) -> Done:
    """`devices test` of a device that nothing else is configured beside, while somebody uses it."""
    user = threading.Thread(target=lambda: device.wait_until_open(10) and use(), daemon=True)
    user.start()
    done = command("devices", "test", "it", "--config", alone(folder, driver, device), "--frames", frames)
    user.join(10)
    return done


@pytest.mark.parametrize(
    ("status", "said"), [("ready", "is ready"), ("paper_out", "is out of paper"), ("cover_open", "has its cover open")]
)
def test_a_printer_is_asked_and_its_answer_told(tmp_path: Path, status: str, said: str) -> None:
    """Issue 6, point 6: paper-out and offline states told."""
    ended = threading.Event()
    with PtyDevice("printer") as device:
        bench = Bench(device)
        perform("receipt_printer", bench, f"status {status}")

        def answer() -> None:
            while not ended.wait(0.01):
                bench.look()

        printer = threading.Thread(target=answer)
        printer.start()
        done = command("devices", "test", "it", "--config", alone(tmp_path, "receipt_printer", device))
        ended.set()
        printer.join()
    assert done.code == 0
    assert f"good   the printer answers, and {said}" in done.out


def test_a_printer_that_says_nothing(tmp_path: Path) -> None:
    with PtyDevice("printer") as device:
        config = alone(tmp_path, "receipt_printer", device)
        done = command("devices", "test", "it", "--config", config, "--seconds", "0.3")
    assert (done.code, "set to ESC/POS" in done.out) == (1, True)


def test_the_keys_of_an_evaluator_are_named_for_comparing_them_with_its_table(tmp_path: Path) -> None:
    """Device protocols, “Level codes differ from device to device”: asked, acknowledged and put to rest as at the window."""
    with PtyDevice("evaluator") as device:
        evaluator = FramedEvaluatorSimulator(device)

        def press_every_key() -> None:
            for code in range(4):
                evaluator.rate(code)
            evaluator.press(0x0C)

        done = tried_alone(tmp_path, "framed_evaluator", device, press_every_key, frames=5)
        heard = evaluator.heard()
    assert done.code == 0
    assert [line for line in done.out.splitlines() if line.startswith("good")] == [
        *(f"good   the key of {stars} star(s)" for stars in (2, 3, 4, 5)),
        "good   the key “call next”, which does nothing here",
    ]
    assert heard[0] == b"\x01\x01\x0b"
    assert [frame for frame in heard if len(frame) == 3 and frame[1] == 1][1:] == [
        *(bytes((1, 1, code)) for code in range(4)),
        b"\x01\x01\x0c",
    ]


def test_a_code_that_no_table_has_and_another_s_frame_are_told_in_words(tmp_path: Path) -> None:
    with PtyDevice("pad") as device:
        done = tried_alone(tmp_path, "gwq_evaluator", device, lambda: device.write(b"7\r\n1\r\n"))
    assert (done.code, "bad    1 bytes: no table of levels has this code" in done.out, "5 star" in done.out) == (1, True, True)
    with PtyDevice("evaluator") as device:
        use = partial(device.write, frame(b"\x02\x11\x03") + frame(b"\x01\x11\x03"))
        done = tried_alone(tmp_path, "framed_evaluator", device, use)
    assert (done.code, "Set device_address" in done.out) == (1, True)


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


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says what there is in place of what this machine has."""

    def put(ports: Sequence[Port] = (), keyboards: Sequence[InputDevice] = (), printers: Sequence[UsbPrinter] = ()) -> None:
        monkeypatch.setattr(list_ports, "comports", lambda: ports)
        monkeypatch.setattr("device_drivers.discovery.input_devices", lambda: keyboards)
        monkeypatch.setattr("device_drivers.discovery.usb_printers", lambda: printers)
        monkeypatch.setattr("device_drivers.discovery.card_readers", lambda connect: [])

    return put


def test_scan_proposes_what_loads(at: Counter, plugged_in: Callable[..., None], tmp_path: Path) -> None:
    """What is proposed can be put into terminal.toml as it stands."""
    plugged_in(
        [Port(at.line.device.address, None, None, None), Port("/dev/ttyUSB7", 0x0C2E, 0x0B61, None)],
        [
            InputDevice("/dev/input/event3", 0x1EAB, 0x0103, "", True),
            InputDevice("/dev/input/event4", 0x1EAB, 0x0103, "", False),
        ],
        [UsbPrinter("/dev/usb/lp0", 0x04B8, 0x0E03, 'J"6')],
    )
    done = command("devices", "scan", "--config", at.config)
    assert done.code == 0
    assert f"# {at.line.device.address}: serial port of a kind that is not in the table, configured as ticket-line" in done.out
    assert "# /dev/ttyUSB7: Honeywell (Metrologic) scanner (0C2E:0B61)" in done.out
    assert "# /dev/input/event3: Newland scanner in keyboard mode (1EAB:0103)" in done.out
    file = tmp_path / "proposed.toml"
    file.write_text(f'data_dir = "{tmp_path}"\n[platform]\nurl = "https://p.example"\n{done.out}', "utf-8")
    assert [(device.name, device.address, device.driver.name) for device in load(file).devices] == [
        ("ttyusb7", "0C2E:0B61", "barcode_scanner"),
        ("event3", "1EAB:0103", "wedge_scanner"),
        ("lp0", '04B8:0E03:J"6', "receipt_printer"),
    ]


def test_scan_for_programs_and_with_nothing_there(at: Counter, plugged_in: Callable[..., None]) -> None:
    plugged_in([Port("/dev/ttyUSB7", 0x0403, 0x6001, "A5")])
    (port,) = json.loads(command("devices", "scan", "--json", "--config", at.config).out)["devices"]
    assert (port["address"], port["stable"], port["usb"], port["configured_as"]) == ("0403:6001:A5", True, "0403:6001", None)
    plugged_in()
    done = command("devices", "scan", "--config", at.config)
    assert (done.code, "nothing found" in done.out) == (1, True)
