"""Every driver there is, by the name that a configuration uses, and how a configuration varies it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from importlib import import_module
from typing import Any

from device_drivers.spec import DriverSpec
from device_drivers.transport import LineSettings

_FILES: Mapping[str, tuple[str, str]] = {
    "case_ticket": ("case_ticket", "FRAMED"),
    "case_ticket_line": ("case_ticket", "BARE_LINE"),
    "barcode_scanner": ("barcode_scanner", "SCANNER"),
    "card_reader": ("card_reader", "CARD_READER"),
    "pcsc_reader": ("card_reader", "PCSC_READER"),
    "framed_evaluator": ("framed_evaluator", "FRAMED_EVALUATOR"),
    "five_key_evaluator": ("code_evaluators", "FIVE_KEY"),
    "gwq_evaluator": ("code_evaluators", "GWQ"),
    "activex_evaluator": ("code_evaluators", "ACTIVEX"),
    "pad_five_is_best": ("code_evaluators", "PAD_FIVE_IS_BEST"),
    "pad_zero_is_best": ("code_evaluators", "PAD_ZERO_IS_BEST"),
    "wedge_scanner": ("wedge_scanner", "WEDGE_SCANNER"),
    "keypad": ("keypad", "KEYPAD"),
    "receipt_printer": ("receipt_printer", "RECEIPT_PRINTER"),
}
"""The file of each driver, and what its DriverSpec is called there."""


class _Drivers(Mapping[str, DriverSpec]):
    """A driver's file is imported when the driver is asked for: the window's start waits for those that are configured."""

    def __getitem__(self, name: str) -> DriverSpec:
        file, called = _FILES[name]
        spec: DriverSpec = getattr(import_module(f"{__package__}.{file}"), called)
        return spec

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
