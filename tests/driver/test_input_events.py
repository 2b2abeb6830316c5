"""Scanners in keyboard mode and keypads, from recorded bytes of input events; no kernel device is needed for any of it.

Source: device protocols, “What goes wrong in the field” (input method, layout, lost focus), “Roles”; linux/input.h.
"""

import os
import threading
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import STOP_S, reading, wait_for

from device_drivers.framing import BadFrame
from device_drivers.input_events import (
    CAPS_LOCK,
    EV_KEY,
    EV_SYN,
    KP_ENTER,
    LAYOUTS,
    LEFT_ALT,
    LEFT_CTRL,
    PAD_DIGITS,
    RECORD,
    SYN_DROPPED,
    KeyTextFramer,
    pressed_and_released,
    typed,
)
from device_drivers.input_line import EVIOCGRAB, InputDevice, input_devices, open_input, pick_input
from device_drivers.registry import configured
from device_drivers.simulators import PtyDevice
from device_drivers.spec import Role
from device_drivers.transport import LineError, LineSettings

DIGITS = "0123456789"
RECORDED = bytes.fromhex(
    "10cd896900000000a1b2030000000000 0400 0400 27000700"
    "10cd896900000000a1b2030000000000 0100 0b00 01000000"
    "10cd896900000000a1b2030000000000 0000 0000 00000000"
    "10cd89690000000049d2030000000000 0400 0400 27000700"
    "10cd89690000000049d2030000000000 0100 0b00 00000000"
    "10cd89690000000049d2030000000000 0000 0000 00000000"
)
"""The key 0 of a USB keyboard, byte by byte as 64-bit Linux hands it out."""


def scan(data: bytes, **options: object) -> list[bytes | BadFrame]:
    spec = configured("wedge_scanner", options)
    framer = spec.framer()
    return [it if isinstance(it, BadFrame) else spec.decode(it) for it in framer.feed(data) + framer.gap()]


def key(code: int, value: int) -> bytes:
    return RECORD.pack(0, 0, EV_KEY, code, value)


def held(code: int, while_held: bytes) -> bytes:
    return key(code, 1) + while_held + key(code, 0)


def test_a_record_is_what_the_kernel_writes() -> None:
    assert RECORD.size == 24
    assert scan(RECORDED + pressed_and_released(28)) == [b"0"]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(data=st.data())
def test_every_character_of_a_layout_comes_out_as_it_was_typed(layout: str, data: st.DataObject) -> None:
    characters = sorted({it for keys in LAYOUTS[layout] for it in keys.values()} - {"\t"})
    text = data.draw(st.text(characters, min_size=1, max_size=60))
    assert scan(typed(text, layout), layout=layout) == [text.encode()]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_case_numbers_addresses_and_json_can_be_typed_in_every_layout(layout: str) -> None:
    text = ']C0TA-2026_04/17?case=1&visit=2#x {"cases": ["A:1"]}'
    assert scan(typed(text, layout), layout=layout) == [text.encode()]


def test_the_numeric_pad_and_its_enter_key() -> None:
    pad = {digit: code for code, digit in PAD_DIGITS.items()}
    typing = b"".join(pressed_and_released(pad[int(digit)]) for digit in DIGITS)
    assert scan(typing + pressed_and_released(KP_ENTER)) == [DIGITS.encode()]


def test_a_scan_ends_with_enter_or_a_silence_as_it_was_set_up() -> None:
    without = typed("TA1", enter=False)
    assert scan(without) == [b"TA1"]
    assert scan(without, ended_by="line_end") == [BadFrame("truncated", 3)]
    assert scan(typed("TA1") + typed("TA2"), ended_by="line_end") == [b"TA1", b"TA2"]
    assert scan(typed("TA1") + pressed_and_released(28)) == [b"TA1"], "an empty line is nothing"


@pytest.mark.parametrize("letter", [36, 50], ids=["Ctrl+J", "Ctrl+M"])
def test_line_ends_as_control_keys(letter: int) -> None:
    assert scan(typed("TA1", enter=False) + held(LEFT_CTRL, pressed_and_released(letter))) == [b"TA1"]


def test_group_separators_of_an_aim_code() -> None:
    """As Ctrl+], and as Alt with 0029 on the numeric pad."""
    pad = {digit: code for code, digit in PAD_DIGITS.items()}
    by_ctrl = held(LEFT_CTRL, pressed_and_released(27))
    by_alt = held(LEFT_ALT, b"".join(pressed_and_released(pad[digit]) for digit in (0, 0, 2, 9)))
    for separator in (by_ctrl, by_alt):
        assert scan(typed("]Q3A", enter=False) + separator + typed("B")) == [b"]Q3A\x1dB"]


def test_caps_lock_holds_for_letters_and_until_the_scan_ends() -> None:
    assert scan(pressed_and_released(CAPS_LOCK) + typed("ta-1") + typed("b")) == [b"TA-1", b"b"]


def test_a_key_held_down_is_one_character() -> None:
    assert scan(key(2, 1) + key(2, 2) * 5 + key(2, 0) + pressed_and_released(28)) == [b"1"]


