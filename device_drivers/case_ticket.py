"""The serial line from the counter's business or queue system. Yields the ticket's bytes as sent; what they mean is domain.

Source: device protocols, “Roles” and “Case tickets” (3): 9600 8N1, STX … ETX BCC around `key=value` fields separated by `|`,
in UTF-8 or GB18030. Systems that send one bare line per ticket use the second driver.
"""

from functools import partial

from device_drivers.framing import BadFrame, LineEndFramer, StxEtxBccFramer, text_line
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

MAX_TICKET_BYTES = 4096


def _as_sent(frame: bytes) -> bytes | BadFrame:
    return frame


FRAMED = DriverSpec(
    name="case_ticket",
    role=Role.CASE_TICKET,
    line=LineSettings(),
    silence_s=0.5,
    framer=partial(StxEtxBccFramer, MAX_TICKET_BYTES),
    decode=_as_sent,
)

BARE_LINE = DriverSpec(
    name="case_ticket_line",
    role=Role.CASE_TICKET,
    line=LineSettings(),
    silence_s=0.2,
    framer=partial(LineEndFramer, MAX_TICKET_BYTES),
    decode=text_line,
    options=frozenset({"ended_by"}),
)
