"""terminal.toml: every mistake is told with file, key and remedy (issue: bad input, “malformed or missing config”)."""

from pathlib import Path

import pytest

from terminal_app.config import DATA_DIR_VARIABLE, PLATFORM_URL_VARIABLE, ConfigError, load

GOOD = 'data_dir = "/tmp/x"\n[platform]\nurl = "https://p.example"\n'
DEVICE = '[[devices]]\nname = "line"\ndriver = "case_ticket"\naddress = "/dev/serial/by-id/a"\n'


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    monkeypatch.delenv(PLATFORM_URL_VARIABLE, raising=False)


def _load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "terminal.toml"
    file.write_text(text, "utf-8")
    return load(file)


def test_the_documented_example_loads() -> None:
    config = load(Path(__file__).parents[2] / "docs" / "terminal.example.toml")
    assert [device.name for device in config.devices] == ["ticket-line", "scanner", "card-reader"]
    assert config.timing.stars_ms == 60_000
    assert config.display.fullscreen


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, "/somewhere/else")
    monkeypatch.setenv(PLATFORM_URL_VARIABLE, "http://127.0.0.1:9/")
    file = tmp_path / "terminal.toml"
    file.write_text("", "utf-8")
    config = load(file)
    assert (str(config.data_dir), config.platform_url) == ("/somewhere/else", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('[platform]\nurl = "https://p"', "data_dir", "is missing"),
        ('data_dir = "x"', "platform.url", "is missing"),
        ('data_dir = "x"\n[platform]\nurl = "ftp://p"', "platform.url", "https://"),
        ('data_dir = "x"\n[platform]\nurl = "https://"', "platform.url", "https://"),
        ('data_dir = "x"\n[platform]\nurl = "https://p:eighty"', "platform.url", "https://"),
        ('data_dir = "x"\n[platform]\nurl = "https://user@p"', "platform.url", "https://"),
        ('data_dir = "x"\n[platform]\nurl = "https://p/?token=1"', "platform.url", "https://"),
        ("data_dir = 5", "data_dir", "a text"),
        (GOOD + 'ca_file = "/no/such"', "platform.ca_file", "/no/such"),
        (GOOD + 'colour = "red"', "platform.colour", "not a known key"),
        ("colour = 1\n" + GOOD, "colour", "not a known key"),
        (GOOD + '[display]\nlanguage = "fr"', "display.language", "zh-CN, en"),
        (GOOD + "[display]\nfullscreen = 1", "display.fullscreen", "true or false"),
        (GOOD + "[display]\ncanvas = [1280]", "display.canvas", "[1280, 800]"),
        (GOOD + "[display]\ntouch_devices = [1]", "display.touch_devices", "list of texts"),
        (GOOD + "[timing]\nstars_s = 0", "timing.stars_s", "from 0.2 to 600"),
        (GOOD + '[timing]\nstars_s = "60"', "timing.stars_s", "a number"),
        (GOOD + "[timing]\nstars_s = true", "timing.stars_s", "a number"),
        (GOOD + "devices = 3", "platform.devices", "not a known key"),
        (GOOD + '[[devices]]\ndriver = "case_ticket"\naddress = "a"', "devices[1].name", "is missing"),
        (GOOD + '[[devices]]\nname = "a"\naddress = "a"', "devices[1].driver", "must be one of case_ticket"),
        (GOOD + '[[devices]]\nname = "a"\ndriver = "telepathy"\naddress = "a"', "devices[1].driver", "barcode_scanner"),
        (GOOD + '[[devices]]\nname = "a"\ndriver = "case_ticket"', "devices[1].address", "by-id"),
        (GOOD + '[[devices]]\nname = "a"\ndriver = "case_ticket"\naddress = "COM3"', "devices[1].address", "by-id"),
        (GOOD + DEVICE + "baud = -1", "devices[1]", "baud"),
        (GOOD + DEVICE + "speed = 9600", "devices[1]", "speed"),
        (GOOD + DEVICE + DEVICE, "devices.name", "used twice"),
        ("data_dir = ", "", "not valid TOML"),
    ],
)
def test_each_mistake_names_file_key_and_remedy(tmp_path: Path, text: str, key: str, hint: str) -> None:
    with pytest.raises(ConfigError) as raised:
        _load(tmp_path, text)
    message = str(raised.value)
    assert str(tmp_path / "terminal.toml") in message
    assert key in message
    assert hint in message
    assert message.count(". ") >= 1, "a remedy follows the problem"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file.*--config"):
        load(tmp_path / "absent.toml")
