"""How often each target was executed at which commit, in a file that grows from run to run. Runs nothing."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Rows = dict[str, dict[str, dict[str, Any]]]
"""Target → commit → executions, how many of them may have been long, most MB, CPU seconds, day of the last (UTC)."""


class Record:
    """The file; or none, and nothing but what is added here. Raises ValueError if the file is something else."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._rows: Rows = {}
        if file is not None and file.exists():
            try:
                self._rows = json.loads(file.read_text("utf-8"))
                for target in self._rows.keys():  # noqa: SIM118 (a list has none)
                    self.executions(target)
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                raise ValueError(f"{file} is no record of ./dev fuzz; name another file") from error

    def executions(self, target: str) -> int:
        """Of all commits."""
        return sum(row["executions"] for row in self._rows.get(target, {}).values())

    def add(self, target: str, commit: str, executions: int, long: int, most_mb: int, cpu_s: float) -> None:
        """Add what a process came to, and write the file whole."""
        row = self._rows.setdefault(target, {}).setdefault(commit, {"executions": 0, "long": 0, "most_mb": 0, "cpu_s": 0})
        row["executions"] += executions
        row["long"] += long
        row["most_mb"] = max(row["most_mb"], most_mb)
        row["cpu_s"] = round(row["cpu_s"] + cpu_s, 1)
        row["last"] = datetime.now(UTC).date().isoformat()
        if self._file is not None:
            beside = self._file.with_name(self._file.name + ".new")
            beside.write_text(json.dumps(self._rows, indent=2) + "\n", "utf-8")
            os.replace(beside, self._file)
