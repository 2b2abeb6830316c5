"""What every command of `central-platform` has in common: how it is declared, speaks, ends, and gets its database.

Never knows a particular command.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

from central_platform.database import DEFAULT_URL, Database, open_database, open_for_reading
from central_platform.month import Month, NotAMonth
from terminal_app.regions.library import load_pack

DONE, REFUSED, USAGE, UNUSABLE = 0, 1, 2, 3
EXIT_CODES = (
    "exit codes: 0 done · 1 verify found something, or what was given is refused · 2 wrong usage · "
    "3 the database or the port cannot be used"
)

Run = Callable[[argparse.Namespace], int]
"""Runs a command; returns its exit code."""


def add_group(commands: Any, name: str, summary: str) -> Any:
    """A command that only holds subcommands; returns what they are added to."""
    group = commands.add_parser(name, help=summary, description=f"{name}: {summary}", epilog=EXIT_CODES)
    return group.add_subparsers(title="commands", required=True, dest="subcommand")


def add_command(commands: Any, name: str, run: Run, summary: str, example: str) -> argparse.ArgumentParser:
    """A command on a database. `example` is what is typed after `central-platform`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"example: central-platform {example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--db", default=DEFAULT_URL, metavar="URL", help="sqlite:///… or postgresql+psycopg://… (default: %(default)s)"
    )
    parser.set_defaults(run=run)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option that `tell` looks at."""
    parser.add_argument("--json", action="store_true", help="print one JSON object, for a program to read")


def base_url(text: str) -> str:
    """The type of an option that takes an address of this platform; without a slash at its end."""
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must begin with http:// or https://")
    return text.rstrip("/")


def month_named(text: str) -> Month:
    """The type of an option that takes a month."""
    try:
        return Month.named(text)
    except NotAMonth as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def complain(message: str, code: int) -> int:
    """Say on standard error what is wrong and what helps; returns `code`."""
    print(f"central-platform: {message}", file=sys.stderr)
    return code


def tell(arguments: argparse.Namespace, value: dict[str, Any], text: str) -> None:
    """Print the result: `value` as JSON where that was asked for, else `text`."""
    print(json.dumps(value, ensure_ascii=False) if arguments.json else text, flush=True)


def warn_of_end(region: str) -> None:
    """Say on standard error where the document behind a region's rules has ended. Raises UnknownRegion and PackError."""
    pack = load_pack(region)
    ended, after = pack.validity.get("to"), pack.validity.get("superseded_by")
    if ended is not None and ended < date.today().isoformat():
        told = f"the rules of {pack.id} ended on {ended}{f'; after them: {after}' if after else ''}"
        print(f"central-platform: warning: {told}. They still apply; choose others with --region.", file=sys.stderr)


def reading_database(arguments: argparse.Namespace, work: Callable[[Database], int]) -> int:
    """Run `work` on the database of `--db`, which cannot be changed through it. Raises DatabaseUnusable."""
    return _run_on(open_for_reading(arguments.db), work)


def with_database(arguments: argparse.Namespace, work: Callable[[Database], int], *, create: bool) -> int:
    """Run `work` on the database of `--db` and close it. Raises DatabaseUnusable, which `main` tells."""
    return _run_on(open_database(arguments.db, create=create), work)


def _run_on(database: Database, work: Callable[[Database], int]) -> int:
    try:
        return work(database)
    finally:
        database.close()
