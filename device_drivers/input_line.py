"""Opens an input device for this terminal alone: a grabbed keyboard types for nobody else, and needs no focus.

Grabbing is EVIOCGRAB of linux/input.h, by the standard library. A path that is no input device is opened as what it is, a
serial line or a pipe; that is how recorded events and simulators come in, and nobody types there.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from device_drivers.file_line import FileLine
from device_drivers.transport import WINDOW, Line, LineError, LineReason, LineSettings, is_usb_id, open_line, pick_usb

EVIOCGRAB = 0x40044590
_INPUT_MAJOR = 13
_SYSFS = Path("/sys/class/input")
_ENTER_KEYS = (28, 96)
_MISSING = "Connect the device; then compare the address with `ls -l /dev/input/by-id/` (the name that ends in -event-kbd)."
_DENIED = "Let the service user read input devices: add it to the group input and log in again, or give the device a udev rule."
_WINDOW = "Its keys come to the running terminal's own window alone: look at it with `rating-terminal devices status`."
_BUSY = "Another program has grabbed this keyboard. Stop it."


class InputDevice(NamedTuple):
    """An event device: its path, USB ids, serial number, and whether it has an Enter key. Implements transport.UsbDevice."""

    device: str
    vid: int
    pid: int
    serial_number: str
    types: bool


def open_input(address: str, settings: LineSettings, grab: bool = True) -> Line:
    """Open and grab the input device at a path or VID:PID[:SERIAL]. Raises LineError."""
    if address == WINDOW:
        raise LineError("failed", address, _WINDOW)
    path = pick_input(address, input_devices()) if is_usb_id(address) else address
    if not path.startswith("/") or not _is_events(path):
        return open_line(address, settings)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _line_error(address, error) from error
    if stat.S_ISCHR(os.fstat(descriptor).st_mode) and grab:
        try:
            fcntl.ioctl(descriptor, EVIOCGRAB, 1)
        except OSError as error:
            os.close(descriptor)
            raise _line_error(address, error) from error
    return EventLine(address, descriptor)


def _is_events(path: str) -> bool:
    """Whether records come from here as they are: an input device, or a pipe."""
    try:
        found = os.stat(path)
    except OSError:
        return path.startswith("/dev/input/")
    return stat.S_ISFIFO(found.st_mode) or (stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _INPUT_MAJOR)


def _line_error(address: str, error: OSError) -> LineError:
    if isinstance(error, PermissionError):
        return LineError("denied", address, _DENIED)
    if isinstance(error, BlockingIOError) or error.errno == errno.EBUSY:
        return LineError("busy", address, _BUSY)
    reason: LineReason = (
        "missing" if isinstance(error, FileNotFoundError) or error.errno in (errno.ENXIO, errno.ENODEV) else "failed"
    )
    return LineError(reason, address, _MISSING)


def input_devices(sysfs: Path = _SYSFS) -> Iterator[InputDevice]:
    """All event devices that the kernel knows."""
    for event in sorted(sysfs.glob("event*")):
        device = event / "device"
        vid, pid = (_text(device / "id" / name) for name in ("vendor", "product"))
        if vid and pid:
            keys = _bits(_text(device / "capabilities" / "key"))
            types = any(keys >> key & 1 for key in _ENTER_KEYS)
            yield InputDevice(f"/dev/input/{event.name}", int(vid, 16), int(pid, 16), _text(device / "uniq"), types)


def _text(file: Path) -> str:
    """Empty where the device went away meanwhile."""
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def _bits(words: str) -> int:
    """A bitmap of sysfs: 64-bit words in hex, the highest first."""
    return sum(int(word, 16) << 64 * place for place, word in enumerate(reversed(words.split())))


def pick_input(address: str, devices: Iterable[InputDevice]) -> str:
    """The path of the one keyboard that VID:PID[:SERIAL] names; mice and media keys of the same device are passed over.

    Raises LineError if there is none, or more than one.
    """
    return pick_usb(address, (device for device in devices if device.types), "/dev/input/by-id/", _MISSING)


class EventLine(FileLine):
    """An open event device or pipe."""

    remedy = _MISSING

    def write(self, data: bytes) -> None:
        raise LineError("failed", self._address, "Nothing can be written to a keyboard.")
