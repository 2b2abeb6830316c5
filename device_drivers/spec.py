"""What a driver is: the words that transport, framing, reader and the roles' own files have in common. No behaviour."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from device_drivers.framing import BadFrame, Framer
from device_drivers.transport import LineSettings


class Role(StrEnum):
    """What a device is for."""

    CASE_TICKET = "case_ticket"
    BARCODE_SCANNER = "barcode_scanner"
    CARD_READER = "card_reader"


class DriverSpec(NamedTuple):
    """How one kind of device speaks.

    `silence_s`: seconds without a byte after which a waiting line or frame is at its end. `framer` makes a fresh framer for
    every connection; those of drivers that read lines take `gap_ends` (LineEndFramer). `decode` turns a frame into the payload
    of a `DeviceFrame`, or says why it is none; it must not raise.
    """

    name: str
    role: Role
    line: LineSettings
    silence_s: float
    framer: Callable[..., Framer]
    decode: Callable[[bytes], bytes | BadFrame]


class DeviceFrame(NamedTuple):
    """One good frame: which device, its role, the decoded payload, and when its last byte was read (monotonic nanoseconds)."""

    device: str
    role: Role
    payload: bytes
    received_mono_ns: int
