"""The code by which a business system proves that a ticket is its own: HMAC-SHA256 (RFC 2104) over the ticket as it is written.

It stands last on a ticket, whatever its notation: `…|mac=ID.TIME.HEX`, `…&mac=ID.TIME.HEX` or `…,"mac":"ID.TIME.HEX"}`. HEX is
the code over every byte before its own dot, ID is drawn anew for each ticket, TIME is its making in seconds since 1970. A
ticket without a good code can be rated all the same, so that a lost secret costs nobody a rating; its entry says `unverified`.
"""

import hashlib
import hmac
import re

from terminal_app.domain.frozen import frozen

_MAC = re.compile(
    rb'(?P<said>.*(?:[|&?]mac=|"mac" ?: ?")(?P<id>[0-9A-Za-z_-]{8,64})[.](?P<time>[0-9]{10}))'
    rb'[.](?P<mac>[0-9a-f]{64})(?:"\s*\})?\s*',
    re.DOTALL,
)


@frozen
class TicketMac:
    """What a ticket claims: its id, its making (seconds since 1970), the bytes that are vouched for, and the code in hex."""

    id: str
    made_s: int
    said: bytes
    mac: str


def read_mac(payload: bytes) -> TicketMac | None:
    """The code on a ticket, unchecked; None where there is none."""
    found = _MAC.fullmatch(payload)
    return TicketMac(found["id"].decode(), int(found["time"]), found["said"], found["mac"].decode()) if found else None


def ticket_mac(secret: bytes, said: bytes) -> str:
    """The code over the bytes of a ticket up to and without the dot before it, as 64 hex digits."""
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def is_genuine(found: TicketMac, secret: bytes) -> bool:
    """Whether somebody who knows the secret wrote this ticket. Takes the same time for every wrong code."""
    return hmac.compare_digest(ticket_mac(secret, found.said), found.mac)
