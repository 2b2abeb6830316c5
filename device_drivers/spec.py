"""What a driver is: the words that transport, framing, reader and the roles' own files have in common. No behaviour.

A driver is one file that holds its `DriverSpec`; docs/devices.md, “A new driver”, has one as a worked example.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from device_drivers.framing import BadFrame, Framer
from device_drivers.transport import Line, LineSettings, open_line


class Role(StrEnum):
    """What a device is for."""

    CASE_TICKET = "case_ticket"
    BARCODE_SCANNER = "barcode_scanner"
    CARD_READER = "card_reader"
    BUTTON_EVALUATOR = "button_evaluator"
    KEYPAD = "keypad"
    RECEIPT_PRINTER = "receipt_printer"


class Prompts(NamedTuple):
    """What a device is told while citizens rate; each the same whatever was chosen, and empty where it has no such thing.

    `ask`: stars are asked now. `thank`: a star is durable. `rest`: nothing is asked any more.
    """

    ask: bytes = b""
    thank: bytes = b""
    rest: bytes = b""


def _no_answer(frame: bytes) -> bytes:
    return b""


def _as_it_is(spec: "DriverSpec", options: Mapping[str, Any]) -> "DriverSpec":
    return spec


class DriverSpec(NamedTuple):
    """How one kind of device speaks.

    `silence_s`: seconds without a byte after which a waiting line or frame is at its end. `framer` makes a fresh framer for
    every connection; those of drivers that read lines take `gap_ends` (LineEndFramer). `decode` turns a frame into the payload
    of a `DeviceFrame`, or says why it is none; it must not raise.

    `levels`: the device's code → stars, for devices that rate; a code that is not in it is never a rating.
    `answer`: frame → the bytes that acknowledge it. `prompts`: what the device is told. `open` opens its line.
    `exclusive`: what the device sends reaches nobody else. `binary`: any byte may say what was scanned or chosen, so that not
    even the kind of one is shown (masking.py).
    `options`: names of options beside those of every driver; `adapt` puts them in place and raises ValueError that begins
    with the option's name.
    """

    name: str
    role: Role
    line: LineSettings
    silence_s: float
    framer: Callable[..., Framer]
    decode: Callable[[bytes], bytes | BadFrame]
    levels: Mapping[int, int] = {}
    answer: Callable[[bytes], bytes] = _no_answer
    prompts: Prompts = Prompts()
    open: Callable[[str, LineSettings], Line] = open_line
    exclusive: bool = True
    binary: bool = False
    options: frozenset[str] = frozenset()
    adapt: Callable[["DriverSpec", Mapping[str, Any]], "DriverSpec"] = _as_it_is


class DeviceFrame(NamedTuple):
    """One good frame: which device, its role, the decoded payload, when its last byte was read (monotonic nanoseconds), and
    the bytes that acknowledge it (empty: the device expects none)."""

    device: str
    role: Role
    payload: bytes
    received_mono_ns: int
    answer: bytes = b""
