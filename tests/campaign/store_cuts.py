"""Records a process with a store, cuts its power anywhere, and lets the real store open what is left.

`record` runs a process under strace, `cut_everywhere` replays it, `broken_promises` looks at a life's remains and
`broken_salvage` at those of a salvage. What is held against the store is what the process had told before the cut.
`python -m campaign.store_cuts --points N --seed S` does it as often as one likes.
"""

import argparse
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from campaign.write_log import FATES, STRACE, Disk, Mark, Operation, put, read_log
from support.store_kit import open_folder

from terminal_app.domain.journal import Entry, Kind, is_signed_by, read_entry
from terminal_app.store.errors import StoreOpenError
from terminal_app.store.opening import Store
from terminal_app.store.reading import JournalReader
from terminal_app.store.salvage import is_sound

ROOT = Path(__file__).parents[2]
DATA = "data"


def memory() -> str | None:
    """A folder in memory for what is thrown away at once; None where the system has none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def record(script: list[str], folder: Path, deadline_s: float = 100.0) -> list[Operation]:
    """Run a Python program with the words `script` under strace; what it did below `folder`/root and told in `folder`/marks."""
    root, marks, log = folder / "root", folder / "marks", folder / "strace"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(
        [*STRACE, "-o", str(log), sys.executable, *script],
        capture_output=True,
        text=True,
        env=environment,
        timeout=deadline_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with log.open(encoding="ascii") as lines:
        return read_log(lines, root, marks)


@dataclass(slots=True)
class Told:
    """What the recorded process had said before the cut. `all_lines`: every entry that it ever wrote."""

    all_lines: frozenset[bytes]
    lines: dict[str, bytes] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    enrolled: bool = False
    pruned: int = 0

    def hear(self, mark: Mark) -> None:
        said = json.loads(mark.text)
        if "line" in said:
            line = said["line"].encode()
            self.lines[_read(line).id] = line
        self.held.update(said.get("held", ()))
        self.enrolled = said.get("enrolled", self.enrolled)
        self.pruned = said.get("pruned", self.pruned)


def lines_in(operations: Iterable[Operation]) -> frozenset[bytes]:
    """Every entry that a recording tells of."""
    said = [json.loads(operation.text) for operation in operations if isinstance(operation, Mark)]
    return frozenset(one["line"].encode() for one in said if "line" in one)


Examine = Callable[[Store, Told], Iterable[str]]
"""Looks at an opened store; yields every promise that is broken."""


def cut_everywhere(
    disk: Disk, operations: Sequence[Operation], points: Iterable[int], chance: random.Random, told: Told, examine: Examine
) -> Iterator[str]:
    """Cut a recording before each of these operations, once with each fate; every broken promise, with its place.

    `disk` is the medium, and `told` what was said, before the recording; both have all of it when this ends.
    """
    wanted = iter(sorted(set(points)))
    at = next(wanted, None)
    with tempfile.TemporaryDirectory(prefix="rating-cut-", dir=memory()) as name:
        for place, operation in enumerate(operations):
            if place == at:
                for number, fate in enumerate(FATES):
                    folder = Path(name) / f"{place}-{number}"
                    put(disk.after_cut(fate, chance), folder)
                    flaws = _after_opening(folder / DATA, told, examine)
                    yield from (f"cut before operation {place}, {fate}: {flaw}" for flaw in flaws)
                    shutil.rmtree(folder)
                at = next(wanted, None)
            disk.apply(operation)
            if isinstance(operation, Mark):
                told.hear(operation)


def _after_opening(folder: Path, told: Told, examine: Examine) -> list[str]:
    if not folder.exists():
        return ["the data folder is gone"] if told.enrolled else []
    try:
        store = open_folder(folder)
    except StoreOpenError as error:
        return [f"cannot be opened: {error}"]
    try:
        return list(examine(store, told))
    finally:
        store.stop()


def broken_promises(store: Store, told: Told) -> Iterator[str]:
    """What a life's remains lack, or have too much."""
    if store.salvaged is not None:
        yield "a pulled plug was taken for damage"
    if store.enrolment is None:
        if told.enrolled:
            yield "the enrolment is gone"
        return
    kept = _entries(store)
    by_id = {entry.id: entry for entry in kept}
    for entry_id, line in told.lines.items():
        if entry_id not in by_id and _read(line).seq > told.pruned:
            yield f"lost: confirmed entry {entry_id}"
        elif entry_id in by_id and by_id[entry_id].line != line:
            yield f"altered: confirmed entry {entry_id}"
    yield from _flaws_of_chain(kept, store.key.public)
    yield from _flaws_of_delivery(store, kept, told)
    yield from _flaws_of_sessions(store, kept, told)


