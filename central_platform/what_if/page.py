"""Chart and table as one HTML file that needs nothing else. Pure."""

from html import escape

from central_platform.what_if.chart import draw
from central_platform.what_if.report import Report, day, label, table_rows

_STYLE = (
    "body{font-family:'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif;margin:24px;color:#1a1a1a;line-height:1.5}"
    "svg{max-width:100%;height:auto}table{border-collapse:collapse;margin-top:24px}"
    "th,td{padding:4px 16px 4px 0;text-align:right;border-bottom:1px solid #d5dbe1;font-variant-numeric:tabular-nums}"
    "th:first-child,td:first-child{text-align:left}"
)
_NOTE = (
    "只重算已有的评价：换一种规则时，窗口可能会问到别的人，那些没有发生的评价不作推测。",
    "Only ratings that were given are replayed; what other rules might have brought is not guessed.",
)


def write_page(report: Report) -> str:
    """The file's text."""
    title = f"{report.month} · what if"
    heading = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in ("", *map(label, report.columns)))
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table_rows(report))
    notes = "".join(f"<p>{escape(line)}</p>" for line in (*_NOTE, f"{report.cases} cases; as of {day(report.at)}"))
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"{draw(report)}<table><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table>{notes}</html>\n"
    )
