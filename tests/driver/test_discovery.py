"""Ports found and named by what lasts (device protocols, “ttyUSB0 becomes ttyUSB1”; issue 6, point 8)."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from device_drivers.discovery import lasting_links, name_ports
from device_drivers.known_usb import _PRODUCTS, _VENDORS, look_up
from device_drivers.registry import DRIVERS
from device_drivers.transport import is_address, pick_usb_port


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
    found = name_ports(ports, links)
    assert [one.address for one in found] == addresses
    assert all(is_address(one.address) for one in found)
    for one in found:
        if not one.address.startswith("/"):
            assert pick_usb_port(one.address, ports) == one.path


def test_what_may_name_another_device_tomorrow_is_said() -> None:
    found = name_ports([Port("/dev/ttyUSB0", *CH340), Port("/dev/ttyUSB1", *CH340), Port("/dev/ttyS0")], {})
    assert [one.is_stable for one in found] == [True, False, False]


def test_links_of_the_first_folder_win(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    for folder in ("by-id", "by-path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "link").symlink_to(device)
    links = lasting_links([tmp_path / "by-id", tmp_path / "by-path", tmp_path / "none"])
    assert links == {str(device): str(tmp_path / "by-id" / "link")}


def test_every_known_driver_exists() -> None:
    assert {known.driver for known in (*_PRODUCTS.values(), *_VENDORS.values())} <= set(DRIVERS)


def test_a_product_says_more_than_its_vendor() -> None:
    assert look_up(*FTDI).adapter
    assert look_up(0x0C2E, 0x0B61).driver == "barcode_scanner"
    assert look_up(0xFFFF, 0xFFFF).adapter
    assert look_up(None, None).adapter
