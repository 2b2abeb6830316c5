"""`./dev simulate`: many runs, a table of what they met, and on a failure the seed with what led to it."""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from simulation.run import VISITS, Result, simulate, simulate_briefly

_HELP = """\
Terminals, their people, their network and the platform in one process on virtual time: the product's own domain, store
(real SQLite files), delivery and platform, with faults drawn from the seed. After each run a checker that shares no code
with the product compares what people touched, as screens confirmed it, with what the platform holds.
"""
_END = """\
Run N of seed S is seed S+N alone, so that `./dev simulate --runs 1 --seed S+N` repeats it. Exit code 1: something was lost,
doubled, invented, altered, out of order or not accounted for; the seed and what happened around it are printed.
"""


def main(words: list[str]) -> int:
    options = _options(words)
    began = time.monotonic()
    failed = _tell(_results(options), options, began)
    return 1 if failed else 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev simulate", description=_HELP, epilog=_END, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=25, metavar="N", help="how many runs (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the first run (%(default)s)")
    parser.add_argument("--visits", type=int, default=VISITS, help="visits of citizens in each run (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at the same time (%(default)s)")
    parser.add_argument("--trace", type=int, default=60, metavar="LINES", help="most lines of a failure's story (%(default)s)")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first failed run")
    return parser.parse_args(words)


def _results(options: argparse.Namespace) -> Iterable[Result]:
    jobs = [(seed, options.visits) for seed in range(options.seed, options.seed + options.runs)]
    if options.jobs <= 1 or len(jobs) == 1:
        yield from (simulate(*job) for job in jobs)
        return
    pool = ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(simulate_briefly, *zip(*jobs, strict=True))
    finally:
        pool.shutdown(cancel_futures=True)


def _tell(results: Iterable[Result], options: argparse.Namespace, began: float) -> int:
    faults: Counter[str] = Counter()
    runs = ratings = sessions = entries = virtual_ms = failed = 0
    for result in results:
        runs, ratings, sessions = runs + 1, ratings + result.ratings, sessions + result.sessions
        entries, virtual_ms = entries + result.entries, virtual_ms + result.virtual_ms
        faults.update(result.faults)
        if result.findings:
            failed += 1
            _tell_failure(result, options)
            if not options.keep_going:
                break
        elif sys.stderr.isatty():
            print(f"\r{runs} runs, {ratings} ratings", end="", file=sys.stderr, flush=True)
    print(f"runs             {runs:>12,}")
    print(f"violations       {failed:>12,}")
    print(f"virtual days     {virtual_ms / 86_400_000:>12,.1f}")
    print(f"sessions         {sessions:>12,}")
    print(f"ratings checked  {ratings:>12,}")
    print(f"entries checked  {entries:>12,}")
    print(f"seconds          {time.monotonic() - began:>12,.0f}")
    print("faults")
    for fault, count in sorted(faults.items()):
        print(f"  {fault:<38}{count:>10,}")
    return failed


def _tell_failure(result: Result, options: argparse.Namespace) -> None:
    print(f"\nFAILED: seed {result.seed}")
    for finding in result.findings[:10]:
        print(f"  {finding}")
    if len(result.findings) > 10:
        print(f"  … and {len(result.findings) - 10} more")
    print("what happened around the first (virtual seconds):")
    for line in result.minimal_trace(options.trace):
        print(f"  {line}")
    print(f"again: ./dev simulate --runs 1 --seed {result.seed} --visits {options.visits}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
