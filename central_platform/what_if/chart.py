"""The figures as a picture: an SVG of bars, one panel a figure, one bar a set of rules, each with its number beside it. Pure.

Built by hand: a few rectangles need no library. Colours only tell apart what the words beside the bars name.
"""

from collections.abc import Iterator, Sequence
from html import escape

from central_platform.what_if.figures import Figures
from central_platform.what_if.report import Report, label, percent
from terminal_app.domain.platform_policy import DutyName

_WIDTH, _MARGIN, _LABEL, _NUMBER = 1000, 24, 190, 96
_BAR, _STEP, _TITLE = 18, 26, 30
_COLOURS = ("#3b4a5a", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_INK, _PALE = "#1a1a1a", "#e9edf1"
_FONT = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif"

_DUTIES = {
    DutyName.CONTACT: "首次联系 first contact",
    DutyName.CALL_BACK: "安排回访 call-back arranged",
    DutyName.RECTIFICATION: "整改 rectification",
    DutyName.RESULT_TOLD: "告知结果 result told",
    DutyName.RETURN_VISIT: "整改后回访 return visit",
    DutyName.APPEAL: "申诉 appeal",
    DutyName.APPEAL_DECISION: "申诉办结 appeal decided",
}
Panel = tuple[str, Sequence[tuple[Figures, float | None, str]]]
"""A heading, and per set of rules the bar's length (None: nothing to show) with what is written beside it."""


def draw(report: Report) -> str:
    """The SVG of a report, as text."""
    parts: list[str] = []
    y = _MARGIN + 44
    for title, bars in _panels(report):
        parts += _panel(title, bars, y)
        y += _TITLE + _STEP * len(bars) + 14
    heading = f"{report.month} 按不同地区规则重算 · replayed under other rules"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + _MARGIN}" width="{_WIDTH}" height="{y + _MARGIN}" '
        f'font-family="{_FONT}" role="img" aria-label="{escape(heading)}">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{_text(_MARGIN, _MARGIN + 20, heading, 22)}{"".join(parts)}</svg>\n'
    )


def _panels(report: Report) -> Iterator[Panel]:
    columns = report.columns
    yield "满意率（实评） satisfaction, given ratings", _shares([(one, one.satisfaction) for one in columns])
    yield "满意率（含默认） satisfaction with defaults", _shares([(one, one.satisfaction_with_defaults) for one in columns])
    yield "参评率 participation", _shares([(one, one.participation) for one in columns])
    yield "默认评价 default ratings", _counts([(one, one.chances.defaults) for one in columns])
    yield "提醒 reminders", _counts([(one, one.chances.reminders) for one in columns])
    for duty, title in _DUTIES.items():
        found = [(one, one.duties().get(duty)) for one in columns]
        longest = max((figures.days for _, figures in found if figures and figures.days is not None), default=None)
        if longest is None:
            continue
        bars = [
            (one, figures.days / longest if longest else 0.0, f"{figures.days:g} d · {figures.late} late")
            if figures and figures.days is not None
            else (one, None, "—")
            for one, figures in found
        ]
        yield f"{title}（天 days）", bars


def _shares(values: Sequence[tuple[Figures, float | None]]) -> list[tuple[Figures, float | None, str]]:
    return [(one, share, percent(share)) for one, share in values]


def _counts(values: Sequence[tuple[Figures, int]]) -> list[tuple[Figures, float | None, str]]:
    most = max((count for _, count in values), default=0)
    return [(one, count / most if most else 0.0, str(count)) for one, count in values]


def _panel(title: str, bars: Sequence[tuple[Figures, float | None, str]], y: int) -> list[str]:
    parts = [_text(_MARGIN, y + 14, title, 15, weight="bold")]
    length = _WIDTH - 2 * _MARGIN - _LABEL - _NUMBER
    for place, (one, share, said) in enumerate(bars):
        top = y + _TITLE + place * _STEP
        x = _MARGIN + _LABEL
        parts.append(_text(x - 12, top + 14, label(one), 13, anchor="end"))
        parts.append(f'<rect x="{x}" y="{top}" width="{length}" height="{_BAR}" rx="2" fill="{_PALE}"/>')
        if share:
            colour = _COLOURS[place % len(_COLOURS)]
            parts.append(f'<rect x="{x}" y="{top}" width="{length * share:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>')
        parts.append(_text(x + length + 10, top + 14, said, 13))
    return parts


def _text(x: int, y: int, words: str, size: int, anchor: str = "start", weight: str = "normal") -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{_INK}"'
    return f'<text x="{x}" y="{y}" {look}>{escape(words)}</text>'
