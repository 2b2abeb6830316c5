"""Opens and reads a line: `open_line(address, settings) -> Line`. Knows bytes; knows nothing of frames and devices.

Addresses: a path (`/dev/serial/by-id/…`, a pty), `VID:PID` or `VID:PID:SERIAL` of a USB device, `socket://host:port`,
`loop://` (what is written comes back). A port is opened exclusively. Every failure is a `LineError`, never anything else.
"""

import contextlib
import errno
import os
import re
import select
import termios
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import serial

LineReason = Literal["missing", "busy", "denied", "failed"]

_CHUNK = 4096
_OUTGOING_AT_MOST = 64
_LOOP_SLICE_S = 0.02
WINDOW = "window"
"""The address of a scanner whose keys come through the terminal's own window."""
# Compiled by `re` when they are used: a start waits for it otherwise.
_TCP = r"socket://(\[[0-9A-Fa-f:.]+\]|[^:/?#\[\]\s]+):\d{1,5}"
_USB_ID = r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(.+))?"
_ENUMERATED = r"/dev/(tty(USB|ACM|XRUSB)\d+|rfcomm\d+|pts/\d+|input/event\d+|usb/lp\d+)"

_REASON_OF_ERRNO: dict[int, LineReason] = {
    errno.ENOENT: "missing",
    errno.ENODEV: "missing",
    errno.ENXIO: "missing",
    errno.EIO: "missing",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
}
_REMEDY: dict[LineReason, str] = {
    "missing": "Connect the device, switch it on and check its cable; then compare the address with `ls /dev/serial/by-id/`.",
    "busy": "Another program holds this port. Stop it, or give this terminal a port of its own.",
    "denied": "Let the service user open the port: add it to the group that owns the port (usually dialout) and log in again.",
    "failed": "Check that the address names a serial port and that it supports the line settings.",
}


class LineError(Exception):
    """A line that cannot be opened or is gone: `reason`, `address`, and a `remedy` for the administrator."""

    def __init__(self, reason: LineReason, address: str, remedy: str | None = None) -> None:
        super().__init__(f"{address}: {reason}")
        self.reason = reason
        self.address = address
        self.remedy = remedy or _REMEDY[reason]


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Settings of a serial line; 9600 8N1 without flow control is what the field uses. A socket has none of them.

    `baud` in bit/s, `data_bits` 5…8, `parity` N, E, O, M or S, `stop_bits` 1 or 2, `flow` none, rtscts or xonxoff.
    Raises ValueError for anything else.
    """

    baud: int = 9600
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    flow: str = "none"

    def __post_init__(self) -> None:
        allowed = (
            ("baud", self.baud, range(50, 4_000_001)),
            ("data_bits", self.data_bits, (5, 6, 7, 8)),
            ("parity", self.parity, ("N", "E", "O", "M", "S")),
            ("stop_bits", self.stop_bits, (1, 2)),
            ("flow", self.flow, ("none", "rtscts", "xonxoff")),
        )
        for key, value, choice in allowed:
            if isinstance(value, bool) or value not in choice:
                shown = "50…4000000" if isinstance(choice, range) else ", ".join(map(str, choice))
                raise ValueError(f"{key} = {value!r}: must be one of {shown}")


class StopSignal:
    """Set once, by any thread; makes every read and wait on it return at once, from then on."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)

    def set(self) -> None:
        os.write(self._write_end, b"x")

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, timeout_s: float) -> bool:
        """True as soon as it is set, False after `timeout_s` seconds."""
        return bool(select.select([self._read_end], [], [], timeout_s)[0])

    def fileno(self) -> int:
        return self._read_end

    def __del__(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)


class Outgoing:
    """What any thread wants written to a line, in order, until the thread that owns the line takes it. Never blocks."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._waiting: deque[bytes] = deque(maxlen=_OUTGOING_AT_MOST)

    def put(self, data: bytes) -> None:
        """Wake the line's thread; of more than 64 pieces that wait the oldest is dropped."""
        self._waiting.append(data)
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes as well
            os.write(self._write_end, b"x")

    def take(self) -> bytes:
        """All that waits."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read_end, _CHUNK):
                pass
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return b"".join(taken)

    def fileno(self) -> int:
        return self._read_end

    def __del__(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)


class Line(Protocol):
    """An open line. One thread reads, writes and closes it."""

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        """What has arrived, or b"" after `timeout_s` seconds of silence (None: no limit), once stopped, or when something is
        to be written. Raises LineError."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of it. Raises LineError."""
        ...

    def close(self) -> None: ...


def is_address(address: str) -> bool:
    """Whether this can name a line at all: an absolute path, VID:PID[:SERIAL], socket://host:port, pcsc://NAME, window, loop://."""
    return (
        address.startswith(("/", "pcsc://"))
        or address in ("loop://", WINDOW)
        or bool(re.fullmatch(_TCP, address) or is_usb_id(address))
    )


def is_stable_address(address: str) -> bool:
    """False for names that depend on the order of plugging in, such as /dev/ttyUSB0: they may name another device tomorrow."""
    return re.fullmatch(_ENUMERATED, address) is None


