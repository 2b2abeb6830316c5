"""`./dev simulate`: many runs, a table of what they met, and on a failure the seed with what led to it."""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from simulation.faults import COMMON, THEMES
from simulation.report import Summary, present_commit, shrunk, story
from simulation.run import VISITS, Result, simulate_briefly

_TELL_EVERY = 50
_DEAF = (signal.SIGINT, signal.SIG_IGN)
"""Ctrl-C reaches the processes that simulate as well; it is their parent who ends them."""

_HELP = """\
Terminals, their people, their network and the platform in one process on virtual time: the product's own domain, store
(real SQLite files), delivery and platform, with faults drawn from the seed. After each run a checker that shares no code
with the product compares what people touched, as screens confirmed it, with what the platform holds.
"""
_END = """\
Run N of seed S is seed S+N alone, so that `./dev simulate --runs 1 --seed S+N` repeats it. Exit code 1: something was lost,
doubled, invented, altered, out of order or not accounted for. Then the seed is printed and what happened around it, with as
few visits and kinds of faults as still fail. Ctrl-C ends the runs that are under way, prints what the others came to, and
exits with 130.
"""


def main(words: list[str]) -> int:
    options = _options(words)
    began = time.monotonic()
    summary = Summary(options.seed, options.visits, present_commit())
    interrupted = False
    try:
        _run_all(options, summary, began)
    except KeyboardInterrupt:
        interrupted = True
    summary.seconds = time.monotonic() - began
    print(summary.json() if options.json else summary.markdown() if options.markdown else summary.text())
    return 1 if summary.failed else 130 if interrupted else 0


def _run_all(options: argparse.Namespace, summary: Summary, began: float) -> None:
    for result in _results(options):
        summary.add(result)
        if result.findings:
            print("\n".join(_failure(result, options)), file=sys.stderr if options.json else sys.stdout, flush=True)
            if not options.keep_going:
                return
        _tell_progress(summary, time.monotonic() - began)


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev simulate", description=_HELP, epilog=_END, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=25, metavar="N", help="how many runs (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the first run (%(default)s)")
    parser.add_argument("--visits", type=int, default=VISITS, help="visits of citizens in each run (%(default)s)")
    parser.add_argument("--theme", default="", choices=THEMES, help="the special faults of all runs (default: by the seed)")
    parser.add_argument("--without", default="", metavar="KIND,…", help="kinds of faults to leave out, as a failure names them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at the same time (%(default)s)")
    parser.add_argument("--trace", type=int, default=60, metavar="LINES", help="most lines of a failure's story (%(default)s)")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first failed run")
    parser.add_argument("--as-found", action="store_true", help="do not look for a shorter run that fails alike")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="the summary as JSON")
    form.add_argument("--markdown", action="store_true", help="the summary as tables for docs/reliability.md")
    options = parser.parse_args(words)
    options.without = tuple(filter(None, options.without.split(",")))
    if unknown := set(options.without) - set(COMMON):
        parser.error(f"--without: no such kind: {', '.join(sorted(unknown))}; there are: {', '.join(COMMON)}")
    return options


def _results(options: argparse.Namespace) -> Iterable[Result]:
    run = partial(simulate_briefly, visits=options.visits, theme=options.theme, without=options.without)
    seeds = range(options.seed, options.seed + options.runs)
    if options.jobs <= 1 or len(seeds) == 1:
        yield from map(run, seeds)
        return
    pool = ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn"), signal.signal, _DEAF)
    try:
        yield from pool.map(run, seeds)
    finally:
        pool.shutdown(cancel_futures=True)


def _tell_progress(summary: Summary, seconds: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{summary.runs} runs, {summary.ratings} ratings", end="", file=sys.stderr, flush=True)
    elif summary.runs % _TELL_EVERY == 0:
        print(f"{summary.runs} runs, {summary.ratings} ratings, {seconds:.0f} s", file=sys.stderr, flush=True)


def _failure(result: Result, options: argparse.Namespace) -> Iterator[str]:
    yield f"\nFAILED: seed {result.seed}"
    visits, without = options.visits, options.without
    if not (options.as_found or without):
        result, visits, without = shrunk(result, visits, options.theme)
    yield from story(result, options.trace)
    words = [f"--runs 1 --seed {result.seed} --visits {visits}"]
    words += [f"--theme {options.theme}"] if options.theme else []
    words += [f"--without {','.join(without)}"] if without else []
    yield f"again: ./dev simulate {' '.join(words)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
