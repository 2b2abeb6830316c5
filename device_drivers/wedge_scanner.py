"""The scanner in keyboard mode, read from its input device: for scanners that have no serial mode.

Source: device protocols, “Roles”: the fallback. It is told from other keyboards by its identity, never by its timing.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from device_drivers.barcode_scanner import MAX_SCAN_BYTES
from device_drivers.framing import text_line
from device_drivers.input_events import LAYOUTS, KeyTextFramer
from device_drivers.input_line import open_input
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings


def _adapted(spec: DriverSpec, options: Mapping[str, Any]) -> DriverSpec:
    name, grab = options.get("layout", "us"), options.get("grab", True)
    if name not in LAYOUTS:
        raise ValueError(f"layout = {name!r}: must be one of {', '.join(LAYOUTS)}")
    if not isinstance(grab, bool):
        raise ValueError(f"grab = {grab!r}: must be true or false")
    framer = partial(spec.framer, layout=LAYOUTS[name])
    return spec._replace(framer=framer, open=partial(open_input, grab=grab), exclusive=grab)


WEDGE_SCANNER = DriverSpec(
    name="wedge_scanner",
    role=Role.BARCODE_SCANNER,
    line=LineSettings(),
    silence_s=0.1,
    framer=partial(KeyTextFramer, MAX_SCAN_BYTES, layout=LAYOUTS["us"]),
    decode=text_line,
    open=open_input,
    binary=True,
    options=frozenset({"ended_by", "layout", "grab"}),
    adapt=_adapted,
)
