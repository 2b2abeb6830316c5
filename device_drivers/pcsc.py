"""Card readers behind PC/SC: the reader's service tells of cards laid and taken away, and becomes a line like any other.

`open_pcsc("pcsc://NAME")` reads as a UID in hex and a line end when a card is laid, and `removed` when it is taken away. A card
that lies there already is no news. The system's libpcsclite is called as it is (pcsclite.h, winscard.h), because pyscard has no
wheels for Linux. It never writes to a card.
"""

import ctypes
import select
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from device_drivers.transport import Line, LineError, LineSettings, Outgoing, StopSignal, open_line

SCHEME = "pcsc://"
REMOVED = b"removed"
GET_UID = bytes.fromhex("FFCA000000")
"""Get data, the UID (PC/SC part 3, 3.2.2.1.3)."""
LOOK_MS = 200
_LIBRARY = "libpcsclite.so.1"
_DONE = b"\x90\x00"
_UID_SIZES = (4, 7, 10)

NO_SERVICE, SERVICE_STOPPED = 0x8010001D, 0x8010001E
TIMEOUT, NO_READERS = 0x8010000A, 0x8010002E
PRESENT, GONE = 0x20, 0x04 | 0x08

_REMEDY_LIBRARY = "Install the PC/SC service: apt-get install pcscd libpcsclite1 (and libccid for most readers)."
_REMEDY_SERVICE = "Start the PC/SC service: systemctl enable --now pcscd.socket."
_REMEDY_READER = "Connect the reader; `pcsc_scan` of pcsc-tools lists the names that pcsc://NAME can have."


class PcscError(Exception):
    """A call that failed: its code (winscard.h)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code:08X}")
        self.code = code


class Pcsc(Protocol):
    """The service, as far as it is needed. Every method raises PcscError."""

    def readers(self) -> list[str]:
        """The names of the readers that are plugged in."""
        ...

    def wait(self, reader: str, known: int, timeout_ms: int) -> int:
        """The reader's state (flags of SCARD_STATE) once it differs from `known`, or after the time."""
        ...

    def ask(self, reader: str, command: bytes) -> bytes:
        """What the card on the reader answers to a command."""
        ...

    def close(self) -> None:
        """Give the service back."""
        ...


# --- the line -----------------------------------------------------------------------------------------------------------


def open_pcsc(address: str, settings: LineSettings, connect: "Callable[[], Pcsc] | None" = None) -> Line:
    """The reader at `pcsc://NAME`, or the only one at `pcsc://`; any other address is a line, as simulators are.

    Raises LineError.
    """
    if not address.startswith(SCHEME):
        return open_line(address, settings)
    try:
        service = (connect or connect_to_service)()
    except OSError as error:
        raise LineError("failed", address, _REMEDY_LIBRARY) from error
    except PcscError as error:
        raise _line_error(address, error) from error
    try:
        return _PcscLine(address, service, _pick(address, service.readers()))
    except (PcscError, LineError) as error:
        service.close()
        raise (error if isinstance(error, LineError) else _line_error(address, error)) from error


def _pick(address: str, readers: list[str]) -> str:
    wanted = address.removeprefix(SCHEME)
    found = [name for name in readers if not wanted or name == wanted]
    if not found:
        raise LineError("missing", address, _REMEDY_READER)
    if len(found) > 1:
        raise LineError("failed", address, f"{len(found)} readers are there. Name one: pcsc://{found[0]}")
    return found[0]


def _line_error(address: str, error: PcscError) -> LineError:
    if error.code in (NO_SERVICE, SERVICE_STOPPED):
        return LineError("failed", address, _REMEDY_SERVICE)
    return LineError("missing", address, _REMEDY_READER)


