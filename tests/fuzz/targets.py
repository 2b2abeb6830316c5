"""What is fuzzed: every driver's framer and decoder, and everything that reads a ticket's bytes. One function of bytes each.

The first byte says in which pieces a line comes. A target raises, or runs for long, or grows, only if the product has a fault.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from device_drivers.framing import BadFrame
from device_drivers.registry import DRIVERS
from terminal_app.domain.counter_command import read_command
from terminal_app.domain.ticket import parse_person, parse_ticket, ticket_data

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 12_000
Target = Callable[[bytes], None]


def drive(name: str, data: bytes) -> None:
    """Any chunking gives the same frames, there are never more than bytes, and a silence leaves nothing behind."""
    size, line = (data[0] % 61 + 1, data[1:]) if data else (1, b"")
    spec = DRIVERS[name]
    pieces = [line[at : at + size] for at in range(0, len(line), size)]
    framer = spec.framer()
    chunked = [frame for piece in pieces for frame in framer.feed(piece)] + framer.gap()
    assert not framer.pending
    framer = spec.framer()
    assert framer.feed(line) + framer.gap() == chunked
    assert len(chunked) <= len(line)
    for frame in chunked:
        if isinstance(frame, BadFrame):
            assert 0 < frame.size <= LONGEST + 1
        else:
            said = spec.decode(frame)
            assert isinstance(said, bytes | BadFrame)
            spec.answer(frame)


def read_ticket(data: bytes) -> None:
    """Nothing raises; what is taken can be written into the journal as it is."""
    found = parse_ticket(data)
    if hasattr(found, "cases"):
        assert found.cases
        assert isinstance(ticket_data(found), dict)
        parse_person(data)


def read_counter_command(data: bytes) -> None:
    read_command(data)


TARGETS: Mapping[str, Target] = {
    **{name: partial(drive, name) for name in DRIVERS},
    "ticket": read_ticket,
    "command": read_counter_command,
}


def kept(target: str) -> list[Path]:
    """The files of a target's corpus."""
    return sorted(path for path in (CORPUS / target).iterdir() if path.is_file())
