"""Honest time: design §8 (wall, monotonic, boot id, quality) and docs/wire.md, “Journal entries”."""

import ctypes
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from terminal_app import kernel_clock, system_clock
from terminal_app.domain.journal import ClockQuality
from terminal_app.system_clock import SystemClock


def test_wall_time_is_iso_with_milliseconds_and_offset() -> None:
    wall = SystemClock().moment().wall
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", wall)
    assert abs((datetime.fromisoformat(wall) - datetime.now(UTC)).total_seconds()) < 5


def test_the_offset_is_the_window_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """China has one offset, +08:00."""
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    try:
        assert SystemClock().moment().wall.endswith("+08:00")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_monotonic_time_never_goes_back_and_is_in_the_moment() -> None:
    clock = SystemClock()
    before = clock.mono_ms()
    moment = clock.moment()
    assert before <= moment.mono_ms <= clock.mono_ms()


def test_the_boot_id_is_the_kernel_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "boot_id"
    kept.write_text("0b8b2a9e-5a3c-4d5e-8f00-000000000001\n")
    monkeypatch.setattr(system_clock, "_BOOT_ID", kept)
    assert SystemClock().moment().boot == "0b8b2a9e-5a3c-4d5e-8f00-000000000001"


def test_without_a_boot_id_every_start_is_a_boot_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Monotonic times of two boots must never be compared."""
    monkeypatch.setattr(system_clock, "_BOOT_ID", tmp_path / "missing")
    first, second = SystemClock(), SystemClock()
    assert first.moment().boot == first.moment().boot
    assert first.moment().boot != second.moment().boot


def kernel(*answers: tuple[int, int] | None) -> Callable[[object], int]:
    """Stands for adjtimex(2): (status, maxerror) per call, None where the call fails."""
    rest = list(answers)

    def adjtimex(reference: object) -> int:
        answer = rest.pop(0)
        if answer is None:
            return -1
        timex = reference._obj  # type: ignore[attr-defined]
        timex.status, timex.maxerror = answer
        return 0

    return adjtimex


GOOD, OLD, NEVER = (0x2001, 250_000), (0x2001, 9_000_000), (0x0040, 16_000_000)
SYNC, HOLD, NOT = ClockQuality.SYNCHRONISED, ClockQuality.HOLDING, ClockQuality.UNSYNCHRONISED


@pytest.mark.parametrize(
    ("answers", "qualities"),
    [
        ([GOOD], [SYNC]),
        ([NEVER], [NOT]),
        ([None], [NOT]),
        ([OLD], [HOLD]),
        ([GOOD, OLD, NEVER, GOOD], [SYNC, HOLD, HOLD, SYNC]),
        ([NEVER, GOOD, NEVER], [NOT, SYNC, HOLD]),
        ([GOOD, None], [SYNC, HOLD]),
    ],
)
def test_quality_follows_the_kernel(
    monkeypatch: pytest.MonkeyPatch, answers: list[tuple[int, int] | None], qualities: list[ClockQuality]
) -> None:
    """adjtimex(2): STA_UNSYNC and maxerror; holding over is what was synchronised before."""
    clock = SystemClock()
    monkeypatch.setattr(kernel_clock, "_adjtimex", kernel(*answers))
    seen = []
    for number in range(len(answers)):
        monkeypatch.setattr(clock, "mono_ms", lambda number=number: number * 10_000)
        seen += [clock.moment().quality, clock.moment().quality]
    assert seen[::2] == seen[1::2] == qualities, "asked once in ten seconds"


def test_the_kernel_understands_the_structure() -> None:
    """The real call answers and leaves the clock alone (modes 0)."""
    said = kernel_clock.adjtimex()
    assert said is not None
    assert said.maxerror_us > 0
    assert ctypes.sizeof(kernel_clock._Timex) >= 208
