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
    "unknown_code": "no table of levels has this code; it is never a rating. Compare driver and `levels` with the device",
    "wrong_address": "the frame is of another device. Set device_address to what is set in the device",
}
_PRINTER = {
    "ready": "is ready",
    "paper_out": "is out of paper",
    "cover_open": "has its cover open",
    "failed": "has a fault",
    "offline": "is offline",
}


class Heard(NamedTuple):
    """What was heard: a line for a person, and whether it was a good frame, a bad one, or just bytes (None)."""

    text: str
    good: bool | None = None


def listen(device: DeviceConfig, line: Line, seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Heard]:
    """What arrives within so many seconds, each good frame acknowledged as the terminal does. Raises LineError when the line is
    lost."""
    framer = device.driver.framer()
    stop = StopSignal()
    end = clock() + seconds
    while (left := end - clock()) > 0:
        data = line.read(stop, min(left, device.driver.silence_s if framer.pending else LOOK_S))
        if data:
            yield Heard(f"bytes  {masked(data, device.driver.binary)}")
        for frame in framer.feed(data) if data else framer.gap():
            heard = _heard(device, frame)
            if heard.good and isinstance(frame, bytes):
                tell_device(line, device.driver.answer(frame))
            yield heard


def tell_device(line: Line, data: bytes) -> None:
    """Write this, or nothing to a device that is only listened to. Raises LineError."""
    if data:
        line.write(data)


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
    match device.driver.role:
        case "case_ticket" if command := read_command(payload):
            return f"the command {command.order}"
        case "case_ticket" | "barcode_scanner":
            ticket = parse_ticket(payload)
            if isinstance(ticket, TicketRefused):
                return f"a frame of {len(payload)} bytes that is no ticket: {ticket.reason}"
            return f"a ticket of {len(ticket.cases)} case(s), {ticket.grouping}"
        case "card_reader" if payload == b"removed":
            return "a card that was taken away"
        case "card_reader":
            return f"a card with a UID of {len(payload) // 2} bytes"
        case "receipt_printer":
            return f"the printer answers, and {_PRINTER[_value(payload)]}"
        case "keypad":
            return "a key of the keypad"
    return _of_an_evaluator(payload)


def _of_an_evaluator(payload: bytes) -> str:
    """Which star, so that keys can be compared with the table of levels: nobody rates here."""
    if payload.startswith(b"stars="):
        return f"the key of {_value(payload)} star(s)"
    if payload.startswith(b"key="):
        return f"the key “{_value(payload)}”, which does nothing here"
    return "the device gave up waiting for a key, which is no rating"


def _value(payload: bytes) -> str:
    return payload.partition(b"=")[2].decode("ascii")


def nothing_heard(device: DeviceConfig, seconds: float) -> str:
    """What to do about silence."""
    if device.driver.role == "receipt_printer":
        return (
            f"the printer did not say how it is within {seconds:g} s. Check that it is on and set to ESC/POS, that its cable "
            f"has both directions, and that it is set to {device.driver.line.baud} baud if it is a serial one"
        )
    return (
        f"nothing arrived in {seconds:g} s. Use the device while this runs; check that it is on, that TX and RX are crossed, "
        f"and that it sends at {device.driver.line.baud} baud"
    )
