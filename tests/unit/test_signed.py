"""Signed lines (docs/wire.md, “Signed lines”; RFC 8785 restricted; RFC 8032)."""

import base64
import hashlib
import json
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import Key

from terminal_app.domain.signed import (
    DEEPEST,
    NotSigned,
    canonical,
    digest,
    open_document,
    read_body,
    sign_document,
    split_line,
    to_line,
)

KEY, OTHER = Key(1), Key(2)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
objects = st.dictionaries(st.text(), values, max_size=5)


class Word(StrEnum):
    GOOD = "good"


class Number(IntEnum):
    FIVE = 5


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, "{}"),
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ({"a": (1, 2), "B": {"z": "", "y": -1}}, '{"B":{"y":-1,"z":""},"a":[1,2]}'),
        ({"评": "差 / \u2028"}, '{"评":"差 / \u2028"}'),
        ({"a": '\x00\x1f\x7f\b\f\n\r\t"\\'}, '{"a":"\\u0000\\u001f\x7f\\b\\f\\n\\r\\t\\"\\\\"}'),
        ({"word": Word.GOOD, "number": Number.FIVE}, '{"number":5,"word":"good"}'),
    ],
)
def test_canonical_form(value: dict[str, Any], written: str) -> None:
    assert canonical(value) == written.encode()


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": [{"b": 0.5}]},
        {1: "a"},
        {"a": {None: 1}},
        {"a": b""},
        {"a": {1, 2}},
        {"a": "\ud800"},
        {"a": object()},
    ],
)
def test_what_has_no_canonical_form_is_not_written(value: dict[Any, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(value)


def test_nesting_has_a_limit_that_no_stack_moves() -> None:
    """docs/wire.md, “Signed lines”: at most 64 arrays and objects in each other, whether written or read."""

    def nested(levels: int) -> dict[str, Any]:
        return {"a": nested(levels - 1)} if levels > 1 else {}

    assert read_body(canonical(nested(DEEPEST))) == nested(DEEPEST)
    with pytest.raises(ValueError):
        canonical(nested(DEEPEST + 1))
    with pytest.raises(NotSigned):
        read_body(json.dumps(nested(DEEPEST + 1), separators=(",", ":")).encode())
    beside = {"a": [{}] * DEEPEST, "b": "[{" * DEEPEST}
    assert read_body(canonical(beside)) == beside


@given(objects)
def test_canonical_bodies_round_trip(value: dict[str, Any]) -> None:
    body = canonical(value)
    assert read_body(body) == value
    assert canonical(read_body(body)) == body
    assert b"\n" not in body and b"\r" not in body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"1",
        b"{",
        b"{} ",
        b" {}",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":NaN}',
        b'{"a":"\\/"}',
        b'{"a":"\\u0061"}',
        b'{"a":"\\u000A"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"a":' * 100_000,
    ],
)
def test_a_body_that_is_not_canonical_is_refused(body: bytes) -> None:
    with pytest.raises(NotSigned):
        read_body(body)


def test_a_line_as_the_wire_protocol_states_it() -> None:
    """docs/wire.md: digest = SHA-256 of tag and body; sig = Ed25519 over the digest, 86 characters of base64url."""
    line = sign_document({"b": "差", "a": 1}, KEY.sign)
    parsed = json.loads(line)
    body = '{"a":1,"b":"差"}'.encode()
    hashed = hashlib.sha256(b"rating-terminal/1\n" + body).digest()
    assert list(parsed) == ["sig", "body"] and len(parsed["sig"]) == 86
    assert base64.urlsafe_b64decode(parsed["sig"] + "==") == KEY.sign(hashed)
    assert line == b'{"sig":"' + parsed["sig"].encode() + b'","body":' + body + b"}"
    assert digest(body) == hashed


@given(objects)
def test_lines_round_trip(value: dict[str, Any]) -> None:
    line = sign_document(value, KEY.sign)
    assert open_document(line, KEY.public) == value
    assert to_line(*split_line(line)) == line
    with pytest.raises(NotSigned):
        open_document(line, OTHER.public)


def test_any_changed_byte_is_noticed() -> None:
    """Every byte of a line replaced by every other one: nothing but the line itself opens."""
    line = sign_document({"level": 1}, KEY.sign)
    opened: list[bytes] = []
    for place in range(len(line)):
        for byte in {*b"\x00 \"'+-./019AQZ_aqgwz{}~\xff", line[place] ^ 1}:
            changed = line[:place] + bytes([byte]) + line[place + 1 :]
            if changed != line:
                try:
                    open_document(changed, KEY.public)
                    opened.append(changed)
                except NotSigned:
                    pass
    assert opened == []


def test_a_signature_has_one_spelling() -> None:
    """The last of 86 characters has four spare bits; without a check sixteen lines would carry one document."""
    line = sign_document({"level": 1}, KEY.sign)
    place = line.index(b'","body"') - 1
    spellings = [line[:place] + bytes([byte]) + line[place + 1 :] for byte in range(256)]
    accepted = []
    for spelling in spellings:
        try:
            accepted.append((spelling, split_line(spelling)))
        except NotSigned:
            continue
    assert line in [spelling for spelling, _ in accepted]
    assert all(to_line(*parts) == spelling for spelling, parts in accepted)
    assert len({parts.signature for _, parts in accepted}) == len(accepted) == 4


def test_the_standard_alphabet_is_not_the_urls() -> None:
    for number in range(64):
        line = sign_document({"n": number}, KEY.sign)
        signature, rest = line[8:94], line[94:]
        translated = signature.replace(b"-", b"+").replace(b"_", b"/")
        if translated != signature:
            with pytest.raises(NotSigned):
                split_line(b'{"sig":"' + translated + rest)
            return
    raise AssertionError("no signature had a character of the URL alphabet")


LINE = sign_document({"a": 1}, KEY.sign)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        LINE[:-1],
        LINE + b"\n",
        b" " + LINE,
        LINE[:93],
        LINE[: LINE.index(b'{"a"')],
        LINE[:-2] + b"}",
        LINE[1:],
        LINE + b"}",
        LINE.replace(b'"body"', b'"data"'),
    ],
)
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(NotSigned):
        open_document(line, KEY.public)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: LINE[:94] + tail))
def test_no_bytes_raise_anything_else(line: bytes) -> None:
    with pytest.raises(NotSigned):
        open_document(line, KEY.public)


def test_the_message_never_shows_the_content() -> None:
    line = sign_document({"secret-name": "1"}, OTHER.sign)
    for damaged in (line, line[:-3] + b"}}", line.replace(b'"secret-name":', b'"secret-name": ')):
        with pytest.raises(NotSigned) as caught:
            open_document(damaged, KEY.public)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", [b"", b"short", bytes(32), b"\xff" * 32, bytes(33)])
def test_no_key_is_good_enough_by_accident(key: bytes) -> None:
    with pytest.raises(NotSigned):
        open_document(LINE, key)
