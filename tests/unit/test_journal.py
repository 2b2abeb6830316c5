"""Journal entries and their chain (design §9; docs/wire.md, “Journal entries”)."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import CHAIN, DEVICE, SESSION, Key, entry_id, extend, head_of, moment, stars

from terminal_app.domain import journal
from terminal_app.domain.journal import (
    GENESIS,
    ClockQuality,
    Draft,
    Entry,
    Head,
    Kind,
    Moment,
    is_signed_by,
    read_entry,
    runs,
    verify_run,
    write_entry,
)
from terminal_app.domain.signed import NotSigned, digest, sign_document, split_line, to_line

KEY, OTHER = Key(1), Key(2)
STARTED = Draft(Kind.CHAIN_STARTED, None, {"app": "0", "previous": None})
ENTRIES = extend(head_of(), [STARTED, *stars(5)], KEY)


def test_the_body_of_an_entry_is_what_the_wire_protocol_says() -> None:
    entry = write_entry(stars(1)[0], entry_id(7), Head(DEVICE, CHAIN, 41, "a" * 64), moment(99), KEY.sign)
    assert json.loads(split_line(entry.line).body) == {
        "v": 1,
        "id": entry_id(7),
        "device": DEVICE,
        "chain": CHAIN,
        "seq": 42,
        "prev": "a" * 64,
        "kind": "star_chosen",
        "session": SESSION,
        "wall": "2026-11-21T10:32:05.123+08:00",
        "mono_ms": 99,
        "boot": moment().boot,
        "clock": "synchronised",
        "data": {"level": 3, "offset_ms": 0, "source": "touch"},
    }
    assert entry.hash == digest(split_line(entry.line).body).hex()
    assert is_signed_by(entry, KEY.public) and not is_signed_by(entry, OTHER.public)


def test_the_kinds_are_those_of_the_wire_protocol() -> None:
    assert {kind.value for kind in Kind} == {
        *("chain_started", "staff_logged_in", "staff_logged_out", "paused", "resumed"),
        *("session_opened", "scope_chosen", "star_chosen", "reason_toggled", "reasons_chosen", "session_closed"),
    }


json_data = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
)


@given(st.sampled_from(Kind), st.none() | st.just(SESSION), json_data, st.integers(0, 2**40), st.sampled_from(ClockQuality))
def test_entries_round_trip(kind: Kind, session: str | None, data: dict[str, Any], mono_ms: int, quality: ClockQuality) -> None:
    when = Moment("2026-02-28T23:59:59.999-05:00", mono_ms, "boot", quality)
    entry = write_entry(Draft(kind, session, data), entry_id(1), head_of(), when, KEY.sign)
    assert read_entry(entry.line) == entry
    assert entry.head == Head(DEVICE, CHAIN, 1, entry.hash)


def test_an_entry_of_a_newer_kind_is_read_all_the_same() -> None:
    body = json.loads(split_line(ENTRIES[0].line).body) | {"kind": "something_newer"}
    assert read_entry(sign_document(body, KEY.sign)).kind == "something_newer"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("v", value) for value in (0, 2, True, "1", None)),
        *(("id", value) for value in ("", "x" * 36, entry_id(0xABC).upper(), "0" * 36, 1, None)),
        *(("device", value) for value in ("", DEVICE[:-1], DEVICE + "0", None)),
        *(("chain", value) for value in ("", "0" * 31, "0" * 33, "g" * 32, "A" * 32, None)),
        *(("seq", value) for value in (0, -1, "1", True, None)),
        *(("prev", value) for value in ("", "0" * 63, "z" * 64, None)),
        *(("kind", value) for value in ("", 1, None, [])),
        *(("session", value) for value in ("", "x" * 36, 1, [])),
        *(("wall", value) for value in ("", "now", "2026-11-21T10:32:05", 1, None)),
        *(("mono_ms", value) for value in (-1, "1", None)),
        *(("boot", value) for value in ("", 1, None)),
        *(("clock", value) for value in ("", "good", [], None)),
        *(("data", value) for value in ([], "", None)),
    ],
)
def test_a_malformed_field_is_named_and_its_content_is_not(field: str, value: object) -> None:
    body = json.loads(split_line(ENTRIES[1].line).body)
    with pytest.raises(NotSigned) as caught:
        read_entry(sign_document(body | {field: value}, KEY.sign))
    assert field in str(caught.value) or field == "v"
    assert "good" not in str(caught.value) and "xxx" not in str(caught.value)


@pytest.mark.parametrize("field", list(json.loads(split_line(ENTRIES[1].line).body)))
def test_a_missing_field_is_named(field: str) -> None:
    body = json.loads(split_line(ENTRIES[1].line).body)
    del body[field]
    with pytest.raises(NotSigned, match=field):
        read_entry(sign_document(body, KEY.sign))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(line: bytes) -> None:
    with pytest.raises(NotSigned):
        read_entry(line)


# --- one signature for a run ----------------------------------------------------------------------------------------


def signed(entries: list[Entry]) -> set[str]:
    """Ids of the entries that a signature vouches for, run by run."""
    return {entry.id for run in runs(entries) for entry in run[: verify_run(run, KEY.public)]}


def signed_by_the_book(entries: list[Entry]) -> set[str]:
    """The same, entry by entry: vouched for is who is signed, or whom a neighbour names that is vouched for."""
    good = {entry.id for entry in entries if is_signed_by(entry, KEY.public)}
    for entry, after in reversed(list(itertools.pairwise(entries))):
        named = (after.prev, after.seq, after.chain, after.device) == (entry.hash, entry.seq + 1, entry.chain, entry.device)
        if named and after.id in good:
            good.add(entry.id)
    return good


def test_a_whole_chain_costs_one_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Entry] = []
    monkeypatch.setattr(journal, "is_signed_by", lambda entry, key: not looked_at.append(entry) and is_signed_by(entry, key))
    assert signed(ENTRIES) == {entry.id for entry in ENTRIES}
    assert looked_at == [ENTRIES[-1]]


def resigned(entry: Entry, key: Key) -> Entry:
    body = split_line(entry.line).body
    return read_entry(to_line(body, key.sign(digest(body))))


tamperings = st.sampled_from(["nothing", "signature", "body", "body and signature", "other key", "missing", "twice"])


def tampered(entry: Entry, how: str) -> list[Entry]:
    body, signature = split_line(entry.line)
    other = body.replace(b'"touch"', b'"keypad"').replace(b'"app":"0"', b'"app":"1"')
    assert other != body
    match how:
        case "missing":
            return []
        case "twice":
            return [entry, entry]
        case "signature":
            return [read_entry(to_line(body, bytes(64)))]
        case "body":
            return [read_entry(to_line(other, signature))]
        case "body and signature":
            return [read_entry(to_line(other, OTHER.sign(digest(other))))]
        case "other key":
            return [resigned(entry, OTHER)]
    return [entry]


@settings(max_examples=150)
@given(st.lists(tamperings, min_size=len(ENTRIES), max_size=len(ENTRIES)), st.booleans())
def test_one_signature_for_a_run_says_what_entry_by_entry_says(how: list[str], swapped: bool) -> None:
    """Whatever was done to a chain, and wherever: the same entries are vouched for, and none whose body was altered."""
    entries = [one for entry, act in zip(ENTRIES, how, strict=True) for one in tampered(entry, act)]
    if swapped and len(entries) > 2:
        entries[1], entries[2] = entries[2], entries[1]
    found = signed(entries)
    assert found == signed_by_the_book(entries)
    assert not found & {entry.id for entry, act in zip(ENTRIES, how, strict=True) if act.startswith("body")}


def test_a_run_ends_where_a_link_does_and_at_its_greatest_length() -> None:
    other = extend(ENTRIES[2].head, stars(1, level=5), KEY, first_id=90)[0]
    lengths = [len(run) for run in runs([*ENTRIES[:3], other, *ENTRIES[4:]])]
    assert lengths == [4, 2]
    assert [len(run) for run in runs(ENTRIES, longest=4)] == [4, 2]
    assert list(runs([])) == []


def test_genesis_and_head() -> None:
    assert GENESIS == "0" * 64
    assert ENTRIES[0].prev == GENESIS
    assert [entry.seq for entry in ENTRIES] == [1, 2, 3, 4, 5, 6]
