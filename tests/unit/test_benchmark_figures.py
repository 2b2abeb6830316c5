"""How samples become figures, and that what the measurements are made on is real: docs/benchmarks.md."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.store_kit import DEVICE, open_enrolled, rate

from benchmarks.figure import Pair, Target, at_least_times, at_most, compare, interleave, median, p99, percentile, plus, times
from benchmarks.filling import fill
from terminal_app.domain.journal import read_entry
from terminal_app.domain.proof import verify_chain
from terminal_app.store.keys import load_key
from terminal_app.store.opening import DATABASE
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock


@pytest.mark.parametrize(
    ("target", "value", "ok"),
    [
        (times(1.5), 30.0, True),
        (times(1.5), 30.1, False),
        (at_least_times(0.35), 7.0, True),
        (at_least_times(0.35), 6.9, False),
        (plus(16.667), 36.667, True),
        (plus(16.667), 36.7, False),
        (at_most(0.5), 0.5, True),
        (at_most(0.5), 0.6, False),
    ],
)
def test_a_target_is_held_against_value_and_floor(target: Target, value: float, ok: bool) -> None:
    assert compare("x", value, 20.0, "ms", target, 1).ok is ok


def test_a_figure_is_one_line_of_json_with_the_agreed_keys() -> None:
    """Issue 2, “Measures”: one JSON line per figure."""
    line = median("x", Pair([3.0, 1.0, 2.0], [1.0, 1.0]), "ms", times(2)).line()
    assert json.loads(line) == {
        "name": "x",
        "value": 2.0,
        "unit": "ms",
        "floor": 1.0,
        "ratio": 2.0,
        "target": "<= 2 x floor",
        "ok": True,
        "n": 3,
    }


def test_without_a_target_nothing_is_ok_or_not_and_a_floor_of_nothing_has_no_ratio() -> None:
    figure = compare("x", 2.0, 0.0, "ms", None, 1)
    assert (figure.target, figure.ok, figure.ratio) == (None, None, None)


def test_the_99th_percentile_of_a_thousand_leaves_nine_above_it() -> None:
    samples = [float(n) for n in range(1000)]
    assert percentile(samples[::-1]) == 990.0
    assert p99("x", Pair(samples, samples), "ms", times(1)).ratio == 1.0


def test_sides_take_turns_and_the_order_changes() -> None:
    order: list[str] = []

    def side(name: str, value: float) -> list[float]:
        order.append(name)
        return [value, value]

    ours, floor = interleave(lambda: side("ours", 2.0), lambda: side("floor", 1.0), blocks=3)
    assert order == ["ours", "floor", "floor", "ours", "ours", "floor"]
    assert (ours, floor) == ([2.0] * 6, [1.0] * 6)


@pytest.mark.parametrize("pending", [True, False])
def test_a_filled_journal_is_a_real_one(tmp_path: Path, pending: bool) -> None:
    """Every entry is chained and signed, waits or not as asked for, and the store goes on with it."""
    open_enrolled(tmp_path, SystemClock()).stop()
    fill(tmp_path, 2_500, pending=pending)
    store = open_enrolled(tmp_path, SystemClock())
    waiting = store.outbox.pending()
    rate(store)
    store.stop()
    with JournalReader(tmp_path / DATABASE) as reader:
        entries = [read_entry(line) for line in reader.lines()]
    assert list(verify_chain(entries, load_key(tmp_path).public)) == []
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert {entry.device for entry in entries} == {DEVICE}
    assert waiting == (2_501 if pending else 1) + (2_500 % 3 > 0)


def test_an_unknown_figure_is_refused_by_name() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "speed"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unknown figure speed" in done.stderr and "tap_to_paint" in done.stderr
