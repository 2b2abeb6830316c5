"""Every device is shown working in the demo through its real transport by its simulator (issue 6, “Done when”)."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from device_drivers.registry import DRIVERS
from terminal_app.demo.business_system import NAME
from terminal_app.demo.counter_devices import FURTHER
from terminal_app.demo.interactive import KEYS, USES
from terminal_app.demo.stage import FIRST_DRIVERS, OTHER_DRIVERS
from terminal_app.demo.walk import PRINTER, WALK, differences

SPEAKS = FIRST_DRIVERS | OTHER_DRIVERS | {name: kind.driver for name, kind in FURTHER.items()}


def test_the_walk_uses_every_device_and_every_driver() -> None:
    used = {name for visit in WALK for name in visit.devices} | {PRINTER}
    assert used == {*SPEAKS, NAME}
    assert {SPEAKS[name] for name in used - {NAME}} == set(DRIVERS)


@pytest.mark.timeout(300)
def test_everything_that_is_used_is_at_the_platform() -> None:
    command = [sys.executable, "-m", "terminal_app", "demo", "--devices", "--headless"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["wrong"], figures["ratings"]) == ([], len(WALK))
    assert figures["devices"] == sorted({*SPEAKS, NAME})
    assert "Traceback" not in done.stderr


def test_without_a_display_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    command = [sys.executable, "-m", "terminal_app", "demo", "--devices"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "--headless" in done.stderr, "Traceback" in done.stderr) == (3, True, False)


def test_every_key_of_the_console_is_explained_and_every_device_there_is_known() -> None:
    assert {device for device, _, _ in USES.values()} <= SPEAKS.keys()
    explained = {key for line in KEYS.splitlines()[1:] for key in line[:12].split() if len(key) == 1}
    assert USES.keys() <= explained


CASES = [f"C{number}" for number in range(len(WALK))]


def entry(number: int, kind: str, **data: Any) -> dict[str, Any]:
    return {"session": f"s{number}", "kind": kind, "data": data}


def journal() -> list[dict[str, Any]]:
    """As the walk leaves it behind."""
    found = []
    for number, (case, visit) in enumerate(zip(CASES, WALK, strict=True)):
        found.append(
            entry(number, "session_opened", covered=[case], device=visit.ticket.device, on_duty=visit.on_duty),
        )
        found.append(entry(number, "star_chosen", level=visit.level, source=visit.source))
    return found


def held() -> list[dict[str, Any]]:
    return [{"cases": [case], "level": visit.level, "reasons": []} for case, visit in zip(CASES, WALK, strict=True)]


PLANTED: Mapping[str, tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]] = {
    "nothing": (journal(), held(), []),
    "another device": (
        [entry(0, "session_opened", covered=["C0"], device="x", on_duty="0823"), *journal()[1:]],
        held(),
        ["C0"],
    ),
    "another on duty": (
        [entry(0, "session_opened", covered=["C0"], device=WALK[0].ticket.device, on_duty=None), *journal()[1:]],
        held(),
        ["C0"],
    ),
    "another source": ([*journal()[:-1], entry(len(WALK) - 1, "star_chosen", level=4, source="touch")], held(), [CASES[-1]]),
    "no star": (journal()[:-1], held(), [CASES[-1]]),
    "never opened": (journal()[2:], held(), ["C0"]),
    "lost": (journal(), held()[1:], ["lost: C0"]),
    "altered": (journal(), [held()[0] | {"level": 1}, *held()[1:]], ["altered: C0"]),
    "doubled": (journal(), [*held(), held()[0]], ["duplicated: C0"]),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_differs_is_found(what: str) -> None:
    written, arrived, told = PLANTED[what]
    found = list(differences(CASES, written, arrived))
    assert len(found) == len(told)
    assert all(said in one for said, one in zip(told, found, strict=True))
