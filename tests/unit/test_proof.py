"""What a check of a journal finds, and what it leaves in peace (docs/trust.md; design §9)."""

import itertools
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import BOOT, CHAIN, SESSION, Key, entry_id, extend, head_of, stars
from support.store_kit import checkpoint

from terminal_app.domain.checkpoint import Checkpoint, read_checkpoint
from terminal_app.domain.claimed_time import CLOCK_TOLERANCE_MS
from terminal_app.domain.journal import ClockQuality, Draft, Entry, Kind, Linked, Moment, read_entry, write_entry
from terminal_app.domain.proof import Audit, Finding, read_frame, verify_chain
from terminal_app.domain.signed import NotSigned, digest, sign_document, split_line, to_line

KEY, OTHER, PLATFORM = Key(1), Key(2), Key(77)
STARTED = Draft(Kind.CHAIN_STARTED, None, {"app": "0", "previous": None})
ENTRIES = extend(head_of(), [STARTED, *stars(5)], KEY)
OTHER_CHAIN = "f" * 32
E = ENTRIES
REPLACED = extend(E[2].head, stars(3, level=5), KEY, first_id=90, first_ms=3)  # what could stand in place of entries 4, 5, 6


def findings(
    entries: list[Entry], key: Key = KEY, *, heads: dict[str, list[Checkpoint]] | None = None, every: bool = True
) -> list[tuple[str, int, str | None]]:
    found = Audit(key.public, heads, every_signature=every).of_entries(entries)
    return [(one.what, one.seq, one.entry_id) for one in found]


def heads_at(*entries: Entry) -> dict[str, list[Checkpoint]]:
    """The platform's heads at these entries of one chain."""
    return {entries[0].chain: [read_checkpoint(checkpoint(entry.head, key=PLATFORM), PLATFORM.public) for entry in entries]}


def forged(entry: Entry, key: Key = KEY, **fields: Any) -> Entry:
    """The entry with other fields, properly hashed and signed by `key`."""
    return read_entry(sign_document(json.loads(split_line(entry.line).body) | fields, key.sign))


def resigned(entry: Entry, key: Key) -> Entry:
    body = split_line(entry.line).body
    return read_entry(to_line(body, key.sign(digest(body))))


def test_an_untouched_chain_has_no_flaw() -> None:
    assert findings(ENTRIES) == []
    assert findings([]) == []


def test_two_chains_side_by_side() -> None:
    """Design §9: every new file starts a new chain; each is checked for itself."""
    others = extend(head_of(OTHER_CHAIN), stars(3), KEY, first_id=50)
    assert findings([entry for pair in zip(ENTRIES, others, strict=False) for entry in pair]) == []
    assert findings([*ENTRIES, others[0], others[2]]) == [("gap", 2, None)]


def test_a_pruned_chain_is_taken_from_its_first_entry_on() -> None:
    for start in range(1, len(ENTRIES)):
        assert findings(ENTRIES[start:]) == [("begins_later", start + 1, ENTRIES[start].id)]
    assert [one.is_remark for one in verify_chain(ENTRIES[2:], KEY.public)] == [True]


def test_a_pruned_chain_is_whole_where_the_platform_counter_signed_what_is_gone() -> None:
    """Issue 3, point 3: a pruned journal verifies from its first kept counter-signed head."""
    assert findings(E[3:], heads=heads_at(E[2])) == []
    assert findings(E[3:], heads=heads_at(E[1], E[4])) == []
    assert findings(E[3:], heads=heads_at(E[1])) == [("gap", 1, None)]
    assert findings(E[3:], heads={}) == [("gap", 1, None)]
    others = extend(E[0].head, stars(5, level=5), KEY, first_id=90, first_ms=1)
    assert findings(E[3:], heads=heads_at(others[1])) == [("rewritten", 3, None)]


def test_what_was_rewritten_with_the_key_contradicts_the_platforms_head() -> None:
    others = extend(E[2].head, stars(3, level=5), KEY, first_id=90, first_ms=3)
    assert findings([*E[:3], *others], heads=heads_at(E[1], E[4])) == [("rewritten", 5, others[1].id)]
    assert findings([*E[:3], *others], heads=heads_at(E[1], E[2])) == []


