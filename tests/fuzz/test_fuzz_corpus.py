"""The kept corpus of `./dev fuzz`, run once without coverage guidance: what was found stays found (issue 6, measures)."""

import random

import pytest
from fuzz.targets import CORPUS, TARGETS, kept

MUTANTS = 20


def test_every_target_has_a_corpus_and_no_corpus_is_nobody_s() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_kept_and_what_is_near_it(target: str) -> None:
    """No crash, the same frames in any chunking, nothing left behind a silence."""
    chance = random.Random(target)
    for path in kept(target):
        seed = path.read_bytes()
        TARGETS[target](seed)
        for _ in range(MUTANTS):
            mutant = bytearray(seed)
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(mutant) + 1)
                mutant[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
            TARGETS[target](bytes(mutant))
