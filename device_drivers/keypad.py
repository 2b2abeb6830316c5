"""The numeric keypad for people who cannot use the touch screen. It is grabbed, or it is not used at all.

Its keys choose stars, so they must come from this one device: no other keyboard, and no scanner in keyboard mode, can rate.
"""

from collections.abc import Mapping
from typing import Any

from device_drivers.framing import BadFrame
from device_drivers.input_events import KeyPressFramer
from device_drivers.input_line import open_input
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings


def _key(name: bytes) -> bytes | BadFrame:
    return b"key=" + name


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    if options.get("grab", True) is not True:
        raise ValueError(f"grab = {options['grab']!r}: a keypad is grabbed, or left out; its keys rate")
    return spec


KEYPAD = DriverSpec(
    name="keypad",
    role=Role.KEYPAD,
    line=LineSettings(),
    silence_s=0.1,
    framer=KeyPressFramer,
    decode=_key,
    open=open_input,
    binary=True,
    options=frozenset({"grab"}),
    adapt=_adapted,
)
