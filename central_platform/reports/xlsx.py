"""A report as a workbook: a sheet a month, numbers as numbers. What came from outside is text, and never a formula."""

import io
from typing import Any

import xlsxwriter

from central_platform.reports.tables import Cell, Report, Row, RowKind, Table

_NAME_WIDTH, _WIDTH = 44, 12
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "note": {"font_color": "#51607A"},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
    RowKind.PART: {"bold": True, "top": 1},
    RowKind.LINE: {},
    RowKind.TOTAL: {"bold": True},
}
_SHARE = {"num_format": "0.0%"}


def write_xlsx(report: Report) -> bytes:
    """The bytes of the file."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.set_properties({"title": report.title})
        formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        formats |= {f"{kind} share": book.add_format(_FORMATS[kind] | _SHARE) for kind in RowKind}
        for table in report.tables:
            _write_sheet(book.add_worksheet(table.month), report, table, formats)
    return written.getvalue()


def _write_sheet(sheet: Any, report: Report, table: Table, formats: dict[str, Any]) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, _NAME_WIDTH)
    sheet.set_column(1, len(table.columns) - 1, _WIDTH)
    sheet.write_string(0, 0, f"{report.title}  {table.month}", formats["title"])
    notes = (*report.notes, *table.notes)
    for line, note in enumerate(notes, start=1):
        sheet.write_string(line, 0, note, formats["note"])
    head = len(notes) + 2
    for column, text in enumerate(table.columns):
        sheet.write_string(head, column, text, formats["head"])
    sheet.freeze_panes(head + 1, 1)
    for line, row in enumerate(table.rows, start=head + 1):
        _write_row(sheet, line, row, formats)


def _write_row(sheet: Any, line: int, row: Row, formats: dict[str, Any]) -> None:
    for column, cell in enumerate(row.cells):
        look = formats[f"{row.kind} share" if isinstance(cell, float) else row.kind]
        _write_cell(sheet, line, column, cell, look)


def _write_cell(sheet: Any, line: int, column: int, cell: Cell, look: Any) -> None:
    if cell is None:
        sheet.write_blank(line, column, None, look)
    elif isinstance(cell, str):
        sheet.write_string(line, column, cell, look)
    else:
        sheet.write_number(line, column, cell, look)
