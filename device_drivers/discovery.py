"""Finds the devices of this machine and names each by what stays the same when it is plugged in again. Opens none of them."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from device_drivers import known_usb
from device_drivers.input_line import input_devices
from device_drivers.known_usb import Known
from device_drivers.pcsc import SCHEME, Pcsc, PcscError, connect_to_service
from device_drivers.transport import UsbDevice, is_stable_address, serial_ports
from device_drivers.usb_printer import usb_printers

PORT_LINKS = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
INPUT_LINKS = (Path("/dev/input/by-id"), Path("/dev/input/by-path"))


class Found(NamedTuple):
    """One device: its path now, its lasting address, its USB id (empty: none), and what is known of it."""

    path: str
    address: str
    usb: str
    known: Known

    @property
    def is_stable(self) -> bool:
        return is_stable_address(self.address)


def discover() -> list[Found]:
    """The serial ports on USB and those of the board that answer to pyserial, keyboards, USB printers, and PC/SC readers."""
    return [
        *name_devices(serial_ports(), lasting_links(PORT_LINKS), known_usb.serial_port),
        *name_devices((it for it in input_devices() if it.types), lasting_links(INPUT_LINKS), known_usb.keyboard),
        *name_devices(usb_printers(), {}, known_usb.printer),
        *card_readers(connect_to_service),
    ]


def card_readers(connect: Callable[[], Pcsc]) -> list[Found]:
    """The readers that the PC/SC service knows, by name where there are several; none where there is no service."""
    try:
        service = connect()
    except (OSError, PcscError):
        return []
    try:
        names = service.readers()
    except PcscError:
        names = []
    finally:
        service.close()
    named = len(names) > 1
    return [Found(SCHEME + it, SCHEME + it if named else SCHEME, "", Known("PC/SC reader", "pcsc_reader")) for it in names]


def lasting_links(folders: Iterable[Path]) -> dict[str, str]:
    """Device path → the link in the first of these folders that leads to it."""
    links: dict[str, str] = {}
    for folder in folders:
        for link in sorted(folder.iterdir()) if folder.is_dir() else ():
            links.setdefault(os.path.realpath(link), str(link))
    return links


def name_devices(
    devices: Iterable[UsbDevice], links: Mapping[str, str], known: Callable[[int | None, int | None], Known]
) -> list[Found]:
    """Each device with its lasting address: a link, else VID:PID:SERIAL or a VID:PID that nothing else has, else its path."""
    listed = sorted(devices, key=lambda it: it.device)
    return [Found(it.device, _address(it, listed, links), _usb(it), known(it.vid, it.pid)) for it in listed]


def _usb(device: UsbDevice) -> str:
    return "" if device.vid is None or device.pid is None else f"{device.vid:04X}:{device.pid:04X}"


def _address(device: UsbDevice, devices: Sequence[UsbDevice], links: Mapping[str, str]) -> str:
    if link := links.get(os.path.realpath(device.device)):
        return link
    alike = [other for other in devices if _usb(device) and _usb(other) == _usb(device)]
    if device.serial_number and sum(other.serial_number == device.serial_number for other in alike) == 1:
        return f"{_usb(device)}:{device.serial_number}"
    return _usb(device) if len(alike) == 1 else device.device
