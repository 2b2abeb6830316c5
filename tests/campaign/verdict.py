"""Hands a finished run's files and the crowd's record to the simulation's checker, which shares no code with the product."""

import contextlib
import sqlite3
from pathlib import Path

from campaign.crowd import MACHINE
from simulation.checker import Checked, acknowledged_but_missing, check
from simulation.record import Record


def judge(platform: Path, journal: Path, record: Record) -> Checked:
    """What is wrong with a run whose terminal has delivered everything and whose processes have ended."""
    with contextlib.closing(sqlite3.connect(f"file:{platform}?mode=ro", uri=True)) as connection:
        record.held = {device: MACHINE for (device,) in connection.execute("SELECT uuid FROM devices")}
    checked = check(platform, {MACHINE: journal}, record)
    missing = acknowledged_but_missing(journal, platform)
    checked.findings.extend(f"entry {entry}: acknowledged, and the platform does not have it" for entry in missing)
    return checked
