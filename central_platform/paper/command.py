"""Commands of `central-platform` for paper: print forms, enter and confirm what they say, list them, look at a scan."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from central_platform import documents
from central_platform.command_line import (
    DONE,
    REFUSED,
    USAGE,
    add_command,
    add_group,
    add_json,
    base_url,
    complain,
    tell,
    with_database,
)
from central_platform.database import Database
from central_platform.files import FileNotWritten, check_place, write_whole
from central_platform.form_number import shown
from central_platform.identity import load_identity
from central_platform.languages import LANGUAGES
from central_platform.paper.entering import (
    Entered,
    Entry,
    NotEntered,
    State,
    Written,
    confirm,
    enter,
    forms_with_state,
    known_form,
)
from central_platform.paper.scans import ScanRefused, open_scan, read_scan
from central_platform.paper_forms import register
from central_platform.rules.laws import NoRegion
from central_platform.times import now_ms
from terminal_app.regions.library import UnknownRegion
from terminal_app.regions.pack import PackError

_MOST_COPIES = 500
_FIELDS = {"level": "the level", "day": "the day", "case": "the case number", "visit": "the visit", "reasons": "the reasons"}


def add_commands(commands: Any) -> None:
    """The group `paper`."""
    paper = add_group(commands, "paper", "rating forms on paper, and their entry by staff")
    _add_form(paper)
    _add_entry(paper, "enter", _enter, "enter what a form says; it counts once another person has confirmed it")
    _add_entry(paper, "confirm", _confirm, "enter a form as the second person, without having seen the first entry")
    listing = add_command(paper, "list", _list, "list the forms and where they stand", "paper list --state pending --json")
    listing.add_argument("--region", metavar="R", help="only forms of this region")
    listing.add_argument("--state", choices=[*State], help="only forms that stand so")
    add_json(listing)
    scan = add_command(
        paper,
        "scan",
        _scan,
        "open a scan of a form, for authorised use only; logged",
        "paper scan 273819405688 -o form.pdf",
    )
    scan.add_argument("number", metavar="NUMBER", help="the form's number")
    scan.add_argument("-o", "--output", required=True, metavar="FILE", help="where to write it")
    add_json(scan)


def _add_form(paper: Any) -> None:
    parser = add_command(
        paper,
        "form",
        _form,
        "print numbered forms as PDF, a page each",
        "paper form --region xian-huyi --copies 20 --hall 草堂街道便民服务中心 --window 1号窗口 "
        "--public-url https://pingjia.example.gov.cn -o forms.pdf",
    )
    parser.add_argument("--region", required=True, metavar="R", help="whose form: id of a region, or a pack's file (*.toml)")
    parser.add_argument("--hall", required=True, help="name of the hall or of the town's office")
    parser.add_argument("--window", required=True, help="name of the window, as citizens see it")
    parser.add_argument(
        "--copies", type=_copies, default=1, metavar="N", help=f"how many, at most {_MOST_COPIES} (default: %(default)s)"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, default=LANGUAGES[0], help="language of the form (default: %(default)s)"
    )
    parser.add_argument(
        "--public-url", required=True, type=base_url, metavar="URL", help="address of this platform for telephones, in the QR"
    )
    parser.add_argument("--font", metavar="FILE", help="font with Chinese letters (default: one that is installed)")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the PDF to write")
    add_json(parser)


def _add_entry(paper: Any, name: str, run: Any, summary: str) -> None:
    parser = add_command(
        paper,
        name,
        run,
        summary,
        f"paper {name} 2738-1940-5688 --by T-7 --level 2 --reason 209 --day 2026-11-20 --case 2026TA000001",
    )
    parser.add_argument("number", metavar="NUMBER", help="the form's number, with or without blanks")
    parser.add_argument("--by", required=True, metavar="STAFF", help="staff number of who enters it, from the staff directory")
    parser.add_argument("--level", required=True, type=int, choices=range(1, 6), help="the box that is ticked")
    parser.add_argument("--day", required=True, metavar="DAY", help="day on the form; where it is empty, when it was collected")
    parser.add_argument("--case", metavar="NUMBER", help="case number on the form, if any")
    parser.add_argument("--visit", metavar="V", help="visit of the case, if any")
    parser.add_argument(
        "--reason", action="append", default=[], metavar="CODE", help="a reason that is ticked; may be repeated"
    )
    parser.add_argument(
        "--scan", metavar="FILE", help="PDF, JPEG or PNG of the form; needed where the region's rules ask for it"
    )
    add_json(parser)


def _copies(text: str) -> int:
    copies = int(text)
    if not 1 <= copies <= _MOST_COPIES:
        raise argparse.ArgumentTypeError(f"1 to {_MOST_COPIES}")
    return copies


def _form(arguments: argparse.Namespace) -> int:
    from central_platform.paper.printing import Asked, NoPaperForm, prepare
    from central_platform.paper.sheet import draw_forms
    from central_platform.pdf import NoFont, find_font

    place = (arguments.hall, arguments.window)
    asked = Asked(arguments.region, arguments.language, *place, arguments.public_url)

    def work(database: Database) -> int:
        try:
            font = find_font(arguments.font)
            check_place(arguments.output)
            face, printing = database.write(lambda connection: prepare(connection, asked))
            numbers = database.write(lambda connection: register(connection, printing, arguments.copies, now_ms()))
            write_whole(arguments.output, draw_forms(face, numbers, font))
        except (UnknownRegion, PackError, documents.NoCatalogue) as error:
            return complain(str(error), USAGE)
        except (NoFont, NoPaperForm, FileNotWritten) as error:
            return complain(str(error), REFUSED)
        value = {"file": arguments.output, "region": printing.region, "numbers": numbers}
        tell(arguments, value, f"{arguments.output}: {len(numbers)} forms, {shown(numbers[0])} to {shown(numbers[-1])}")
        return DONE

    return with_database(arguments, work, create=True)


def _enter(arguments: argparse.Namespace) -> int:
    return _entered(arguments, enter)


def _confirm(arguments: argparse.Namespace) -> int:
    return _entered(arguments, confirm)


def _entered(arguments: argparse.Namespace, take: Any) -> int:
    written = Written(arguments.level, arguments.day, arguments.case, arguments.visit, tuple(arguments.reason))

    def work(database: Database) -> int:
        try:
            scan = read_scan(Path(arguments.scan)) if arguments.scan else None
            entry = Entry(arguments.number, arguments.by, written, scan)
            done: Entered = database.write(lambda connection: take(connection, load_identity(connection), entry, now_ms()))
        except (NotEntered, NoRegion, ScanRefused) as error:
            return complain(str(error), REFUSED)
        tell(arguments, {"state": done.state, "differing": list(done.differing)}, _told(done))
        return REFUSED if done.state is State.DIFFERS else DONE

    return with_database(arguments, work, create=False)


def _told(done: Entered) -> str:
    if done.state is State.DIFFERS:
        named = ", ".join(_FIELDS[name] for name in done.differing)
        return f"the two entries differ in {named}: neither counts. Look at the form, and both enter it again."
    return "the form counts now" if done.state is State.COUNTED else "entered once; another person confirms it now"


def _list(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        found = database.read(lambda connection: forms_with_state(connection, arguments.region))
        chosen = [(form, state) for form, state in found if arguments.state in (None, state)]
        rows = [
            {"number": form.number, "state": state, "region": form.printing.region}
            | {"hall": form.printing.hall, "window": form.printing.window}
            for form, state in chosen
        ]
        counts = Counter(state for _, state in found)
        lines = [f"{shown(form.number)}  {state:<8} {form.printing.hall} · {form.printing.window}" for form, state in chosen]
        lines.append(", ".join(f"{counts[state]} {state}" for state in State))
        tell(arguments, {"forms": rows, "counts": {state: counts[state] for state in State}}, "\n".join(lines))
        return DONE

    return with_database(arguments, work, create=False)


def _scan(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        identity = database.write(load_identity)
        try:
            form = database.read(lambda connection: known_form(connection, arguments.number))
            scan = database.read(lambda connection: open_scan(connection, identity, form.number))
            write_whole(arguments.output, scan.content)
        except (NotEntered, ScanRefused, FileNotWritten) as error:
            return complain(str(error), REFUSED)
        tell(arguments, {"file": arguments.output, "media": scan.media}, f"{arguments.output}: {scan.media}")
        return DONE

    return with_database(arguments, work, create=False)
