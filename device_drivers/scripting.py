"""What a simulated device can be told to do, in words: one line of a script → bytes on its line, or its plug pulled.

`words_of` is the language of one driver; docs/devices.md has it with examples. Nothing here knows a terminal.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, get_args

from device_drivers.card_reader import CardFormat
from device_drivers.framed_evaluator import ADDRESS
from device_drivers.input_events import KEYPAD_KEYS
from device_drivers.simulators import (
    CardReaderSimulator,
    CaseTicketSimulator,
    CodeEvaluatorSimulator,
    Corruption,
    FramedEvaluatorSimulator,
    KeyboardSimulator,
    PrinterSimulator,
    SimulatedDevice,
    Unplugged,
)

OPEN_S = 60.0
SETTLE_S = 0.3
"""Whoever opens a connection first empties it, and cannot say when that is done."""
_SLICE_S = 0.05
_PRINTER = {"ready": b"\x12\x12\x12", "paper_out": b"\x1a\x32\x72", "cover_open": b"\x1a\x16\x12", "offline": b"\x1a\x12\x12"}
_SPOKEN = {"<GS>": "\x1d", "<FS>": "\x1c", "<RS>": "\x1e", "<EOT>": "\x04", "<CR>": "\r", "<LF>": "\n", "<TAB>": "\t"}
_KEYS = {name.decode(): code for code, name in KEYPAD_KEYS.items()}


KINDS: Mapping[str, str] = {
    "case_ticket": "a business system's ticket line, framed with a checksum",
    "case_ticket_line": "a business system's ticket line, as bare lines",
    "barcode_scanner": "a scanner in serial mode",
    "wedge_scanner": "a scanner in keyboard mode",
    "card_reader": "a card reader on a serial line",
    "pcsc_reader": "a card reader behind PC/SC, as the lines that its news become",
    "framed_evaluator": "an evaluator with four keys and framed bytes",
    "five_key_evaluator": "an evaluator with five keys",
    "gwq_evaluator": "an evaluator with the codes of the GWQ family",
    "activex_evaluator": "an evaluator with the codes of the older ActiveX family",
    "pad_five_is_best": "a ten-inch pad in JSON, whose best code is 5",
    "pad_zero_is_best": "a ten-inch pad in JSON, whose best code is 0",
    "keypad": "a numeric keypad",
    "receipt_printer": "a receipt printer that speaks ESC/POS",
}
"""What the device of each driver is, for a person."""


class ScriptError(ValueError):
    """A line that cannot be done; the message says what may stand there."""


class Bench:
    """A simulated device and who lets time pass for it; a printer answers meanwhile, and `printed` is what it was sent."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.printer = PrinterSimulator(device)
        self.printed = bytearray()

    def look(self) -> None:
        """Take in what the terminal did. To be called now and then."""
        with contextlib.suppress(Unplugged):
            self.printed += self.printer.serve()

    def rest(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.look()
            time.sleep(min(left, _SLICE_S))


class Word(NamedTuple):
    """`usage`: the line; `meaning`: what it does, for a person; `act` does it with what follows the word."""

    usage: str
    meaning: str
    act: Callable[[Bench, str], None]


def words_of(driver: str) -> Mapping[str, Word]:
    """The words of a driver's device, its own first."""
    return {**_OWN[driver], **_COMMON}


def perform(driver: str, bench: Bench, line: str) -> None:
    """Do what one line says; nothing where it is empty or begins with #. Raises ScriptError and Unplugged."""
    said = line.strip()
    if not said or said.startswith("#"):
        return
    name, _, rest = said.partition(" ")
    words = words_of(driver)
    if name not in words:
        raise ScriptError(f"{name!r} is no word of {driver}; it knows {', '.join(words)}")
    try:
        words[name].act(bench, rest.strip())
    except ScriptError:
        raise
    except (ValueError, KeyError) as error:
        raise ScriptError(f"{words[name].usage} is expected, not {said!r}") from error


# --- what any device can do ---------------------------------------------------------------------------------------------


def _wait_until_open(bench: Bench, rest: str) -> None:
    deadline = time.monotonic() + (float(rest) if rest else OPEN_S)
    while not bench.device.wait_until_open(0):
        if time.monotonic() >= deadline:
            raise ScriptError(f"nobody has opened {bench.device.address}")
        bench.rest(_SLICE_S)
    bench.rest(SETTLE_S)


def _garbage(bench: Bench, rest: str) -> None:
    size, _, seed = rest.partition(" ")
    CaseTicketSimulator(bench.device).garbage(int(size or 32), int(seed or 0))


_COMMON: Mapping[str, Word] = {
    "open": Word("open [SECONDS]", "wait until the terminal has opened the line", _wait_until_open),
    "wait": Word("wait SECONDS", "do nothing for a while", lambda bench, rest: bench.rest(float(rest))),
    "bytes": Word("bytes HEX", "send these bytes", lambda bench, rest: bench.device.write(bytes.fromhex(rest))),
    "garbage": Word("garbage [SIZE [SEED]]", "send random bytes, the same for the same seed", _garbage),
    "unplug": Word("unplug", "pull the plug", lambda bench, rest: bench.device.unplug()),
    "replug": Word("replug", "plug it in again", lambda bench, rest: bench.device.replug()),
}


# --- what a device of each kind can do ----------------------------------------------------------------------------------


def _text(rest: str) -> str:
    """What follows the word; control characters are written <GS>, <CR> …"""
    if not rest:
        raise ValueError("something has to follow")
    for name, character in _SPOKEN.items():
        rest = rest.replace(name, character)
    return rest


def _broken(bench: Bench, rest: str) -> None:
    how, _, fields = rest.partition(" ")
    for corruption in get_args(Corruption):
        if how == corruption:
            return CaseTicketSimulator(bench.device).present(_text(fields).encode(), corrupt=corruption)
    raise ScriptError(f"broken {'|'.join(get_args(Corruption))} FIELDS is expected, not {how!r}")


def _framed(encoding: str, bench: Bench, rest: str) -> None:
    CaseTicketSimulator(bench.device).present(_text(rest).encode(encoding))


def _line(encoding: str, bench: Bench, rest: str) -> None:
    bench.device.write(_text(rest).encode(encoding) + b"\r\n")


def _status(bench: Bench, rest: str) -> None:
    bench.printer.answers = _PRINTER[rest]


def _framed_key(bench: Bench, rest: str) -> None:
    FramedEvaluatorSimulator(bench.device, ADDRESS).press(int(rest, 16))


def _card_frame(bench: Bench, rest: str) -> None:
    CardReaderSimulator(bench.device, CardFormat(uid_format="frame")).lay(rest)


_SCANNER = Word("scan TEXT", "scan a code; <GS> and the like stand for control characters", partial(_line, "utf-8"))
_RATE = "press the rating key with this code of its family"
_CODE: Mapping[str, Word] = {
    "rate": Word("rate CODE", _RATE, lambda bench, rest: CodeEvaluatorSimulator(bench.device).rate(int(rest)))
}
_PAD: Mapping[str, Word] = {
    "rate": Word("rate CODE", _RATE, lambda bench, rest: CodeEvaluatorSimulator(bench.device, as_json=True).rate(int(rest)))
}

_OWN: Mapping[str, Mapping[str, Word]] = {
    "case_ticket": {
        "ticket": Word("ticket FIELDS", "send key=value|key=value in a frame, in UTF-8", partial(_framed, "utf-8")),
        "ticket-gb": Word("ticket-gb FIELDS", "the same in GB18030", partial(_framed, "gb18030")),
        "broken": Word(f"broken {'|'.join(get_args(Corruption))} FIELDS", "the same, with its frame broken", _broken),
    },
    "case_ticket_line": {
        "ticket": Word("ticket TEXT", "send a case number or key=value|key=value as a line, in UTF-8", partial(_line, "utf-8")),
        "ticket-gb": Word("ticket-gb TEXT", "the same in GB18030", partial(_line, "gb18030")),
    },
    "barcode_scanner": {"scan": _SCANNER},
    "wedge_scanner": {
        "scan": Word("scan TEXT", "type a code and Enter", lambda it, rest: KeyboardSimulator(it.device).scan(_text(rest)))
    },
    "pcsc_reader": {
        "lay": Word("lay UID", "lay a card with this UID", partial(_line, "ascii")),
        "remove": Word("remove", "take it away", lambda it, rest: it.device.write(b"removed\r\n")),
    },
    "card_reader": {
        "lay": Word("lay UID", "write a UID as this reader does, and a line end", partial(_line, "ascii")),
        "frame": Word("frame UID", "write a UID, in hex, as a binary frame", _card_frame),
    },
    "framed_evaluator": {
        "rate": Word("rate CODE", _RATE, lambda it, rest: FramedEvaluatorSimulator(it.device, ADDRESS).rate(int(rest))),
        "key": Word("key HEX", "press another key, by its code", _framed_key),
    },
    "five_key_evaluator": _CODE,
    "gwq_evaluator": _CODE,
    "activex_evaluator": _CODE,
    "pad_five_is_best": _PAD,
    "pad_zero_is_best": _PAD,
    "keypad": {
        "press": Word(
            f"press {'|'.join(sorted(_KEYS))}",
            "press and release a key",
            lambda it, rest: KeyboardSimulator(it.device).press(_KEYS[rest]),
        )
    },
    "receipt_printer": {"status": Word(f"status {'|'.join(_PRINTER)}", "what it answers from now on", _status)},
}
