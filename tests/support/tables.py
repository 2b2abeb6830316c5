"""Tables of what runs came to, for a terminal and for Markdown: a row of heads, then rows of cells, figures to the right."""

from collections.abc import Iterator, Sequence

Rows = Sequence[Sequence[str]]


def as_columns(rows: Rows) -> Iterator[str]:
    """Lines for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    figures = _figures(rows)
    for row in rows:
        cells = zip(row, widths, figures, strict=True)
        yield "  ".join(cell.rjust(width) if figure else cell.ljust(width) for cell, width, figure in cells).rstrip()


def as_markdown(rows: Rows) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield f"| {' | '.join(rows[0])} |"
    yield f"|{'|'.join('--:' if figure else '---' for figure in _figures(rows))}|"
    for row in rows[1:]:
        yield f"| {' | '.join(row)} |"


def _figures(rows: Rows) -> list[bool]:
    """Which columns hold figures alone."""
    return [all(cell.isdigit() for cell in column[1:]) for column in zip(*rows, strict=True)]
