"""`./dev fault-campaign`: real processes, real faults, one after the other; a table of what was done and what came of it."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from campaign.kinds import KINDS
from campaign.scene import Result, Scene
from campaign.template import Template, make_template
from support.tables import as_columns, as_markdown

from terminal_app.demo.stage import StageError

_HELP = """\
A real kiosk process, off screen, with devices on ptys; a real platform process; a TCP proxy between them; a scripted crowd that
rates meanwhile. Each run does faults of one kind, drawn from its seed. Then everything is made well, one more citizen has to be
able to rate, and the simulation's checker, which shares no code with the product, compares what screens confirmed with what the
platform holds.
"""
_END = """\
examples:
  ./dev fault-campaign --runs 100 --markdown
  ./dev fault-campaign --runs 5 --seed 7 --only network kill-at-random
  ./dev fault-campaign --list

Run n of seed S has seed S+n and takes the kinds in turn; a failed run says how it is repeated. What was chosen follows from the
seed; when exactly it met the processes does not, because they are real. Exit code 0: no violation; 1: there was one; 2: wrong
usage; 130: interrupted.
"""


@dataclass(slots=True)
class Total:
    """What all runs of one kind came to."""

    runs: int = 0
    ratings: int = 0
    entries: int = 0
    violations: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        self.runs += 1
        self.ratings += result.ratings
        self.entries += result.entries
        self.violations += bool(result.findings)
        self.seconds += result.seconds
        self.faults += result.faults


def main(words: list[str]) -> int:
    options = _options(words)
    if options.list:
        print("\n".join(KINDS))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="fault-campaign-"))
    totals: dict[str, Total] = {}
    try:
        _say("making a platform with an enrolled terminal")
        template = make_template(folder)
        for number in range(options.runs):
            kind = options.only[number % len(options.only)]
            result = _run(kind, options.seed + number, folder, template, options)
            totals.setdefault(kind, Total()).add(result)
            _say(_line(number + 1, options, kind, options.seed + number, result))
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except StageError as error:
        _say(str(error))
        return 1
    finally:
        for left in folder.iterdir() if folder.exists() else ():
            if not left.name.startswith("run-"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    _tell(totals, options)
    return 1 if any(total.violations for total in totals.values()) else 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev fault-campaign", description=_HELP, epilog=_END, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=len(KINDS), metavar="N", help="how many runs (%(default)s: each kind once)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the first run (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=list(KINDS), default=list(KINDS), metavar="KIND", help="these kinds only")
    parser.add_argument("--keep", action="store_true", help="keep the folder of every run, not only of failed ones")
    parser.add_argument("--list", action="store_true", help="name the kinds and end")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--markdown", action="store_true", help="print the table of docs/reliability.md")
    return parser.parse_args(words)


def _run(kind: str, seed: int, folder: Path, template: Template, options: argparse.Namespace) -> Result:
    place = folder / f"run-{seed}-{kind}"
    place.mkdir()
    done = False
    try:
        with Scene(place, seed, template) as scene:
            result = scene.play(KINDS[kind].run, KINDS[kind].before)
        done = True
    finally:
        if not done or not (result.findings or options.keep):
            shutil.rmtree(place)
    if result.findings:
        _say(f"VIOLATION in {kind} with seed {seed}: {result.findings[0]}")
        for finding in result.findings[1:6]:
            _say(f"  {finding}")
        _say(f"  kept in {place}; again: ./dev fault-campaign --runs 1 --seed {seed} --only {kind}")
    return result


def _line(number: int, options: argparse.Namespace, kind: str, seed: int, result: Result) -> str:
    done = _faults(result.faults) or "no fault"
    return f"{number}/{options.runs} {kind} seed {seed}: {result.ratings} ratings, {result.seconds:.1f} s, {done}"


def _faults(faults: Counter[str]) -> str:
    return ", ".join(f"{count} × {fault}" for fault, count in sorted(faults.items()))


def _tell(totals: dict[str, Total], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"seed": options.seed, "kinds": {kind: _figures(total) for kind, total in totals.items()}}))
        return
    rows: list[tuple[str, ...]] = [("kind", "runs", "ratings", "entries", "violations", "faults")]
    rows += [_row(kind, total) for kind, total in totals.items()]
    rows += [_row("all", _sum(totals.values()))]
    print("\n".join(as_markdown(rows) if options.markdown else as_columns(rows)))


def _figures(total: Total) -> dict[str, object]:
    return {
        "runs": total.runs,
        "ratings": total.ratings,
        "entries": total.entries,
        "violations": total.violations,
        "seconds": round(total.seconds, 1),
        "faults": dict(total.faults),
    }


def _sum(totals: Iterable[Total]) -> Total:
    everything = Total()
    for total in totals:
        everything.runs += total.runs
        everything.ratings += total.ratings
        everything.entries += total.entries
        everything.violations += total.violations
        everything.faults["faults"] += total.faults.total()
    return everything


def _row(kind: str, total: Total) -> tuple[str, ...]:
    return (kind, str(total.runs), str(total.ratings), str(total.entries), str(total.violations), _faults(total.faults))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
