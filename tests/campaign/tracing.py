"""strace as the hand that pulls the plug: a process dies as it enters its n-th call of one sort, without any change to it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILES = ("lock", "journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "journal.sqlite3-journal", "device.key",
         "device.new", "reserve", "check-at-next-start")  # fmt: skip
BY_PATH = ("openat", "unlink", "mkdir", "rename")
"""Calls that a start makes for much else: only those on the data folder and its files are counted."""


@dataclass(frozen=True, slots=True)
class Step:
    """A thread's `number`-th entry into a system call, counted from the start; whichever thread is there first."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


def shuffled(reach: Mapping[str, range]) -> Sequence[Step]:
    """All steps, in one order for ever, so that few neighbouring seeds meet different calls."""
    steps = [Step(call, number) for call, numbers in reach.items() for number in numbers]
    random.Random(0).shuffle(steps)
    return steps


def walk(steps: Sequence[Step], seed: int, number: int, each: int) -> Step:
    """The `number`-th step of a run that takes `each`: neighbouring seeds take different ones, enough seeds take all."""
    return steps[(seed * each + number) % len(steps)]


def kill_at(step: Step, data: Path, log: Path) -> Sequence[str]:
    """The command that runs a process until `step`; the process itself stays the child (-D). `data`: the data folder.

    Not with --seccomp-bpf, whose stops inject nothing.
    """
    only = [word for file in ("", *FILES) for word in ("-P", str(data / file))] if step.call in BY_PATH else []
    inject = ("-e", f"trace={step.call}", "-e", f"inject={step.call}:signal=KILL:when={step.number}")
    return ("strace", "-D", "-f", "-qq", "-y", "-o", str(log), *only, *inject)
