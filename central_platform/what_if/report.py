"""Figures of several sets of rules side by side: as a table of text, as rows for CSV, as an object for JSON. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from central_platform.times import at, iso
from central_platform.what_if.figures import Due, DutyFigures, Figures
from terminal_app.domain.platform_policy import DutyName
from terminal_app.domain.working_days import CHINA

IN_FORCE = "in force"
COLUMNS = ("rules", "group", "figure", "value")


@dataclass(frozen=True, slots=True)
class Report:
    """A month under the rules in force and under others. `at`: as of when (milliseconds since 1970)."""

    month: str
    at: int
    cases: int
    columns: tuple[Figures, ...]


def label(figures: Figures) -> str:
    """`in force: taian`, or the region's id."""
    return figures.name if figures.name is not None else f"{IN_FORCE}: {', '.join(figures.regions) or '-'}"


def percent(share: float | None) -> str:
    """`87.5 %`, or a dash where there is nothing to share."""
    return f"{share * 100:.1f} %" if share is not None else "-"


def day(ms: int | None) -> str:
    """The moment's day and time in China, or a dash."""
    return at(ms).astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if ms is not None else "-"


def as_object(report: Report) -> dict[str, Any]:
    """For `--json`: shares 0 to 1, times ISO 8601."""
    return {
        "month": report.month,
        "at": iso(report.at),
        "cases": report.cases,
        "rules": [_column(one) for one in report.columns],
    }


def as_rows(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """For `--csv`: one figure a row, in the columns of `COLUMNS`."""
    for one in report.columns:
        for group, figure, value in _figures(one):
            yield label(one), group, figure, value


def as_text(report: Report) -> str:
    """A table with a column for each set of rules."""
    return "\n".join(_aligned([["", *map(label, report.columns)], *table_rows(report)]))


def table_rows(report: Report) -> list[list[str]]:
    """The table without its heading: the figure's name, then a cell for each set of rules. Duties' empty rows are left out."""
    cells = [{(group, figure): value for group, figure, value in _figures(one)} for one in report.columns]
    named = dict.fromkeys(key for column in cells for key in column)
    keys = sorted(named, key=lambda key: _GROUPS.index(key[0]))
    rows = {key: [column.get(key, "-") for column in cells] for key in keys}
    told = [(key, row) for key, row in rows.items() if key[0] in _ALWAYS or not set(row) <= {"-", "0"}]
    return [[f"{group.replace('_', ' ')}: {figure}", *row] for (group, figure), row in told]


_ALWAYS = ("shares", "given", "chances")
_GROUPS = (*_ALWAYS, *DutyName)


def _figures(one: Figures) -> Iterator[tuple[str, str, str]]:
    yield "shares", "satisfaction", percent(one.satisfaction)
    yield "shares", "satisfaction with defaults", percent(one.satisfaction_with_defaults)
    yield "shares", "participation", percent(one.participation)
    for group, counts in (("given", asdict(one.given)), ("chances", asdict(one.chances))):
        for name, count in counts.items():
            yield group, name.replace("_", " "), str(count)
    for duty, figures in one.duties().items():
        yield from _duty(duty, figures)


def _duty(duty: DutyName, figures: DutyFigures) -> Iterator[tuple[str, str, str]]:
    for name in ("owed", "done", "late", "open", "waiting"):
        yield duty, name, str(getattr(figures, name))
    yield duty, "first due", day(figures.first)
    yield duty, "last due", day(figures.last) + (" (provisional)" if figures.provisional else "")
    yield duty, "days to do it", "-" if figures.days is None else f"{figures.days:g}"


def _column(one: Figures) -> dict[str, Any]:
    return {
        "name": one.name,
        "in_force": one.name is None,
        "regions": one.regions,
        "satisfaction": one.satisfaction,
        "satisfaction_with_defaults": one.satisfaction_with_defaults,
        "participation": one.participation,
        "given": asdict(one.given),
        "chances": asdict(one.chances),
        "duties": {name: _with_times(figures) for name, figures in one.duties().items()},
        "deadlines": [_deadline(due) for due in one.due],
    }


def _with_times(figures: DutyFigures) -> dict[str, Any]:
    return asdict(figures) | {"first": _when(figures.first), "last": _when(figures.last)}


def _deadline(due: Due) -> dict[str, Any]:
    return asdict(due) | {"started_at": _when(due.started_at), "deadline": _when(due.deadline)}


def _when(ms: int | None) -> str | None:
    return datetime.fromisoformat(iso(ms)).astimezone(CHINA).isoformat(timespec="seconds") if ms is not None else None


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
