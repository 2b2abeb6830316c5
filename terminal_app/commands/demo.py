"""`rating-terminal demo`: the whole system on one machine, with simulated devices."""

import argparse
import os
import signal
from typing import NoReturn

from terminal_app.commands.shared import CommandError, parser

REGION = "taian"
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "demo",
        "show platform, terminal and simulated devices together",
        "rating-terminal demo\n  rating-terminal demo --headless --ratings 200 --seed 7 --kill 5 --region guangdong\n"
        "  rating-terminal demo --devices --headless",
        config=False,
    )
    added.add_argument(
        "--headless", action="store_true", help="no display: a scripted crowd rates in the real window, offscreen"
    )
    added.add_argument(
        "--devices", action="store_true", help="use every kind of device once, each through its own line, and compare"
    )
    added.add_argument("--ratings", type=_count, default=20, metavar="N", help="headless: how many citizens tap (default 20)")
    added.add_argument("--seed", type=int, default=1, metavar="S", help="headless: the crowd's seed (default 1)")
    added.add_argument("--kill", type=_count, default=0, metavar="K", help="headless: SIGKILL the terminal K times")
    added.add_argument(
        "--region", default=REGION, metavar="R", help="whose rules apply: a region's id, or a pack's file (default %(default)s)"
    )
    added.set_defaults(perform=perform)


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{count} is negative; give 0 or more")
    return count


def perform(arguments: argparse.Namespace) -> int:
    from terminal_app.demo.stage import StageError

    _end_as_by_ctrl_c()
    try:
        if arguments.devices:
            return _walk(arguments)
        return _headless(arguments) if arguments.headless else _interactive(arguments.region)
    except StageError as error:
        raise CommandError(str(error)) from None


def _end_as_by_ctrl_c() -> None:
    """SIGTERM and a closed console end the demonstration as Ctrl-C does; nothing interrupts it again while it clears up."""
    numbers = [number for number in _ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]

    def interrupt(*_: object) -> NoReturn:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def _headless(arguments: argparse.Namespace) -> int:
    from terminal_app.demo.crowd import run

    return run(arguments.ratings, arguments.seed, arguments.kill, arguments.region)


def _walk(arguments: argparse.Namespace) -> int:
    from terminal_app.demo.walk import run

    display = "" if arguments.headless else os.environ.get("DISPLAY", "")
    if not (display or arguments.headless):
        raise CommandError("there is no X display to show the walk on (DISPLAY is not set): add --headless")
    return run(arguments.region, display)


def _interactive(region: str) -> int:
    from terminal_app.demo.interactive import show

    return show(region)
