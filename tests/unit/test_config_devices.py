"""Devices that need something else in terminal.toml, or bear nothing beside them. Issue 6, points 3, 5 and 6."""

from pathlib import Path

import pytest

from device_drivers.registry import DRIVERS
from terminal_app.config import DATA_DIR_VARIABLE, PLATFORM_URL_VARIABLE, ConfigError, load

GOOD = 'data_dir = "/tmp/x"\n[platform]\nurl = "https://p.example"\n'
KEYPAD = '[[devices]]\nname = "pad"\ndriver = "keypad"\naddress = "/dev/input/by-id/usb-pad-event-kbd"\n'
WEDGE = '[[devices]]\nname = "scanner"\ndriver = "wedge_scanner"\naddress = "0C2E:0B61"\n'


def _load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "terminal.toml"
    file.write_text(text, "utf-8")
    return load(file)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    monkeypatch.delenv(PLATFORM_URL_VARIABLE, raising=False)


@pytest.mark.parametrize("text", [KEYPAD, WEDGE, KEYPAD + WEDGE, WEDGE + "grab = false\n"])
def test_what_is_grabbed_or_alone_is_taken(tmp_path: Path, text: str) -> None:
    _load(tmp_path, GOOD + text)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        (KEYPAD + WEDGE + "grab = false\n", "devices[2].grab", "Set grab = true"),
        (WEDGE + "grab = false\n" + KEYPAD, "devices[1].grab", "leave one of the two out"),
        (KEYPAD + "grab = false\n", "devices[1]", "a keypad is grabbed, or left out"),
        ("[display]\nkeypad = true\n", "display.keypad", 'driver = "keypad"'),
    ],
)
def test_whatever_else_could_type_is_refused_with_file_key_and_remedy(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD + text)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path / 'terminal.toml'}: {key}")
    assert remedy in told


TYPED = 'name = "typed"\naddress = "window"\nprefix = "~~"\nended_by = "line_end"\n'


def test_only_tickets_are_typed_at_the_window(tmp_path: Path) -> None:
    """Device protocols, “Roles”: the wedge is for scanners, never for credentials; ADR 14: no key there rates."""
    _load(tmp_path, GOOD + "[[devices]]\n" + TYPED + 'driver = "wedge_scanner"\n' + KEYPAD)
    for driver in DRIVERS.keys() - {"wedge_scanner"}:
        with pytest.raises(ConfigError, match=f"address: a {driver} cannot come through the window"):
            _load(tmp_path, GOOD + f'[[devices]]\nname = "typed"\ndriver = "{driver}"\naddress = "window"\n')


@pytest.mark.parametrize("left_out", ['prefix = "~~"', 'ended_by = "line_end"'])
def test_what_is_typed_at_the_window_begins_and_ends_as_the_scanner_is_set(tmp_path: Path, left_out: str) -> None:
    """Device protocols: a keyboard is told from a scanner by what is configured, never by timing alone."""
    with pytest.raises(ConfigError, match="Set the scanner to send a prefix and Enter"):
        _load(tmp_path, GOOD + '[[devices]]\ndriver = "wedge_scanner"\n' + TYPED.replace(left_out, ""))


def test_a_keypad_that_was_switched_off_still_loads(tmp_path: Path) -> None:
    _load(tmp_path, GOOD + "[display]\nkeypad = false\n")


PRINTER = '[[devices]]\nname = "printer"\ndriver = "receipt_printer"\naddress = "socket://192.0.2.9:9100"\n'


def test_the_symbol_leads_to_the_windows_own_page_unless_another_is_set(tmp_path: Path) -> None:
    """taian 二(二)1: the case receipt bears the rating QR."""
    _load(tmp_path, GOOD + PRINTER)
    with pytest.raises(ConfigError, match=r"window\.rating_url: has more than 134"):
        _load(tmp_path, GOOD + f'[window]\nrating_url = "https://p.example/{"x" * 300}"\n' + PRINTER)
    _load(tmp_path, GOOD + '[window]\nrating_url = "https://p.example/w/08"\n' + PRINTER)
