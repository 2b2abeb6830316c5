"""The receipt printer: its line, and what its status bytes say. What is printed is made in `escpos`.

Source: device protocols, “Roles”; DLE EOT of the ESC/POS reference. Serial, a USB printer's file (/dev/usb/lp0), or the network
(TCP port 9100).
"""

import errno
import os
import stat
import time

from device_drivers.escpos import STATUS_QUERY
from device_drivers.framing import BadFrame
from device_drivers.spec import DriverSpec, Prompts, Role
from device_drivers.transport import Line, LineError, LineSettings, Outgoing, StopSignal, has_arrived, open_line

_ANSWERS = 3
_NOISE_AT_MOST = 256
_FIXED_BITS, _FIXED = 0b1001_0011, 0b0001_0010
_OFFLINE = 0x08
_COVER_OPEN, _PAPER_STOP, _ERROR = 0x04, 0x20, 0x40
_PAPER_END = 0x60
_USB_PRINTER_MAJOR = 180
_CHUNK = 4096
_WRITE_PATIENCE_S = 2.0


class StatusFramer:
    """The three bytes that answer one status query → one frame. A byte without a status byte's fixed bits is noise."""

    def __init__(self) -> None:
        self._answers = bytearray()
        self._noise = 0

    @property
    def pending(self) -> bool:
        return bool(self._answers) or self._noise > 0

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        for byte in data:
            if byte & _FIXED_BITS != _FIXED:
                self._noise += 1 + len(self._answers)
                self._answers.clear()
            else:
                self._answers.append(byte)
            if self._noise >= _NOISE_AT_MOST:
                self._end_noise(out)
            if len(self._answers) == _ANSWERS:
                self._end_noise(out)
                out.append(bytes(self._answers))
                self._answers.clear()
        return out

    def gap(self) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        self._end_noise(out)
        if self._answers:
            out.append(BadFrame("truncated", len(self._answers)))
        self._answers.clear()
        return out

    def _end_noise(self, out: list[bytes | BadFrame]) -> None:
        if self._noise:
            out.append(BadFrame("garbage", self._noise))
        self._noise = 0


def status(answers: bytes) -> bytes | BadFrame:
    """`status=ready`, `paper_out`, `cover_open`, `failed` or `offline`: the cause before the consequence."""
    printer, cause, paper = answers
    if paper & _PAPER_END or cause & _PAPER_STOP:
        return b"status=paper_out"
    if cause & _COVER_OPEN:
        return b"status=cover_open"
    if cause & _ERROR:
        return b"status=failed"
    return b"status=offline" if printer & _OFFLINE else b"status=ready"


def open_printer(address: str, settings: LineSettings) -> Line:
    """Open a printer's file, or any other address as a line. Raises LineError."""
    if not _is_usb_printer(address):
        return open_line(address, settings)
    try:
        return PrinterFile(address, os.open(address, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except PermissionError as error:
        raise LineError("denied", address, "Let the service user print: add it to the group lp and log in again.") from error
    except OSError as error:
        raise LineError("busy" if error.errno == errno.EBUSY else "missing", address) from error


def _is_usb_printer(path: str) -> bool:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _USB_PRINTER_MAJOR


class PrinterFile:
    """The file of a USB printer, which the kernel opens once at a time."""

    def __init__(self, address: str, descriptor: int) -> None:
        self._address = address
        self._descriptor = descriptor

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        try:
            if not has_arrived(self._descriptor, stop, timeout_s, outgoing):
                return b""
            data = os.read(self._descriptor, _CHUNK)
        except OSError as error:
            raise LineError("missing", self._address) from error
        if not data:
            stop.wait(0.1)  # usblp says “ready” with nothing to read
        return data

    def write(self, data: bytes) -> None:
        """Give up after 2 s, as when the printer has run out of paper and its buffer is full."""
        deadline = time.monotonic() + _WRITE_PATIENCE_S
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LineError(
                        "failed", self._address, "The printer takes nothing. Look at its paper and cover."
                    ) from None
                time.sleep(0.02)
            except OSError as error:
                raise LineError("missing", self._address) from error

    def close(self) -> None:
        os.close(self._descriptor)


RECEIPT_PRINTER = DriverSpec(
    name="receipt_printer",
    role=Role.RECEIPT_PRINTER,
    line=LineSettings(),
    silence_s=0.5,
    framer=StatusFramer,
    decode=status,
    prompts=Prompts(ask=STATUS_QUERY),
    open=open_printer,
)
