"""The working-day table as people write it (CSV) → the `calendar` document, and the table that this build ships.

A line a year: the weekdays off and the Saturdays and Sundays at work, as mm-dd separated by blanks, and who says so.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from typing import Any

from terminal_app.domain.working_days import WorkingCalendar
from terminal_app.regions.pack import PackError

FILE = "working-days.csv"
COLUMNS = ("year", "off", "work", "source")
_YEAR = re.compile(r"20[0-9]{2}")
_DAY = re.compile(r"[01][0-9]-[0-3][0-9]")


def shipped_calendar() -> WorkingCalendar:
    """The years that this build knows."""
    text = resources.files("terminal_app.regions").joinpath(FILE).read_text(encoding="utf-8")
    return WorkingCalendar.from_document({"years": read_years(text, FILE)})


def read_years(text: str, file: str) -> list[dict[str, Any]]:
    """The `years` of a `calendar` document, in order. Raises PackError, naming `file` and the line."""
    header, *rows = list(csv.reader(text.splitlines())) or [[]]
    if tuple(header) != COLUMNS:
        raise PackError(file, "line 1", ",".join(header), ",".join(COLUMNS))
    years: dict[int, dict[str, Any]] = {}
    for line, row in enumerate(rows, start=2):
        year = _year(row, file, f"line {line}")
        if year["year"] in years:
            raise PackError(file, f"line {line}: year", year["year"], "a year that stands on no other line")
        years[year["year"]] = year
    return [years[number] for number in sorted(years)]


def write_years(years: Iterable[Mapping[str, Any]]) -> str:
    """The CSV of `years`, as `read_years` reads it."""
    lines = [",".join(COLUMNS)]
    for row in years:
        off, work = (" ".join(day[5:] for day in sorted(row[key])) for key in ("off", "work"))
        lines.append(f"{row['year']},{off},{work},{row['source']}")
    return "\n".join(lines) + "\n"


def _year(row: list[str], file: str, line: str) -> dict[str, Any]:
    if len(row) != len(COLUMNS):
        raise PackError(file, line, f"{len(row)} columns", f"{len(COLUMNS)} columns")
    year, off, work, source = row
    if not _YEAR.fullmatch(year):
        raise PackError(file, f"{line}: year", year, "2000 to 2099")
    if not source.strip():
        raise PackError(file, f"{line}: source", source, "who says so")
    return {
        "year": int(year),
        "off": [_day(year, text, file, f"{line}: off", weekend=False) for text in off.split()],
        "work": [_day(year, text, file, f"{line}: work", weekend=True) for text in work.split()],
        "source": source,
    }


def _day(year: str, text: str, file: str, key: str, *, weekend: bool) -> str:
    allowed = f"mm-dd of a {'Saturday or Sunday' if weekend else 'Monday to Friday'} in {year}"
    try:
        day = date.fromisoformat(f"{year}-{text}") if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or (day.weekday() > 4) is not weekend:
        raise PackError(file, key, text, allowed)
    return day.isoformat()
