"""`./dev crowd`: people with all kinds of hands at the real window; a table of what they meant, did, and what arrived."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from crowd.hall import Visited, judge, service
from crowd.people import KINDS, Person, people
from crowd.visit import Did
from support.tables import as_columns, as_markdown

from terminal_app.demo.crowd import reason_codes
from terminal_app.demo.kiosk_process import KioskGone
from terminal_app.demo.stage import StageError

_HELP = """\
The real kiosk on a virtual X server, with devices on ptys and a real platform process. People come one after the other: each
means something, drawn from the seed, and does it with X events, or a keypad's keys: hurried, trembling, twice, after a palm. In
the end the platform has to hold exactly what each of them meant, and nothing of those who walked away.
"""
_END = """\
examples:
  ./dev crowd --people 500 --seed 1 --markdown
  ./dev crowd --people 24 --canvas 800x1280

Columns: people who came; ratings that they meant; ratings that screens confirmed; ratings that the platform holds; touches that
people had to make again; people for whom any of it differs. Exit code 0: nothing differs; 1: something does, and its folder is
kept; 2: wrong usage; 130: interrupted.
"""
_TELL_EVERY = 25


@dataclass(slots=True)
class Row:
    """What all people of one kind came to."""

    people: int = 0
    meant: int = 0
    did: int = 0
    arrived: int = 0
    again: int = 0
    different: int = 0

    def add(self, visited: Visited) -> None:
        self.people += 1
        self.meant += visited.person.meant is not None
        self.did += visited.did.choice is not None
        self.arrived += visited.arrived is not None
        self.again += visited.did.again
        self.different += bool(visited.differences)


def main(words: list[str]) -> int:
    options = _options(words)
    folder = Path(tempfile.mkdtemp(prefix="rating-crowd-"))
    started = time.monotonic()
    try:
        visited = attend(folder, options.people, options.seed, options.canvas, _say)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        _say("interrupted")
        return 130
    except (StageError, KioskGone) as error:
        _say(f"{error or 'the kiosk ended'}; its logs are kept in {folder}")
        return 1
    _tell(visited, options, time.monotonic() - started)
    if any(one.differences for one in visited):
        _say(f"journal, platform and logs are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def attend(folder: Path, count: int, seed: int, canvas: tuple[int, int], say: Callable[[str], None]) -> list[Visited]:
    """Everybody's visit, and what arrived of it. Raises StageError and KioskGone."""
    say(f"starting platform, X server and window in {folder}")
    with service(folder, canvas, seed) as (window, held):
        visits: list[tuple[Person, Did]] = []
        for number, person in enumerate(people(seed, count, reason_codes()), 1):
            did = window.serve(person)
            visits.append((person, did))
            if did.stuck:
                say(f"{person.kind}, case {person.case}: {did.stuck}")
            if number % _TELL_EVERY == 0 or number == count:
                say(f"{number} of {count} people")
        return judge(visits, held())


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev crowd", description=_HELP, epilog=_END, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=_positive, default=40, metavar="N", help="how many people (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="who they are (%(default)s)")
    parser.add_argument("--canvas", type=_canvas, default=(1280, 800), metavar="WxH", help="size of the screen (1280x800)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--markdown", action="store_true", help="print the table of docs/reliability.md")
    return parser.parse_args(words)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _canvas(text: str) -> tuple[int, int]:
    width, found, height = text.partition("x")
    if not (found and width.isdigit() and height.isdigit() and min(int(width), int(height)) >= 600):
        raise argparse.ArgumentTypeError("a size such as 1280x800, at least 600 pixels each way")
    return int(width), int(height)


def _tell(visited: list[Visited], options: argparse.Namespace, seconds: float) -> None:
    rows = {kind: Row() for kind in KINDS}
    for one in visited:
        rows[one.person.kind].add(one)
        for difference in one.differences:
            _say(f"{one.person.kind}, case {one.person.case}: meant {one.person.meant}, arrived {one.arrived}: {difference}")
    whole = Row(*(sum(getattr(row, name) for row in rows.values()) for name in Row.__slots__))
    _say(f"seed {options.seed}, {seconds:.0f} s")
    if options.json:
        print(json.dumps({"seed": options.seed, **{kind: asdict(row) for kind, row in rows.items()}, "all": asdict(whole)}))
        return
    told = [("kind", *Row.__slots__)]
    told += [(kind, *(str(getattr(row, name)) for name in Row.__slots__)) for kind, row in [*rows.items(), ("all", whole)]]
    print("\n".join(as_markdown(told) if options.markdown else as_columns(told)))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