def open_line(address: str, settings: LineSettings) -> Line:
    """Open the line at `address`. Raises LineError; connecting to a silent socket server takes up to 5 s to fail."""
    if not is_address(address):
        known = "Use a path under /dev/serial/by-id/, VID:PID, VID:PID:SERIAL, socket://host:port or loop://."
        raise LineError("failed", address, known)
    if address == "loop://":
        return _LoopLine(address, _open_port(address, address, settings, exclusive=None))
    if address.startswith("socket://"):
        return _PortLine(address, _open_socket(address, settings))
    return _PortLine(address, _open_port(_device_path(address), address, settings, exclusive=True))


def _device_path(address: str) -> str:
    if address.startswith("/"):
        return address
    return pick_usb(address, serial_ports())


def serial_ports() -> Sequence["UsbDevice"]:
    """All serial ports of this machine. One that is unplugged while it is looked at hides the others for this once."""
    from serial.tools import list_ports  # only where it is needed: it is half of what importing pyserial costs

    try:
        return list_ports.comports()
    except TypeError:  # pyserial makes numbers of what it could not read
        return ()


class UsbDevice(Protocol):
    """What is known of one device; the ids are None where it is not on USB."""

    @property
    def device(self) -> str: ...

    @property
    def vid(self) -> int | None: ...

    @property
    def pid(self) -> int | None: ...

    @property
    def serial_number(self) -> str | None: ...


def is_usb_id(address: str) -> bool:
    """Whether this is VID:PID or VID:PID:SERIAL."""
    return re.fullmatch(_USB_ID, address) is not None


def pick_usb(address: str, devices: Iterable[UsbDevice], folder: str = "/dev/serial/by-id/", missing: str | None = None) -> str:
    """The path of the one device that `VID:PID[:SERIAL]` names. Raises LineError if there is none, or more than one.

    `folder`: where the names are that tell several apart; `missing`: what to do where there is none.
    """
    usb = re.fullmatch(_USB_ID, address)
    if usb is None:
        raise LineError("failed", address)
    vid, pid, number = int(usb[1], 16), int(usb[2], 16), usb[3]
    paths = [it.device for it in devices if (it.vid, it.pid) == (vid, pid) and number in (None, it.serial_number)]
    if not paths:
        raise LineError("missing", address, missing)
    if len(paths) > 1:
        several = f"{len(paths)} devices match. Add the serial number (VID:PID:SERIAL) or use the path under {folder}."
        raise LineError("failed", address, several)
    return paths[0]


def _open_port(url: str, address: str, settings: LineSettings, exclusive: bool | None) -> "serial.SerialBase":
    import serial  # with the first port: a start that only reads the settings does not wait for it

    try:
        return serial.serial_for_url(
            url,
            baudrate=settings.baud,
            bytesize=settings.data_bits,
            parity=settings.parity,
            stopbits=settings.stop_bits,
            rtscts=settings.flow == "rtscts",
            xonxoff=settings.flow == "xonxoff",
            timeout=0,
            write_timeout=1.0,
            exclusive=exclusive,
        )
    except (OSError, ValueError, termios.error) as error:
        raise LineError(_reason_of(url, error), address) from error


def _reason_of(url: str, error: Exception) -> LineReason:
    if url.startswith("socket://") and isinstance(error, OSError):
        return "missing"
    return _REASON_OF_ERRNO.get(getattr(error, "errno", None) or 0, "failed")


def _open_socket(address: str, settings: LineSettings) -> "serial.SerialBase":
    """Kept alive: without that a serial server that lost its power would look connected for ever; with it, for 25 s."""
    import socket  # no start waits for it

    keepalive = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))
    port = _open_port(address, address, settings, exclusive=None)
    try:
        with socket.socket(fileno=os.dup(port.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in keepalive:
                same.setsockopt(socket.IPPROTO_TCP, option, value)
    except OSError as error:
        port.close()
        raise LineError("missing", address) from error
    return port


def has_arrived(descriptor: int, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None) -> bool:
    """Wait until there is something to read: False after `timeout_s` seconds, once stopped, or when there is only something
    to write."""
    watched = [descriptor, stop.fileno(), *([outgoing.fileno()] if outgoing else [])]
    ready, _, _ = select.select(watched, [], [], timeout_s)
    return descriptor in ready and stop.fileno() not in ready


class _PortLine:
    """A port or a socket: something that select can wait for."""

    def __init__(self, address: str, port: "serial.SerialBase") -> None:
        self._address = address
        self._port = port

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        try:
            return bytes(self._port.read(_CHUNK)) if has_arrived(self._port.fileno(), stop, timeout_s, outgoing) else b""
        except (OSError, termios.error) as error:
            raise LineError("missing", self._address) from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except (OSError, termios.error) as error:
            raise LineError("missing", self._address) from error

    def close(self) -> None:
        self._port.close()


class _LoopLine:
    """`loop://` has no file descriptor, so it is asked in short slices."""

    def __init__(self, address: str, port: "serial.SerialBase") -> None:
        self._address = address
        self._port = port

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not (data := self._port.read(_CHUNK)):
            left = _LOOP_SLICE_S if deadline is None else deadline - time.monotonic()
            if left <= 0 or stop.wait(min(left, _LOOP_SLICE_S)) or (outgoing and select.select([outgoing], [], [], 0)[0]):
                break
        return bytes(data)

    def write(self, data: bytes) -> None:
        self._port.write(data)

    def close(self) -> None:
        self._port.close()
