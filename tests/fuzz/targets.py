"""What is fuzzed: every driver's framer and decoder, and everything that reads a ticket's bytes. One function of bytes each.

The first byte says in which pieces a line comes. A target raises, or runs for long, or grows, only if the product has a fault.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from device_drivers.framing import BadFrame
from device_drivers.registry import DRIVERS, configured
from device_drivers.spec import DriverSpec
from terminal_app.domain.counter_command import read_command
from terminal_app.domain.ticket import CaseTicket, parse_person, parse_ticket, ticket_data
from terminal_app.domain.ticket_mac import read_mac

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 12_000
MOST_PIECES = 12
Target = Callable[[bytes], None]

ALIKE: Mapping[str, tuple[str, ...]] = {
    "five_key_evaluator": ("gwq_evaluator", "activex_evaluator"),
    "pad_five_is_best": ("pad_zero_is_best",),
}
"""Drivers with one and the same framer: their lines are framed once, and every frame is decoded by each."""
CARD_FORMATS: tuple[Mapping[str, object], ...] = (
    {"uid_format": "decimal", "zeros_dropped": True},
    {"uid_format": "hex", "uid_bytes": 7, "reversed": True, "removed_as": "NO CARD"},
    {"uid_format": "wiegand"},
    {"uid_format": "wiegand", "zeros_dropped": True},
)


def drive(specs: Sequence[DriverSpec], data: bytes) -> None:
    """Any chunking gives the same frames, there are never more than bytes, and a silence leaves nothing behind.

    `specs`: drivers whose framer is the first one's.
    """
    line = data[1:]
    size = max(data[0] % 61 + 1, len(line) // MOST_PIECES) if data else 1
    framer = specs[0].framer()
    chunked: list[bytes | BadFrame] = []
    for at in range(0, len(line), size):
        chunked += framer.feed(line[at : at + size])
    chunked += framer.gap()
    assert not framer.pending
    assert framer.feed(line) + framer.gap() == chunked
    assert len(chunked) <= len(line)
    for frame in chunked:
        if isinstance(frame, BadFrame):
            assert 0 < frame.size <= LONGEST
        else:
            for spec in specs:
                assert isinstance(spec.decode(frame), bytes | BadFrame)
                spec.answer(frame)


def read_ticket(data: bytes) -> None:
    """Nothing raises; what is taken can be written into the journal as it is."""
    read_mac(data)
    found = parse_ticket(data)
    if isinstance(found, CaseTicket):
        assert found.cases
        assert isinstance(ticket_data(found), dict)
        parse_person(data)


def read_counter_command(data: bytes) -> None:
    read_command(data)


def _drivers() -> dict[str, Target]:
    others = {name for names in ALIKE.values() for name in names}
    together = {name: [DRIVERS[name], *(DRIVERS[other] for other in ALIKE.get(name, ()))] for name in DRIVERS.keys() - others}
    together["card_reader"] += [configured("card_reader", options) for options in CARD_FORMATS]
    targets: dict[str, Target] = {name: partial(drive, together[name]) for name in DRIVERS if name in together}
    return targets | {"card_reader": partial(_lines_and_frames, together["card_reader"])}


def _lines_and_frames(lines: Sequence[DriverSpec], data: bytes) -> None:
    drive(lines, data)
    drive([configured("card_reader", {"uid_format": "frame"})], data)


TARGETS: Mapping[str, Target] = {**_drivers(), "ticket": read_ticket, "command": read_counter_command}


def kept(target: str) -> list[Path]:
    """The files of a target's corpus."""
    return sorted(path for path in (CORPUS / target).iterdir() if path.is_file())
