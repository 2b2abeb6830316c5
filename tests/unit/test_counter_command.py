"""What the business system may send on the ticket line beside tickets (issue 6, point 2)."""

import pytest

from terminal_app.domain.counter_command import CounterCommand, Order, read_command
from terminal_app.domain.ticket import CaseTicket, parse_ticket

COMMANDS = {
    b"cmd=pause": CounterCommand(Order.PAUSE),
    b"CMD=Resume": CounterCommand(Order.RESUME),
    b"cmd=cancel": CounterCommand(Order.CANCEL),
    b"cmd=welcome|staff=0823": CounterCommand(Order.WELCOME, "0823"),
    "cmd=welcome|staff=0823|name=王".encode("gb18030"): CounterCommand(Order.WELCOME, "0823"),
}


@pytest.mark.parametrize("payload", COMMANDS)
def test_commands(payload: bytes) -> None:
    assert read_command(payload) == COMMANDS[payload]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff\xfe\x80", b"TA20261121000417", b"case=TA20261121000417|cmd=pause", b"cmd=rate|level=5", b"cmd=invite|case=X"],
)
def test_everything_else_is_read_as_a_ticket(payload: bytes) -> None:
    """There is no command that rates."""
    assert read_command(payload) is None


def test_an_invitation_is_a_ticket() -> None:
    ticket = parse_ticket(b"cmd=invite|case=TA20261121000417")
    assert isinstance(ticket, CaseTicket)
    assert ticket.first.number == "TA20261121000417"


def test_an_unknown_command_is_no_ticket() -> None:
    assert not isinstance(parse_ticket(b"cmd=rate|level=5"), CaseTicket)