class _PcscLine:
    """Asks in short waits, because the service's own wait cannot be ended from beside it."""

    def __init__(self, address: str, service: Pcsc, reader: str) -> None:
        self._address = address
        self._service = service
        self._reader = reader
        self._state = 0
        self._has_card: bool | None = None

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not stop.is_set() and not (outgoing and select.select([outgoing], [], [], 0)[0]):
            try:
                if told := self._look():
                    return told
            except PcscError as error:
                raise _line_error(self._address, error) from error
            if deadline is not None and time.monotonic() >= deadline:
                break
        return b""

    def _look(self) -> bytes:
        state = self._service.wait(self._reader, self._state, LOOK_MS)
        if state & GONE:
            raise PcscError(NO_READERS)
        self._state = state
        had_card, self._has_card = self._has_card, bool(state & PRESENT)
        if had_card is None or had_card == self._has_card:
            return b""
        return (self._uid() if self._has_card else REMOVED) + b"\n"

    def _uid(self) -> bytes:
        """Hex; or a word that the decoder refuses, for a card that cannot be read."""
        try:
            answer = self._service.ask(self._reader, GET_UID)
        except PcscError:
            return b"unreadable"
        return answer[:-2].hex().upper().encode() if answer.endswith(_DONE) and len(answer) - 2 in _UID_SIZES else b"unreadable"

    def write(self, data: bytes) -> None:
        raise LineError("failed", self._address, "Nothing is written to a card reader.")

    def close(self) -> None:
        self._service.close()


# --- libpcsclite --------------------------------------------------------------------------------------------------------

_Dword = ctypes.c_ulong


class _ReaderState(ctypes.Structure):
    _fields_ = (
        ("reader", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
        ("known", _Dword),
        ("event", _Dword),
        ("atr_size", _Dword),
        ("atr", ctypes.c_ubyte * 33),
    )


class _Protocol(ctypes.Structure):
    _fields_ = (("protocol", ctypes.c_ulong), ("size", ctypes.c_ulong))


class Connected(NamedTuple):
    """A card that is connected to: its handle and protocol."""

    handle: ctypes.c_long
    protocol: int


class SystemPcsc:
    """libpcsclite. Raises OSError where it is not installed, PcscError where its service does not answer."""

    _SYSTEM, _SHARED, _ANY_PROTOCOL, _LEAVE = 2, 2, 3, 0

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_LIBRARY)
        self._context = ctypes.c_long()
        self._call("SCardEstablishContext", _Dword(self._SYSTEM), None, None, ctypes.byref(self._context))

    def _call(self, name: str, *arguments: object) -> None:
        code = int(self._library[name](*arguments)) & 0xFFFFFFFF
        if code:
            raise PcscError(code)

    def readers(self) -> list[str]:
        size = _Dword(0)
        try:
            self._call("SCardListReaders", self._context, None, None, ctypes.byref(size))
            names = ctypes.create_string_buffer(size.value)
            self._call("SCardListReaders", self._context, None, names, ctypes.byref(size))
        except PcscError as error:
            if error.code == NO_READERS:
                return []
            raise
        return [name.decode("utf-8", "replace") for name in names.raw[: size.value].split(b"\0") if name]

    def wait(self, reader: str, known: int, timeout_ms: int) -> int:
        state = _ReaderState(reader=reader.encode(), known=known)
        try:
            self._call("SCardGetStatusChange", self._context, _Dword(timeout_ms), ctypes.byref(state), _Dword(1))
        except PcscError as error:
            if error.code == TIMEOUT:
                return known
            raise
        return int(state.event)

    def ask(self, reader: str, command: bytes) -> bytes:
        card = self._connected(reader)
        try:
            answer, size = ctypes.create_string_buffer(264), _Dword(264)
            how = _Protocol(card.protocol, ctypes.sizeof(_Protocol))
            sent = (command, _Dword(len(command)))
            self._call("SCardTransmit", card.handle, ctypes.byref(how), *sent, None, answer, ctypes.byref(size))
            return answer.raw[: size.value]
        finally:
            self._library.SCardDisconnect(card.handle, _Dword(self._LEAVE))

    def _connected(self, reader: str) -> Connected:
        handle, protocol = ctypes.c_long(), _Dword()
        how = (_Dword(self._SHARED), _Dword(self._ANY_PROTOCOL))
        self._call("SCardConnect", self._context, reader.encode(), *how, ctypes.byref(handle), ctypes.byref(protocol))
        return Connected(handle, protocol.value)

    def close(self) -> None:
        self._library.SCardReleaseContext(self._context)


def connect_to_service() -> Pcsc:
    """Raises OSError, PcscError."""
    return SystemPcsc()
