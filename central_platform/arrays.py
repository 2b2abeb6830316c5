"""A column's values as one PostgreSQL array in its binary form, so that a statement is the same for one value and for 500.

The driver's own lists are written as text, item by item, and cost more than everything else about an insert. Knows the types
that the platform's tables have.
"""

import struct
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

_HEAD = struct.Struct("!iiIii")
_LENGTH = struct.Struct("!i").pack
_NULL = _LENGTH(-1)


def _head(item_oid: int, count: int, with_nulls: bool) -> bytes:
    """One dimension, counted from 1."""
    return _HEAD.pack(1, with_nulls, item_oid, count, 1)


def _pack_bytes(oid: int, values: Sequence[bytes | None]) -> bytes:
    items = [value for value in values if value is not None]
    if len(items) < len(values):
        return _head(oid, len(values), True) + b"".join(_NULL if one is None else _LENGTH(len(one)) + one for one in values)
    lengths = [*map(len, items)]
    if len({*lengths}) == 1:
        length = _LENGTH(lengths[0])
        return _head(oid, len(items), False) + length + length.join(items)
    return _head(oid, len(items), False) + b"".join(chain.from_iterable(zip(map(_LENGTH, lengths), items, strict=True)))


def _pack_texts(oid: int, values: Sequence[str | None]) -> bytes:
    return _pack_bytes(oid, [None if value is None else value.encode() for value in values])


def _pack_sized(form: str, oid: int, values: Sequence[int]) -> bytes:
    size = struct.calcsize(f"!{form}")
    items = struct.pack("!" + f"i{form}" * len(values), *chain.from_iterable(zip(repeat(size), values, strict=False)))
    return _head(oid, len(values), False) + items


class _Packed(bytes):
    """An array as the wire has it; each subclass has its own type there."""


_Packer = Callable[[Any], _Packed]


def _kind(array_oid: int, pack: Callable[[Any], bytes]) -> tuple[type[_Packed], int, _Packer]:
    own = type("_Packed", (_Packed,), {"__slots__": ()})
    return own, array_oid, lambda values: own(pack(values))


_KINDS = {
    "BYTEA": _kind(1001, lambda values: _pack_bytes(17, values)),
    "TEXT": _kind(1009, lambda values: _pack_texts(25, values)),
    "BIGINT": _kind(1016, lambda values: _pack_sized("q", 20, values)),
    "INTEGER": _kind(1007, lambda values: _pack_sized("i", 23, values)),
    "BOOLEAN": _kind(1000, lambda values: _pack_sized("?", 16, values)),
}
_NAMES: dict[type[Any], str] = {
    sa.LargeBinary: "BYTEA",
    sa.Text: "TEXT",
    sa.BigInteger: "BIGINT",
    sa.Integer: "INTEGER",
    sa.Boolean: "BOOLEAN",
}


class ArrayOf(sa.types.UserDefinedType[Sequence[Any]]):
    """The type of a parameter that holds many values of a column."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return f"{self.name}[]"

    def bind_processor(self, dialect: Dialect) -> _Packer:
        return _KINDS[self.name][2]


def array_of(column: "sa.Column[Any]", name: str) -> "sa.BindParameter[Any]":
    """A parameter called `name` for many values of `column`."""
    return sa.bindparam(name, type_=ArrayOf(_NAMES[type(column.type)]))


def teach(connection: Any) -> None:
    """Let a driver's connection send packed arrays."""
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class PackedDumper(Dumper):
        format = Format.BINARY

        def dump(self, obj: bytes) -> bytes:
            return obj

    for own, array_oid, _ in _KINDS.values():
        connection.adapters.register_dumper(own, type("_Dumper", (PackedDumper,), {"oid": array_oid}))
