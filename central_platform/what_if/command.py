"""The command `central-platform what-if`: a recorded month under other regions' rules. The database refuses it every change."""

import argparse
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from central_platform.calendars import working_calendar
from central_platform.command_line import DONE, REFUSED, USAGE, add_command, complain, month_named, reading_database
from central_platform.database import Database
from central_platform.files import FileNotWritten, write_whole
from central_platform.month import Month
from central_platform.rules.law import Law
from central_platform.rules.laws import Laws, NoRegion
from central_platform.times import now_ms, parse_wall
from central_platform.what_if.chart import draw
from central_platform.what_if.figures import count_month
from central_platform.what_if.page import write_page
from central_platform.what_if.record import read_month
from central_platform.what_if.report import COLUMNS, Report, as_object, as_rows, as_text
from terminal_app.regions.library import UnknownRegion, load_pack
from terminal_app.regions.pack import PackError, policy_document

_WRITERS = {".svg": draw, ".html": write_page}


def add_commands(commands: Any) -> None:
    """The command `what-if`."""
    parser = add_command(
        commands,
        "what-if",
        _what_if,
        "show what a month's ratings would have come to under other regions' rules; changes nothing",
        "what-if --from zhejiang,taian --month 2026-10 -o october.html",
    )
    parser.add_argument(
        "--from",
        dest="regions",
        required=True,
        metavar="R[,R…]",
        help="whose rules to replay it under: regions' ids, or packs' files (*.toml)",
    )
    parser.add_argument("--month", required=True, type=month_named, metavar="YYYY-MM", help="the month, in China's time")
    parser.add_argument("--at", type=_time, metavar="TIME", help="as of when (ISO 8601 with offset; default: now)")
    parser.add_argument("-o", "--output", type=_output, metavar="FILE", help="write a chart too: *.svg, or *.html with a table")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object, with every deadline")
    form.add_argument("--csv", action="store_true", help=f"print rows of {','.join(COLUMNS)}")


def _time(text: str) -> int:
    parsed = parse_wall(text)
    if parsed is None:
        raise argparse.ArgumentTypeError("must be a time with offset, as 2026-11-22T09:30:00+08:00")
    return parsed[0]


def _output(text: str) -> Path:
    path = Path(text)
    if path.suffix not in _WRITERS:
        raise argparse.ArgumentTypeError(f"{text} ends neither with .svg nor with .html")
    return path


def _what_if(arguments: argparse.Namespace) -> int:
    try:
        packs = [Law.from_document(policy_document(load_pack(name.strip()))) for name in arguments.regions.split(",")]
    except (UnknownRegion, PackError) as error:
        return complain(str(error), USAGE)
    now = arguments.at if arguments.at is not None else now_ms()

    def work(database: Database) -> int:
        try:
            report = database.read(lambda connection: _report(connection, arguments.month, packs, now))
        except NoRegion as error:
            return complain(str(error), REFUSED)
        print(_printed(arguments, report), flush=True)
        return _write(arguments.output, report)

    try:
        return reading_database(arguments, work)
    except KeyboardInterrupt:
        return complain("interrupted; nothing was changed or written.", REFUSED)


def _report(connection: Connection, month: Month, packs: list[Law], now: int) -> Report:
    laws, calendar = Laws(connection), working_calendar(connection)
    record = read_month(connection, month, _tell_progress)
    if record.not_followed:
        _say(f"{record.not_followed} ratings are left out, which `serve` or `defaults run` have not looked at yet.")
    columns = [count_month(None, laws.of, record, calendar, now)]
    columns += [count_month(pack.region, lambda *_, pack=pack: pack, record, calendar, now) for pack in packs]
    return Report(month.name, now, len(record.cases), tuple(columns))


def _printed(arguments: argparse.Namespace, report: Report) -> str:
    if arguments.json:
        return json.dumps(as_object(report), ensure_ascii=False)
    if arguments.csv:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *as_rows(report)])
        return text.getvalue().rstrip("\n")
    return as_text(report)


def _write(path: Path | None, report: Report) -> int:
    if path is None:
        return DONE
    try:
        write_whole(str(path), _WRITERS[path.suffix](report).encode())
    except FileNotWritten as error:
        return complain(str(error), REFUSED)
    _say(f"written: {path}")
    return DONE


def _tell_progress(cases: int) -> None:
    _say(f"{cases} cases read …")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
