"""`rating-terminal simulate`: a device that is not there, told what to do by a script or by lines that are typed.

It makes bytes on a line of its own; a terminal reads them only where its configuration names that line.
"""

import argparse
import contextlib
import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_app.commands.shared import OK, USAGE, CommandError, parser, tell

if TYPE_CHECKING:
    from device_drivers.recording import Recording
    from device_drivers.scripting import Bench
    from device_drivers.simulators import SimulatedDevice

LOOK_S = 0.05
LINGER_S = 1.0
"""A line that is closed takes with it what the other side has not read yet."""
KEYBOARDS = ("wedge_scanner", "keypad")
REPLAY = "replay"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from device_drivers.registry import DRIVERS

    example = (
        "rating-terminal simulate barcode_scanner --link /tmp/scanner\n  rating-terminal simulate replay morning.rec --tcp"
    )
    added = parser(subparsers, "simulate", "a device that is not there, for trying a terminal", example, config=False)
    below = added.add_subparsers(dest="device", required=True, metavar="DEVICE")
    for driver in DRIVERS:
        _add_device(below, driver)
    replay = parser(
        below,
        REPLAY,
        "what `devices record` wrote, sent again",
        "rating-terminal simulate replay morning.rec --link /tmp/line",
        config=False,
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="the recording")
    replay.add_argument("--speed", type=float, default=1.0, metavar="N", help="so many times as fast (default: %(default)g)")
    _add_line(replay)
    replay.set_defaults(perform=replay_recording)


def _add_device(below: "argparse._SubParsersAction[argparse.ArgumentParser]", driver: str) -> None:
    from device_drivers.scripting import KINDS, words_of

    words = "\n  ".join(f"{word.usage:34} {word.meaning}" for word in words_of(driver).values())
    example = f"rating-terminal simulate {driver} --link /tmp/{driver} --script day.txt\n\nlines it understands:\n  {words}"
    added = parser(below, driver, KINDS[driver], example, config=False)
    added.add_argument(
        "--script", type=Path, metavar="FILE", help="do these lines and end (default: lines from here, until Ctrl-D)"
    )
    line = _add_line(added)
    if driver in KEYBOARDS:
        line.add_argument("--uinput", action="store_true", help="as a keyboard of the kernel, where there is /dev/uinput")
    added.set_defaults(perform=simulate, uinput=False)


def _add_line(added: argparse.ArgumentParser) -> "argparse._MutuallyExclusiveGroup":
    line = added.add_mutually_exclusive_group()
    line.add_argument("--link", type=Path, metavar="PATH", help="a link to its serial line, which stays when it is unplugged")
    line.add_argument("--tcp", action="store_true", help="behind a serial server at a port of 127.0.0.1")
    return line


def simulate(arguments: argparse.Namespace) -> int:
    from device_drivers.scripting import Bench

    with _device(arguments, arguments.device) as device:
        bench = Bench(device)
        _say_where(arguments.device, device)
        for number, line in _lines(arguments.script, bench):
            _do(arguments, bench, number, line)
        bench.rest(LINGER_S)
        if arguments.device == "receipt_printer":
            print(f"{len(bench.printed)} bytes were printed")
    return OK


def _do(arguments: argparse.Namespace, bench: "Bench", number: int, line: str) -> None:
    """One line; a wrong one ends a script, and is only told to somebody who types."""
    from device_drivers.scripting import ScriptError, perform
    from device_drivers.simulators import Unplugged

    try:
        perform(arguments.device, bench, line)
    except (ScriptError, Unplugged) as error:
        if arguments.script:
            raise CommandError(f"{arguments.script}, line {number}: {error}", USAGE) from None
        tell(f"{error}")


@contextlib.contextmanager
def _device(arguments: argparse.Namespace, name: str) -> "Iterator[SimulatedDevice]":
    from device_drivers.simulators import PtyDevice, TcpDevice
    from device_drivers.uinput import UINPUT, UinputDevice

    made: PtyDevice | TcpDevice | UinputDevice
    if getattr(arguments, "uinput", False):
        made = UinputDevice(name)
    elif arguments.tcp:
        made = TcpDevice(name)
    else:
        link = arguments.link
        if link and (link.exists() or link.is_symlink()) and not link.is_symlink():
            raise CommandError(f"{link} is there and is no link. Name another path with --link", USAGE)
        made = PtyDevice(link.name if link else name, link.parent if link else None)
    try:
        made.replug()
    except OSError as error:
        what = UINPUT if isinstance(made, UinputDevice) else arguments.link
        raise CommandError(f"{what}: {error.strerror}. Leave --uinput out, or choose another path with --link") from None
    with made:
        yield made


def _say_where(driver: str, device: "SimulatedDevice") -> None:
    print(f'[[devices]]\nname = "simulated-{driver}"\ndriver = "{driver}"\naddress = "{device.address}"', flush=True)


def _lines(script: Path | None, bench: "Bench") -> Iterator[tuple[int, str]]:
    """The lines of the script, or those that are typed; meanwhile the device goes on answering."""
    if script:
        try:
            yield from enumerate(script.read_text("utf-8").splitlines(), 1)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{script}: {getattr(error, 'strerror', None) or 'no text in UTF-8'}", USAGE) from None
        return
    if sys.stdin.isatty():
        tell("type what it does, as `--help` lists it; end with Ctrl-D")
    descriptor, typed, number = sys.stdin.fileno(), b"", 0
    while True:
        bench.look()
        if not select.select([descriptor], [], [], LOOK_S)[0]:
            continue
        more = os.read(descriptor, 4096)
        typed += more if more else b"\n"
        while b"\n" in typed:
            line, _, typed = typed.partition(b"\n")
            number += 1
            yield number, line.decode("utf-8", "replace")
        if not more:
            return


# --- replay -------------------------------------------------------------------------------------------------------------


def replay_recording(arguments: argparse.Namespace) -> int:
    from device_drivers.recording import RecordingError, read_recording
    from device_drivers.scripting import OPEN_S, SETTLE_S, Bench
    from device_drivers.simulators import Unplugged

    try:
        recording = read_recording(arguments.file)
    except RecordingError as error:
        raise CommandError(f"{error}", USAGE) from None
    except OSError as error:
        raise CommandError(f"{arguments.file}: {error.strerror}. Name a file that `devices record` wrote", USAGE) from None
    if arguments.speed <= 0:
        raise CommandError("--speed must be greater than 0", USAGE)
    with _device(arguments, recording.driver) as device:
        _say_where(recording.driver, device)
        tell("waiting until a terminal opens it")
        if not device.wait_until_open(OPEN_S):
            raise CommandError(f"nobody opened {device.address} within {OPEN_S:g} s")
        bench = Bench(device)
        bench.rest(SETTLE_S)
        try:
            _send(recording, device, arguments.speed)
        except Unplugged as error:
            raise CommandError(f"{error}") from None
        bench.rest(LINGER_S)
        print(f"{sum(len(data) for _, data in recording.chunks)} bytes sent")
    return OK


def _send(recording: "Recording", device: "SimulatedDevice", speed: float) -> None:
    begun_s = time.monotonic()
    for at_s, data in recording.chunks:
        time.sleep(max(0.0, begun_s + at_s / speed - time.monotonic()))
        device.write(data)