def test_what_is_missing_at_the_end_is_seen_as_far_as_the_platform_counter_signed() -> None:
    assert findings(E[:4], heads=heads_at(E[1], E[5])) == [("missing_end", 5, None)]
    assert findings(E[:4], heads=heads_at(E[3])) == []
    assert findings([], heads=heads_at(E[3])) == [("missing_end", 1, None)]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        # missing
        ([E[0], E[2], E[3]], [("gap", 2, None)]),
        ([E[0], E[4], E[5]], [("gap", 2, None)]),
        ([E[0], E[2], E[4]], [("gap", 2, None), ("gap", 4, None)]),
        # out of order
        ([E[0], E[2], E[1], E[3]], [("gap", 2, None), ("reordered", 2, E[1].id)]),
        ([E[0], E[1], E[2], E[0], E[3]], [("reordered", 1, E[0].id)]),
        # twice
        ([E[0], E[1], E[1], E[2]], [("repeated", 2, E[1].id)]),
        # a second entry at a place that is taken
        ([*E[:4], REPLACED[0], *E[4:]], [("fork", 4, REPLACED[0].id)]),
        # an entry put in, all later ones as they were
        ([*E[:3], REPLACED[0], *E[3:]], [("fork", 4, E[3].id), ("broken_link", 5, E[4].id)]),
        # an entry replaced, all later ones as they were
        ([*E[:3], REPLACED[0], *E[4:]], [("broken_link", 5, E[4].id)]),
        # an entry changed and signed again by whoever has the key
        ([*E[:2], forged(E[2], data={"level": 5}), *E[3:]], [("broken_link", 4, E[3].id)]),
        # a link that points elsewhere
        ([*E[:5], forged(E[5], prev="f" * 64)], [("broken_link", 6, E[5].id)]),
        ([forged(E[0], prev="f" * 64)], [("broken_link", 1, E[0].id)]),
        # another device in the middle of a chain
        ([*E[:5], forged(E[5], device=entry_id(1))], [("broken_link", 6, E[5].id)]),
        # changed by somebody without the key
        ([*E[:5], resigned(E[5], OTHER)], [("bad_signature", 6, E[5].id)]),
        (
            [*E[:2], forged(E[2], OTHER, data={"level": 5}), *E[3:]],
            [("bad_signature", 3, E[2].id), ("broken_link", 4, E[3].id)],
        ),
        # a whole chain of another key
        (extend(head_of(), stars(2), OTHER), [("bad_signature", 1, entry_id(1)), ("bad_signature", 2, entry_id(2))]),
    ],
)
def test_every_flaw_is_named_where_it_is(entries: list[Entry], expected: list[tuple[str, int, str | None]]) -> None:
    assert findings(entries) == expected


def test_flaws_of_lines_come_in_their_order() -> None:
    """Issue 3, point 3: the first entry that is missing, altered, inserted, re-ordered or back-dated is named first."""
    spoiled = to_line(split_line(E[2].line).body, bytes(64))
    audit = Audit(KEY.public, every_signature=True)
    found = list(audit.of_lines([E[0].line, E[1].line, spoiled, b"nonsense", E[4].line, b""]))
    assert [(one.what, one.seq, one.line) for one in found] == [
        ("bad_signature", 3, None),
        ("unreadable", 0, 4),
        ("gap", 4, None),
        ("unreadable", 0, 6),
    ]
    assert (audit.entries, audit.chains) == (4, 1)


def test_a_finding_names_its_chain() -> None:
    assert list(verify_chain([E[0], E[2]], KEY.public)) == [Finding("gap", CHAIN, 2, None)]


@pytest.mark.parametrize(
    "forge",
    [
        lambda entry: replace(entry, line=entry.line.replace(b'"level":3', b'"level":5')),
        lambda entry: replace(entry, hash="0" * 64),
    ],
)
def test_only_the_bytes_of_the_line_count(forge: Callable[[Entry], Entry]) -> None:
    """A reader never gets an Entry whose hash is not that of its line; whoever builds one is found out by the next link."""
    changed = forge(E[2])
    entries = [*E[:2], read_entry(changed.line) if changed.line != E[2].line else changed, *E[3:]]
    assert ("broken_link", 4, E[3].id) in findings(entries)
    assert ("bad_signature", 3, E[2].id) in findings(entries)


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_a_chain_changes_unseen(data: st.DataObject) -> None:
    lines = [entry.line for entry in ENTRIES]
    victim = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[victim]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != lines[victim][place]))
    lines[victim] = lines[victim][:place] + bytes([byte]) + lines[victim][place + 1 :]
    try:
        entries = [read_entry(line) for line in lines]
    except NotSigned:
        return
    found = findings(entries)
    assert ("bad_signature", entries[victim].seq, entries[victim].id) in found