def broken_salvage(store: Store, told: Told) -> Iterator[str]:
    """What a salvage that was cut off, and began again, lacks: every line that can be read has to be there and to wait."""
    kept = {entry.line for entry in _entries(store)}
    if not told.all_lines <= kept:
        yield f"{len(told.all_lines - kept)} entries that can be read are gone"
    if store.outbox.pending() != len(kept):
        yield "the platform is not asked about every salvaged entry"
    if not is_sound(store.path):
        yield "what was salvaged is damaged"


def _entries(store: Store) -> list[Entry]:
    with JournalReader(store.path) as reader:
        return [_read(line) for line in reader.lines()]


_read = lru_cache(10_000)(read_entry)


def _flaws_of_chain(kept: list[Entry], public_key: bytes) -> Iterator[str]:
    """Every entry follows the one before it, and the last one, which stands for all of them, is signed."""
    for before, entry in pairwise(kept):
        if (entry.chain, entry.seq, entry.prev) != (before.chain, before.seq + 1, before.hash):
            yield f"broken link at {entry.seq}: {entry.id}"
    if not kept or not is_signed_by(kept[-1], public_key):
        yield "the last entry is not signed by this device"


def _flaws_of_delivery(store: Store, kept: list[Entry], told: Told) -> Iterator[str]:
    waiting = {item.entry_id for item in store.outbox.pick(1_000_000)}
    for entry in kept:
        if entry.id not in waiting and entry.id not in told.held:
            yield f"acknowledged though the platform has never seen it: {entry.id}"
    if waiting - {entry.id for entry in kept}:
        yield "something waits that is no entry"


def _flaws_of_sessions(store: Store, kept: list[Entry], told: Told) -> Iterator[str]:
    """Nothing invented, one end for each session, and its case remembered as rated exactly when it was."""
    for session in {entry.session for entry in kept if entry.session}:
        entries = [entry for entry in kept if entry.session == session]
        kinds = [entry.kind for entry in entries]
        if kinds.count(Kind.SESSION_CLOSED) != 1 or (entries[0].seq > told.pruned and kinds[0] != Kind.SESSION_OPENED):
            yield f"session {session} is {', '.join(kinds)}"
        if kinds[0] == Kind.SESSION_OPENED:
            case = entries[0].data["covered"][0]
            if bool(store.journal.rated_before([f"{case}|v1"])) != (Kind.STAR_CHOSEN in kinds):
                yield f"rated case of {session} is not remembered as it was"
    for entry in kept:
        if entry.line not in told.all_lines and entry.kind not in (Kind.CHAIN_STARTED, Kind.SESSION_CLOSED):
            yield f"invented: {entry.kind} {entry.id}"


def main() -> int:
    """Record a life and cut it at many points. Exit code 1: a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m campaign.store_cuts", description=main.__doc__)
    parser.add_argument("--points", type=int, default=1000, metavar="N", help="where to cut, with each fate (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="(%(default)s)")
    parser.add_argument("--sessions", type=int, default=12, help="of each of the life's three shifts (%(default)s)")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="rating-life-", dir=memory()) as name:
        root = Path(name) / "root"
        root.mkdir()
        script = ["-m", "campaign.store_life", str(root / DATA), str(Path(name) / "marks"), str(options.sessions)]
        operations = record(script, Path(name))
    chance = random.Random(options.seed)
    points = chance.sample(range(len(operations)), min(options.points, len(operations)))
    began = time.monotonic()
    found = list(cut_everywhere(Disk(), operations, points, chance, Told(lines_in(operations)), broken_promises))
    print("\n".join(found[:20]))
    took = time.monotonic() - began
    print(f"{len(operations)} operations, {len(points) * len(FATES)} cuts in {took:.0f} s, {len(found)} broken promises")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
