"""terminal.toml and environment → TerminalConfig. Every error names file, key and remedy; nothing is guessed."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from device_drivers.registry import DRIVERS, configured
from device_drivers.spec import DriverSpec
from device_drivers.transport import WINDOW, is_address
from terminal_app.config_table import ConfigError, Table, read_toml
from terminal_app.domain.frozen import frozen
from terminal_app.domain.session import Timing

if TYPE_CHECKING:
    from local_api.settings import ApiSettings
    from terminal_app.config_local_api import TicketSettings
    from terminal_app.config_voice import VoiceConfig
from ui.wording import languages

ADDRESSES = "Use /dev/serial/by-id/…, VID:PID, socket://host:port, or pcsc://NAME"
LONGEST_RATING_URL = 134
"""A longer one makes a code that telephones do not read from the smallest canvas."""
FROZEN_S = 15.0
"""A main thread that stands still for so long is taken to be dead; nothing that it does takes a second."""
DATA_DIR_VARIABLE = "RATING_TERMINAL_DATA_DIR"
PLATFORM_URL_VARIABLE = "RATING_TERMINAL_PLATFORM_URL"


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
    min_contact_ms: int = 0
    high_contrast: bool = False
    dark_idle: bool = False
    posters: Path | None = None
    photos: Path | None = None


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
    frozen_s: float = FROZEN_S
    local_api: "ApiSettings | None" = None
    tickets: "TicketSettings | None" = None
    log_out_on_removal: bool = False
    voice: "VoiceConfig | None" = None
    log_stick: Path | None = None


def load(file: Path) -> TerminalConfig:
    """The configuration in `file`. Raises ConfigError."""
    document = Table(file, "", read_toml(file))
    platform = document.table("platform")
    window = document.table("window")
    local_api, tickets = _business_systems(document)
    config = TerminalConfig(
        file=file,
        data_dir=_data_dir(document),
        platform_url=_platform_url(platform),
        ca_file=_existing_file(platform, "ca_file"),
        rating_url=window.text("rating_url", None),
        display=_display(document.table("display")),
        timing=_timing(document.table("timing")),
        devices=tuple(_device(table) for table in document.tables("devices")),
        frozen_s=_frozen_s(document.table("watchdog")),
        local_api=local_api,
        tickets=tickets,
        log_out_on_removal=window.boolean("log_out_on_removal", False),
        voice=_voice(document),
        log_stick=_log_stick(document.table("administration")),
    )
    for table in (window, platform, document):
        table.refuse_unknown()
    _refuse_twice(file, config.devices)
    _refuse_ungrabbed(file, config.devices)
    _refuse_long_address(file, config)
    return config


def _business_systems(document: Table) -> "tuple[ApiSettings | None, TicketSettings | None]":
    if not (document.has("local_api") or document.has("tickets")):
        return None, None
    from terminal_app.config_local_api import api_settings, ticket_settings  # most terminals have neither

    return api_settings(document), ticket_settings(document)


def _voice(document: Table) -> "VoiceConfig | None":
    if not document.has("voice"):
        return None
    from terminal_app.config_voice import voice_config  # most terminals have none

    return voice_config(document.table("voice"))


def _data_dir(document: Table) -> Path:
    configured = document.text("data_dir", None)
    text = os.environ.get(DATA_DIR_VARIABLE) or configured
    if not text:
        raise document.error("data_dir", "is missing", f"Set it to the folder for the ratings, or set {DATA_DIR_VARIABLE}")
    return Path(text).expanduser()


def _platform_url(platform: Table) -> str:
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


def _existing_file(table: Table, name: str) -> Path | None:
    text = table.text(name, None)
    if text is None:
        return None
    if not Path(text).is_file():
        raise table.error(name, f"no such file: {text}", "Correct the path")
    return Path(text)


def _refuse_switch(display: Table) -> None:
    """What used to let every keyboard rate."""
    if display.get("keypad", bool, "left out"):
        remedy = 'Remove it, and add the keypad under [[devices]] with driver = "keypad"'
        raise display.error("keypad", "is no switch any more", remedy)


def _display(table: Table) -> DisplayConfig:
    _refuse_switch(table)
    default = DisplayConfig()
    config = DisplayConfig(
        fullscreen=table.boolean("fullscreen", default.fullscreen),
        canvas=_canvas(table),
        language=table.choice("language", default.language, languages()),
        touch_devices=table.texts("touch_devices"),
        allow_mouse=table.boolean("allow_mouse", default.allow_mouse),
        high_contrast=table.boolean("high_contrast", default.high_contrast),
        dark_idle=table.boolean("dark_idle", default.dark_idle),
        posters=table.existing_folder("posters"),
        photos=table.existing_folder("photos"),
        min_contact_ms=int(table.number("min_contact_ms", default.min_contact_ms, 0, 1_000)),
    )
    table.refuse_unknown()
    return config


def _canvas(table: Table) -> tuple[int, int] | None:
    value = table.get("canvas", list, "a pair like [1280, 800]")
    if value is None:
        return None
    if len(value) != 2 or not all(type(side) is int and 400 <= side <= 8_000 for side in value):
        raise table.error("canvas", f"must be a pair like [1280, 800], not {value!r}", "Correct the value")
    return (value[0], value[1])


def _timing(table: Table) -> Timing:
    default = Timing()
    limits = {
        name: int(table.number(f"{name}_s", getattr(default, f"{name}_ms") / 1000, 0.2, 600) * 1000)
        for name in ("stars", "reasons", "extension", "thanks", "notice", "staff")
    }
    table.refuse_unknown()
    return Timing(**{f"{name}_ms": limit for name, limit in limits.items()})


def _frozen_s(table: Table) -> float:
    limit_s = float(table.number("limit_s", FROZEN_S, 0.5, 600))
    table.refuse_unknown()
    return limit_s


def _log_stick(table: Table) -> Path | None:
    """Where a stick is mounted when there is one; it need not be there at the start."""
    text = table.text("log_stick", None)
    if text is not None and not Path(text).is_absolute():
        raise table.error("log_stick", f"{text!r} is no absolute path", "Give the folder where the stick is mounted")
    table.refuse_unknown()
    return Path(text) if text else None


def _device(table: Table) -> DeviceConfig:
    name = table.required_text("name", "Give the device a short name")
    driver = table.choice("driver", "", tuple(DRIVERS))
    address = table.required_text("address", ADDRESSES)
    if not is_address(address):
        raise table.error("address", f"{address!r} cannot name a line", ADDRESSES)
    options = table.rest()
    if address == WINDOW:
        _refuse_at_window(table, driver, options)
    try:
        return DeviceConfig(name, configured(driver, options), address)
    except ValueError as error:
        raise table.error("", str(error), "Correct the value") from None


def _refuse_at_window(table: Table, driver: str, options: Mapping[str, Any]) -> None:
    """Anybody may type at a window: tickets alone come that way, and what begins and ends them is set in the scanner."""
    if driver != "wedge_scanner":
        raise table.error("address", f"a {driver} cannot come through the window", ADDRESSES)
    if "prefix" not in options or options.get("ended_by") != "line_end":
        remedy = 'Set the scanner to send a prefix and Enter, and write prefix = "…" and ended_by = "line_end" here'
        raise table.error("prefix", "is missing, or ended_by is not line_end", remedy)


def _refuse_twice(file: Path, devices: tuple[DeviceConfig, ...]) -> None:
    for label, values in (("name", [d.name for d in devices]), ("address", [d.address for d in devices])):
        for value in values:
            if values.count(value) > 1:
                raise ConfigError(file, f"devices.{label}", f"{value!r} is used twice", "Give each device its own")


def _refuse_ungrabbed(file: Path, devices: tuple[DeviceConfig, ...]) -> None:
    """Beside a keypad every other keyboard is grabbed: nothing that a scanner types may ever reach what rates."""
    keypad = next((device for device in devices if device.driver.role == "keypad"), None)
    for number, device in enumerate(devices, 1):
        if keypad and not device.driver.exclusive:
            problem = f"{device.name!r} types for everybody while the keypad {keypad.name!r} rates"
            raise ConfigError(file, f"devices[{number}].grab", problem, "Set grab = true, or leave one of the two out")


def _refuse_long_address(file: Path, config: TerminalConfig) -> None:
    if len(config.rating_url or "") > LONGEST_RATING_URL:
        raise ConfigError(file, "window.rating_url", f"has more than {LONGEST_RATING_URL} characters", "Shorten it for its QR")
