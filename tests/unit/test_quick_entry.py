"""The platform's quick reader reads what the domain reads, to the same value, nothing else. docs/wire.md, “Signed lines”."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import BOOT, CHAIN, DEVICE, SESSION, entry_id

from central_platform.journal_lines import read_received
from central_platform.quick_entry import read_quickly
from terminal_app.domain.journal import GENESIS, Entry, read_entry
from terminal_app.domain.signed import NotSigned, canonical, split_line, to_line

BODY: dict[str, Any] = {
    "v": 1,
    "id": entry_id(1),
    "device": DEVICE,
    "chain": CHAIN,
    "seq": 7,
    "prev": GENESIS,
    "kind": "star_chosen",
    "session": SESSION,
    "wall": "2026-11-21T10:32:05.123+08:00",
    "mono_ms": 12,
    "boot": BOOT,
    "clock": "holding",
    "data": {"level": 2, "offset_ms": -4, "source": "touch"},
}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 54), 1 << 54) | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def line_of(body: bytes) -> bytes:
    return to_line(body, bytes(64))


def written(value: dict[str, Any], **options: Any) -> bytes:
    """A body as some writer may have made it."""
    form = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False} | options
    return json.dumps(value, **form).encode("utf-8", "surrogatepass")


def by_the_domain(line: bytes) -> Entry | None:
    try:
        return read_entry(line)
    except NotSigned:
        return None


def agrees(body: bytes) -> bool:
    """Both read the same; whether the quick one took the line itself."""
    line = line_of(body)
    try:
        split_line(line)
    except NotSigned:
        return False
    expected, quick = by_the_domain(line), read_quickly(line, body)
    if quick is not None:
        assert quick == expected
        assert repr(quick.data) == repr(expected.data)
    try:
        assert read_received(0, line).entry == expected
    except NotSigned:
        assert expected is None
    return quick is not None


def test_the_usual_entry_is_read_quickly() -> None:
    assert agrees(canonical(BODY))
    assert agrees(
        canonical(BODY | {"session": None, "data": {"case": "370900202611210001", "text": '业务“好”\n\t\x7f\u2028😀\\/"'}})
    )


@given(values, st.booleans())
def test_any_data(value: object, ascii_only: bool) -> None:
    agrees(written(BODY | {"data": {"x": value}}, ensure_ascii=ascii_only))


@given(st.sampled_from(sorted(BODY)), values)
def test_any_value_of_any_field(name: str, value: object) -> None:
    agrees(written(BODY | {name: value}))


@given(st.text(st.characters(), max_size=6))
def test_any_text_and_key(text: str) -> None:
    agrees(written(BODY | {"boot": text, "data": {text: text, "a": 1}}))


@given(st.integers(0, len(canonical(BODY)) - 1), st.integers(0, 255))
def test_any_byte_changed(place: int, byte: int) -> None:
    body = canonical(BODY)
    agrees(body[:place] + bytes([byte]) + body[place + 1 :])


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"v": 2},
        {"seq": 0},
        {"seq": 1.0},
        {"mono_ms": -1},
        {"kind": ""},
        {"boot": ""},
        {"session": ""},
        {"clock": "guessed"},
        {"wall": "2026-11-21T10:32:05.123"},
        {"wall": "now"},
        {"device": DEVICE.upper()},
        {"id": f"{entry_id(1)} "},
        {"chain": CHAIN[1:]},
        {"prev": GENESIS + "\n"},
        {"data": []},
        {"data": {"n": 1 << 53}},
        {"data": {"n": -(1 << 53)}},
        {"data": {"n": 1 << 70}},
        {"data": {"n": [9007199254740993]}},
        {"data": {"n": 1.5}},
        {"data": {"n": 1e300}},
        {"data": {"n": float("nan")}},
        {"data": {"n": "\ud800"}},
    ],
)
def test_what_is_unusual_is_left_to_the_domain(change: dict[str, Any]) -> None:
    assert not agrees(written(BODY | change))


@pytest.mark.parametrize("options", [{"sort_keys": False}, {"separators": (", ", ":")}, {"ensure_ascii": True}])
def test_what_is_not_canonical_is_left_to_the_domain(options: dict[str, Any]) -> None:
    assert not agrees(written(BODY | {"data": {"text": "好"}}, **options))


@pytest.mark.parametrize("deep", [63, 64, 500, 5_000, 200_000])
def test_deep_nesting_is_no_fault(deep: int) -> None:
    agrees(canonical(BODY).replace(b'{"level":2', b'{"a":' + b"[" * deep + b"]" * deep + b',"level":2'))
