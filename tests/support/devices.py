"""What the device tests share: one voice per registered driver, a log of what a reader delivered, waiting with a deadline."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from device_drivers.card_frame import card_frame
from device_drivers.framed_evaluator import frame
from device_drivers.framing import BadFrame, stx_etx_frame
from device_drivers.input_events import pressed_and_released, typed
from device_drivers.reader import DeviceStatus, SupervisedReader
from device_drivers.registry import DRIVERS, configured
from device_drivers.spec import DeviceFrame, DriverSpec

DEADLINE_S = 10.0
STOP_S = 10.0


@dataclass(frozen=True)
class Voice:
    """How a device of one driver says two different good things, and what must come of them."""

    first: bytes
    first_payload: bytes
    second: bytes
    second_payload: bytes


TICKET = "caseNo=370900202611210001|matterName=王家庄户口迁移".encode("gb18030")
SECOND_TICKET = "caseNo=370900202611210002|matterName=居住证".encode()

SPECS: Mapping[str, DriverSpec] = {**DRIVERS, "card_reader, frames": configured("card_reader", {"uid_format": "frame"})}
"""Every driver, and those that an option gives another framer."""

VOICES: Mapping[str, Voice] = {
    "case_ticket": Voice(stx_etx_frame(TICKET), TICKET, stx_etx_frame(SECOND_TICKET), SECOND_TICKET),
    "case_ticket_line": Voice(TICKET + b"\r\n", TICKET, SECOND_TICKET + b"\n", SECOND_TICKET),
    "barcode_scanner": Voice(b"]C0370900202611210001\r\n", b"]C0370900202611210001", b"YZ-000001\r", b"YZ-000001"),
    "framed_evaluator": Voice(frame(b"\x01\x11\x03"), b"stars=5", frame(b"\x01\x11\x00"), b"stars=2"),
    "five_key_evaluator": Voice(b"5\r\n", b"stars=5", b" 1\n", b"stars=1"),
    "gwq_evaluator": Voice(b"1\r\n", b"stars=5", b"4\r\n", b"stars=1"),
    "activex_evaluator": Voice(b"1\r\n", b"stars=4", b"4\r\n", b"stars=5"),
    "pad_five_is_best": Voice(b'{"level": 5}\r\n', b"stars=5", b'{"level":1}\n', b"stars=1"),
    "pad_zero_is_best": Voice(b'{"level": 0}\r\n', b"stars=5", b'{"level":4}\n', b"stars=1"),
    "wedge_scanner": Voice(typed("]C0TA-1"), b"]C0TA-1", typed("yz-2"), b"yz-2"),
    "keypad": Voice(pressed_and_released(88) + pressed_and_released(76), b"key=5", pressed_and_released(2), b"key=1"),
    "receipt_printer": Voice(b"\x12\x12\x12", b"status=ready", b"\x1a\x32\x72", b"status=paper_out"),
    "pcsc_reader": Voice(b"04A1B2C3\n", b"04A1B2C3", b"04112233445566\n", b"04112233445566"),
    "card_reader, frames": Voice(
        card_frame(bytes.fromhex("04A1B2C3")), b"04A1B2C3", card_frame(bytes.fromhex("008E6D5D"), b"\x02\x06"), b"008E6D5D"
    ),
    "card_reader": Voice(b"04A1B2C3\r\n", b"04A1B2C3", b"a1:b2:c3:d4\n", b"A1B2C3D4"),
}


def wait_for(condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Return once `condition` holds; AssertionError if it does not within the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "did not happen within the deadline"
        time.sleep(0.002)


@dataclass
class Delivered:
    """Everything a reader called back with."""

    frames: list[DeviceFrame] = field(default_factory=list)
    bad: list[BadFrame] = field(default_factory=list)
    statuses: list[DeviceStatus] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    @property
    def payloads(self) -> list[bytes]:
        return [frame.payload for frame in self.frames]

    @property
    def states(self) -> list[str]:
        return [status.state for status in self.statuses]


@contextmanager
def reading(
    spec: DriverSpec | str, address: str, on_frame: Callable[[DeviceFrame], None] | None = None
) -> Iterator[tuple[SupervisedReader, Delivered]]:
    """A started reader with a quick back-off, and what it delivers; stopped at the end, within its deadline."""
    log = Delivered()
    reader = SupervisedReader(
        SPECS[spec] if isinstance(spec, str) else spec,
        address,
        on_frame or log.frames.append,
        on_bad_frame=lambda device, bad: log.bad.append(bad),
        on_status=log.statuses.append,
        on_error=log.errors.append,
        backoff=(0.01, 0.02),
    )
    reader.start()
    try:
        yield reader, log
    finally:
        assert reader.stop(STOP_S)