@settings(max_examples=60)
@given(st.permutations(range(len(ENTRIES))))
def test_no_order_but_the_right_one_passes(order: list[int]) -> None:
    assert (findings([ENTRIES[place] for place in order]) == []) == (order == sorted(order))


@settings(max_examples=60)
@given(st.sets(st.integers(0, len(ENTRIES) - 1), min_size=1))
def test_what_is_missing_between_first_and_last_is_a_gap_at_the_first_missing_place(kept: set[int]) -> None:
    places = sorted(kept)
    gaps = [("gap", before + 2, None) for before, after in itertools.pairwise(places) if after > before + 1]
    assert [flaw for flaw in findings([ENTRIES[place] for place in places]) if flaw[0] != "begins_later"] == gaps


# --- one signature for a run ----------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(st.data())
def test_one_signature_for_a_run_finds_every_altered_body(data: st.DataObject) -> None:
    """docs/trust.md: what the check without --every-signature covers: all that an entry says."""
    place = data.draw(st.integers(0, len(E) - 1))
    line = E[place].line
    start = len(line) - len(split_line(line).body) - 1
    at = data.draw(st.integers(start, len(line) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != line[at]))
    lines = [entry.line for entry in E]
    lines[place] = line[:at] + bytes([byte]) + line[at + 1 :]
    try:
        frames = [read_frame(line) for line in lines]
    except NotSigned:
        return
    found = list(verify_chain(frames, KEY.public))
    assert any(one.seq <= place + 2 and not one.is_remark for one in found)


def test_a_spoiled_signature_within_a_run_is_told_by_the_thorough_check_only() -> None:
    """docs/trust.md: what such a signature signed has not changed."""
    spoiled = [*E[:2], read_entry(to_line(split_line(E[2].line).body, bytes(64))), *E[3:]]
    assert findings(spoiled, every=False) == []
    assert findings(spoiled) == [("bad_signature", 3, E[2].id)]
    at_the_end = [*E[:5], read_entry(to_line(split_line(E[5].line).body, bytes(64)))]
    assert findings(at_the_end, every=False) == [("bad_signature", 6, E[5].id)]


def long_chain(rows: int) -> Iterator[Linked]:
    """One by one, none kept; signed where a run ends."""
    head = head_of()
    for number in range(1, rows + 1):
        sign = KEY.sign if number % 1_000 == 0 or number == rows else lambda _: bytes(64)
        when = Moment(WALL, number, BOOT, ClockQuality.HOLDING)
        entry = write_entry(stars(1)[0], entry_id(number), head, when, sign)
        head = entry.head
        yield read_frame(entry.line)


def peak_bytes(rows: int) -> int:
    tracemalloc.start()
    try:
        assert list(verify_chain(long_chain(rows), KEY.public)) == []
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows() -> None:
    """Issue 3, point 3: streaming, in bounded memory."""
    assert peak_bytes(4_200) < 1.1 * peak_bytes(2_100)


# --- the frame ------------------------------------------------------------------------------------------------------


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
json_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*"ab", "device", '","device":"']), inner),
)


@settings(max_examples=80)
@given(
    st.dictionaries(st.sampled_from(["a", "device", "wall", '"}']), json_data),
    st.sampled_from(ClockQuality),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.none() | st.just(SESSION),
)
def test_the_frame_is_that_of_the_whole_entry(
    data: dict[str, Any], quality: ClockQuality, boot: str, session: str | None
) -> None:
    entry = write_entry(
        Draft(Kind.STAR_CHOSEN, session, data), entry_id(5), E[3].head, Moment(WALL, 7, boot, quality), KEY.sign
    )
    frame = read_frame(entry.line)
    for name in ("id", "device", "chain", "seq", "prev", "session", "moment", "hash", "line"):
        assert getattr(frame, name) == getattr(entry, name)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_that_they_are_no_entry(line: bytes) -> None:
    with pytest.raises(NotSigned):
        read_frame(line)


