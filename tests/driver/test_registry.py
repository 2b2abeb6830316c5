"""The options that a configuration gives a driver: what they do, and what a wrong one is told."""

import pytest

from device_drivers.framing import BadFrame
from device_drivers.input_line import open_input
from device_drivers.registry import DRIVERS, configured, known_options
from device_drivers.spec import Role
from device_drivers.transport import LineSettings


@pytest.mark.parametrize("name", DRIVERS)
def test_without_options_a_driver_is_as_listed(name: str) -> None:
    spec = configured(name, {})
    assert (spec.name, spec.role, spec.line, spec.silence_s) == (
        name,
        DRIVERS[name].role,
        LineSettings(),
        DRIVERS[name].silence_s,
    )


@pytest.mark.parametrize("name", DRIVERS)
def test_line_settings_and_silence_are_taken(name: str) -> None:
    spec = configured(name, {"baud": 115200, "parity": "E", "silence_ms": 40})
    assert spec.line == LineSettings(baud=115200, parity="E")
    assert spec.silence_s == 0.04


def test_a_card_reader_is_told_how_its_uids_are_written() -> None:
    spec = configured("card_reader", {"uid_format": "decimal", "reversed": True, "uid_bytes": 4, "zeros_dropped": True})
    assert spec.decode(b"3283263748") == b"04A1B2C3"


def test_where_zeros_are_dropped_a_silence_ends_no_line() -> None:
    """A number without its zeros and one that was cut off look alike."""
    framer = configured("card_reader", {"uid_format": "decimal", "zeros_dropped": True}).framer()
    assert framer.feed(b"77705923") + framer.gap() == [BadFrame("truncated", 8)]
    assert framer.feed(b"77705923\r") == [b"77705923"]


WRONG = [
    ("plotter", {}, "driver = 'plotter': must be one of case_ticket, case_ticket_line, barcode_scanner, card_reader, "),
    ("barcode_scanner", {"speed": 9600}, "speed: no option of driver barcode_scanner; it knows baud, data_bits, ended_by"),
    ("barcode_scanner", {"uid_bytes": 4}, "uid_bytes: no option of driver barcode_scanner"),
    ("case_ticket", {"ended_by": "any"}, "ended_by: no option of driver case_ticket"),
    ("barcode_scanner", {"ended_by": "cr"}, "ended_by = 'cr': must be one of any, line_end"),
    ("case_ticket", {"baud": "9600"}, "baud = '9600': must be one of 50…4000000"),
    ("case_ticket", {"parity": "even"}, "parity = 'even': must be one of N, E, O, M, S"),
    ("case_ticket", {"silence_ms": 0}, "silence_ms = 0: must be a whole number from 10 to 5000"),
    ("case_ticket", {"silence_ms": True}, "silence_ms = True"),
    ("card_reader", {"uid_format": "binary"}, "uid_format = 'binary': must be one of hex, decimal"),
    ("card_reader", {"uid_format": "frame", "zeros_dropped": True}, "zeros_dropped = True: a frame holds every byte"),
    ("card_reader", {"uid_format": "frame", "removed_as": "OFF"}, "removed_as = 'OFF': a frame says nothing but a UID"),
    ("card_reader", {"uid_bytes": 5}, "uid_bytes = 5: must be one of 4, 7"),
    ("framed_evaluator", {"device_address": 256}, "device_address = 256: must be a whole number from 0 to 255"),
    ("framed_evaluator", {"device_address": True}, "device_address = True"),
    ("framed_evaluator", {"levels": "best"}, "levels = 'best': must be one of framed, gwq, activex, five_key"),
    ("keypad", {"grab": False}, "grab = False: a keypad is grabbed, or left out"),
    ("wedge_scanner", {"grab": "no"}, "grab = 'no': must be true or false"),
    ("wedge_scanner", {"prefix": ""}, "prefix = '': must be 1 to 16 characters that layout us can type"),
    ("wedge_scanner", {"layout": "cn"}, "layout = 'cn': must be one of us, de, fr"),
    ("card_reader", {"uid_format": "wiegand", "uid_bytes": 7}, "uid_bytes = 7: facility and number of wiegand are 4 bytes"),
    ("card_reader", {"removed_as": 0}, "removed_as = 0: must be the text that the reader writes"),
    ("card_reader", {"removed_as": "取走"}, "removed_as = '取走': must be the text"),
    ("card_reader", {"reversed": "yes"}, "reversed = 'yes': must be true or false"),
]


@pytest.mark.parametrize(("name", "options", "told"), WRONG)
def test_a_wrong_option_is_told_with_what_it_may_be(name: str, options: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError) as caught:
        configured(name, options)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("name", DRIVERS)
def test_every_known_option_is_taken(name: str) -> None:
    good = {
        "baud": 9600, "data_bits": 8, "parity": "N", "stop_bits": 1, "flow": "none", "silence_ms": 50, "ended_by": "line_end",
        "uid_format": "hex", "reversed": False, "uid_bytes": 7, "zeros_dropped": False, "removed_as": "OFF",
        "device_address": 5, "levels": "gwq", "layout": "de", "grab": True, "prefix": "~~",
    }  # fmt: skip
    known = known_options(DRIVERS[name])
    assert configured(name, {key: good[key] for key in known}).name == name


def test_no_keyboard_is_a_credential() -> None:
    """Device protocols, “Roles”: a card reader in keyboard mode is never accepted; what anybody can type proves nothing."""
    typing = {name for name, spec in DRIVERS.items() if spec.open is open_input}
    assert typing == {"wedge_scanner", "keypad"}
    assert {DRIVERS[name].role for name in typing} == {Role.BARCODE_SCANNER, Role.KEYPAD}
    assert "grab" not in known_options(DRIVERS["card_reader"]) + known_options(DRIVERS["pcsc_reader"])
