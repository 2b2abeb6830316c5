"""terminal.toml and environment → TerminalConfig. Every error names file, key and remedy; nothing is guessed."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from device_drivers.registry import DRIVERS, configured
from device_drivers.spec import DriverSpec
from device_drivers.transport import is_address
from terminal_app.domain.frozen import frozen
from terminal_app.domain.session import Timing
from ui.wording import languages

ADDRESSES = "Use /dev/serial/by-id/…, VID:PID, or socket://host:port"
DATA_DIR_VARIABLE = "RATING_TERMINAL_DATA_DIR"
PLATFORM_URL_VARIABLE = "RATING_TERMINAL_PLATFORM_URL"


class ConfigError(Exception):
    """What is wrong in which file at which key, and what to do."""

    def __init__(self, file: Path, key: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {key + ': ' if key else ''}{problem}. {remedy}")
        self.key = key


@frozen
class DeviceConfig:
    """One device: its name, its driver with the options of the file, and its address."""

    name: str
    driver: DriverSpec
    address: str


@frozen
class DisplayConfig:
    """The screen. `canvas` (width, height) in device-independent pixels; None with `fullscreen`: the screen's own size."""

    fullscreen: bool = True
    canvas: tuple[int, int] | None = None
    language: str = "zh-CN"
    touch_devices: tuple[str, ...] = ()
    allow_mouse: bool = False
    keypad: bool = False
    min_contact_ms: int = 0
    high_contrast: bool = False
    dark_idle: bool = False


@frozen
class TerminalConfig:
    """Everything an administrator may say about one terminal."""

    file: Path
    data_dir: Path
    platform_url: str
    ca_file: Path | None
    rating_url: str | None
    display: DisplayConfig
    timing: Timing
    devices: tuple[DeviceConfig, ...]


def load(file: Path) -> TerminalConfig:
    """The configuration in `file`. Raises ConfigError."""
    document = _Table(file, "", _read(file))
    platform = document.table("platform")
    window = document.table("window")
    config = TerminalConfig(
        file=file,
        data_dir=_data_dir(document),
        platform_url=_platform_url(platform),
        ca_file=_existing_file(platform, "ca_file"),
        rating_url=window.text("rating_url", None),
        display=_display(document.table("display")),
        timing=_timing(document.table("timing")),
        devices=tuple(_device(table) for table in document.tables("devices")),
    )
    for table in (window, platform, document):
        table.refuse_unknown()
    _refuse_twice(file, config.devices)
    return config


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(file, "", "no such file", "Give another with --config, or copy docs/terminal.example.toml") from None
    except OSError as error:
        raise ConfigError(file, "", f"cannot be read ({error.strerror})", "Check its owner and permissions") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(file, "", f"is not valid TOML in UTF-8 ({error})", "Correct that place") from None


class _Table:
    """One table of the file: typed access to its keys; whatever was not asked for is unknown."""

    def __init__(self, file: Path, path: str, values: Mapping[str, Any]) -> None:
        self._file = file
        self._path = path
        self._values = values
        self._known: set[str] = set()

    def key(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part)

    def error(self, name: str, problem: str, remedy: str) -> ConfigError:
        return ConfigError(self._file, self.key(name), problem, remedy)

    def get(self, name: str, kind: type | tuple[type, ...], what: str) -> Any:
        self._known.add(name)
        value = self._values.get(name)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.error(name, f"must be {what}, not {value!r}", "Correct the value")
        return value

    def text(self, name: str, default: str | None) -> str | None:
        value = self.get(name, str, "a text in quotes")
        return default if value is None else str(value)

    def required_text(self, name: str, remedy: str) -> str:
        value = self.text(name, None)
        if not value:
            raise self.error(name, "is missing", remedy)
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.get(name, bool, "true or false")
        return default if value is None else bool(value)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.get(name, (int, float), "a number")
        if value is None:
            return default
        if not low <= value <= high:
            raise self.error(name, f"must be from {low:g} to {high:g}, not {value!r}", "Correct the value")
        return float(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default) or default
        if value not in allowed:
            raise self.error(name, f"must be one of {', '.join(allowed)}, not {value!r}", "Correct the value")
        return value

    def table(self, name: str) -> "_Table":
        value = self.get(name, dict, f"a table [{self.key(name)}]")
        return _Table(self._file, self.key(name), value or {})

    def tables(self, name: str) -> "list[_Table]":
        rows = self.get(name, list, f"a list of tables [[{self.key(name)}]]") or []
        if not all(isinstance(row, dict) for row in rows):
            raise self.error(name, f"must be a list of tables [[{self.key(name)}]]", "Correct the value")
        return [_Table(self._file, f"{self.key(name)}[{index + 1}]", row) for index, row in enumerate(rows)]

    def rest(self) -> Mapping[str, Any]:
        return {name: value for name, value in self._values.items() if name not in self._known}

    def refuse_unknown(self) -> None:
        for name in self.rest():
            raise self.error(name, "is not a known key", f"Remove it, or use one of: {', '.join(sorted(self._known))}")


