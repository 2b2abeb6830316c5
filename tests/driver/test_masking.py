"""What an administrator sees of raw bytes: kinds, never content; of devices whose bytes are codes, only how many.

Source: issue 6, point 8 (raw bytes, masked); issue 5, point 7: administration never shows a rating or a level.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import STOP_S, VOICES, reading, wait_for

from device_drivers.framed_evaluator import frame
from device_drivers.input_events import pressed_and_released, typed
from device_drivers.masking import HEAD_BYTES, TAIL_BYTES, Glimpse, masked
from device_drivers.reader import SupervisedReader
from device_drivers.registry import DRIVERS
from device_drivers.simulators import PtyDevice

SHOWN = {
    b"\x02case=A-1\x03\x7f": "<STX>AAAA.A.9<ETX><7F>",
    "王]C0\r\n".encode(): "~~~.A9<CR><LF>",
    b"\t\x1d\x00\x1f": "<TAB><GS><00><1F>",
    b"": "",
}


@pytest.mark.parametrize("data", SHOWN)
def test_kinds_of_bytes(data: bytes) -> None:
    assert masked(data) == SHOWN[data]


def test_long_frames_are_cut_in_the_middle() -> None:
    assert masked(b"1" * 48) == "9" * 48
    assert masked(b"1" * 50 + b"a" * 8) == "9" * HEAD_BYTES + " … " + "A" * TAIL_BYTES + " (58 B)"


@given(pieces=st.lists(st.binary(max_size=70), max_size=8), binary=st.booleans())
def test_a_glimpse_shows_the_same_however_the_bytes_come(pieces: list[bytes], binary: bool) -> None:
    glimpse = Glimpse(binary)
    for piece in pieces:
        glimpse.add(piece)
    assert glimpse.text() == masked(b"".join(pieces), binary)


@given(data=st.binary(max_size=200), other=st.binary(max_size=200))
def test_binary_protocols_show_their_length_alone(data: bytes, other: bytes) -> None:
    shorter = min(len(data), len(other))
    assert masked(data[:shorter], True) == masked(other[:shorter], True)


SAME_SHAPE: dict[str, list[bytes]] = {
    "framed_evaluator": [frame(bytes((0x0D, 0x11, level))) for level in range(4)],
    "five_key_evaluator": [b"%d\r\n" % level for level in range(1, 6)],
    "gwq_evaluator": [b"%d\r\n" % level for level in range(1, 5)],
    "activex_evaluator": [b"%d\r\n" % level for level in range(1, 5)],
    "pad_five_is_best": [b'{"level": %d}\r\n' % level for level in range(1, 6)],
    "pad_zero_is_best": [b'{"level": %d}\r\n' % level for level in range(5)],
    "keypad": [pressed_and_released(code) for code in (*range(2, 7), 79, 80, 81, 75, 76)],
    "wedge_scanner": [typed(text) for text in ("111", "258", "907")],
}
"""What differs only in the level, or in the digits of a scan."""


def test_every_device_that_rates_is_looked_at() -> None:
    rating = {name for name, spec in DRIVERS.items() if spec.role in ("button_evaluator", "keypad")}
    assert rating <= SAME_SHAPE.keys()


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_no_level_and_no_digit_can_be_read_from_what_is_shown(name: str) -> None:
    assert len({masked(data, DRIVERS[name].binary) for data in SAME_SHAPE[name]}) == 1


@pytest.mark.parametrize("name", DRIVERS)
def test_the_status_holds_the_last_frame_s_bytes_and_time(name: str) -> None:
    """Issue 6, point 8: a live view with last good frame and raw bytes (masked)."""
    voice, spec = VOICES[name], DRIVERS[name]
    with PtyDevice("port") as device, reading(name, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        device.write(voice.first)
        wait_for(lambda: log.frames)
        status = reader.status()
        assert (status.driver, status.last_bad) == (name, "")
        assert status.last_good_frame_mono_s is not None
        assert status.since_mono_s <= status.last_good_frame_mono_s
        assert status.last_bytes and masked(voice.first, spec.binary).startswith(status.last_bytes[:8])
        assert voice.first_payload.decode("utf-8", "replace") not in status.last_bytes


def test_the_status_tells_why_a_frame_was_refused() -> None:
    with PtyDevice("port") as device, reading("case_ticket", device.address) as (reader, _):
        assert device.wait_until_open(STOP_S)
        device.write(b"\x02case=A-000001\x03\x00")
        wait_for(lambda: reader.status().bad_frames)
        assert (reader.status().last_bad, reader.status().last_bytes) == ("bad_checksum", "<STX>AAAA.A.999999<ETX><00>")


def test_the_time_of_a_state_begins_when_the_state_does() -> None:
    now = iter(range(10, 1000))
    with PtyDevice("port") as device:
        reader = SupervisedReader(DRIVERS["barcode_scanner"], device.address, lambda frame: None, clock=lambda: next(now))
        assert reader.status().since_mono_s == 10
        reader.start()
        wait_for(lambda: reader.status().state == "connected")
        connected_s = reader.status().since_mono_s
        assert connected_s > 10
        device.unplug()
        wait_for(lambda: reader.status().state == "missing")
        assert reader.status().since_mono_s > connected_s
        assert reader.stop(STOP_S)
