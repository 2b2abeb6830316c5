"""Simulated devices told what to do by a script, and heard by the real readers; recordings (issue 6, point 9)."""

import os
import struct
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import STOP_S, TICKET, reading, wait_for

from device_drivers import uinput
from device_drivers.framing import block_check
from device_drivers.input_events import pressed_and_released
from device_drivers.recording import Recorder, RecordingError, read_recording
from device_drivers.registry import DRIVERS
from device_drivers.scripting import KINDS, Bench, ScriptError, perform, words_of
from device_drivers.simulators import PtyDevice, TcpDevice, Unplugged

SCRIPTS: dict[str, tuple[str, list[bytes], list[str]]] = {
    "case_ticket": (
        "ticket case=TA-000001\nticket-gb name=王家庄\nbroken checksum case=TA-000002\nticket case=TA-000003",
        [b"case=TA-000001", "name=王家庄".encode("gb18030"), b"case=TA-000003"],
        ["bad_checksum"],
    ),
    "case_ticket_line": ("ticket TA-000001\nticket-gb 王", [b"TA-000001", "王".encode("gb18030")], []),
    "barcode_scanner": ("# a comment\n\nscan ]Q3TA-1<GS>2\nbytes 41 0D", [b"]Q3TA-1\x1d2", b"A"], []),
    "wedge_scanner": ("scan TA-1\nscan ]C0x", [b"TA-1", b"]C0x"], []),
    "card_reader": ("lay 04A1B2C3\nlay 08A1B2C3", [b"04A1B2C3"], ["random_uid"]),
    "pcsc_reader": ("lay 04112233445566\nremove", [b"04112233445566", b"removed"], []),
    "framed_evaluator": ("rate 3\nkey 0B\nrate 7", [b"stars=5", b"key=evaluate"], ["unknown_code"]),
    "five_key_evaluator": ("rate 5\nrate 0\nrate 9", [b"stars=5", b"outcome=timed out"], ["unknown_code"]),
    "gwq_evaluator": ("rate 1", [b"stars=5"], []),
    "activex_evaluator": ("rate 1", [b"stars=4"], []),
    "pad_five_is_best": ("rate 5", [b"stars=5"], []),
    "pad_zero_is_best": ("rate 0", [b"stars=5"], []),
    "keypad": ("press 3\npress enter\npress up", [b"key=3", b"key=enter", b"key=up"], []),
    "receipt_printer": ("bytes 1A 32 72", [b"status=paper_out"], []),
}


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_device_does_what_its_script_says(driver: str) -> None:
    script, payloads, refused = SCRIPTS[driver]
    with PtyDevice("port") as device, reading(driver, device.address) as (reader, log):
        bench = Bench(device)
        for line in ("open 10", *script.splitlines()):
            perform(driver, bench, line)
        wait_for(lambda: len(log.frames) == len(payloads) and reader.status().bad_frames == len(refused))
        assert log.payloads == payloads
        assert [reader.status().last_bad] == (refused or [""])


def test_unplugged_and_plugged_in_again(tmp_path: Path) -> None:
    with PtyDevice("port", tmp_path) as device, reading("case_ticket_line", device.address) as (reader, log):
        bench = Bench(device)
        for line in ("open 10", "unplug"):
            perform("case_ticket_line", bench, line)
        wait_for(lambda: reader.status().state == "missing")
        with pytest.raises(Unplugged):
            perform("case_ticket_line", bench, "ticket TA-000001")
        for line in ("replug", "open 10", "ticket TA-000002"):
            perform("case_ticket_line", bench, line)
        wait_for(lambda: log.payloads == [b"TA-000002"])


def test_a_printer_answers_while_the_script_waits() -> None:
    with PtyDevice("port") as device, reading("receipt_printer", device.address) as (reader, log):
        bench = Bench(device)
        perform("receipt_printer", bench, "open 10")
        perform("receipt_printer", bench, "status cover_open")
        assert reader.write(b"paper" + DRIVERS["receipt_printer"].prompts.ask)
        for _ in range(100):
            perform("receipt_printer", bench, "wait 0.05")
            if log.frames:
                break
        assert log.payloads[0] == b"status=cover_open"
        assert bytes(bench.printed) == b"paper"


WRONG = {
    ("barcode_scanner", "scna TA-1"): "'scna' is no word of barcode_scanner; it knows scan, open, wait",
    ("barcode_scanner", "scan"): "scan TEXT is expected",
    ("case_ticket", "broken badly case=1"): "broken checksum|truncated|too_long|no_start FIELDS is expected",
    ("keypad", "press F1"): "press 0|1|2",
    ("framed_evaluator", "rate five"): "rate CODE is expected, not 'rate five'",
    ("card_reader", "bytes 0x1"): "bytes HEX is expected",
    ("card_reader", "wait long"): "wait SECONDS is expected",
    ("wedge_scanner", "scan 王"): "scan TEXT is expected",
    ("receipt_printer", "status well"): "status ready|paper_out|cover_open|offline is expected",
    ("case_ticket", "open 0.01"): "nobody has opened",
}


