"""docs/devices.md tells the truth: its byte examples, its drivers, options, limits and states are those of the code."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from support.devices import STOP_S, reading, wait_for

from device_drivers.framing import BadFrame
from device_drivers.input_events import KeyPressFramer, typed
from device_drivers.length_framing import LengthFramer
from device_drivers.reader import DeviceState
from device_drivers.receipt_printer import StatusFramer
from device_drivers.registry import DRIVERS, configured, known_options
from device_drivers.simulators import PtyDevice
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import is_address, is_stable_address
from terminal_app.domain.ticket import CaseTicket, parse_ticket

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
    row = next(row for row in TEXT.splitlines() if row.startswith("| `") and f"`{name}`" in row.split("|")[1])
    longest = re.search(r"(\d+) bytes", row)
    if longest is None:
        assert isinstance(DRIVERS[name].framer(), LengthFramer | KeyPressFramer | StatusFramer)
        return
    limit = int(longest[1])
    start = b"\x02" if name == "case_ticket" else b""
    one, end = (typed("x", enter=False), typed("")) if name == "wedge_scanner" else (b"x", b"")
    framer = DRIVERS[name].framer()
    assert framer.feed(start + one * limit) == []
    assert framer.feed(one + end) == [BadFrame("too_long", limit + 1)]
    silence = re.search(r"([\d.]+) s of silence", row)
    assert silence is None or float(silence[1]) == DRIVERS[name].silence_s


def test_the_notations_of_a_ticket_say_the_same() -> None:
    """Device protocols, “Case tickets”: fields, compact JSON, a URL with query parameters."""
    block = TEXT.split("The three notations of one ticket:", 1)[1].split("```")[1]
    tickets = [parse_ticket(line.encode()) for line in block.strip().splitlines()]
    assert len(tickets) == 3
    assert isinstance(tickets[0], CaseTicket) and tickets[0].first.matter_name == "户口迁移"
    assert tickets[0] == tickets[1] == tickets[2]


def test_the_sample_configurations_are_taken() -> None:
    """One for each kind of device that is configured otherwise than the first."""
    samples = re.findall(r"^ *```toml\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    devices = [device for sample in samples for device in tomllib.loads(sample)["devices"]]
    drivers = {device["driver"] for device in devices}
    assert drivers >= {"barcode_scanner", "wedge_scanner", "card_reader", "framed_evaluator", "keypad", "receipt_printer"}
    assert "window" in {device["address"] for device in devices}
    for device in devices:
        options = {key: value for key, value in device.items() if key not in ("name", "driver", "address")}
        assert is_address(device["address"])
        assert is_stable_address(device["address"])
        assert configured(device["driver"], options).name == device["driver"]


def test_the_worked_example_of_a_new_driver() -> None:
    """It is run as it stands in the document, and speaks over a real line."""
    (code,) = (block for language, block in BLOCKS if language == "python")
    names: dict[str, Any] = {}
    exec(compile(code, "docs/devices.md", "exec"), names)
    letters: DriverSpec = names["LETTERS"]
    with PtyDevice("port") as port, reading(letters, port.address) as (reader, log):
        assert port.wait_until_open(STOP_S)
        assert reader.write(letters.prompts.ask)
        port.write(b"*A\r*E\r*F\rA\r")
        wait_for(lambda: len(log.frames) == 2 and reader.status().bad_frames == 2)
        assert log.payloads == [b"stars=5", b"stars=1"]
        assert reader.write(log.frames[0].answer)
        wait_for(lambda: port.wait_until_open(0) and bytes(port.received) == b"?+")


def test_the_table_of_levels_is_that_of_the_drivers() -> None:
    """Device protocols, “Level codes differ from device to device”."""
    rows = [row.split("|")[1:-1] for row in TEXT.splitlines() if re.match(r"\| `\w+` \|( [0-5–] \|){5}", row)]
    told = {
        row[0].strip(" `"): {int(cell): 5 - place for place, cell in enumerate(row[1:6]) if "–" not in cell} for row in rows
    }
    assert told == {name: spec.levels for name, spec in DRIVERS.items() if spec.role is Role.BUTTON_EVALUATOR}
