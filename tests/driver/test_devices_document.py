"""docs/devices.md tells the truth: its byte examples, its drivers, options, limits and states are those of the code."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from device_drivers.framing import BadFrame
from device_drivers.reader import DeviceState
from device_drivers.registry import DRIVERS, configured, known_options

TEXT = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLES = [(name, line) for name, block in BLOCKS if name in DRIVERS for line in block.splitlines()]


def first_column(heading: str) -> set[str]:
    """Code words, or else plain words, in the first column of the table under a heading or sentence."""
    table = TEXT.split(heading, 1)[1].split("\n\n", 2)[1]
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    return {word for cell in cells for word in (re.findall(r"`(\w+)`", cell) or [cell.strip()])}


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_byte_examples(name: str, line: str) -> None:
    sent, said = line.split(" → ")
    spec = DRIVERS[name]
    framer = spec.framer()
    (frame,) = framer.feed(bytes.fromhex(sent)) + framer.gap()
    result = frame if isinstance(frame, BadFrame) else spec.decode(frame)
    if isinstance(result, BadFrame):
        assert said == f"refused: {result.reason}"
    else:
        assert said.encode("gb18030" if "BB A7" in sent else "utf-8") == result


def test_every_driver_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(DRIVERS)


def test_drivers_options_and_states_are_all_there() -> None:
    assert first_column("## Drivers") == set(DRIVERS)
    assert first_column("Options, beside") == {option for spec in DRIVERS.values() for option in known_options(spec)}
    assert first_column("## What the states mean") == set(get_args(DeviceState))


@pytest.mark.parametrize("name", DRIVERS)
def test_limits_and_silences(name: str) -> None:
    row = next(row for row in TEXT.splitlines() if row.startswith(f"| `{name}` |"))
    longest = re.search(r"(\d+) bytes", row)
    assert longest
    limit = int(longest[1])
    start = b"\x02" if name == "case_ticket" else b""
    framer = DRIVERS[name].framer()
    assert framer.feed(start + b"x" * limit) == []
    assert framer.feed(b"x") == [BadFrame("too_long", limit + 1)]
    silence = re.search(r"([\d.]+) s of silence", row)
    assert silence is None or float(silence[1]) == DRIVERS[name].silence_s


def test_the_sample_configuration_is_taken() -> None:
    (sample,) = (block for name, block in re.findall(r"^ *```(toml)\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL))
    (device,) = tomllib.loads(sample)["devices"]
    assert device.keys() == {"name", "driver", "address"}
    assert configured(device["driver"], {}).name == device["driver"]
