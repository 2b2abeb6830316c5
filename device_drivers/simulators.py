"""Devices that are not there: they speak every protocol of this package over real ptys and real TCP connections.

Shipped for the demo and for trying a terminal without hardware. They make bytes on a line and nothing else; what presses the
keys of an evaluator is whoever holds its simulator. One thread at a time may use a device.
"""

import fcntl
import os
import random
import select
import socket
import struct
import tempfile
import termios
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol, Self

from device_drivers.card_frame import card_frame
from device_drivers.card_reader import CardFormat, full_width
from device_drivers.case_ticket import MAX_TICKET_BYTES
from device_drivers.escpos import STATUS_QUERY
from device_drivers.framed_evaluator import HOST_LENGTHS, evaluator_framer, frame
from device_drivers.framing import STX, stx_etx_frame
from device_drivers.input_events import pressed_and_released, typed

Corruption = Literal["checksum", "truncated", "too_long", "no_start"]

_PATIENCE_S = 5.0
_LOOK_EVERY_S = 0.005
_CHUNK = 4096


class Unplugged(Exception):
    """The simulated device is unplugged, or nobody took its bytes in time."""


class SimulatedDevice(Protocol):
    """One end of a line that a `SupervisedReader` can open at `address`.

    `received`: what the other end wrote, taken in whenever it is looked whether the line is open.
    """

    received: bytearray

    @property
    def address(self) -> str: ...

    def write(self, data: bytes) -> None:
        """Put bytes on the line, all of them. Raises Unplugged."""
        ...

    def wait_until_open(self, timeout_s: float) -> bool:
        """True once somebody has opened the line, so that what is written from now on is read; False after `timeout_s`."""
        ...

    def unplug(self) -> None:
        """Pull the plug, whatever is on the line."""
        ...

    def replug(self) -> None:
        """Plug it in again."""
        ...


