"""One visit as every scripted crowd has it: how a ticket is presented, what an act touches, means, and is confirmed by."""

import json
import random
from collections.abc import Mapping
from typing import Any

from device_drivers.simulators import CaseTicketSimulator, ScannerSimulator
from terminal_app.demo.citizens import BAD, Act, Citizen
from terminal_app.demo.record import Choice

NUMBERED = ("star", "reason")
_LEADS_TO = {"change": ("rate",), "submit": ("thanks",), "skip": ("thanks",), "finish": ("idle", "nobody")}
GARBAGE_BYTES = 40


def fields(citizen: Citizen) -> dict[str, str]:
    """The ticket as the counter's business system writes it."""
    key = "case" if len(citizen.cases) == 1 else "cases"
    return {key: ",".join(citizen.cases), "name": citizen.matter, "staff": "0823", "visit": "1"}


def present(
    citizen: Citizen,
    line: CaseTicketSimulator,
    scanner: ScannerSimulator,
    rng: random.Random,
    more: Mapping[str, str] | None = None,
) -> None:
    """The citizen's ticket, with `more` fields, in the citizen's way; a garbled line first where it is so. Raises Unplugged."""
    told = fields(citizen) | dict(more or {})
    if citizen.garbage_first:
        device = line if citizen.way.startswith("line") else scanner
        garbage = rng.randbytes(rng.randint(1, GARBAGE_BYTES)).replace(b"\r", b"").replace(b"\n", b"")
        device.device.write(garbage + b"\r\n")
    if citizen.way == "scan_number":
        scanner.scan(citizen.cases[0], aim="]C0")
    elif citizen.way == "scan_json":
        scanner.scan(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    elif citizen.way == "scan_url":
        scanner.scan("https://example.invalid/r?" + "&".join(f"{key}={value}" for key, value in told.items()))
    else:
        line.present(told, encoding="gb18030" if citizen.way == "line_gb18030" else "utf-8")


def target(act: Act) -> str:
    """The name of the control that the act touches."""
    return f"{act.on}-{act.value}" if act.on in NUMBERED else act.on


def after(before: Choice | None, act: Act) -> Choice | None:
    """What the citizen means once the act is done; None where the act chooses nothing."""
    if act.on == "star":
        return Choice(act.value, before.reasons if before and before.level == act.value else frozenset())
    if before is None or act.on not in ("reason", "skip"):
        return None
    return Choice(before.level, frozenset() if act.on == "skip" else before.reasons ^ {str(act.value)})


def is_free(report: Mapping[str, Any]) -> bool:
    """Whether the window waits for the next ticket."""
    return report.get("screen") in ("idle", "nobody")


def confirms(report: Mapping[str, Any], act: Act, choice: Choice | None) -> bool:
    """Whether a painted screen confirms the act, after which `choice` is meant."""
    screen = report.get("screen")
    if act.on == "star" and choice is not None:
        return screen == ("reasons" if choice.level in BAD else "thanks") and report.get("stars") == choice.level
    if act.on == "reason" and choice is not None:
        return screen == "reasons" and set(report.get("reasons", ())) == choice.reasons
    return screen in _LEADS_TO[act.on]
