"""Keys that a window was given, as a line, and the prefix that tells a scanner from whoever types (issue 6, point 3)."""

import pytest
from support.devices import reading, wait_for

from device_drivers.framing import BadFrame
from device_drivers.input_events import EV_KEY, RECORD, typed
from device_drivers.input_line import open_input
from device_drivers.registry import configured
from device_drivers.spec import DriverSpec
from device_drivers.transport import WINDOW, LineError, LineSettings, is_address, is_stable_address
from device_drivers.window_keys import WindowKeys

SCANNER = configured("wedge_scanner", {"prefix": "~~", "ended_by": "line_end"})


def put_in(keys: WindowKeys, text: str) -> None:
    records = typed(text)
    for start in range(0, len(records), RECORD.size):
        _, _, kind, code, value = RECORD.unpack_from(records, start)
        if kind == EV_KEY:
            keys.put(code, bool(value))


def at(keys: WindowKeys) -> DriverSpec:
    return SCANNER._replace(open=keys.open)


def test_what_is_typed_with_the_prefix_is_a_scan_and_nothing_else_is() -> None:
    keys = WindowKeys()
    with reading(at(keys), WINDOW) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        put_in(keys, "5")
        put_in(keys, "TA-000001")
        put_in(keys, "~~")
        put_in(keys, "~~TA-000002")
        wait_for(lambda: log.payloads == [b"TA-000002"])
        assert (reader.status().frames, reader.status().bad_frames) == (1, 3)
        assert {bad.reason for bad in log.bad} == {"garbage"}, "no notice at the window for whoever leans on a keyboard"


def test_what_was_typed_while_nobody_read_is_no_part_of_what_comes_later() -> None:
    keys = WindowKeys()
    put_in(keys, "~~TA-000001")
    with reading(at(keys), WINDOW) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        put_in(keys, "~~TA-000002")
        wait_for(lambda: log.payloads)
        assert log.payloads == [b"TA-000002"]


def test_a_pipe_that_nobody_empties_never_holds_the_window_up() -> None:
    keys = WindowKeys()
    for _ in range(20_000):
        keys.put(30, True)
    with reading(at(keys), WINDOW) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        put_in(keys, "~~TA-000001")
        wait_for(lambda: log.payloads == [b"TA-000001"])


def test_what_was_spoiled_is_no_scan_and_the_next_one_is() -> None:
    keys = WindowKeys()
    with reading(at(keys), WINDOW) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        keys.put(41, True)
        keys.spoil()
        put_in(keys, "~~TA-000001")
        put_in(keys, "~~TA-000002")
        wait_for(lambda: log.frames)
        assert (log.payloads, reader.status().bad_frames) == ([b"TA-000002"], 1)


def test_outside_the_running_terminal_nobody_can_read_there() -> None:
    assert is_address(WINDOW) and is_stable_address(WINDOW)
    with pytest.raises(LineError) as told:
        open_input(WINDOW, LineSettings())
    assert (told.value.reason, "devices status" in told.value.remedy) == ("failed", True)


FRAMES: dict[str, tuple[str, bytes | BadFrame]] = {
    "with it": ("~~TA-1", b"TA-1"),
    "without it": ("TA-1", BadFrame("garbage", 4)),
    "half of it": ("~TA-1", BadFrame("garbage", 5)),
    "it alone": ("~~", BadFrame("garbage", 2)),
    "later": ("TA-1~~", BadFrame("garbage", 6)),
    "twice": ("~~~~1", b"~~1"),
}


@pytest.mark.parametrize("what", FRAMES)
def test_a_prefix(what: str) -> None:
    text, frame = FRAMES[what]
    assert SCANNER.framer().feed(typed(text)) == [frame]


def test_a_scan_that_breaks_off_is_garbage() -> None:
    """Never timing alone: with or without the prefix, a silence makes no scan of what was typed."""
    framer = SCANNER.framer()
    assert framer.feed(typed("~~TA-1", enter=False)) == [] and framer.pending
    assert framer.gap() == [BadFrame("garbage", 6)]
    assert not framer.pending


@pytest.mark.parametrize("prefix", ["", "x" * 17, 5, "前"])
def test_a_prefix_is_something_that_the_scanner_can_type(prefix: object) -> None:
    with pytest.raises(ValueError, match=r"prefix = .*: must be 1 to 16 characters that layout us can type"):
        configured("wedge_scanner", {"prefix": prefix})
