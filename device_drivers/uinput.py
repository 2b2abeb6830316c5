"""A keyboard that is not there, made by the kernel: what it types goes through the real input layer, grab and all.

Linux with /dev/uinput alone (linux/uinput.h); where there is none, simulated keyboards write the same records to a pty.
"""

import errno
import fcntl
import os
import struct
import time
from pathlib import Path
from typing import Self

from device_drivers.input_events import EV_KEY, EV_MSC, EV_SYN
from device_drivers.simulators import Unplugged

UINPUT = Path("/dev/uinput")
UI_SET_EVBIT, UI_SET_KEYBIT, UI_SET_MSCBIT = 0x40045564, 0x40045565, 0x40045568
UI_DEV_SETUP, UI_DEV_CREATE, UI_DEV_DESTROY = 0x405C5503, 0x5501, 0x5502
SETUP = struct.Struct("=HHHH80sI")
_BUS_USB, _VENDOR, _PRODUCT = 0x03, 0x1209, 0x0001
_KEYS = range(1, 128)
_MSC_SCAN = 4
_FOUND_WITHIN_S = 5.0


class UinputDevice:
    """A keyboard with ids 1209:0001. `address` is its event device. Plugging in raises OSError without uinput."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = ""
        self.received = bytearray()
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.replug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def replug(self) -> None:
        self.unplug()
        descriptor = os.open(UINPUT, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._descriptor = descriptor
        for kind in (EV_SYN, EV_KEY, EV_MSC):
            fcntl.ioctl(descriptor, UI_SET_EVBIT, kind)
        for key in _KEYS:
            fcntl.ioctl(descriptor, UI_SET_KEYBIT, key)
        fcntl.ioctl(descriptor, UI_SET_MSCBIT, _MSC_SCAN)
        fcntl.ioctl(descriptor, UI_DEV_SETUP, SETUP.pack(_BUS_USB, _VENDOR, _PRODUCT, 1, self._label(), 0))
        fcntl.ioctl(descriptor, UI_DEV_CREATE)
        self.address = self._event_device()

    def unplug(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # which destroys the device
            self._descriptor = None

    def write(self, data: bytes) -> None:
        if self._descriptor is None:
            raise Unplugged(f"{self.name}: unplugged")
        os.write(self._descriptor, data)

    def wait_until_open(self, timeout_s: float) -> bool:
        """The kernel does not tell who reads; it is taken as read once it is there."""
        return self._descriptor is not None

    def _label(self) -> bytes:
        return f"simulated {self.name} {os.getpid()}".encode()[:79]

    def _event_device(self, sysfs: Path = Path("/sys/class/input")) -> str:
        deadline = time.monotonic() + _FOUND_WITHIN_S
        while time.monotonic() < deadline:
            for event in sysfs.glob("event*"):
                if (event / "device" / "name").read_bytes().strip() == self._label() and Path(
                    f"/dev/input/{event.name}"
                ).exists():
                    return f"/dev/input/{event.name}"
            time.sleep(0.02)
        raise OSError(errno.ENODEV, "the kernel made no event device", str(UINPUT))
