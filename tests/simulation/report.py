"""What many runs came to, as text, JSON or Markdown for docs/reliability.md; and a failure's story, as short as may be."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from simulation.faults import COMMON
from simulation.run import Result, simulate

_LEAST_VISITS = 5


@dataclass(slots=True)
class Summary:
    """Sums over runs. `failed`: the seeds of runs that broke a promise. `states`: what staff did, and in which phase."""

    first_seed: int
    visits: int
    commit: str = ""
    runs: int = 0
    failed: list[int] = field(default_factory=list)
    virtual_ms: int = 0
    sessions: int = 0
    ratings: int = 0
    entries: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        self.runs += 1
        self.virtual_ms += result.virtual_ms
        self.sessions += result.sessions
        self.ratings += result.ratings
        self.entries += result.entries
        self.faults.update(result.faults)
        self.states.update(result.states)
        if result.findings:
            self.failed.append(result.seed)

    def json(self) -> str:
        """The same as one object."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(values, indent=2, sort_keys=True)

    def markdown(self) -> str:
        """Two tables for docs/reliability.md."""
        head = ["| what | count |", "|---|---:|", *(f"| {name} | {value} |" for name, value in self._rows())]
        faults = [
            "| fault | times |",
            "|---|---:|",
            *(f"| {name} | {count:,} |" for name, count in sorted(self.faults.items())),
        ]
        return "\n".join([*head, "", *faults])

    def text(self) -> str:
        """For a terminal."""
        lines = [f"{name:<18}{value:>24}" for name, value in self._rows()]
        lines += ["faults", *(f"  {name:<38}{count:>10,}" for name, count in sorted(self.faults.items()))]
        lines += [
            "staff, by what the window showed",
            *(f"  {name:<38}{count:>10,}" for name, count in sorted(self.states.items())),
        ]
        return "\n".join(lines)

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "runs", f"{self.runs:,}"
        yield "seeds", f"{self.first_seed}–{self.first_seed + self.runs - 1}"
        yield "visits in each", f"{self.visits:,}"
        yield "commit", self.commit
        yield "violations", f"{len(self.failed):,}"
        yield "virtual days", f"{self.virtual_ms / 86_400_000:,.1f}"
        yield "sessions", f"{self.sessions:,}"
        yield "ratings checked", f"{self.ratings:,}"
        yield "entries checked", f"{self.entries:,}"
        yield "faults", f"{sum(self.faults.values()):,}"
        yield "seconds", f"{self.seconds:,.0f}"


def present_commit() -> str:
    """The commit that runs; with a + where files differ from it."""
    words = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def shrunk(result: Result, visits: int, theme: str) -> tuple[Result, int, tuple[str, ...]]:
    """The same failure with fewer visits and without the kinds of faults that it does not need: result, visits, left out."""
    least, found = visits, result
    while least // 2 >= _LEAST_VISITS and (smaller := simulate(result.seed, least // 2, theme)).findings:
        least, found = least // 2, smaller
    left_out: tuple[str, ...] = ()
    for kind in COMMON:
        if (without := simulate(result.seed, least, theme, (*left_out, kind))).findings:
            left_out, found = (*left_out, kind), without
    return found, least, left_out


def story(result: Result, most: int) -> Iterable[str]:
    """What a run's findings are, and what happened around the first."""
    yield from (f"  {finding}" for finding in result.findings[:10])
    if len(result.findings) > 10:
        yield f"  … and {len(result.findings) - 10} more"
    yield "what happened around the first (virtual seconds):"
    yield from (f"  {line}" for line in result.minimal_trace(most))
