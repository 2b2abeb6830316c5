"""A report's figures as tables of cells with their words: what the screen, the xlsx and the PDF all show. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from central_platform.reports.figures import Line, MonthFigures, MonthlyFigures, Source
from central_platform.reports.words import WORDS
from terminal_app.domain.working_days import CHINA

Cell = str | int | float | None
"""A text, a number, a share (0 to 1), or nothing to show."""


class RowKind(StrEnum):
    """A row is a heading of a part, a line, or a total."""

    PART = "part"
    LINE = "line"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Row:
    kind: RowKind
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One month. `notes`: what has to be said beside it."""

    month: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language: a title, what is said above it, and a table a month."""

    title: str
    notes: tuple[str, ...]
    tables: tuple[Table, ...]


def shown(cell: Cell) -> str:
    """As people read it: `93.3%`, `–`."""
    if cell is None:
        return "–"
    return f"{cell:.1%}" if isinstance(cell, float) else str(cell)


def write_report(figures: MonthlyFigures, language: str) -> Report:
    """The report of these figures."""
    words: dict[str, Any] = WORDS[language]
    due = [words["due"].format(due=figures.due, source=figures.source)] if figures.due else []
    title = words["title"].format(region=figures.name[language])
    return Report(title, (*due, words["apart"]), tuple(_table(one, words) for one in figures.months))


def _table(one: MonthFigures, words: dict[str, Any]) -> Table:
    until = datetime.fromtimestamp(one.as_of / 1000, CHINA).strftime("%Y-%m-%d %H:%M")
    notes = [words["whole"] if one.whole else words["so_far"].format(until=until)]
    notes.append(words["rules"].format(region=one.region, policy=one.policy, bad=one.bad_at_most))
    if one.unseen:
        notes.append(words["unseen"].format(count=one.unseen))
    rows = tuple(row for source in Source for row in _part(one, source, words))
    return Table(words["month"].format(month=one.month.name), tuple(notes), tuple(words["columns"]), rows)


def _part(one: MonthFigures, source: Source, words: dict[str, Any]) -> Iterator[Row]:
    yield Row(RowKind.PART, (words[source],))
    for line in one.lines[source]:
        yield Row(RowKind.LINE, (_name(line, source, words), *_cells(line, one.bad_at_most)))
    if source is not Source.DEFAULT:
        yield Row(RowKind.TOTAL, (words["total"], *_cells(one.total(source), one.bad_at_most)))


def _name(line: Line, source: Source, words: dict[str, Any]) -> str:
    named = {Source.OTHER: words["channels"].get(line.name, line.name), Source.DEFAULT: words["nobody"]}.get(source, line.name)
    return str(named if line.linked else words["unlinked"].format(name=named))


def _cells(line: Line, bad_at_most: int) -> Sequence[Cell]:
    levels = [line.levels[level] for level in (5, 4, 3, 2, 1)]
    rest = (line.cases, line.follow_ups, line.later, line.not_counted)
    return (*levels, line.total, line.satisfaction(bad_at_most), line.bad(bad_at_most), line.rectified, *rest)


def as_object(report: Report) -> dict[str, Any]:
    """For the screen: every cell as people read it."""
    return {
        "title": report.title,
        "notes": report.notes,
        "tables": [
            {
                "month": table.month,
                "notes": table.notes,
                "columns": table.columns,
                "rows": [{"kind": row.kind, "cells": [shown(cell) for cell in row.cells]} for row in table.rows],
            }
            for table in report.tables
        ],
    }


def as_text(report: Report) -> str:
    """For a terminal: tab-separated rows below their headings."""
    lines = [report.title, *report.notes]
    for table in report.tables:
        lines += ["", table.month, *table.notes, "\t".join(table.columns)]
        lines += ["\t".join(map(shown, row.cells)) for row in table.rows]
    return "\n".join(lines)
