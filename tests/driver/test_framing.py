"""Framers: any bytes in any chunking.

Source: device protocols, “Roles” (ended by CR, LF, CRLF or a gap) and “Case tickets” (3) (STX … ETX + BCC).
"""

import tracemalloc
from collections.abc import Callable
from functools import reduce
from operator import xor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from device_drivers.framing import (
    BadFrame,
    Framer,
    LineEndFramer,
    StxEtxBccFramer,
    block_check,
    stx_etx_frame,
    text_line,
)

MAX = 16
GAP = None
FRAMERS = {"stx": lambda: StxEtxBccFramer(MAX), "line": lambda: LineEndFramer(MAX)}
every_framer = pytest.mark.parametrize("make", FRAMERS.values(), ids=FRAMERS.keys())


def run(framer: Framer, *steps: bytes | None) -> list[bytes | BadFrame]:
    """Feed the bytes; GAP is a silence."""
    return [item for step in steps for item in (framer.gap() if step is GAP else framer.feed(step))]


STX_TABLE = {
    # name: (steps, what comes out)
    "a frame": ([b"\x02AB\x03\x00"], [b"AB"]),
    "the BCC covers payload and ETX, not STX": ([b"\x02A\x03\x42"], [b"A"]),
    "an empty payload": ([b"\x02\x03\x03"], [b""]),
    "the BCC may be STX": ([b"\x02\x01\x03\x02"], [b"\x01"]),
    "the BCC may be ETX": ([b"\x02AA\x03\x03"], [b"AA"]),
    "the BCC may be CR": ([b"\x02\x0e\x03\x0d"], [b"\x0e"]),
    "two frames": ([b"\x02A\x03\x42\x02B\x03\x41"], [b"A", b"B"]),
    "line ends between frames are nothing": ([b"\r\n\x02A\x03\x42\r\n", GAP], [b"A"]),
    "wrong checksum": ([b"\x02AB\x03\x01"], [BadFrame("bad_checksum", 5)]),
    "wrong checksum, then good": ([b"\x02AB\x03\x01\x02A\x03\x42"], [BadFrame("bad_checksum", 5), b"A"]),
    "lost checksum, then good": ([b"\x02AB\x03\x02A\x03\x42"], [BadFrame("bad_checksum", 5), b"A"]),
    "cut off by the next": ([b"\x02AB\x02A\x03\x42"], [BadFrame("truncated", 3), b"A"]),
    "cut off by a silence": ([b"\x02AB", GAP, b"\x02A\x03\x42"], [BadFrame("truncated", 3), b"A"]),
    "cut off before its checksum": ([b"\x02AB\x03", GAP, b"\x02A\x03\x42"], [BadFrame("truncated", 4), b"A"]),
    "the rest of a frame after a silence": (
        [b"\x02AB", GAP, b"CD\x03\x00", GAP],
        [BadFrame("truncated", 3), BadFrame("garbage", 4)],
    ),
    "garbage before": ([b"xy\x02A\x03\x42"], [BadFrame("garbage", 2), b"A"]),
    "garbage after": ([b"\x02A\x03\x42xyz", GAP], [b"A", BadFrame("garbage", 3)]),
    "garbage in portions": ([b"x" * 35, GAP], [BadFrame("garbage", 16), BadFrame("garbage", 16), BadFrame("garbage", 3)]),
    "as long as may be": ([stx_etx_frame(b"x" * MAX)], [b"x" * MAX]),
    "over-long, reported once, then good": (
        [b"\x02" + b"x" * 500 + b"\x03\x00\x02A\x03\x42"],
        [BadFrame("too_long", MAX + 1), b"A"],
    ),
    "over-long, then a silence, then garbage": (
        [b"\x02" + b"x" * 17, GAP, b"y\x02A\x03\x42"],
        [BadFrame("too_long", MAX + 1), BadFrame("garbage", 1), b"A"],
    ),
}

LINE_TABLE = {
    "CR": ([b"A\rB\r"], [b"A", b"B"]),
    "LF": ([b"A\nB\n"], [b"A", b"B"]),
    "CRLF": ([b"A\r\nB\r\n"], [b"A", b"B"]),
    "CRLF in two pieces": ([b"A\r", b"\nB\r", GAP, b"\n"], [b"A", b"B"]),
    "a silence ends a line": ([b"A", GAP, b"B", GAP], [b"A", b"B"]),
    "no silence, no end": ([b"A", b"B"], []),
    "empty lines are nothing": ([b"\r\r\n\n", GAP], []),
    "nothing else is stripped": ([b" ]Q3 A \t\x00\r"], [b" ]Q3 A \t\x00"]),
    "as long as may be": ([b"x" * MAX + b"\r"], [b"x" * MAX]),
    "over-long, reported once, then good": ([b"x" * 500 + b"\rA\r"], [BadFrame("too_long", MAX + 1), b"A"]),
    "over-long, ended by a silence, then good": ([b"x" * 500, GAP, b"A\r"], [BadFrame("too_long", MAX + 1), b"A"]),
}


@pytest.mark.parametrize(("steps", "expected"), STX_TABLE.values(), ids=STX_TABLE.keys())
def test_stx_etx_frames(steps: list[bytes | None], expected: list[bytes | BadFrame]) -> None:
    assert run(StxEtxBccFramer(MAX), *steps) == expected


