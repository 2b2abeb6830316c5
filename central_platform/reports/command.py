"""The command `central-platform report monthly`: the month's figures as xlsx, as PDF or on the screen. It only reads."""

import argparse
from pathlib import Path
from typing import Any

from central_platform.command_line import (
    DONE,
    REFUSED,
    add_command,
    add_group,
    add_json,
    complain,
    month_named,
    reading_database,
    tell,
)
from central_platform.database import Database
from central_platform.files import FileNotWritten, check_place, write_whole
from central_platform.reports.making import NotReported, make_report
from central_platform.reports.tables import Report, as_object, as_text
from central_platform.reports.words import WORDS
from central_platform.times import now_ms


def add_commands(commands: Any) -> None:
    """The group `report`."""
    report = add_group(commands, "report", "reports that a region's rules ask for")
    parser = add_command(
        report,
        "monthly",
        _monthly,
        "make the monthly report: given ratings, those on paper, by other channels and defaults, each apart",
        "report monthly --month 2026-10 --region xian-huyi -o report.xlsx",
    )
    parser.add_argument("--month", type=month_named, metavar="YYYY-MM", help="the month, in China's time (default: this one)")
    parser.add_argument("--region", metavar="R", help="id of the region (default: that which `serve` has)")
    parser.add_argument("--language", choices=[*WORDS], default="zh-CN", help="language of the report (default: %(default)s)")
    parser.add_argument("--font", metavar="FILE", help="font with Chinese letters for a PDF (default: one that is installed)")
    parser.add_argument("-o", "--output", type=_output, metavar="FILE", help="*.xlsx or *.pdf (default: print it)")
    add_json(parser)


def _output(text: str) -> Path:
    if Path(text).suffix.lower() not in {".xlsx", ".pdf"}:
        raise argparse.ArgumentTypeError("must end in .xlsx or .pdf")
    return Path(text)


def _monthly(arguments: argparse.Namespace) -> int:
    from central_platform.pdf import NoFont

    def work(database: Database) -> int:
        asked = (arguments.region, arguments.month, arguments.language, now_ms())
        try:
            if arguments.output is not None:
                check_place(str(arguments.output))
            report = database.read(lambda connection: make_report(connection, *asked))
            if arguments.output is not None:
                write_whole(str(arguments.output), _file(report, arguments))
        except (NotReported, NoFont, FileNotWritten) as error:
            return complain(str(error), REFUSED)
        if arguments.output is None:
            tell(arguments, as_object(report), as_text(report))
        else:
            tell(arguments, {"file": str(arguments.output)} | as_object(report), f"{arguments.output}: {report.title}")
        return DONE

    return reading_database(arguments, work)


def _file(report: Report, arguments: argparse.Namespace) -> bytes:
    if arguments.output.suffix.lower() == ".xlsx":
        from central_platform.reports.xlsx import write_xlsx

        return write_xlsx(report)
    from central_platform.pdf import find_font
    from central_platform.reports.pdf import write_pdf

    return write_pdf(report, find_font(arguments.font), str(WORDS[arguments.language]["page"]))
