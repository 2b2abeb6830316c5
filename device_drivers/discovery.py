"""Finds the ports of this machine and names each by what stays the same when it is plugged in again. Opens none of them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from device_drivers.known_usb import Known, look_up
from device_drivers.transport import UsbPort, is_stable_address

LINK_FOLDERS = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))


class Found(NamedTuple):
    """One port: its path now, its lasting address, its USB id (empty: none), and what is known of it."""

    path: str
    address: str
    usb: str
    known: Known

    @property
    def is_stable(self) -> bool:
        return is_stable_address(self.address)


def discover() -> list[Found]:
    """All ports of this machine on USB, and those of the board that answer to pyserial."""
    from serial.tools import list_ports

    return name_ports(list_ports.comports(), lasting_links(LINK_FOLDERS))


def lasting_links(folders: Iterable[Path]) -> dict[str, str]:
    """Device path → the link in the first of these folders that leads to it."""
    links: dict[str, str] = {}
    for folder in folders:
        for link in sorted(folder.iterdir()) if folder.is_dir() else ():
            links.setdefault(os.path.realpath(link), str(link))
    return links


def name_ports(ports: Iterable[UsbPort], links: Mapping[str, str]) -> list[Found]:
    """Each port with its lasting address: a link, else VID:PID:SERIAL or a VID:PID that nothing else has, else its path."""
    listed = sorted(ports, key=lambda port: port.device)
    return [Found(port.device, _address(port, listed, links), _usb(port), look_up(port.vid, port.pid)) for port in listed]


def _usb(port: UsbPort) -> str:
    return "" if port.vid is None or port.pid is None else f"{port.vid:04X}:{port.pid:04X}"


def _address(port: UsbPort, ports: Sequence[UsbPort], links: Mapping[str, str]) -> str:
    if link := links.get(os.path.realpath(port.device)):
        return link
    alike = [other for other in ports if _usb(port) and _usb(other) == _usb(port)]
    if port.serial_number and sum(other.serial_number == port.serial_number for other in alike) == 1:
        return f"{_usb(port)}:{port.serial_number}"
    return _usb(port) if len(alike) == 1 else port.device
