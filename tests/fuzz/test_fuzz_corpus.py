"""The kept corpus of `./dev fuzz`, run once without coverage guidance: what was found stays found (issue 6, measures)."""

import random
from pathlib import Path

import pytest
from fuzz.guided import stretched
from fuzz.record import Record
from fuzz.rounds import split
from fuzz.targets import ALIKE, CORPUS, LONGEST, TARGETS, kept

from device_drivers.registry import DRIVERS

MUTANTS, MUTANTS_OF_LONG = 20, 2
LONG = 1000


def test_every_target_has_a_corpus_and_no_corpus_is_nobody_s() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_kept_and_what_is_near_it(target: str) -> None:
    """No crash, the same frames in any chunking, nothing left behind a silence."""
    chance = random.Random(target)
    for path in kept(target):
        seed = path.read_bytes()
        TARGETS[target](seed)
        for _ in range(MUTANTS if len(seed) < LONG else MUTANTS_OF_LONG):
            mutant = bytearray(seed)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(mutant) + 1)
                mutant[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
            TARGETS[target](bytes(mutant))


def test_every_driver_is_fuzzed_and_those_fuzzed_together_frame_alike() -> None:
    """Issue 6, measures: every framer."""
    assert set(TARGETS) | {name for names in ALIKE.values() for name in names} >= set(DRIVERS)
    for name, others in ALIKE.items():
        first = DRIVERS[name].framer
        for other in others:
            framer = DRIVERS[other].framer
            assert (framer.func, framer.args, framer.keywords) == (first.func, first.args, first.keywords)


@pytest.mark.parametrize("executions", [1, 2, 99, 100, 101, 200_000])
def test_a_round_is_so_many_executions_and_some_of_them_long(executions: int) -> None:
    parts = split(executions)
    assert sum(count for count, _ in parts) == executions
    assert parts[-1][1] == LONGEST


def test_a_record_adds_up_over_calls_and_commits(tmp_path: Path) -> None:
    """Issue 6, measures: 10 million executions each, which no single call has to do."""
    file = tmp_path / "fuzz.json"
    Record(file).add("ticket", "abc", executions=10, long=1, most_mb=40, cpu_s=0.5)
    Record(file).add("ticket", "abc", executions=20, long=0, most_mb=50, cpu_s=0.5)
    Record(file).add("ticket", "def", executions=5, long=0, most_mb=40, cpu_s=0.1)
    assert Record(file).executions("ticket") == 35
    assert Record(file).executions("command") == 0


@pytest.mark.parametrize("target", TARGETS)
def test_the_record_that_is_kept_tells_of_every_target(target: str) -> None:
    """Issue 6, measures: how often each was executed, so far."""
    assert Record(CORPUS.with_name("executions.json")).executions(target) > 0


@pytest.mark.parametrize(
    "text", ["", "[]", '{"ticket": 3}', '{"ticket": {"abc": {}}}', '{"ticket": {"abc": {"executions": "x"}}}']
)
def test_another_file_is_not_taken_for_a_record(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="is no record"):
        Record(file)


@pytest.mark.parametrize("data", [b"", b"x", b"\x07\x02case\x03\x00"])
def test_a_stretched_input_holds_the_whole_one_and_fits(data: bytes) -> None:
    """Beyond a limit of thousands of bytes something happens: some inputs get there, and none goes on for ever."""
    made = [stretched(data, LONGEST, random.Random(seed)) for seed in range(200)]
    assert all(len(one) <= LONGEST for one in made)
    assert data == b"" or max(map(len, made)) > LONGEST // 2
    assert any(data in one for one in made)
