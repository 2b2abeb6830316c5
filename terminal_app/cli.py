"""The `rating-terminal` command line: one subcommand per file in commands/. No error reaches a person as a traceback."""

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from terminal_app import __version__
from terminal_app.commands import run
from terminal_app.commands.shared import EXIT_CODES, USAGE, CommandError
from terminal_app.config_table import ConfigError

SIGINT_EXIT = 130
SIGPIPE_EXIT = 141


def build_parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of the whole command line, or of as much of it as `words` need."""
    parser = argparse.ArgumentParser(
        prog="rating-terminal",
        description="The rating terminal on the counter: five stars, kept offline, delivered in real time.",
        epilog=f"example:\n  rating-terminal run --config terminal.toml\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rating-terminal {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (run,) if words[:1] == ["run"] else _all_commands():
        command.add_parser(subparsers)
    return parser


def _all_commands() -> tuple[ModuleType, ...]:
    """Imported here, because the window's start waits for none but its own."""
    from terminal_app.commands import demo, devices, doctor, enroll, journal, outbox, region, simulate

    return (run, demo, enroll, doctor, devices, simulate, journal, outbox, region)


def run_command(words: Sequence[str]) -> int:
    """Run one command. Returns its exit code."""
    arguments = build_parser(words).parse_args(words)
    try:
        code = int(arguments.perform(arguments))
        sys.stdout.flush()
        return code
    except CommandError as error:
        print(f"rating-terminal: {error}", file=sys.stderr)
        return error.code
    except ConfigError as error:
        print(f"rating-terminal: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return SIGINT_EXIT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SIGPIPE_EXIT
