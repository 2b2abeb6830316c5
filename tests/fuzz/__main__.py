"""`./dev fuzz [TARGET…] [--runs N]`: coverage-guided fuzzing of framers and ticket readers with atheris; the corpus is kept.

atheris is in the group `fuzz`, outside the lock: it has no wheels for arm64.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fuzz.guided import ONE, ONE_LONG, fuzz_here

if sys.argv[1:2] in ([ONE], [ONE_LONG]):  # before anything of the product is imported, which cannot be instrumented any more
    fuzz_here(sys.argv[2], sys.argv[3:], long=sys.argv[1] == ONE_LONG)

from fuzz.record import Record
from fuzz.rounds import LONG_IN, ROUND, SHORT, Found, keep, run_round
from fuzz.targets import LONGEST, TARGETS
from simulation.report import present_commit

RUNS = 100_000
_TELL_EVERY_S = 30
_END = f"""\
A target is run in rounds of {ROUND:,} executions. All inputs are of {SHORT} bytes at most, but for one in {LONG_IN}, in which
a part is repeated until it has up to {LONGEST:,}. With --record the executions of earlier calls count, and --runs says how many
they are to be altogether; Ctrl-C ends the round that is under way, and the same call goes on from there. What is found is kept
as a file TARGET-crash-…, -timeout-… or -oom-… here.

examples:
  ./dev fuzz case_ticket ticket --runs 1000000
  ./dev fuzz --runs 10000000 --record fuzz.json --keep

exit codes: 0 nothing · 1 found · 2 wrong words · 3 no atheris · 130 interrupted"""


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./dev fuzz",
        description="Fuzz framers and ticket readers, guided by coverage. What crashes, hangs or grows is kept as a file.",
        epilog=_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="executions of each (default: %(default)d)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="JSON file that counts executions, by target and commit")
    parser.add_argument("--keep", action="store_true", help="add what reached new code to the corpus, reduced")
    arguments = parser.parse_args(words)
    if unknown := [name for name in arguments.targets if name not in TARGETS]:
        parser.error(f"unknown target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    try:
        record = Record(arguments.record)
    except (OSError, ValueError) as error:
        parser.error(f"--record: {error}")
    if not has_atheris():
        remedy = ".venv/bin/python -m pip install 'atheris>=3.0'"
        print(f"fuzz: atheris is not here. Install it beside the lock: {remedy}", file=sys.stderr)
        return 3
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        found = [name for name in arguments.targets or TARGETS if not fuzz(name, arguments.runs, record, arguments.keep)]
    except KeyboardInterrupt:
        print("\ninterrupted; what was executed is counted", file=sys.stderr)
        return 130
    print(f"found something in {', '.join(found)}" if found else "nothing found")
    return 1 if found else 0


def has_atheris() -> bool:
    return subprocess.run([sys.executable, "-c", "import atheris"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def fuzz(target: str, runs: int, record: Record, keeps: bool) -> bool:
    """Whether nothing was found until the target had been executed so often by the record."""
    commit = present_commit()
    progress = Progress(target, runs)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        fresh = Path(scratch)
        try:
            while (done := record.executions(target)) < runs:
                run_round(
                    target,
                    min(ROUND, runs - done),
                    fresh,
                    lambda so_far, before=done: progress.tell(before + so_far),  # type: ignore[misc]
                    lambda ran: record.add(target, commit, *ran),
                )
        except Found as found:
            print(f"\n{found}", file=sys.stderr)
            return False
        finally:
            if keeps and any(fresh.iterdir()):
                print(f"fuzz: {target}, {keep(target, fresh)} inputs added to the corpus", file=sys.stderr)
        progress.end(record.executions(target))
    return True


class Progress:
    """One line that is written over on a terminal; elsewhere one every half a minute."""

    def __init__(self, target: str, wanted: int) -> None:
        self._target = target
        self._wanted = wanted
        self._told_s = 0.0
        self._over = sys.stderr.isatty()

    def tell(self, done: int) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= (0.5 if self._over else _TELL_EVERY_S):
            self._told_s = now_s
            self._say(done, "" if self._over else "\n")

    def end(self, done: int) -> None:
        self._say(done, "\n")

    def _say(self, done: int, end: str) -> None:
        line = f"fuzz: {self._target}, {done:,} of {self._wanted:,} executions"
        print(f"\r{line:<78}" if self._over else line, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
