"""Devices found and named by what lasts (device protocols, “ttyUSB0 becomes ttyUSB1”; issue 6, point 8)."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from device_drivers.discovery import Found, card_readers, lasting_links, name_devices
from device_drivers.input_line import InputDevice, pick_input
from device_drivers.known_usb import _PRINTERS, _PRODUCTS, _SCANNERS, keyboard, printer, serial_port
from device_drivers.pcsc import NO_SERVICE, PcscError
from device_drivers.registry import DRIVERS
from device_drivers.transport import is_address, pick_usb
from device_drivers.usb_printer import UsbPrinter


@dataclass
class Port:
    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None


FTDI = (0x0403, 0x6001)
CH340 = (0x1A86, 0x7523)
BY_ID = "/dev/serial/by-id/usb-FTDI_A5-if00"


@pytest.mark.parametrize(
    ("ports", "links", "addresses"),
    [
        ([Port("/dev/ttyUSB0", *FTDI, "A5")], {"/dev/ttyUSB0": BY_ID}, [BY_ID]),
        ([Port("/dev/ttyUSB0", *FTDI, "A5"), Port("/dev/ttyUSB1", *FTDI, "B6")], {}, ["0403:6001:A5", "0403:6001:B6"]),
        ([Port("/dev/ttyUSB0", *CH340)], {}, ["1A86:7523"]),
        ([Port("/dev/ttyUSB1", *CH340), Port("/dev/ttyUSB0", *CH340)], {}, ["/dev/ttyUSB0", "/dev/ttyUSB1"]),
        ([Port("/dev/ttyUSB0", *FTDI, "0"), Port("/dev/ttyUSB1", *FTDI, "0")], {}, ["/dev/ttyUSB0", "/dev/ttyUSB1"]),
        ([Port("/dev/ttyS0")], {}, ["/dev/ttyS0"]),
    ],
    ids=["by-id", "serial numbers", "one of its kind", "two alike", "the same serial number twice", "on the board"],
)
def test_addresses_that_last(ports: list[Port], links: dict[str, str], addresses: list[str]) -> None:
    found = name_devices(ports, links, serial_port)
    assert [one.address for one in found] == addresses
    assert all(is_address(one.address) for one in found)
    for one in found:
        if not one.address.startswith("/"):
            assert pick_usb(one.address, ports) == one.path


def test_what_may_name_another_device_tomorrow_is_said() -> None:
    found = name_devices([Port("/dev/ttyUSB0", *CH340), Port("/dev/ttyUSB1", *CH340), Port("/dev/ttyS0")], {}, serial_port)
    assert [one.is_stable for one in found] == [True, False, False]


def test_links_of_the_first_folder_win(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    for folder in ("by-id", "by-path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "link").symlink_to(device)
    links = lasting_links([tmp_path / "by-id", tmp_path / "by-path", tmp_path / "none"])
    assert links == {str(device): str(tmp_path / "by-id" / "link")}


def test_a_keyboard_is_named_by_what_lasts_and_never_taken_for_certain() -> None:
    """A scanner in keyboard mode is known by its vendor; any other keyboard may be somebody's."""
    keyboards = [
        InputDevice("/dev/input/event3", 0x0C2E, 0x0B61, "", True),
        InputDevice("/dev/input/event4", 0x04D9, 0x1203, "", True),
    ]
    scanner, other = name_devices(keyboards, {"/dev/input/event4": "/dev/input/by-id/usb-4-event-kbd"}, keyboard)
    assert (scanner.address, scanner.known.driver, scanner.known.doubt) == ("0C2E:0B61", "wedge_scanner", "")
    assert pick_input(scanner.address, keyboards) == scanner.path
    assert (other.address, other.is_stable) == ("/dev/input/by-id/usb-4-event-kbd", True)
    assert "grabbed" in other.known.doubt


def test_printers_are_named_by_their_ids() -> None:
    printers = [UsbPrinter("/dev/usb/lp0", 0x04B8, 0x0202, "A"), UsbPrinter("/dev/usb/lp1", 0x1234, 0x0001, "")]
    epson, other = name_devices(printers, {}, printer)
    assert (epson.address, epson.known.what, epson.known.driver) == ("04B8:0202:A", "Epson printer", "receipt_printer")
    assert (other.address, other.known.driver, bool(other.known.doubt)) == ("1234:0001", "receipt_printer", True)


class Service:
    """A PC/SC service with these readers; None: it stops answering."""

    def __init__(self, names: list[str] | None) -> None:
        self._names = names
        self.closed = False

    def readers(self) -> list[str]:
        if self._names is None:
            raise PcscError(NO_SERVICE)
        return self._names

    def wait(self, reader: str, known: int, timeout_ms: int) -> int:
        raise AssertionError

    def ask(self, reader: str, command: bytes) -> bytes:
        raise AssertionError

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("names", "addresses"),
    [(None, []), ([], []), (["A 00 00"], ["pcsc://"]), (["A 00 00", "B"], ["pcsc://A 00 00", "pcsc://B"])],
)
def test_card_readers_behind_pcsc(names: list[str] | None, addresses: list[str]) -> None:
    """The number in a reader's name depends on the order of plugging in, so the only one goes without."""
    service = Service(names)
    found: list[Found] = card_readers(lambda: service)
    assert [(one.address, one.known.driver) for one in found] == [(address, "pcsc_reader") for address in addresses]
    assert all(is_address(address) for address in addresses)
    assert service.closed


def test_without_the_service_there_is_no_reader() -> None:
    def absent() -> Service:
        raise OSError("libpcsclite.so.1: cannot open shared object file")

    assert card_readers(absent) == []


def test_every_known_driver_exists() -> None:
    everything = [
        look_up(vid, pid) for look_up in (serial_port, keyboard, printer) for vid, pid in (*_PRODUCTS, (0xFFFF, 0xFFFF))
    ]
    everything += [serial_port(vid, 1) for vid in (*_SCANNERS, *_PRINTERS)] + [keyboard(vid, 1) for vid in _SCANNERS]
    assert {known.driver for known in everything} <= set(DRIVERS)


def test_a_product_says_more_than_its_vendor() -> None:
    assert "each driver" in serial_port(*FTDI).doubt
    assert (serial_port(0x0C2E, 0x0B61).driver, serial_port(0x0C2E, 0x0B61).doubt) == ("barcode_scanner", "")
    assert serial_port(0x0416, 0x5011).driver == printer(0x0416, 0x5011).driver == "receipt_printer"
    assert serial_port(0x04B8, 0x0001).driver == "receipt_printer"
    assert serial_port(0xFFFF, 0xFFFF).doubt
    assert serial_port(None, None).doubt
