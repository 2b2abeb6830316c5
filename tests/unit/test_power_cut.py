"""A pulled plug at any point of a store's life (design §4.6, §7; issue 3, point 2).

A process with a real store is recorded with strace. A cut leaves what was synced and, of the rest, nothing, all of it, some
writes or some sectors; the real store then opens what is left. `tests/unit/test_store_power.py` kills the process instead,
which leaves the cache of the system whole.
"""

import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from campaign.store_cuts import DATA, Told, broken_promises, broken_salvage, cut_everywhere, lines_in, memory, record
from campaign.write_log import Disk, Make, Mark, Operation, Remove, Rename, Sync
from support.store_kit import entries_in, open_enrolled, rate

SESSIONS = 4
OPEN_IT = """
import sys
from pathlib import Path
from support.store_kit import open_folder
open_folder(Path(sys.argv[1])).stop()
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder in memory: what is lost is decided here, not by a disk."""
    with tempfile.TemporaryDirectory(prefix="rating-power-", dir=memory()) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def life(folder: Path) -> list[Operation]:
    """A store's whole life: made, enrolled, rated at, delivered, pruned, stopped and started again."""
    place = folder / "life"
    (place / "root").mkdir(parents=True)
    return record(["-m", "campaign.store_life", str(place / "root" / DATA), str(place / "marks"), str(SESSIONS)], place)


def test_a_recording_is_what_happened(life: list[Operation], folder: Path) -> None:
    """Replayed without a cut, it gives the very bytes that the process left: nothing was overlooked."""
    disk = Disk()
    for operation in life:
        disk.apply(operation)
    replayed = disk.after_cut("kept", random.Random(0))
    left = {str(path.relative_to(folder / "life/root")): path for path in (folder / "life/root").rglob("*")}
    assert set(replayed) == set(left)
    allocated_at_once = f"{DATA}/reserve"
    for name in set(left) - {DATA, allocated_at_once}:
        assert replayed[name] == left[name].read_bytes(), name


def points(operations: list[Operation], chance: random.Random, count: int) -> list[int]:
    """Where to cut: half anywhere, half right after something was told, which is when the most has been promised."""
    told = [place + 1 for place, operation in enumerate(operations[:-1]) if isinstance(operation, Mark)]
    return [*chance.sample(range(len(operations)), count // 2), *chance.sample(told, count // 2)]


def flaws(operations: list[Operation], seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    told = Told(lines_in(operations))
    return list(cut_everywhere(Disk(), operations, points(operations, chance, count), chance, told, broken_promises))


def test_nothing_that_was_confirmed_is_lost_wherever_the_plug_is_pulled(life: list[Operation]) -> None:
    assert flaws(life, seed=20261122, count=100) == []


def test_the_first_minutes_too(life: list[Operation]) -> None:
    """From no folder at all to the first entry: every operation, as a window is set up once and nobody looks twice."""
    first = next(place for place, operation in enumerate(life) if isinstance(operation, Mark))
    chance = random.Random(1)
    begun, told = life[: first + 30], Told(lines_in(life))
    assert list(cut_everywhere(Disk(), begun, range(0, first + 30, 3), chance, told, broken_promises)) == []


def unsynced(name: str) -> Callable[[Operation], bool]:
    return lambda operation: operation == Sync(name)


@pytest.mark.parametrize(
    ("left_out", "flaw"),
    [
        (unsynced(f"{DATA}/journal.sqlite3-wal"), "lost: confirmed entry"),
        (unsynced(f"{DATA}/journal.sqlite3"), "a pulled plug was taken for damage"),
        (unsynced(f"{DATA}/device.new"), "device.key is damaged"),
        (unsynced(""), "the data folder is gone"),
        (lambda operation: isinstance(operation, Mark) and "held" in operation.text, "the platform has never seen it"),
    ],
    ids=["log not synced", "file not synced", "key not synced", "folder not synced", "acknowledged on its own"],
)
def test_a_store_that_took_less_care_is_found_out(
    life: list[Operation], left_out: Callable[[Operation], bool], flaw: str
) -> None:
    """The cuts have teeth: without one kind of sync in the recording, something confirmed is lost."""
    careless = [operation for operation in life if not left_out(operation)]
    assert len(careless) < len(life)
    found = flaws(careless, seed=5, count=24)
    assert any(flaw in one for one in found), found[:5]


def test_a_salvage_may_be_cut_off_anywhere(folder: Path) -> None:
    """store/salvage.py: set aside whole, interrupted at any point, begun again: what can be read is there in the end."""
    place = folder / "salvage"
    readable = damaged_journal(place / "root" / DATA)
    disk = Disk.of(place / "root")
    operations = record(["-c", OPEN_IT, str(place / "root" / DATA)], place)
    assert any(isinstance(operation, Rename) for operation in operations), "it was salvaged"
    names = [place for place, operation in enumerate(operations) if isinstance(operation, Make | Rename | Remove | Sync)]
    chance = random.Random(3)
    around = {place + step for place in chance.sample(names, 20) for step in (0, 1)}
    assert list(cut_everywhere(disk, operations, around, chance, Told(readable), broken_salvage)) == []


def damaged_journal(folder: Path) -> frozenset[bytes]:
    """A journal with a broken index, which the next start checks; the lines in it, all of which can be read."""
    store = open_enrolled(folder)
    for number in range(10):
        rate(store, f"CASE-{number}")
    lines = frozenset(entry.line for entry in entries_in(store))
    store.distrust()
    store.stop()
    (folder / "reserve").unlink()
    with sqlite3.connect(store.path) as database:
        size = database.execute("PRAGMA page_size").fetchone()[0]
        page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox_pending'").fetchone()[0]
    database.close()
    with store.path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))
    return lines
