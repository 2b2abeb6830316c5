"""The two pages about a receipt, in Chinese and English: what a scanned receipt says, and asking with a short code.

They show no level, no person and no case; only the scanned one says what happens after a bad rating.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from fastapi import Response

from central_platform.languages import CHINESE, ENGLISH, other
from central_platform.pages import Markup, Page
from central_platform.receipts import Comparison, State
from central_platform.times import at
from terminal_app.domain.words_pass import pass_url
from terminal_app.domain.working_days import CHINA

_HEAD = "receipt_head.html"
_RECEIPT = Page(_HEAD, "receipt.html")
_CODE = Page(_HEAD, "receipt_code.html")
_HEADERS = {"X-Robots-Tag": "noindex, nofollow"}

_WORDS = {
    CHINESE: {
        "brand": "好差评 · 评价回执",
        "title": "评价回执",
        "other_name": "English",
        "arrived": "您的评价已送达，未被改动",
        "arrived_line": "平台收到的评价与窗口屏幕上显示的一致。",
        "not_yet": "尚未收到这份评价",
        "not_yet_line": "窗口可能暂时断网，联网后会自动上传。请稍后再查。",
        "differs": "评价已送达，但与此回执不一致",
        "differs_line": "如果您扫码之后又在窗口修改过评价，以最后一次显示的回执为准。否则请拨打 12345 反映。",
        "when": "送达时间 {}",
        "next_title": "接下来",
        "add_words": "补充说明",
        "footer": "本页不含个人信息，也不显示您的评价内容。",
        "ask": "查询评价是否送达",
        "ask_line": "请输入窗口号和屏幕上二维码下方的短码。",
        "code_arrived": "评价已送达",
        "code_arrived_line": "要查看评价有无改动，请扫描回执上的二维码。",
        "code_not_yet": "尚未收到",
        "code_not_yet_line": "请核对窗口号和短码。窗口断网时，评价会在联网后自动上传。",
        "busy": "查询过于频繁",
        "busy_line": "请在 {} 秒后再试。",
        "window_label": "窗口号",
        "code_label": "短码",
        "button": "查询",
    },
    ENGLISH: {
        "brand": "Your rating · receipt",
        "title": "Receipt",
        "other_name": "中文",
        "arrived": "Your rating has arrived, unchanged",
        "arrived_line": "What the platform received is what the screen at the window showed.",
        "not_yet": "This rating has not arrived yet",
        "not_yet_line": "The window may be offline; it uploads once it is online. Please look again later.",
        "differs": "A rating has arrived, but it differs from this receipt",
        "differs_line": "If you changed your rating after scanning, the last receipt counts. Otherwise please call 12345.",
        "when": "Arrived {}",
        "next_title": "What happens next",
        "add_words": "Add words",
        "footer": "This page holds no personal data and does not show what you chose.",
        "ask": "Has a rating arrived?",
        "ask_line": "Enter the number of the window and the short code below the symbol on its screen.",
        "code_arrived": "The rating has arrived",
        "code_arrived_line": "To see whether it is unchanged, scan the symbol of the receipt.",
        "code_not_yet": "Not yet",
        "code_not_yet_line": "Please check window and code. A window that is offline uploads once it is online.",
        "busy": "Too many questions",
        "busy_line": "Please try again in {} seconds.",
        "window_label": "Number of the window",
        "code_label": "Short code",
        "button": "Look it up",
    },
}


def receipt_page(language: str, found: Comparison, promises: Sequence[str], words_pass: str | None) -> Response:
    """What a scanned receipt says; `promises` only for a bad rating. `words_pass`: lets words be added still."""
    state = found.state.value
    when = "" if found.received_at is None else _say(language, "when", f"{_local(found.received_at):%Y-%m-%d %H:%M}")
    values = _common(language, state) | {"when": when, "next_title": _say(language, "next_title"), "next": list(promises)}
    return _RECEIPT.filled(200, values | {"more": _link(language, words_pass)}, _HEADERS)


def _link(language: str, words_pass: str | None) -> Markup:
    """To the page for words. A pass is digits alone."""
    if words_pass is None:
        return Markup()
    return Markup(f'<a href="{pass_url("", words_pass)}?lang={language}">{escape(_say(language, "add_words"))}</a>')


def code_page(language: str, arrived: bool | None, window: str = "") -> Response:
    """The question, and below it its answer once it was asked."""
    answer = {None: "ask", True: "code_arrived", False: "code_not_yet"}[arrived]
    state = {None: "ask", True: State.ARRIVED.value, False: State.NOT_YET.value}[arrived]
    return _CODE.filled(200, _common(language, answer) | _labels(language, window) | {"state": state}, _HEADERS)


def busy_page(language: str, wait_s: int) -> Response:
    """Asked too often."""
    values = _common(language, "busy") | _labels(language, "") | {"line": _say(language, "busy_line", wait_s)}
    return _CODE.filled(429, values, _HEADERS | {"Retry-After": str(wait_s)})


def _common(language: str, answer: str) -> dict[str, str | list[str]]:
    return {
        "language": language,
        "other_language": other(language),
        "other_address": f"?lang={other(language)}",
        "state": answer,
        "headline": _say(language, answer),
        "line": _say(language, f"{answer}_line"),
        **{name: _say(language, name) for name in ("brand", "title", "other_name", "footer")},
    }


def _labels(language: str, window: str) -> dict[str, str]:
    return {"window": window, **{name: _say(language, name) for name in ("window_label", "code_label", "button")}}


def _say(language: str, name: str, *values: object) -> str:
    text = _WORDS[language][name]
    return text.format(*values) if values else text


def _local(ms: int) -> datetime:
    return at(ms).astimezone(CHINA)
