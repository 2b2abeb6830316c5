"""Every driver there is, by the name that a configuration uses, and how a configuration varies it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from device_drivers.barcode_scanner import SCANNER
from device_drivers.card_reader import CARD_READER, CardFormat, uid_decoder
from device_drivers.case_ticket import BARE_LINE, FRAMED
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

DRIVERS: Mapping[str, DriverSpec] = {
    "case_ticket": FRAMED,
    "case_ticket_line": BARE_LINE,
    "barcode_scanner": SCANNER,
    "card_reader": CARD_READER,
}

_LINE_KEYS = frozenset(field.name for field in fields(LineSettings))
_CARD_KEYS = frozenset(field.name for field in fields(CardFormat))
_SILENCE_MS = range(10, 5001)


def configured(name: str, options: Mapping[str, Any]) -> DriverSpec:
    """The driver `name` with `options` in place of its defaults. Raises ValueError naming the key and what it may be.

    Options of every driver: `baud`, `data_bits`, `parity`, `stop_bits`, `flow`, `silence_ms` (10…5000). Of those that read
    lines: `ended_by` (`any`, or `line_end`: a silence is no end). Of card readers: `uid_format`, `reversed`, `uid_bytes`,
    `zeros_dropped`.
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
    if ended_by not in ("any", "line_end"):
        raise ValueError(f"ended_by = {ended_by!r}: must be one of any, line_end")
    line = replace(spec.line, **{key: options[key] for key in _LINE_KEYS & options.keys()})
    spec = spec._replace(line=line, silence_s=silence_ms / 1000)
    if spec.role is Role.CARD_READER:
        card = CardFormat(**{key: options[key] for key in _CARD_KEYS & options.keys()})
        # A number without its zeros and one that was cut off look alike, so that the line has to say where it ends.
        ended_by = "line_end" if card.zeros_dropped else ended_by
        spec = spec._replace(decode=uid_decoder(card))
    return spec._replace(framer=partial(spec.framer, gap_ends=False)) if ended_by == "line_end" else spec


def known_options(spec: DriverSpec) -> tuple[str, ...]:
    """The options that `configured` takes for this driver, in alphabetical order."""
    keys = _LINE_KEYS | {"silence_ms"}
    if spec is not FRAMED:
        keys |= {"ended_by"}
    if spec.role is Role.CARD_READER:
        keys |= _CARD_KEYS
    return tuple(sorted(keys))