# --- time -----------------------------------------------------------------------------------------------------------

SURE, HOLDING, UNSURE = ClockQuality.SYNCHRONISED, ClockQuality.HOLDING, ClockQuality.UNSYNCHRONISED
WALL = "2026-11-21T10:00:00.000+08:00"


def claimed(*moments: tuple[str, int, str, ClockQuality]) -> list[tuple[str, int]]:
    """What is said of entries with these times: wall (hours and minutes of one day), monotonic minutes, boot, quality."""
    head, entries = head_of(), []
    for number, (wall, minutes, boot, quality) in enumerate(moments):
        when = Moment(f"2026-11-21T{wall}:00.000+08:00", minutes * 60_000, boot, quality)
        entries.append(write_entry(stars(1)[0], entry_id(number + 1), head, when, KEY.sign))
        head = entries[-1].head
    return [(what, seq) for what, seq, _ in findings(entries)]


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        # true times
        ([("10:00", 0, "a", SURE), ("10:01", 1, "a", SURE), ("12:01", 121, "a", SURE)], []),
        ([("10:00", 900, "a", SURE), ("10:05", 0, "b", SURE), ("10:06", 1, "b", SURE)], []),
        # within what a clock may be wrong
        ([("10:00", 0, "a", SURE), ("09:56", 1, "a", SURE)], []),
        # the clock jumps forward: late, not early
        ([("10:00", 0, "a", SURE), ("15:00", 1, "a", SURE)], []),
        # an earlier time of the same boot
        ([("10:00", 5, "a", SURE), ("10:00", 4, "a", SURE)], [("back_dated", 2)]),
        ([("10:00", 5, "a", UNSURE), ("10:05", 4, "a", UNSURE)], [("back_dated", 2)]),
        # a time that no clock shows
        ([("10:00", 0, "a", SURE), ("25:61", 1, "a", SURE), ("10:02", 2, "a", SURE)], [("back_dated", 2)]),
        # a boot that had ended
        ([("10:00", 5, "a", SURE), ("10:01", 0, "b", SURE), ("10:02", 6, "a", SURE)], [("back_dated", 3)]),
        # two times of which both are said to be right, and the second is earlier; told once
        ([("10:00", 0, "a", SURE), ("09:00", 1, "a", SURE), ("09:01", 2, "a", SURE)], [("back_dated", 2)]),
        ([("10:00", 5, "a", SURE), ("09:00", 0, "b", SURE), ("09:01", 1, "b", SURE)], [("back_dated", 2)]),
        # the wall clock went on by ten minutes while the machine ran for two hours, both said to be right
        ([("10:00", 0, "a", SURE), ("10:10", 120, "a", SURE)], [("back_dated", 2)]),
        # bit by bit
        ([("10:00", 0, "a", SURE), ("10:01", 5, "a", SURE), ("10:02", 10, "a", SURE)], [("back_dated", 3)]),
        # with an unsynchronised entry between that hides it
        (
            [("10:00", 0, "a", SURE), ("09:00", 1, "a", UNSURE), ("09:01", 2, "a", SURE)],
            [("clock_set_back", 2), ("back_dated", 3)],
        ),
        # a window without network whose clock was ahead, and is set right: no accusation
        ([("18:00", 0, "a", UNSURE), ("10:00", 1, "a", SURE), ("10:01", 2, "a", SURE)], [("clock_set_back", 2)]),
        ([("10:00", 0, "a", SURE), ("10:30", 30, "a", HOLDING), ("09:30", 31, "a", HOLDING)], [("clock_set_back", 3)]),
        # an empty battery: 1970 would be the same
        ([("10:00", 9, "a", SURE), ("00:00", 0, "b", UNSURE), ("10:05", 5, "b", SURE)], [("clock_set_back", 2)]),
    ],
)
def test_only_times_that_cannot_be_are_called_back_dated(
    moments: list[tuple[str, int, str, ClockQuality]], expected: list[tuple[str, int]]
) -> None:
    """terminal_app/domain/claimed_time.py: what counts as back-dated, and what is a remark."""
    assert claimed(*moments) == expected


def test_the_tolerance_is_the_platforms() -> None:
    assert CLOCK_TOLERANCE_MS == 5 * 60_000
