"""Commands that the counter's business system sends in place of a ticket: pause, resume, cancel, welcome.

Source: device protocols, “Roles”: a frame on the case-ticket line holds the ticket, which invites, or a command. A command is
`cmd=…` in the ticket's own notation of `key=value` fields; `cmd=invite` with a case is a ticket like any other.
"""

from enum import StrEnum

from terminal_app.domain.frozen import frozen
from terminal_app.domain.ticket_text import decode


class Order(StrEnum):
    """What a business system may ask of the window, besides showing a ticket."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    WELCOME = "welcome"


@frozen
class CounterCommand:
    """One command; `staff`: the staff number that is welcomed."""

    order: Order
    staff: str | None = None


_ORDERS = {order.value: order for order in Order}


def read_command(payload: bytes) -> CounterCommand | None:
    """The command in a frame of the case-ticket line; None: it is to be read as a ticket."""
    text = decode(payload)
    if not text or not text.lower().startswith("cmd="):
        return None
    fields = {key.strip().lower(): value.strip() for key, _, value in (field.partition("=") for field in text.split("|"))}
    order = _ORDERS.get(fields["cmd"].lower())
    return CounterCommand(order, fields.get("staff") or None) if order else None
