"""The scanner in keyboard mode: for scanners that have no serial mode.

Source: device protocols, “Roles”: the fallback. It is told from other keyboards by its identity, never by its timing; where its
input device cannot be read, by the prefix that it is set to send.
"""

import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from device_drivers.barcode_scanner import MAX_SCAN_BYTES
from device_drivers.framing import BadFrame, Framer, text_line
from device_drivers.input_events import LAYOUTS, KeyTextFramer, typed
from device_drivers.input_line import open_input
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

_LONGEST_PREFIX = 16


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    name, grab = options.get("layout", "us"), options.get("grab", True)
    if name not in LAYOUTS:
        raise ValueError(f"layout = {name!r}: must be one of {', '.join(LAYOUTS)}")
    if not isinstance(grab, bool):
        raise ValueError(f"grab = {grab!r}: must be true or false")
    framer: Callable[[], Framer] = partial(spec.framer, layout=LAYOUTS[name])
    if "prefix" in options:
        framer = partial(PrefixFramer, framer, _prefix(options["prefix"], name))
    return spec._replace(framer=framer, open=partial(open_input, grab=grab), exclusive=grab)


def _prefix(prefix: object, layout: str) -> bytes:
    if isinstance(prefix, str) and 1 <= len(prefix) <= _LONGEST_PREFIX:
        with contextlib.suppress(KeyError):
            typed(prefix, layout)
            return prefix.encode("utf-8")
    raise ValueError(f"prefix = {prefix!r}: must be 1 to {_LONGEST_PREFIX} characters that layout {layout} can type")


class PrefixFramer:
    """The frames of another framer that begin with a prefix, without it; whatever else was typed is garbage."""

    def __init__(self, framer: Callable[[], Framer], prefix: bytes) -> None:
        self._framer = framer()
        self._prefix = prefix

    @property
    def pending(self) -> bool:
        return self._framer.pending

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        return [self._without(frame) for frame in self._framer.feed(data)]

    def gap(self) -> list[bytes | BadFrame]:
        return [self._without(frame) for frame in self._framer.gap()]

    def _without(self, frame: bytes | BadFrame) -> bytes | BadFrame:
        if isinstance(frame, BadFrame):
            return BadFrame("garbage", frame.size)
        begun = frame.startswith(self._prefix) and len(frame) > len(self._prefix)
        return frame.removeprefix(self._prefix) if begun else BadFrame("garbage", len(frame))


WEDGE_SCANNER = DriverSpec(
    name="wedge_scanner",
    role=Role.BARCODE_SCANNER,
    line=LineSettings(),
    silence_s=0.1,
    framer=partial(KeyTextFramer, MAX_SCAN_BYTES, layout=LAYOUTS["us"]),
    decode=text_line,
    open=open_input,
    binary=True,
    options=frozenset({"ended_by", "layout", "grab", "prefix"}),
    adapt=_adapted,
)