@pytest.mark.parametrize(("steps", "expected"), LINE_TABLE.values(), ids=LINE_TABLE.keys())
def test_lines(steps: list[bytes | None], expected: list[bytes | BadFrame]) -> None:
    assert run(LineEndFramer(MAX), *steps) == expected


telling_bytes = st.lists(st.sampled_from([*b"\x02\x03\x00\r\nAB"]), max_size=60).map(bytes)
spoken = st.lists(
    st.one_of(
        st.none(),
        st.binary(max_size=40),
        telling_bytes,
        st.binary(max_size=MAX).filter(lambda p: not set(p) & {2, 3}).map(stx_etx_frame),
    ),
    max_size=8,
)


@every_framer
@given(steps=spoken, data=st.data())
def test_any_chunking_gives_the_same_frames(make: Callable[[], Framer], steps: list[bytes | None], data: st.DataObject) -> None:
    whole = run(make(), *steps)
    size = data.draw(st.integers(1, 7))
    pieces = [
        piece for step in steps for piece in ([GAP] if step is GAP else [step[i : i + size] for i in range(0, len(step), size)])
    ]
    assert run(make(), *pieces) == whole


@every_framer
@given(steps=spoken)
def test_bytes_wait_only_while_pending(make: Callable[[], Framer], steps: list[bytes | None]) -> None:
    """A reader waits for a silence only while something is pending, so that nothing may wait when it is not."""
    framer = make()
    run(framer, *steps)
    if not framer.pending:
        assert framer.gap() == []
    framer.gap()
    assert not framer.pending


@given(payload=st.binary(max_size=MAX).filter(lambda p: not set(p) & {2, 3}))
def test_what_was_framed_comes_out(payload: bytes) -> None:
    assert run(StxEtxBccFramer(MAX), stx_etx_frame(payload)) == [payload]


@given(
    noise=st.one_of(st.binary(max_size=80), telling_bytes),
    payload=st.binary(max_size=MAX).filter(lambda p: not set(p) & {2, 3}),
)
def test_after_any_noise_a_frame_gets_through(noise: bytes, payload: bytes) -> None:
    """At most one frame can be lost to noise: one whose STX happens to be the checksum of what was before it."""
    assert run(StxEtxBccFramer(MAX), noise, stx_etx_frame(payload), stx_etx_frame(payload))[-1] == payload
    assert run(StxEtxBccFramer(MAX), noise, GAP, stx_etx_frame(payload))[-1] == payload


@given(payload=st.binary(min_size=1, max_size=MAX).filter(lambda p: not set(p) & {2, 3}), data=st.data())
def test_one_flipped_bit_is_never_a_good_frame(payload: bytes, data: st.DataObject) -> None:
    """As long as the flip makes no STX or ETX out of text: a sum of one byte cannot promise more."""
    frame = bytearray(stx_etx_frame(payload))
    position = data.draw(st.integers(0, len(frame) - 1))
    frame[position] ^= 1 << data.draw(st.integers(0, 7))
    assume(position > len(payload) or frame[position] not in (2, 3))
    assert [item for item in run(StxEtxBccFramer(MAX), bytes(frame), GAP) if isinstance(item, bytes)] == []


@pytest.mark.parametrize("payload", [b"a\x02b", b"a\x03b"])
def test_a_payload_with_frame_marks_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="02 and 03"):
        stx_etx_frame(payload)


def test_block_check_is_the_xor_of_payload_and_etx() -> None:
    assert block_check(b"") == 0x03
    assert block_check(b"\x41\x42") == 0x41 ^ 0x42 ^ 0x03


@pytest.mark.parametrize(
    "size", [*range(1, 10), 15, 16, 17, 63, 64, 65, 93, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097]
)
def test_every_byte_of_a_payload_of_any_size_counts_in_its_block_check(size: int) -> None:
    """Case tickets (3): exclusive or of all bytes, whatever the widths by which they are folded."""
    payload = bytes(place * 37 % 251 for place in range(size))
    assert block_check(payload) == reduce(xor, payload, 0x03)
    for place in {0, size // 2, size - 1}:
        changed = payload[:place] + bytes((payload[place] ^ 0x80,)) + payload[place + 1 :]
        assert block_check(changed) == block_check(payload) ^ 0x80


@pytest.mark.parametrize(
    ("flood", "chunks"),
    [(b"x", 1024), (b"\x00\xff", 1024), (b"\x02", 16), (b"\x02x\x03", 16)],
    ids=["text", "noise", "starts", "frames"],
)
@every_framer
def test_memory_stays_bounded_in_a_flood(make: Callable[[], Framer], flood: bytes, chunks: int) -> None:
    """Megabytes without an end, or many frames without a good one: what is held does not grow."""
    framer, chunk = make(), flood * (4096 // len(flood))
    framer.feed(chunk)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(chunks):
            framer.feed(chunk)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024


@pytest.mark.parametrize("line", ["办件 370900".encode(), "事项".encode("gb18030"), b"01\x1d21\x1e\x1f\x04", b"a\tb", b"\xff"])
def test_text_of_any_encoding_is_a_line(line: bytes) -> None:
    """ISO/IEC 15434 separators belong to codes; whether the encoding is good is for the domain to say."""
    assert text_line(line) == line


@pytest.mark.parametrize("line", [b"\x00A", b"A\x7f", b"\x1b[A", b"A\x02"])
def test_control_characters_are_noise(line: bytes) -> None:
    assert text_line(line) == BadFrame("garbage", len(line))
