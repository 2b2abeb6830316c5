"""What the subcommands have in common: exit codes, the --config and --json options, and how errors are told."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

OK = 0
FOUND = 1
USAGE = 2
UNAVAILABLE = 3

EXIT_CODES = (
    "exit codes: 0 done · 1 done, with findings or a difference · 2 wrong use or configuration · "
    "3 something needed is not available (claim, device, display, platform, data folder)"
)
DEFAULT_CONFIG = Path("terminal.toml")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


class CommandError(Exception):
    """Ends a command with a message that names the thing and the remedy, and an exit code."""

    def __init__(self, message: str, code: int = UNAVAILABLE) -> None:
        super().__init__(message)
        self.code = code


def parser(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    example: str,
    *,
    config: bool = True,
) -> argparse.ArgumentParser:
    """A subcommand's parser with example and exit codes in its help."""
    added = subparsers.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  {example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if config:
        added.add_argument(
            "--config", type=Path, default=DEFAULT_CONFIG, metavar="FILE", help="terminal.toml (default: in this folder)"
        )
    return added


def add_json(added: argparse.ArgumentParser) -> None:
    """The --json option."""
    added.add_argument("--json", action="store_true", help="print one JSON object, for a program to read")


def is_chinese() -> bool:
    """Whether the locale asks for Chinese."""
    wanted = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((language for language in wanted if language), "").startswith("zh")


def say(arguments: argparse.Namespace, values: dict[str, Any], text: str) -> None:
    """Print a result: JSON where it was asked for, else text."""
    print(json.dumps(values, ensure_ascii=False) if arguments.json else text)


def one_line(text: str) -> str:
    """What a file says, for a person to read: control characters are spelled out, so that none acts or begins a line."""
    return text.translate(_CONTROLS)


def tell(text: str) -> None:
    """Tell a person something that is not the result."""
    print(text, file=sys.stderr, flush=True)
