"""The barcode and QR scanner in serial mode (USB-CDC or RS-232). One payload per scan; an AIM prefix such as `]C0` stays on it.

Source: device protocols, “Roles”: ended by CR, LF, CRLF or a gap. A QR symbol holds at most 2,953 bytes (ISO/IEC 18004, 40-L).
"""

from functools import partial

from device_drivers.framing import LineEndFramer, text_line
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

MAX_SCAN_BYTES = 3072

SCANNER = DriverSpec(
    name="barcode_scanner",
    role=Role.BARCODE_SCANNER,
    line=LineSettings(),
    silence_s=0.1,
    framer=partial(LineEndFramer, MAX_SCAN_BYTES),
    decode=text_line,
    options=frozenset({"ended_by"}),
)
