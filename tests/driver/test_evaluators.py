"""Button evaluators: the framed protocol byte by byte, and one table of levels per family.

Source: device protocols, “The framed serial evaluator” and “Level codes differ from device to device”.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import STOP_S, reading, wait_for

from device_drivers.code_evaluators import MAX_JSON_BYTES
from device_drivers.framed_evaluator import (
    DEVICE_LENGTHS,
    HOST_LENGTHS,
    KEYS,
    acknowledgement,
    evaluator_framer,
    frame,
    prompts,
)
from device_drivers.framing import BadFrame
from device_drivers.levels import LEVEL_TABLES
from device_drivers.registry import DRIVERS, configured
from device_drivers.simulators import FramedEvaluatorSimulator, PtyDevice
from device_drivers.spec import Role

EVALUATORS = {name: spec for name, spec in DRIVERS.items() if spec.role is Role.BUTTON_EVALUATOR}
AT_FIVE = configured("framed_evaluator", {"device_address": 5})


def said(code: int, name: str) -> bytes:
    """What a device of this driver frames when the key with this code is pressed."""
    if name == "framed_evaluator":
        return bytes((1, 0x11, code))
    return b'{"level": %d}' % code if name.startswith("pad_") else b"%d" % code


# --- tables of levels -----------------------------------------------------------------------------------------------

BEST_FIRST = {
    "framed": (3, 2, 1, 0),
    "gwq": (1, 2, 3, 4),
    "activex": (4, 1, 2, 3),
    "five_key": (5, 4, 3, 2, 1),
    "pad_five_is_best": (5, 4, 3, 2, 1),
    "pad_zero_is_best": (0, 1, 2, 3, 4),
}
"""The facts' table, from 非常满意 down."""
LOWEST = {"framed": 2, "gwq": 1, "activex": 2, "five_key": 1, "pad_five_is_best": 1, "pad_zero_is_best": 1}
"""不满意 is 2 stars; 非常不满意 is 1."""


@pytest.mark.parametrize("family", LEVEL_TABLES)
def test_every_family_keeps_its_order(family: str) -> None:
    table = LEVEL_TABLES[family]
    levels = [table[code] for code in BEST_FIRST[family]]
    assert set(table) == set(BEST_FIRST[family])
    assert levels == sorted(set(levels), reverse=True)
    assert (levels[0], levels[-1]) == (5, LOWEST[family])


@pytest.mark.parametrize("name", EVALUATORS)
def test_a_code_is_the_level_of_its_table_or_no_rating(name: str) -> None:
    """An unknown code is an error that is told with its code; a time-out is no rating either."""
    spec = EVALUATORS[name]
    for code in range(256):
        result = spec.decode(said(code, name))
        if code in spec.levels:
            assert result == b"stars=%d" % spec.levels[code]
        elif name == "five_key_evaluator" and code == 0:
            assert result == b"outcome=timed out"
        else:
            assert isinstance(result, BadFrame)
            assert (result.reason, result.code) == ("unknown_code", bytes((code,)))


@pytest.mark.parametrize(
    ("line", "code"), [(b"300", "01 2c"), (b"999", "03 e7"), (b'{"level": -1}', "ff"), (b'{"level": 65536}', "01 00 00")]
)
def test_an_unknown_code_is_told_whole(line: bytes, code: str) -> None:
    """Device protocols: “an error that is logged with its bytes”."""
    result = DRIVERS["pad_five_is_best" if line.startswith(b"{") else "gwq_evaluator"].decode(line)
    assert result == BadFrame("unknown_code", len(line), bytes.fromhex(code))


@pytest.mark.parametrize("name", EVALUATORS)
@given(frame=st.binary(min_size=3, max_size=5) | st.text("0123456789-+.eE \t", max_size=8).map(str.encode))
def test_nothing_else_becomes_a_rating(name: str, frame: bytes) -> None:
    spec = EVALUATORS[name]
    result = spec.decode(frame)
    if result in [b"stars=%d" % level for level in range(1, 6)]:
        assert frame.strip() in [said(code, name) for code in spec.levels] or int(frame) in spec.levels


@pytest.mark.parametrize(
    "line",
    [
        b'{"level": "5"}',
        b'{"level": 5.0}',
        b'{"level": true}',
        b'{"level": null}',
        b"{}",
        b"[5]",
        b"5",
        b'{"stars": 5}',
        b"[" * 250,
    ],
)
@pytest.mark.parametrize("name", ["pad_five_is_best", "pad_zero_is_best"])
def test_json_that_says_no_code_is_refused(name: str, line: bytes) -> None:
    assert len(line) <= MAX_JSON_BYTES
    assert isinstance(DRIVERS[name].decode(line), BadFrame)


