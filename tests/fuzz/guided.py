"""One run of libFuzzer in this process, which it ends: what is instrumented, and what libFuzzer is told of an execution.

atheris tells libFuzzer of every block of code each time it is run, which is most of what an execution costs. Here the blocks
are noted, and libFuzzer is told once per way through the code: its blocks, the number of them to the power of two, so that more
work than ever is news as well, and the way itself. A way that it was told of holds no news.
"""

import random
import shlex
import sys
from collections.abc import Callable, Sequence

INSTRUMENTED = {"device_drivers", "terminal_app"}
MERGE = "-merge"
ONE, ONE_LONG = "--one", "--one-long"
"""Of `python -m fuzz`: what follows is for `fuzz_here`."""
_POWERS = 32
_WAYS = 32
_SAID_EVERY = 1024
_LONGEST_PART = 16


def fuzz_here(target: str, words: Sequence[str], long: bool) -> None:
    """Run a target under libFuzzer with these of its options and folders. Does not come back.

    `long`: some part of most inputs is repeated until they are thousands of bytes long, which libFuzzer hardly ever does.
    """
    import atheris
    from atheris.import_hook import HookManager

    assert not INSTRUMENTED & sys.modules.keys(), "imported already, and not instrumented"
    with HookManager(INSTRUMENTED, set(), enable_loader_override=False, trace_dataflow=False):
        from fuzz.targets import TARGETS
    again = f"{shlex.quote(sys.executable)} -m fuzz {ONE} {target}"  # merging, libFuzzer starts it by a shell
    merges = any(word.startswith(MERGE) for word in words)
    # Ways lead to more inputs to begin from; what is kept has to reach other code.
    execute = _told_once(TARGETS[target], ways=1 if merges else _WAYS)
    atheris.Setup([again, *words], execute, **({"custom_mutator": _mutated_and_stretched} if long else {}))
    atheris.Fuzz()


def stretched(data: bytes, longest: int, chance: random.Random) -> bytes:
    """The data with a part of it repeated, to any length up to `longest` bytes."""
    at = chance.randrange(len(data) + 1)
    part = data[at : at + chance.randint(1, _LONGEST_PART)]
    times = chance.randrange(max(longest - len(data), 0) + 1) // max(len(part), 1)
    return (data[:at] + part * times + data[at:])[:longest]


def _mutated_and_stretched(data: bytes, longest: int, seed: int) -> bytes:
    import atheris

    mutated = bytes(atheris.Mutate(data, longest))
    return stretched(mutated, longest, random.Random(seed)) if len(mutated) < longest // 4 else mutated


def _told_once(work: Callable[[bytes], None], ways: int) -> Callable[[bytes], None]:
    import atheris

    by_power = [atheris._reserve_counter() for _ in range(_POWERS)]
    by_way = [atheris._reserve_counter() for _ in range(ways)]
    run, told = list[int](), set[int]()
    tell: list[Callable[[int], None]] = []
    executed = 0

    def execute(data: bytes) -> None:
        nonlocal executed
        if not tell:  # until it begins, atheris has another function here
            tell.append(atheris._trace_branch)
            atheris._trace_branch = run.append
        run.clear()
        work(data)
        blocks = {*run, by_power[len(run).bit_length()]}
        way = hash(frozenset(blocks))
        if way not in told:
            told.add(way)
            for block in (*blocks, by_way[way % ways]):
                tell[0](block)
        executed += 1
        if executed % _SAID_EVERY == 0:  # libFuzzer says it at powers of two only
            print(f"#{executed}\t", file=sys.stderr, flush=True)

    return execute
