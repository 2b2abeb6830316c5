"""`./dev fuzz [TARGET…] [--runs N]`: coverage-guided fuzzing of framers and ticket readers with atheris; the corpus is kept.

atheris is in the group `fuzz`, outside the lock: it has no wheels for arm64. Each target runs in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

RUNS = 100_000
SLOW_S = 5
MOST_MB = 1024
ONE = "--one"


def main(words: Sequence[str]) -> int:
    if words[:1] == [ONE]:
        return fuzz_here(words[1], words[2:])
    from fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(
        prog="./dev fuzz",
        description="Fuzz framers and ticket readers, guided by coverage. What crashes, hangs or grows is kept as a file.",
        epilog="example:\n  ./dev fuzz case_ticket ticket --runs 1000000\n\nexit codes: 0 nothing · 1 found · 3 no atheris",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="executions of each (default: %(default)d)")
    parser.add_argument("--keep", action="store_true", help="add what reached new code to the corpus, reduced")
    arguments = parser.parse_args(words)
    unknown = [name for name in arguments.targets if name not in TARGETS]
    if unknown:
        parser.error(f"unknown target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    if not has_atheris():
        remedy = ".venv/bin/python -m pip install 'atheris>=3.0'"
        print(f"fuzz: atheris is not here. Install it beside the lock: {remedy}", file=sys.stderr)
        return 3
    found = [name for name in arguments.targets or TARGETS if not fuzz(name, arguments.runs, arguments.keep)]
    print(f"found something in {', '.join(found)}" if found else "nothing found")
    return 1 if found else 0


def has_atheris() -> bool:
    return subprocess.run([sys.executable, "-c", "import atheris"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def fuzz(target: str, runs: int, keep: bool) -> bool:
    """Whether nothing was found in so many executions."""
    from fuzz.targets import CORPUS, LONGEST

    corpus = CORPUS / target
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        limits = [f"-max_len={LONGEST}", f"-timeout={SLOW_S}", f"-rss_limit_mb={MOST_MB}", f"-artifact_prefix={target}-"]
        print(f"fuzz: {target}, {runs} executions", file=sys.stderr, flush=True)
        done = run_one(target, f"-runs={runs}", *limits, "-print_final_stats=1", fresh, corpus)
        if done == 0 and keep:
            reduced = Path(scratch) / "reduced"
            reduced.mkdir()
            run_one(target, "-merge=1", *limits, reduced, corpus, fresh)
            for path in reduced.iterdir():
                path.replace(corpus / path.name) if not (corpus / path.name).exists() else path.unlink()
        return done == 0


def run_one(target: str, *words: object) -> int:
    here = Path(__file__).parents[2]
    command = [sys.executable, "-m", "fuzz", ONE, target, *map(str, words)]
    paths = os.pathsep.join([str(here / "tests"), str(here), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode


def fuzz_here(target: str, words: Sequence[str]) -> int:
    """In this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["device_drivers", "terminal_app.domain", "fuzz"]):
        from fuzz.targets import TARGETS
    work = TARGETS[target]
    atheris.Setup([target, *words], lambda data: work(bytes(data)))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