@pytest.mark.parametrize(("driver", "line"), WRONG)
def test_a_line_that_cannot_be_done_says_what_may_stand_there(driver: str, line: str) -> None:
    with PtyDevice("port") as device, pytest.raises(ScriptError) as told:
        perform(driver, Bench(device), line)
    assert WRONG[driver, line] in str(told.value)


def test_every_driver_has_a_device_that_is_explained() -> None:
    assert KINDS.keys() == DRIVERS.keys()


def test_every_word_is_explained() -> None:
    for driver in DRIVERS:
        assert len(words_of(driver)) > 6
        assert all(word.usage.startswith(name) and word.meaning for name, word in words_of(driver).items())


# --- recordings ---------------------------------------------------------------------------------------------------------


@given(chunks=st.lists(st.tuples(st.floats(0, 1e6, allow_nan=False), st.binary(min_size=1, max_size=60)), max_size=8))
def test_a_recording_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[float, bytes]]
) -> None:
    file = tmp_path_factory.mktemp("rec") / "line.rec"
    times = sorted(at for at, _ in chunks)
    with Recorder(file, "case_ticket") as recorder:
        for at, (_, data) in zip(times, chunks, strict=True):
            recorder.take(data, at)
    found = read_recording(file)
    assert found.driver == "case_ticket"
    assert [data for _, data in found.chunks] == [data for _, data in chunks]
    assert all(abs(at - (then - times[0])) < 0.001 for (at, _), then in zip(found.chunks, times, strict=True))


def test_a_recording_is_for_its_owner_alone_and_overwrites_nothing(tmp_path: Path) -> None:
    """It holds what was sent, unmasked."""
    file = tmp_path / "line.rec"
    with Recorder(file, "case_ticket") as recorder:
        recorder.take(b"\x02A\x03", 5.0)
    assert (file.stat().st_mode & 0o777, file.read_text()) == (
        0o600,
        "# rating-terminal recording 1\n# driver: case_ticket\n0.000 02 41 03\n",
    )
    with pytest.raises(FileExistsError):
        Recorder(file, "case_ticket")


BROKEN = {
    "": "does not begin like a recording",
    "# rating-terminal recording 1\nno driver\n": "does not begin like a recording",
    "# rating-terminal recording 1\n# driver: keypad\n0.000 4G\n": "line 3: seconds and bytes in hex",
    "# rating-terminal recording 1\n# driver: keypad\n\n# note\nsoon 41\n": "line 5: seconds and bytes in hex",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_recording_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "line.rec").write_text(text)
    with pytest.raises(RecordingError, match=BROKEN[text]):
        read_recording(tmp_path / "line.rec")


def test_a_real_line_becomes_a_fixture(tmp_path: Path) -> None:
    """Recorded from one line, replayed on another, and the same frames come of it."""
    file = tmp_path / "line.rec"
    pieces = [b"\x02" + TICKET[:9], TICKET[9:], b"\x03" + bytes((block_check(TICKET),))]
    with Recorder(file, "case_ticket") as recorder:
        for at, piece in enumerate(pieces):
            recorder.take(piece, at / 1000)
    with TcpDevice("server") as device, reading(read_recording(file).driver, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        wait_for(lambda: reader.status().state == "connected")
        for _, data in read_recording(file).chunks:
            device.write(data)
        wait_for(lambda: log.payloads == [TICKET])


# --- uinput: what can be checked without the kernel's device ------------------------------------------------------------


def test_the_numbers_of_uinput_are_those_of_linux() -> None:
    """linux/uinput.h: _IOW('U', n, type) and _IO('U', n), as asm-generic/ioctl.h puts them together."""

    def write(number: int, size: int) -> int:
        return 1 << 30 | size << 16 | ord("U") << 8 | number

    integer = struct.calcsize("i")
    assert [write(n, integer) for n in (100, 101, 104)] == [uinput.UI_SET_EVBIT, uinput.UI_SET_KEYBIT, uinput.UI_SET_MSCBIT]
    assert write(3, uinput.SETUP.size) == uinput.UI_DEV_SETUP and uinput.SETUP.size == 92
    assert [ord("U") << 8 | number for number in (1, 2)] == [uinput.UI_DEV_CREATE, uinput.UI_DEV_DESTROY]


def test_a_keyboard_of_the_kernel_is_made_or_its_absence_is_an_os_error() -> None:
    device = uinput.UinputDevice("keypad")
    with pytest.raises(Unplugged):
        device.write(pressed_and_released(2))
    if not os.access(uinput.UINPUT, os.W_OK):
        with pytest.raises(OSError):
            device.replug()
        return
    with device, reading("keypad", device.address) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        device.write(pressed_and_released(4))
        wait_for(lambda: log.payloads == [b"key=3"])


def test_two_threads_never_share_a_bench() -> None:
    """The printer is served by whoever waits: no thread of its own, so that one script is one order of things."""
    with PtyDevice("port") as device:
        before = threading.active_count()
        Bench(device).rest(0.01)
        assert threading.active_count() == before
