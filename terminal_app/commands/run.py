"""`rating-terminal run`: the kiosk on the counter."""

import argparse

from terminal_app.commands.shared import parser


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(subparsers, "run", "run the kiosk window", "rating-terminal run --config /etc/rating-terminal/terminal.toml")
    added.add_argument("--verbose", action="store_true", help="log more")
    added.set_defaults(perform=perform)


def perform(arguments: argparse.Namespace) -> int:
    from terminal_app.config import load
    from terminal_app.process import run_kiosk

    return run_kiosk(load(arguments.config), verbose=arguments.verbose)
