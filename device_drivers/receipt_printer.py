"""The receipt printer: its line, and what its status bytes say. What is printed is made in `escpos`.

Source: device protocols, “Roles”; DLE EOT of the ESC/POS reference. Serial, a USB printer's file (`usb_printer`), or the
network (TCP port 9100).
"""

from device_drivers.escpos import STATUS_QUERY
from device_drivers.framing import BadFrame
from device_drivers.spec import DriverSpec, Prompts, Role
from device_drivers.transport import LineSettings
from device_drivers.usb_printer import open_printer

_ANSWERS = 3
_NOISE_AT_MOST = 256
_FIXED_BITS, _FIXED = 0b1001_0011, 0b0001_0010
_OFFLINE = 0x08
_COVER_OPEN, _PAPER_STOP, _ERROR = 0x04, 0x20, 0x40
_PAPER_END = 0x60


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
