"""`rating-terminal devices`: finds what is plugged in and proposes its configuration; listens to one device and says what
is wrong; shows how the devices of the running terminal are."""

import argparse
import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from terminal_app.commands.shared import FOUND, OK, USAGE, CommandError, add_json, parser, say, tell

if TYPE_CHECKING:
    from device_drivers.discovery import Found
    from device_drivers.transport import Line
    from terminal_app.config import DeviceConfig

SECONDS = 20.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    example = "rating-terminal devices scan\n  rating-terminal devices test scanner --config terminal.toml"
    added = parser(subparsers, "devices", "find devices, and try them one by one", example, config=False)
    below = added.add_subparsers(dest="what", required=True, metavar="WHAT")
    scan = parser(below, "scan", "list what is plugged in, and propose how to configure it", "rating-terminal devices scan")
    add_json(scan)
    scan.set_defaults(perform=scan_ports)
    test = parser(
        below,
        "test",
        "listen to a configured device; stop the terminal first",
        "rating-terminal devices test scanner --seconds 30",
    )
    test.add_argument("name", metavar="NAME", help="its name in terminal.toml")
    test.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help="how long to listen (default: %(default)g)")
    test.add_argument("--frames", type=int, default=1, metavar="N", help="end after so many good frames (default: %(default)d)")
    test.set_defaults(perform=test_device)
    _add_record(below)
    _add_running(below)


def _add_record(below: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    record = parser(
        below,
        "record",
        "write down what a device sends, unmasked, to replay it elsewhere; stop the terminal first",
        "rating-terminal devices record scanner -o scanner.rec\n  rating-terminal simulate replay scanner.rec",
    )
    record.add_argument("name", metavar="NAME", help="its name in terminal.toml")
    record.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a file that is not there yet")
    record.add_argument("--seconds", type=float, metavar="S", help="end after so long (default: with Ctrl-C)")
    record.set_defaults(perform=record_device)


def _add_running(below: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    status = parser(below, "status", "how the devices of the running terminal are", "rating-terminal devices status --json")
    add_json(status)
    status.set_defaults(perform=show_status)
    watch = parser(
        below, "watch", "look on at one device of the running terminal, masked", "rating-terminal devices watch scanner"
    )
    watch.add_argument("name", metavar="NAME", help="its name in terminal.toml")
    watch.add_argument("--seconds", type=float, metavar="S", help="end after so long (default: with Ctrl-C)")
    watch.set_defaults(perform=watch_device)


# --- record and the running terminal --------------------------------------------------------------------------------------


def record_device(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.device_trial import record
    from terminal_app.config import load

    device = _named(load(arguments.config).devices, arguments.name)
    tell(
        f"{arguments.output} will hold what is sent as it is: use tickets and cards that are nobody's, and delete it after use"
    )
    with _opened(device) as line:
        size = record(device, line, arguments.output, arguments.seconds)
    print(f"{size} bytes in {arguments.output}")
    return OK if size else FOUND


@contextlib.contextmanager
def _opened(device: "DeviceConfig") -> "Iterator[Line]":
    from device_drivers.transport import LineError

    try:
        with contextlib.closing(device.driver.open(device.address, device.driver.line)) as line:
            tell(f"{device.name}: open at {device.address} as {device.driver.name}")
            yield line
    except LineError as error:
        raise CommandError(f"{device.name}: {error.address}: {error.reason}. {error.remedy}") from None


def show_status(arguments: argparse.Namespace) -> int:
    from terminal_app.commands import device_status

    return device_status.show_status(arguments)


def watch_device(arguments: argparse.Namespace) -> int:
    from terminal_app.commands import device_status

    return device_status.watch(arguments)


# --- scan ---------------------------------------------------------------------------------------------------------------


def scan_ports(arguments: argparse.Namespace) -> int:
    from device_drivers.discovery import discover

    found = discover()
    owners = _owners(arguments)
    values = {"devices": [_values(one, owners.get(one.address)) for one in found]}
    say(arguments, values, "\n\n".join(_told(one, owners.get(one.address)) for one in found) or _NONE)
    return OK if found else FOUND


_NONE = "nothing found. Plug the device in, set it to serial (USB-CDC) mode if it has one, and see whether `lsusb` lists it"


def _owners(arguments: argparse.Namespace) -> dict[str, str]:
    """Address → name of what is configured already, where there is a configuration."""
    from terminal_app.config import load

    return {device.address: device.name for device in load(arguments.config).devices} if arguments.config.exists() else {}


def _values(found: "Found", owner: str | None) -> dict[str, Any]:
    return {
        "path": found.path,
        "address": found.address,
        "stable": found.is_stable,
        "usb": found.usb,
        "what": found.known.what,
        "driver": found.known.driver,
        "configured_as": owner,
    }


def _told(found: "Found", owner: str | None) -> str:
    head = f"# {found.path}: {found.known.what}{f' ({found.usb})' if found.usb else ''}"
    if owner:
        return f"{head}, configured as {owner}"
    doubts = []
    if found.known.doubt:
        doubts.append(f"# {found.known.doubt}")
    if not found.is_stable:
        doubts.append("# this address may name another device after a restart")
    name = re.sub(r"\W+", "-", found.path.rpartition("/")[2]).lower()
    table = [
        "[[devices]]",
        f'name = "{name}"',
        f'driver = "{found.known.driver}"',
        f"address = {json.dumps(found.address, ensure_ascii=False)}",
    ]
    return "\n".join([head, *doubts, *table])


# --- test ---------------------------------------------------------------------------------------------------------------


def test_device(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.device_trial import tell_device
    from terminal_app.config import load

    device = _named(load(arguments.config).devices, arguments.name)
    with _opened(device) as line:
        tell_device(line, device.driver.prompts.ask)
        code = _listen(device, line, arguments.seconds, arguments.frames)
        tell_device(line, device.driver.prompts.rest)
        return code


def _named(devices: "tuple[DeviceConfig, ...]", name: str) -> "DeviceConfig":
    for device in devices:
        if device.name == name:
            return device
    known = ", ".join(device.name for device in devices) or "none"
    raise CommandError(f"no device is called {name!r}; configured: {known}", USAGE)


def _listen(device: "DeviceConfig", line: Any, seconds: float, frames: int) -> int:
    from terminal_app.commands.device_trial import listen, nothing_heard

    use = "it is asked how it is" if device.driver.role == "receipt_printer" else "use it now"
    tell(f"{use}; listening for {seconds:g} s. Nothing of this is rated or kept")
    good = bad = arrived = 0
    for heard in listen(device, line, seconds):
        print(heard.text, flush=True)
        arrived += 1
        good += heard.good is True
        bad += heard.good is False
        if good >= frames:
            break
    if not arrived:
        print(f"bad    {nothing_heard(device, seconds)}")
    elif not good:
        print("bad    bytes arrived, and no good frame among them")
    return OK if good and not bad else FOUND
