"""Runs libFuzzer in rounds, each in processes of its own, and counts what they executed. Decides nothing, prints nothing."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fuzz.guided import MERGE, ONE, ONE_LONG
from fuzz.targets import CORPUS, LONGEST

SHORT = 128
ROUND = 200_000
LONG_IN = 500
SLOW_S = 60
"""By the clock, which goes on while a busy machine does something else."""
MOST_MB = 256
_COUNT = re.compile(r"#(\d+)\t")
_STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")
_LINES_TOLD = 30


class Ran(NamedTuple):
    """What one process came to: executions, how many of them may have been long, most memory, CPU time."""

    executions: int
    long: int
    most_mb: int
    cpu_s: float


class Found(Exception):
    """libFuzzer stopped at an input that crashes, hangs or grows; the message is its last lines, which name the file."""


def split(executions: int) -> list[tuple[int, int]]:
    """A round as (executions, longest input in bytes) of its processes.

    Few executions are of thousands of bytes, which the limits of the longest frames need: they take fifty times as long.
    """
    long = -(-executions // LONG_IN)
    return [(count, size) for count, size in ((executions - long, SHORT), (long, LONGEST)) if count]


def run_round(target: str, executions: int, fresh: Path, tell: Callable[[int], None], add: Callable[[Ran], None]) -> None:
    """Execute a target so often, beginning with its corpus; inputs that reach more go to `fresh`. Raises Found.

    `tell`: executions so far, as they go on. `add`: what a process came to, also when Ctrl-C ends it.
    """
    done = 0
    for count, longest in split(executions):
        words = [f"-runs={count}", f"-max_len={longest}", "-print_final_stats=1", *_limits(target), fresh, CORPUS / target]
        _run(target, words, longest > SHORT, lambda so_far, before=done: tell(before + so_far), add)
        done += count


def keep(target: str, fresh: Path) -> int:
    """Add what reached new code to the corpus, as few files as do; how many they were."""
    corpus, added = CORPUS / target, 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as reduced:
        words: list[object] = [f"{MERGE}=1", f"-max_len={LONGEST}", *_limits(target), reduced, corpus, fresh]
        subprocess.run(_command(target, words), env=_environment(), stderr=subprocess.DEVNULL, check=True)
        for path in Path(reduced).iterdir():
            if not (corpus / path.name).exists():
                (corpus / path.name).write_bytes(path.read_bytes())
                added += 1
    return added


def _run(target: str, words: list[object], long: bool, tell: Callable[[int], None], add: Callable[[Ran], None]) -> None:
    counted, statistics, lines, began_s = 0, dict[str, int](), list[str](), _cpu_s()
    command = _command(target, [*words, "-len_control=0"], ONE_LONG) if long else _command(target, words)
    process = subprocess.Popen(command, env=_environment(), stderr=subprocess.PIPE, text=True, errors="replace")
    assert process.stderr is not None
    try:
        for line in process.stderr:
            lines = [*lines[1 - _LINES_TOLD :], line]
            if count := _COUNT.match(line):
                counted = int(count[1])
                tell(counted)
            elif statistic := _STATISTIC.match(line):
                statistics[statistic[1]] = int(statistic[2])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        executions = statistics.get("number_of_executed_units", counted)
        if executions:
            add(Ran(executions, executions if long else 0, statistics.get("peak_rss_mb", 0), _cpu_s() - began_s))
    if process.returncode != 0:
        raise Found("".join(lines))


def _cpu_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _limits(target: str) -> list[str]:
    return [f"-timeout={SLOW_S}", f"-rss_limit_mb={MOST_MB}", f"-artifact_prefix={target}-"]


def _command(target: str, words: list[object], how: str = ONE) -> list[str]:
    return [sys.executable, "-m", "fuzz", how, target, *map(str, words)]


def _environment() -> dict[str, str]:
    here = Path(__file__).parents[2]
    paths = os.pathsep.join([str(here / "tests"), str(here), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": paths}
