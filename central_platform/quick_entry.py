"""Reads an entry several times as fast as `domain.journal.read_entry` does, and nothing else than it would read.

Whatever is in any way unusual is left to the domain: None here never says that a line is no entry.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from terminal_app.domain.journal import VERSION, ClockQuality, Entry, Moment
from terminal_app.domain.signed import digest, may_nest_too_deep

_LARGEST_INTEGER = 2**53 - 1
_HEX = "[0-9a-f]"
_UUID = f"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_IDENTIFIERS = re.compile(f"{_UUID} {_UUID} {_HEX}{{32}} {_HEX}{{64}} (?:{_UUID})?")


class _Body(msgspec.Struct):
    """The fields of an entry; a body with others is not written back as it came, and so is left to the domain."""

    v: int
    id: str
    device: str
    chain: str
    seq: int
    prev: str
    kind: str
    session: str | None
    wall: str
    mono_ms: int
    boot: str
    clock: ClockQuality
    data: dict[str, Any]


def _refuse(_text: str) -> None:
    raise ValueError("number with a fraction")


_reader = msgspec.json.Decoder(_Body, float_hook=_refuse)
_writer = msgspec.json.Encoder(order="sorted")


def read_quickly(line: bytes, written: bytes) -> Entry | None:
    """The entry in a line with this body, or None where the domain has to look."""
    body = None if may_nest_too_deep(written) else _body(written)
    if body is None or not _is_plain(body):
        return None
    moment = Moment(body.wall, body.mono_ms, body.boot, body.clock)
    hashed = digest(written).hex()
    told = (body.id, body.device, body.chain, body.seq, body.prev, body.kind, body.session)
    return Entry(*told, moment, body.data, hashed, line)


def _body(written: bytes) -> _Body | None:
    """The body, if it is canonical."""
    try:
        body = _reader.decode(written)
        if _has_large(body.data.values()) or _writer.encode(body) != written:
            return None
    except (ValueError, RecursionError):
        return None
    return body


def _has_large(values: Iterable[Any]) -> bool:
    """Whether there is an integer in them that some readers of JSON do not keep exactly."""
    for value in values:
        kind = type(value)
        if kind is int:
            if not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
                return True
        elif (kind is dict and _has_large(value.values())) or (kind is list and _has_large(value)):
            return True
    return False


def _is_plain(body: _Body) -> bool:
    numbers = body.v == VERSION and 1 <= body.seq <= _LARGEST_INTEGER and 0 <= body.mono_ms <= _LARGEST_INTEGER
    if not (numbers and body.kind and body.boot) or body.session == "":
        return False
    try:
        with_offset = datetime.fromisoformat(body.wall).tzinfo is not None
    except ValueError:
        return False
    identifiers = f"{body.id} {body.device} {body.chain} {body.prev} {body.session or ''}"
    return with_offset and _IDENTIFIERS.fullmatch(identifiers) is not None
