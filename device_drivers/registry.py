"""Every driver there is, by the name that a configuration uses, and how a configuration varies it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from device_drivers.spec import DriverSpec
from device_drivers.transport import LineSettings


def _case_ticket() -> tuple[DriverSpec, ...]:
    from device_drivers.case_ticket import BARE_LINE, FRAMED

    return FRAMED, BARE_LINE


def _barcode_scanner() -> tuple[DriverSpec, ...]:
    from device_drivers.barcode_scanner import SCANNER

    return (SCANNER,)


def _card_reader() -> tuple[DriverSpec, ...]:
    from device_drivers.card_reader import CARD_READER, PCSC_READER

    return CARD_READER, PCSC_READER


def _framed_evaluator() -> tuple[DriverSpec, ...]:
    from device_drivers.framed_evaluator import FRAMED_EVALUATOR

    return (FRAMED_EVALUATOR,)


def _code_evaluators() -> tuple[DriverSpec, ...]:
    from device_drivers.code_evaluators import ACTIVEX, FIVE_KEY, GWQ, PAD_FIVE_IS_BEST, PAD_ZERO_IS_BEST

    return FIVE_KEY, GWQ, ACTIVEX, PAD_FIVE_IS_BEST, PAD_ZERO_IS_BEST


def _wedge_scanner() -> tuple[DriverSpec, ...]:
    from device_drivers.wedge_scanner import WEDGE_SCANNER

    return (WEDGE_SCANNER,)


def _keypad() -> tuple[DriverSpec, ...]:
    from device_drivers.keypad import KEYPAD

    return (KEYPAD,)


def _receipt_printer() -> tuple[DriverSpec, ...]:
    from device_drivers.receipt_printer import RECEIPT_PRINTER

    return (RECEIPT_PRINTER,)


_FILES: Mapping[str, Callable[[], tuple[DriverSpec, ...]]] = {
    "case_ticket": _case_ticket,
    "case_ticket_line": _case_ticket,
    "barcode_scanner": _barcode_scanner,
    "card_reader": _card_reader,
    "pcsc_reader": _card_reader,
    "framed_evaluator": _framed_evaluator,
    "five_key_evaluator": _code_evaluators,
    "gwq_evaluator": _code_evaluators,
    "activex_evaluator": _code_evaluators,
    "pad_five_is_best": _code_evaluators,
    "pad_zero_is_best": _code_evaluators,
    "wedge_scanner": _wedge_scanner,
    "keypad": _keypad,
    "receipt_printer": _receipt_printer,
}


class _Drivers(Mapping[str, DriverSpec]):
    """A driver's file is imported when the driver is asked for: the window's start waits for those that are configured."""

    def __getitem__(self, name: str) -> DriverSpec:
        return next(spec for spec in _FILES[name]() if spec.name == name)

    def __contains__(self, name: object) -> bool:
        return name in _FILES

    def __iter__(self) -> Iterator[str]:
        return iter(_FILES)

    def __len__(self) -> int:
        return len(_FILES)


DRIVERS: Mapping[str, DriverSpec] = _Drivers()

_LINE_KEYS = frozenset(field.name for field in fields(LineSettings))
_ENDINGS = ("any", "line_end")
_SILENCE_MS = range(10, 5001)


def configured(name: str, options: Mapping[str, Any]) -> DriverSpec:
    """The driver `name` with `options` in place of its defaults. Raises ValueError naming the key and what it may be.

    Options of every driver: `baud`, `data_bits`, `parity`, `stop_bits`, `flow`, `silence_ms` (10…5000). Of those that read
    lines: `ended_by` (`any`, or `line_end`: a silence is no end). Beyond these each driver has its own, in its own file.
    """
    if name not in DRIVERS:
        raise ValueError(f"driver = {name!r}: must be one of {', '.join(DRIVERS)}")
    spec = DRIVERS[name]
    known = known_options(spec)
    for key in options:
        if key not in known:
            raise ValueError(f"{key}: no option of driver {name}; it knows {', '.join(known)}")
    silence_ms = options.get("silence_ms", round(spec.silence_s * 1000))
    if isinstance(silence_ms, bool) or silence_ms not in _SILENCE_MS:
        raise ValueError(f"silence_ms = {silence_ms!r}: must be a whole number from 10 to 5000")
    ended_by = options.get("ended_by", "any")
    if ended_by not in _ENDINGS:
        raise ValueError(f"ended_by = {ended_by!r}: must be one of {', '.join(_ENDINGS)}")
    line = replace(spec.line, **{key: options[key] for key in _LINE_KEYS & options.keys()})
    spec = spec._replace(line=line, silence_s=silence_ms / 1000)
    if ended_by == "line_end":
        spec = spec._replace(framer=partial(spec.framer, gap_ends=False))
    return spec.adapt(spec, options)


def known_options(spec: DriverSpec) -> tuple[str, ...]:
    """The options that `configured` takes for this driver, in alphabetical order."""
    return tuple(sorted(_LINE_KEYS | {"silence_ms"} | spec.options))
