"""The working-day calendar of the platform: the years that this build ships, and those that were imported."""

from typing import Any

from sqlalchemy.engine import Connection

from central_platform.documents import CALENDAR, current, publish, read_document, take_turn
from central_platform.identity import PlatformIdentity
from terminal_app.domain.working_days import WorkingCalendar
from terminal_app.regions.working_days import shipped_calendar


def working_calendar(connection: Connection) -> WorkingCalendar:
    """What is known of working days. What was imported counts more than what was shipped."""
    return shipped_calendar().with_years(WorkingCalendar.from_document({"years": _imported(connection)}).years)


def import_years(connection: Connection, identity: PlatformIdentity, years: list[dict[str, Any]]) -> list[int]:
    """Put years in force beside those that are known; the ones that changed."""
    take_turn(connection)
    held = {row["year"]: row for row in _imported(connection)}
    changed = [row["year"] for row in years if held.get(row["year"]) != row]
    if changed:
        rows = held | {row["year"]: row for row in years}
        document = {"type": CALENDAR, "version": _next(connection), "years": [rows[year] for year in sorted(rows)]}
        publish(connection, identity, document)
    return changed


def _imported(connection: Connection) -> list[dict[str, Any]]:
    held = current(connection, CALENDAR)
    return list(read_document(held.line)["years"]) if held else []


def _next(connection: Connection) -> str:
    held = current(connection, CALENDAR)
    return str(int(read_document(held.line)["version"]) + 1) if held else "1"
