"""Listens to one configured device and says in words what comes of it. What it shows is masked: it may be of a citizen."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from device_drivers.framing import BadFrame
from device_drivers.masking import masked
from device_drivers.recording import Recorder
from device_drivers.transport import Line, StopSignal
from terminal_app.commands.shared import USAGE, CommandError, tell
from terminal_app.config import DeviceConfig
from terminal_app.domain.counter_command import read_command
from terminal_app.domain.ticket import TicketRefused, parse_ticket

LOOK_S = 0.2

_CAUSES = {
    "bad_checksum": "the checksum is wrong. Compare baud, data_bits and parity with the sender, and how it computes BCC",
    "truncated": "it broke off. The sender pauses within a frame (raise silence_ms), or a line end is missing",
    "too_long": "it does not end. Compare the driver and the line end with what the device is set to",
    "garbage": "these bytes belong to no frame. Compare the driver, baud, data_bits and parity with the device",
    "random_uid": "this card changes its number at each reading. It cannot identify anybody; give out another kind of card",
}


class Heard(NamedTuple):
    """What was heard: a line for a person, and whether it was a good frame, a bad one, or just bytes (None)."""

    text: str
    good: bool | None = None


def listen(device: DeviceConfig, line: Line, seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Heard]:
    """What arrives within so many seconds. Raises LineError when the line is lost."""
    framer = device.driver.framer()
    stop = StopSignal()
    end = clock() + seconds
    while (left := end - clock()) > 0:
        data = line.read(stop, min(left, device.driver.silence_s if framer.pending else LOOK_S))
        if data:
            yield Heard(f"bytes  {masked(data, device.driver.binary)}")
        for frame in framer.feed(data) if data else framer.gap():
            yield _heard(device, frame)


def record(device: DeviceConfig, line: Line, file: Path, seconds: float | None) -> int:
    """Write what arrives into a recording until the time is over or somebody presses Ctrl-C; how many bytes. Raises LineError,
    and CommandError where the file cannot be made."""
    try:
        recorder = Recorder(file, device.driver.name)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}. Name a file that is not there yet with -o", USAGE) from None
    stop, size = StopSignal(), 0
    end = None if seconds is None else time.monotonic() + seconds
    with recorder, contextlib.suppress(KeyboardInterrupt):
        while end is None or time.monotonic() < end:
            if data := line.read(stop, LOOK_S):
                recorder.take(data, time.monotonic())
                size += len(data)
                tell(f"{size} bytes")
    return size


def _heard(device: DeviceConfig, frame: bytes | BadFrame) -> Heard:
    payload = frame if isinstance(frame, BadFrame) else device.driver.decode(frame)
    if isinstance(payload, BadFrame):
        return Heard(f"bad    {payload.size} bytes: {_CAUSES.get(payload.reason, payload.reason)}", False)
    return Heard(f"good   {_meaning(device, payload)}", True)


def _meaning(device: DeviceConfig, payload: bytes) -> str:
    if device.driver.role == "case_ticket" and (command := read_command(payload)):
        return f"the command {command.order}"
    if device.driver.role in ("case_ticket", "barcode_scanner"):
        ticket = parse_ticket(payload)
        if isinstance(ticket, TicketRefused):
            return f"a frame of {len(payload)} bytes that is no ticket: {ticket.reason}"
        return f"a ticket of {len(ticket.cases)} case(s), {ticket.grouping}"
    if device.driver.role == "card_reader" and payload == b"removed":
        return "a card that was taken away"
    if device.driver.role == "card_reader":
        return f"a card with a UID of {len(payload) // 2} bytes"
    return f"a frame of {len(payload)} bytes"


def nothing_heard(device: DeviceConfig, seconds: float) -> str:
    """What to do about silence."""
    return (
        f"nothing arrived in {seconds:g} s. Use the device while this runs; check that it is on, that TX and RX are crossed, "
        f"and that it sends at {device.driver.line.baud} baud"
    )