SPOILED = {
    "a key that is no character": typed("TA", enter=False) + pressed_and_released(59) + typed("1"),
    "a control character that no code carries": held(LEFT_CTRL, pressed_and_released(30)) + typed("1"),
    "events that the kernel lost": typed("TA", enter=False) + RECORD.pack(0, 0, EV_SYN, SYN_DROPPED, 0) + typed("1"),
    "more than a scan can be": typed("9" * 3073),
    "bytes that are no record": b"\xff" * 24 + typed("TA1"),
    "half a record": typed("TA1", enter=False)[:-7],
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_is_not_plainly_a_scan_is_refused_whole(what: str) -> None:
    """Never a shorter or another case number; and the next scan is read."""
    spec = configured("wedge_scanner", {})
    framer = spec.framer()
    results = [it if isinstance(it, BadFrame) else spec.decode(it) for it in framer.feed(SPOILED[what]) + framer.gap()]
    assert len(results) == 1 and isinstance(results[0], BadFrame)
    assert framer.feed(typed("TA2")) == [b"TA2"]


@given(noise=st.lists(st.binary(min_size=1, max_size=50), max_size=40))
def test_memory_is_bounded(noise: list[bytes]) -> None:
    framer = KeyTextFramer(8, LAYOUTS["us"])
    for piece in noise:
        framer.feed(piece + typed("x", enter=False))
        assert len(framer._text) <= 8 and len(framer._records._rest) < RECORD.size


# --- the keypad -----------------------------------------------------------------------------------------------------


def pressed(data: bytes) -> list[bytes | BadFrame]:
    spec = configured("keypad", {})
    return [it if isinstance(it, BadFrame) else spec.decode(it) for it in spec.framer().feed(data)]


def test_keys_of_a_keypad() -> None:
    pad = {digit: code for code, digit in PAD_DIGITS.items()}
    for digit in range(10):
        assert pressed(pressed_and_released(pad[digit])) == [b"key=%d" % digit]
        assert pressed(typed(str(digit), enter=False)) == [b"key=%d" % digit]
    assert pressed(pressed_and_released(KP_ENTER)) == [b"key=enter"]
    assert pressed(pressed_and_released(14)) == [b"key=back"]


def test_a_keypads_key_held_down_is_one_press() -> None:
    assert pressed(key(76, 1) + key(76, 2) * 9 + key(76, 0)) == [b"key=5"]


def test_a_scan_of_every_digit_is_no_key_press_of_a_keypad() -> None:
    """The devices are told apart by what they are: a wedge is a scanner, whatever it types."""
    wedge = configured("wedge_scanner", {})
    assert (wedge.role, wedge.levels) == (Role.BARCODE_SCANNER, {})
    for digit in DIGITS:
        assert scan(typed(digit)) == [digit.encode()]


# --- lines ----------------------------------------------------------------------------------------------------------


def test_recorded_bytes_come_in_over_a_pipe(tmp_path: Path) -> None:
    """As from an input device, which this test has none of: the same line, decoder and reader."""
    pipe = tmp_path / "usb-Scanner-event-kbd"
    os.mkfifo(pipe)
    holder = os.open(pipe, os.O_RDWR)
    with reading("wedge_scanner", str(pipe)) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        writer = threading.Thread(target=partial(pipe.write_bytes, typed("TA-1") + typed("TA-2", enter=False)))
        writer.start()
        wait_for(lambda: len(log.frames) == 2)
        writer.join(STOP_S)
        assert log.payloads == [b"TA-1", b"TA-2"]
        assert log.frames[0].role is Role.BARCODE_SCANNER
    os.close(holder)


def test_what_cannot_be_grabbed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keypad is grabbed, or not used; the kernel refuses to grab a pty. The number is _IOW(E, 0x90, int) of linux/input.h."""
    monkeypatch.setattr("device_drivers.input_line._is_events", lambda path: True)
    with PtyDevice("keyboard") as device:
        with pytest.raises(LineError, match="failed"):
            open_input(device.address, LineSettings())
        open_input(device.address, LineSettings(), grab=False).close()
    assert f"{EVIOCGRAB:08X}" == "40044590"


def test_a_missing_input_device_is_told_with_its_remedy(tmp_path: Path) -> None:
    for address in ("/dev/input/by-id/usb-none-event-kbd", "FFFF:FFFE"):
        with reading("keypad", address) as (reader, _):
            wait_for(lambda reader=reader: reader.status().state == "missing")
            assert "/dev/input/by-id/" in reader.status().remedy


def test_input_devices_are_found_in_sysfs(tmp_path: Path) -> None:
    for number, (vendor, product, keys, uniq) in enumerate(
        [("0c2e", "0b61", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe", "A1"), ("0c2e", "0b61", "3", "")]
    ):
        device = tmp_path / f"event{number}" / "device"
        (device / "id").mkdir(parents=True)
        (device / "capabilities").mkdir()
        (device / "id" / "vendor").write_text(vendor + "\n")
        (device / "id" / "product").write_text(product + "\n")
        (device / "capabilities" / "key").write_text(keys + "\n")
        (device / "uniq").write_text(uniq + "\n")
    assert list(input_devices(tmp_path)) == [
        InputDevice("/dev/input/event0", 0x0C2E, 0x0B61, "A1", True),
        InputDevice("/dev/input/event1", 0x0C2E, 0x0B61, "", False),
    ]


FOUND = [
    InputDevice("/dev/input/event3", 0x0C2E, 0x0B61, "A1", True),
    InputDevice("/dev/input/event4", 0x0C2E, 0x0B61, "A1", False),
    InputDevice("/dev/input/event5", 0x04D9, 0x1203, "", True),
    InputDevice("/dev/input/event6", 0x04D9, 0x1203, "", True),
]


def test_a_keyboard_is_picked_by_its_ids_and_never_guessed() -> None:
    assert pick_input("0c2e:0B61", FOUND) == pick_input("0C2E:0B61:A1", FOUND) == "/dev/input/event3"
    for address, reason in (("0C2E:0B61:A2", "missing"), ("04D9:1203", "failed"), ("1A86:7523", "missing")):
        with pytest.raises(LineError) as caught:
            pick_input(address, FOUND)
        assert caught.value.reason == reason
