"""The simulation finds planted bugs (issue 3): each mutant is caught within a few seeds, and what it says names a seed."""

import pytest
from simulation.__main__ import main
from simulation.mutants import MUTANTS, Mutant
from simulation.run import simulate

SEEDS = range(1, 17)
VISITS = 80


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.title)
def test_planted_bug_is_caught(mutant: Mutant) -> None:
    with mutant.planted():
        caught = next((seed for seed in SEEDS if simulate(seed, VISITS, mutant.theme).findings), None)
    assert caught is not None, f"nobody noticed: {mutant.title}"


def test_there_are_at_least_ten_of_them() -> None:
    assert len({mutant.title for mutant in MUTANTS}) >= 10


def test_a_failed_run_prints_its_seed_and_what_led_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    lost = next(mutant for mutant in MUTANTS if mutant.title == "body rebuilt before sending")
    with lost.planted():
        assert main(["--runs", "1", "--seed", "1", "--visits", "40", "--jobs", "1"]) == 1
    text = capsys.readouterr().out
    assert "FAILED: seed 1" in text
    assert "again: ./dev simulate --runs 1 --seed 1 --visits 5" in text
    assert "--without power_cut," in text
    assert "star" in text