# --- the framed protocol --------------------------------------------------------------------------------------------


def test_the_example_of_the_protocol() -> None:
    """Host asks, device answers 非常满意, host acknowledges."""
    ask, answer, taken = (
        bytes.fromhex(text.replace(" ", ""))
        for text in ("FF 68 03 03 68 05 01 0B 11 16", "FF 68 03 03 68 05 11 03 19 16", "FF 68 03 03 68 05 01 03 09 16")
    )
    (payload,) = evaluator_framer().feed(answer)
    assert isinstance(payload, bytes)
    assert AT_FIVE.prompts.ask.startswith(ask)
    assert AT_FIVE.decode(payload) == b"stars=5"
    assert AT_FIVE.answer(payload) == acknowledgement(payload) == taken
    assert answer[-2] - taken[-2] == 0x10


def test_what_the_host_says() -> None:
    """Start 01 0B, show stars 02 05, six blanks 02 0A…, beep 03."""
    told = prompts(5)
    framer = evaluator_framer(HOST_LENGTHS)
    assert framer.feed(told.ask) == [b"\x05\x01\x0b", b"\x05\x02\x05", b"\x05\x03"]
    assert framer.feed(told.thank) == [b"\x05\x03"]
    assert framer.feed(told.rest) == [b"\x05\x02" + b"\x0a" * 6]


@pytest.mark.parametrize(("code", "key"), KEYS.items())
def test_a_key_press_is_known_and_echoed(code: int, key: bytes) -> None:
    pressed = bytes((5, 1, code))
    assert AT_FIVE.decode(pressed) == b"key=" + key
    assert AT_FIVE.answer(pressed) == frame(pressed)


def test_another_devices_frame_is_refused() -> None:
    assert AT_FIVE.decode(b"\x06\x11\x03") == BadFrame("wrong_address", 10)


@given(payload=st.binary(min_size=3, max_size=5))
def test_a_frame_may_hold_any_bytes(payload: bytes) -> None:
    assert evaluator_framer().feed(frame(payload)) == [payload]


@given(payload=st.lists(st.sampled_from([0xFF, 0x68, 0x16, 0x03]), min_size=3, max_size=5).map(bytes), cut=st.integers(1, 10))
def test_a_good_frame_right_behind_a_damaged_one_is_found(payload: bytes, cut: int) -> None:
    """Whatever the first part pretends to be, after the silence at the latest."""
    framer = evaluator_framer()
    results = framer.feed(b"\xff\x68\x05\x05\x68\x01\x11\x03\x00\x00"[:cut] + frame(payload)) + framer.gap()
    assert payload in results


@pytest.mark.parametrize("at", range(10))
def test_a_frame_with_any_one_byte_wrong_is_none(at: int) -> None:
    good = bytearray(frame(b"\x05\x11\x03"))
    good[at] ^= 0x20
    framer = evaluator_framer(DEVICE_LENGTHS)
    assert [it for it in framer.feed(bytes(good)) + framer.gap() if isinstance(it, bytes)] == []


@given(noise=st.binary(max_size=2000))
def test_memory_is_bounded(noise: bytes) -> None:
    framer = evaluator_framer()
    for start in range(0, len(noise), 7):
        framer.feed(noise[start : start + 7])
        assert len(framer._buffer) <= 12


def test_what_is_written_reaches_the_device_and_an_unknown_code_is_logged_with_it(caplog: pytest.LogCaptureFixture) -> None:
    with PtyDevice("port") as port, reading(AT_FIVE, port.address) as (reader, log):
        evaluator = FramedEvaluatorSimulator(port, address=5)
        assert not FramedEvaluatorSimulator(port, address=5).heard()
        assert port.wait_until_open(STOP_S)
        assert reader.write(AT_FIVE.prompts.ask)
        wait_for(lambda: evaluator.heard() == [b"\x05\x01\x0b", b"\x05\x02\x05", b"\x05\x03"])
        evaluator.rate(9)
        wait_for(lambda: log.bad)
        assert log.payloads == []
        assert "unknown_code 09" in caplog.text
        evaluator.rate(0)
        wait_for(lambda: log.payloads == [b"stars=2"])
        assert reader.write(log.frames[0].answer)
        wait_for(lambda: evaluator.heard()[-1] == b"\x05\x01\x00")


def test_nothing_is_written_to_a_line_that_is_not_open(tmp_path: object) -> None:
    with reading(AT_FIVE, f"{tmp_path}/nothing") as (reader, _):
        wait_for(lambda: reader.status().state == "missing")
        assert not reader.write(AT_FIVE.prompts.ask)