def _data_dir(document: _Table) -> Path:
    configured = document.text("data_dir", None)
    text = os.environ.get(DATA_DIR_VARIABLE) or configured
    if not text:
        raise document.error("data_dir", "is missing", f"Set it to the folder for the ratings, or set {DATA_DIR_VARIABLE}")
    return Path(text).expanduser()


def _platform_url(platform: _Table) -> str:
    configured = platform.text("url", None)
    url = os.environ.get(PLATFORM_URL_VARIABLE) or configured
    if not url:
        raise platform.error("url", "is missing", f"Set it to the platform's address, or set {PLATFORM_URL_VARIABLE}")
    if not _is_web_address(url):
        raise platform.error("url", f"must look like https://host[:port][/path], not {url!r}", "Correct the address")
    return url.rstrip("/")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.query or parts.fragment)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and plain


def _existing_file(table: _Table, name: str) -> Path | None:
    text = table.text(name, None)
    if text is None:
        return None
    if not Path(text).is_file():
        raise table.error(name, f"no such file: {text}", "Correct the path")
    return Path(text)


def _display(table: _Table) -> DisplayConfig:
    default = DisplayConfig()
    config = DisplayConfig(
        fullscreen=table.boolean("fullscreen", default.fullscreen),
        canvas=_canvas(table),
        language=table.choice("language", default.language, languages()),
        touch_devices=_texts(table, "touch_devices"),
        allow_mouse=table.boolean("allow_mouse", default.allow_mouse),
        keypad=table.boolean("keypad", default.keypad),
        high_contrast=table.boolean("high_contrast", default.high_contrast),
        dark_idle=table.boolean("dark_idle", default.dark_idle),
        min_contact_ms=int(table.number("min_contact_ms", default.min_contact_ms, 0, 1_000)),
    )
    table.refuse_unknown()
    return config


def _canvas(table: _Table) -> tuple[int, int] | None:
    value = table.get("canvas", list, "a pair like [1280, 800]")
    if value is None:
        return None
    if len(value) != 2 or not all(type(side) is int and 400 <= side <= 8_000 for side in value):
        raise table.error("canvas", f"must be a pair like [1280, 800], not {value!r}", "Correct the value")
    return (value[0], value[1])


def _texts(table: _Table, name: str) -> tuple[str, ...]:
    values = table.get(name, list, 'a list of texts like ["…"]') or []
    if not all(isinstance(value, str) for value in values):
        raise table.error(name, f'must be a list of texts like ["…"], not {values!r}', "Correct the value")
    return tuple(values)


def _timing(table: _Table) -> Timing:
    default = Timing()
    limits = {
        name: int(table.number(f"{name}_s", getattr(default, f"{name}_ms") / 1000, 0.2, 600) * 1000)
        for name in ("stars", "reasons", "extension", "thanks", "notice", "staff")
    }
    table.refuse_unknown()
    return Timing(**{f"{name}_ms": limit for name, limit in limits.items()})


def _device(table: _Table) -> DeviceConfig:
    name = table.required_text("name", "Give the device a short name")
    driver = table.choice("driver", "", tuple(DRIVERS))
    address = table.required_text("address", ADDRESSES)
    if not is_address(address):
        raise table.error("address", f"{address!r} cannot name a line", ADDRESSES)
    try:
        return DeviceConfig(name, configured(driver, table.rest()), address)
    except ValueError as error:
        raise table.error("", str(error), "Correct the value") from None


def _refuse_twice(file: Path, devices: tuple[DeviceConfig, ...]) -> None:
    for label, values in (("name", [d.name for d in devices]), ("address", [d.address for d in devices])):
        for value in values:
            if values.count(value) > 1:
                raise ConfigError(file, f"devices.{label}", f"{value!r} is used twice", "Give each device its own")