class PtyDevice:
    """A serial device on a pty in raw mode.

    Its address is a link, as a by-id path is: `folder/name`, or one in a folder of its own. It disappears on `unplug`, leads to
    a new pty after `replug`, and never leads to anybody else's, not even when this process was killed and left it behind.
    `received` holds what the other side has written. A write that nobody reads is given up after `patience_s` seconds.
    """

    def __init__(self, name: str, folder: Path | None = None, patience_s: float = _PATIENCE_S) -> None:
        self.name = name
        self._patience_s = patience_s
        self.received = bytearray()
        self._folder = folder
        self._own_folder: tempfile.TemporaryDirectory[str] | None = None
        self._master: int | None = None
        self._slave: int | None = None
        self._ready = False

    def __enter__(self) -> Self:
        self.replug()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.unplug()
        if self._own_folder:
            self._own_folder.cleanup()
            self._own_folder = self._folder = None

    @property
    def address(self) -> str:
        """Its link; without a `folder` only once it was plugged in."""
        return str(self._link())

    def fileno(self) -> int:
        """The device's own end of the line. Raises Unplugged."""
        return self._plugged()

    def replug(self) -> None:
        self.unplug()
        if self._folder is None:
            self._own_folder = tempfile.TemporaryDirectory(prefix="line-")
            self._folder = Path(self._own_folder.name)
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = _hold(os.ttyname(slave))
        os.close(slave)
        os.set_blocking(self._master, False)
        # Packet mode tells when the other side has flushed its input, which pyserial does last of all when it opens a port.
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        fresh = self._link().with_name(f".{self.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(f"/proc/{os.getpid()}/fd/{self._slave}")
        fresh.replace(self._link())

    def unplug(self) -> None:
        if self._master is None or self._slave is None:
            return
        self._link().unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None
        self._ready = False

    def _link(self) -> Path:
        if self._folder is None:
            raise Unplugged(f"{self.name}: never plugged in")
        return self._folder / self.name

    def write(self, data: bytes) -> None:
        master = self._plugged()
        deadline = time.monotonic() + self._patience_s
        while data:
            try:
                data = data[os.write(master, data) :]
            except BlockingIOError:
                _poll(master, select.POLLOUT, deadline - time.monotonic())
                if time.monotonic() >= deadline:
                    raise Unplugged(f"{self.name}: nobody reads") from None

    def wait_until_open(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while not self._look():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def _look(self) -> bool:
        """Take in what the other side did; True while it has the line open and ready."""
        master = self._plugged()
        while (events := _poll(master, select.POLLIN | select.POLLPRI, 0)) & (select.POLLIN | select.POLLPRI):
            packet = os.read(master, _CHUNK)
            if packet[0] == termios.TIOCPKT_DATA:
                self.received += packet[1:]
            elif packet[0] & termios.TIOCPKT_FLUSHREAD:
                self._ready = True
        if events & select.POLLHUP:
            self._ready = False
        return self._ready

    def _plugged(self) -> int:
        if self._master is None:
            raise Unplugged(f"{self.name}: unplugged")
        return self._master


def _hold(path: str) -> int:
    """A descriptor that names this pty and keeps nothing open. A number such as /dev/pts/3 is given to the next pty once this
    one is closed: a reader that looks for its lost line would take somebody else's."""
    return os.open(path, os.O_PATH)


def _poll(fileno: int, mask: int, timeout_s: float) -> int:
    poll = select.poll()
    poll.register(fileno, mask)
    return sum(events for _, events in poll.poll(max(0.0, timeout_s) * 1000))


class TcpDevice:
    """A serial device behind a TCP serial server on loopback: `socket://127.0.0.1:port`, one connection at a time.

    The port stays the same over `unplug` and `replug`. `wait_until_open` tells that the other side has connected.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.received = bytearray()
        self._port = 0
        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None

    def __enter__(self) -> Self:
        self.replug()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.unplug()

    @property
    def address(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    def replug(self) -> None:
        self.unplug()
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]

    def unplug(self) -> None:
        for end in (self._peer, self._listener):
            if end:
                end.close()
        self._peer = self._listener = None

    def write(self, data: bytes) -> None:
        if not self.wait_until_open(_PATIENCE_S) or self._peer is None:
            raise Unplugged(f"{self.name}: nobody has connected")
        try:
            self._peer.sendall(data)
        except OSError as error:
            raise Unplugged(f"{self.name}: the connection is gone") from error

    def wait_until_open(self, timeout_s: float) -> bool:
        if self._listener is None:
            raise Unplugged(f"{self.name}: unplugged")
        self._look()
        if self._peer is None:
            self._listener.settimeout(timeout_s)
            try:
                self._peer, _ = self._listener.accept()
            except (TimeoutError, BlockingIOError):
                return False
            self._peer.settimeout(_PATIENCE_S)
        return True

    def _look(self) -> None:
        """Take in what the other side did."""
        while self._peer and _poll(self._peer.fileno(), select.POLLIN, 0):
            try:
                data = self._peer.recv(_CHUNK)
            except OSError:
                data = b""
            self.received += data
            if not data:
                self._peer.close()
                self._peer = None


class _Simulator:
    """What all of them can do."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device

    def garbage(self, size: int = 32, seed: int = 0) -> None:
        """`size` random bytes, the same for the same `seed`; any byte may occur."""
        self.device.write(random.Random(seed).randbytes(size))


class CaseTicketSimulator(_Simulator):
    """The counter's business system on its serial line."""

    def present(
        self,
        fields: Mapping[str, str] | bytes,
        encoding: Literal["utf-8", "gb18030"] = "utf-8",
        corrupt: Corruption | None = None,
    ) -> None:
        """Send one ticket as `STX key=value|… ETX BCC`, or a ready payload; `corrupt` breaks its frame in that way."""
        payload = fields if isinstance(fields, bytes) else ticket_payload(fields, encoding)
        self.device.write(_corrupted(stx_etx_frame(payload), corrupt))

    def present_line(self, text: str, encoding: Literal["utf-8", "gb18030"] = "utf-8", ending: bytes = b"\r\n") -> None:
        """Send one ticket as a bare line."""
        self.device.write(text.encode(encoding) + ending)


def ticket_payload(fields: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    """`key=value` fields joined by `|`. Raises ValueError where a key or value holds a separator."""
    if any("|" in key + value or "=" in key for key, value in fields.items()):
        raise ValueError("| and = separate fields and cannot be inside them")
    return "|".join(f"{key}={value}" for key, value in fields.items()).encode(encoding)


def _corrupted(frame: bytes, corrupt: Corruption | None) -> bytes:
    match corrupt:
        case "checksum":
            wrong = frame[-1] ^ 0x55
            return frame[:-1] + bytes((wrong if wrong != STX else frame[-1] ^ 0xAA,))
        case "truncated":
            return frame[: len(frame) // 2]
        case "too_long":
            return frame[:1] + b"x" * MAX_TICKET_BYTES + frame[1:]
        case "no_start":
            return frame[1:]
        case None:
            return frame


class ScannerSimulator(_Simulator):
    """A barcode and QR scanner in serial mode."""

    def scan(self, text: str, ending: bytes = b"\r\n", aim: str | None = None, encoding: str = "utf-8") -> None:
        """One scan; `aim` is the symbology prefix, such as `]C0`; an empty `ending` leaves it to the silence."""
        self.device.write(((aim or "") + text).encode(encoding) + ending)


class CardReaderSimulator(_Simulator):
    """A serial card reader that writes UIDs the way `card` says."""

    def __init__(self, device: SimulatedDevice, card: CardFormat | None = None) -> None:
        super().__init__(device)
        self.card = card or CardFormat()

    def lay(self, uid_hex: str, ending: bytes = b"\r\n") -> None:
        """Lay a card with this canonical UID (hex of its raw bytes) on the reader; a frame has no `ending`."""
        if self.card.uid_format == "frame":
            self.device.write(card_frame(_as_shown(uid_hex, self.card)))
        else:
            self.device.write(uid_text(uid_hex, self.card) + ending)


def uid_text(uid_hex: str, card: CardFormat) -> bytes:
    """A canonical UID as a reader with that format writes it in a line."""
    width = full_width(card)
    number = int.from_bytes(_as_shown(uid_hex, card), "big")
    if card.uid_format == "wiegand":
        digits = 0 if card.zeros_dropped else 5
        return f"{number >> 16:0{digits}d},{number & 0xFFFF:0{digits}d}".encode("ascii")
    text = f"{number:0{width}X}" if card.uid_format == "hex" else f"{number:0{width}d}"
    return (text.lstrip("0") if card.zeros_dropped else text).encode("ascii")


def _as_shown(uid_hex: str, card: CardFormat) -> bytes:
    raw = bytes.fromhex(uid_hex)
    return raw[::-1] if card.reversed else raw


class FramedEvaluatorSimulator(_Simulator):
    """A four-key evaluator with its frames, at `address`. It repeats nothing by itself: press again with the same key."""

    RATING, KEY = 0x11, 0x01

    def __init__(self, device: SimulatedDevice, address: int = 1) -> None:
        super().__init__(device)
        self.address = address

    def rate(self, code: int) -> None:
        """Press the rating key with this code."""
        self.device.write(frame(bytes((self.address, self.RATING, code))))

    def press(self, key: int) -> None:
        """Press another key, by its code."""
        self.device.write(frame(bytes((self.address, self.KEY, key))))

    def heard(self) -> list[bytes]:
        """ADDR, FUNC and DATA of every frame that the terminal has written, in order."""
        self.device.wait_until_open(0)
        return [told for told in evaluator_framer(HOST_LENGTHS).feed(bytes(self.device.received)) if isinstance(told, bytes)]


class CodeEvaluatorSimulator(_Simulator):
    """An evaluator that writes the code of a key as a line: a number, or an object of JSON where `as_json`."""

    def __init__(self, device: SimulatedDevice, as_json: bool = False) -> None:
        super().__init__(device)
        self._as_json = as_json

    def rate(self, code: int) -> None:
        text = f'{{"level": {code}}}' if self._as_json else str(code)
        self.device.write(text.encode("ascii") + b"\r\n")


class KeyboardSimulator(_Simulator):
    """A scanner in keyboard mode, or a keypad: its input events, as recorded bytes."""

    def scan(self, text: str, layout: str = "us") -> None:
        """Type a text and Enter, as a scanner in keyboard mode does."""
        self.device.write(typed(text, layout))

    def press(self, code: int) -> None:
        """Press and release one key, by its Linux key code."""
        self.device.write(pressed_and_released(code))


class PrinterSimulator(_Simulator):
    """A receipt printer that answers status queries; `answers` are its three status bytes."""

    READY, PAPER_OUT = b"\x12\x12\x12", b"\x1a\x32\x72"

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device)
        self.answers = self.READY
        self._begun = b""

    def serve(self) -> bytes:
        """Answer what was asked; what was sent to be printed since the last call. To be called now and then."""
        self.device.wait_until_open(0)
        *before, rest = (self._begun + bytes(self.device.received)).split(STATUS_QUERY)
        self.device.received.clear()
        for _ in before:
            self.device.write(self.answers)
        begun = next(size for size in range(len(STATUS_QUERY) - 1, -1, -1) if rest.endswith(STATUS_QUERY[:size]))
        self._begun = rest[len(rest) - begun :]
        return b"".join((*before, rest[: len(rest) - begun]))
