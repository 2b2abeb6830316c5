"""Every driver there is, by the name that a configuration uses, and how a configuration varies it."""

from collections.abc import Mapping
from dataclasses import fields, replace
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

    Options of every driver: `baud`, `data_bits`, `parity`, `stop_bits`, `flow`, `silence_ms` (10…5000). Of card readers also:
    `uid_format`, `reversed`, `uid_bytes`.
    """
    if name not in DRIVERS:
        raise ValueError(f"driver = {name!r}: must be one of {', '.join(DRIVERS)}")
    spec = DRIVERS[name]
    known = _LINE_KEYS | {"silence_ms"} | (_CARD_KEYS if spec.role is Role.CARD_READER else frozenset())
    for key in options:
        if key not in known:
            raise ValueError(f"{key}: no option of driver {name}; it knows {', '.join(sorted(known))}")
    silence_ms = options.get("silence_ms", round(spec.silence_s * 1000))
    if isinstance(silence_ms, bool) or silence_ms not in _SILENCE_MS:
        raise ValueError(f"silence_ms = {silence_ms!r}: must be a whole number from 10 to 5000")
    line = replace(spec.line, **{key: options[key] for key in _LINE_KEYS & options.keys()})
    decode = spec.decode
    if spec.role is Role.CARD_READER:
        decode = uid_decoder(CardFormat(**{key: options[key] for key in _CARD_KEYS & options.keys()}))
    return replace(spec, line=line, silence_s=silence_ms / 1000, decode=decode)
