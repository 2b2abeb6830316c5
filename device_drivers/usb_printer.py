"""A USB printer's file: found by its ids, which stay when it is plugged in again, while the number in /dev/usb/lp0 need not.

The kernel's usblp makes it. What is printed, and what a printer says of itself, is none of its affair.
"""

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from device_drivers.file_line import FileLine
from device_drivers.transport import Line, LineError, LineSettings, StopSignal, is_usb_id, open_line, pick_usb

_MAJOR = 180
_SYSFS = Path("/sys/class/usbmisc")
_WRITE_PATIENCE_S = 2.0
_DENIED = "Let the service user print: add it to the group lp and log in again."
_TAKES_NOTHING = "The printer takes nothing. Look at its paper and cover."


class UsbPrinter(NamedTuple):
    """The file of a USB printer, its ids and serial number. Implements transport.UsbDevice."""

    device: str
    vid: int
    pid: int
    serial_number: str


def usb_printers(sysfs: Path = _SYSFS) -> Iterator[UsbPrinter]:
    """All printers that the kernel has a file for."""
    for printer in sorted(sysfs.glob("lp*")):
        usb = printer / "device" / ".."  # from the interface to its device
        try:
            vid, pid = (int((usb / name).read_text("ascii"), 16) for name in ("idVendor", "idProduct"))
            serial = (usb / "serial").read_text("utf-8", "replace").strip() if (usb / "serial").exists() else ""
        except (OSError, ValueError):
            continue  # it went away meanwhile
        yield UsbPrinter(f"/dev/usb/{printer.name}", vid, pid, serial)


def open_printer(address: str, settings: LineSettings) -> Line:
    """Open a printer's file, by its path or VID:PID[:SERIAL], or any other address as a line. Raises LineError."""
    path = pick_printer(address, usb_printers())
    if not _is_usb_printer(path):
        return open_line(address, settings)
    try:
        return PrinterFile(address, os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except PermissionError as error:
        raise LineError("denied", address, _DENIED) from error
    except OSError as error:
        raise LineError("busy" if error.errno == errno.EBUSY else "missing", address) from error


def pick_printer(address: str, printers: Iterable[UsbPrinter]) -> str:
    """The file of the one printer that VID:PID[:SERIAL] names; the address itself where it names none, as a serial adapter's.

    Raises LineError if there is more than one.
    """
    try:
        return pick_usb(address, printers, "/dev/usb/") if is_usb_id(address) else address
    except LineError as error:
        if error.reason == "missing":
            return address
        raise


def _is_usb_printer(path: str) -> bool:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _MAJOR


class PrinterFile(FileLine):
    """The file of a USB printer, which the kernel opens once at a time."""

    def write(self, data: bytes) -> None:
        """Give up after 2 s, as when the printer has run out of paper and its buffer is full."""
        deadline = time.monotonic() + _WRITE_PATIENCE_S
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LineError("failed", self._address, _TAKES_NOTHING) from None
                time.sleep(0.02)
            except OSError as error:
                raise self._gone() from error

    def _at_end(self, stop: StopSignal) -> None:
        """usblp says “ready” with nothing to read."""
        stop.wait(0.1)
