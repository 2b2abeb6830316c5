"""A report as pages of A4 across: a table a month, its heading on every page."""

from pathlib import Path

from central_platform.pdf import MARGIN, PAGE_HEIGHT, PAGE_WIDTH, Paper
from central_platform.reports.tables import Report, Row, RowKind, Table, shown

_ACROSS, _DOWN = PAGE_HEIGHT, PAGE_WIDTH
_WIDTH = _ACROSS - 2 * MARGIN
_NAME_WIDTH = 66.0
_ROW, _HEAD = 7.0, 11.0
_SIZE = 10.0


def write_pdf(report: Report, font: Path, page_word: str) -> bytes:
    """The bytes of the file. `page_word`: `Page {page}`."""
    paper = Paper(font, report.title, landscape=True)
    for table in report.tables:
        y = _begin(paper, report, table, page_word)
        for note in (*report.notes, *table.notes):
            y = paper.wrap_at(MARGIN, y, note, _SIZE, _WIDTH)
        y = _head(paper, table, y + 3)
        for row in table.rows:
            if y + _ROW > _DOWN - MARGIN:
                y = _head(paper, table, _begin(paper, report, table, page_word) + 2)
            y = _row(paper, table, row, y)
    return bytes(paper.output())


def _begin(paper: Paper, report: Report, table: Table, page_word: str) -> float:
    paper.add_page()
    paper.write_at(MARGIN, _DOWN - MARGIN + 2, page_word.format(page=paper.page_no()), 8, width=_WIDTH, align="R")
    return paper.write_at(MARGIN, MARGIN - 4, f"{report.title}　{table.month}", 17, width=_WIDTH) + 1


def _head(paper: Paper, table: Table, y: float) -> float:
    size = paper.fitting(table.columns[1:], 9, _place(table, 1)[1] - 1)
    for column, text in enumerate(table.columns):
        x, width = _place(table, column)
        paper.write_at(x, y + _HEAD - 6.5, text, size, width=width - 1, align="L" if column == 0 else "R")
    paper.rule(MARGIN, y + _HEAD, _WIDTH)
    return y + _HEAD


def _row(paper: Paper, table: Table, row: Row, y: float) -> float:
    if row.kind is RowKind.PART:
        paper.rule(MARGIN, y, _WIDTH)
        paper.write_at(MARGIN, y + 1, shown(row.cells[0]), 11, width=_WIDTH)
        return y + _ROW
    if row.kind is RowKind.TOTAL:
        paper.rule(MARGIN, y, _WIDTH)
    for column, cell in enumerate(row.cells):
        x, width = _place(table, column)
        paper.write_at(x, y + 1, shown(cell), _SIZE, width=width - 1, align="L" if column == 0 else "R")
    return y + _ROW


def _place(table: Table, column: int) -> tuple[float, float]:
    """Where a column begins, and how wide it is."""
    width = (_WIDTH - _NAME_WIDTH) / (len(table.columns) - 1)
    return (MARGIN, _NAME_WIDTH) if column == 0 else (MARGIN + _NAME_WIDTH + (column - 1) * width, width)
