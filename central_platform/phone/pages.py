"""The pages on telephones: rating by a window's QR, adding words, and what became of either. No script, no cookie.

The five stars differ in nothing but number and words, and none is chosen beforehand.
"""

from collections.abc import Sequence
from html import escape

from fastapi import Response

from central_platform.form_number import shown
from central_platform.languages import other
from central_platform.pages import Markup, Page
from central_platform.phone.rating_form import Flaw, RatingForm
from central_platform.phone.windows import Desk
from central_platform.phone.wording import say
from central_platform.phone.words import CHARACTERS_AT_MOST, TEXTS_AT_MOST
from terminal_app.domain.rating import Level

_HEAD, _STYLE = "phone_head.html", "phone.css"
_RATING = Page(_HEAD, "phone_rating.html", style=_STYLE)
_WORDS = Page(_HEAD, "phone_words.html", style=_STYLE)
_DONE = Page(_HEAD, "phone_done.html", style=_STYLE)
_HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
"""Where no referrer may be told, a browser says of no form where it comes from."""
_STAR = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12.0 2.2L14.9 8.6L21.9 9.4L16.8 14.1L18.1 21.0L12.0 17.6L5.'
    '9 21.0L7.2 14.1L2.1 9.4L9.1 8.6z"/></svg>'
)

_BREAK = "\u200b"
"""Where a word may be broken; nothing to hear."""

Values = dict[str, str | list[str]]


def rating_page(language: str, desk: Desk, form: RatingForm, paper: str | None, flaw: Flaw | None = None) -> Response:
    """The form, as it was filled in; `paper`: number of the paper form that led here."""
    place = say(language, "place", hall=desk.hall, name=desk.name, number=desk.number) if desk.device else ""
    values: Values = {
        "title": say(language, "rating_title"),
        "line": say(language, "rating_line"),
        "place": place,
        "paper": say(language, "paper", shown(paper)) if paper else "",
        "flaw": say(language, flaw) if flaw else "",
        "question": say(language, "question"),
        "stars": Markup("\n      ".join(_star(language, level, form) for level in Level)),
        "reasons": Markup("\n      ".join(_reasons(language, level, desk, form) for level in Level if desk.reasons_of(level))),
        "case_label": say(language, "case_label"),
        "case_hint": say(language, "case_hint"),
        "case": form.case,
        "once": form.once,
        "button": say(language, "rating_button"),
        "footer": say(language, "rating_footer"),
    }
    return _RATING.filled(422 if flaw else 200, _common(language, paper) | values, _HEADERS)


def rated_page(language: str, promises: Sequence[str], paper: str | None) -> Response:
    """A rating has arrived; the same whether its case is known or was rated before."""
    return _done(language, "rated", "rating", paper=paper, promises=promises)


def otherwise_page(language: str, paper: str | None) -> Response:
    """The same page had sent another rating before."""
    return _done(language, "otherwise", "rating", paper=paper, done=False, status=409)


def words_page(language: str, once: str, words: str = "", *, flawed: bool = False) -> Response:
    """The form for words; `flawed`: there were none, or too many."""
    values: Values = {
        "title": say(language, "words_title"),
        "line": say(language, "words_line"),
        "flaw": say(language, "no_words", CHARACTERS_AT_MOST) if flawed else "",
        "words_label": say(language, "words_label"),
        "words_hint": say(language, "words_hint", CHARACTERS_AT_MOST),
        "longest": str(CHARACTERS_AT_MOST),
        "words": words,
        "once": once,
        "button": say(language, "words_button"),
        "footer": say(language, "words_footer", TEXTS_AT_MOST),
    }
    return _WORDS.filled(422 if flawed else 200, _common(language, None) | values, _HEADERS)


def added_page(language: str) -> Response:
    """Words have arrived; the same whether the rating has."""
    return _done(language, "added", "words")


def full_page(language: str) -> Response:
    """The rating takes no more words."""
    return _done(language, "full", "words", done=False, status=409)


def closed_page(language: str) -> Response:
    """The pass is none, or none any more."""
    return _done(language, "closed", "words", done=False, status=404)


def busy_page(language: str, wait_s: int) -> Response:
    """Asked too often."""
    values = _outcome(language, "busy", "words", [], done=False) | {"line": say(language, "busy_line", wait_s)}
    return _DONE.filled(429, _common(language, None) | values, _HEADERS | {"Retry-After": str(wait_s)})


def _done(
    language: str,
    name: str,
    of: str,
    *,
    paper: str | None = None,
    promises: Sequence[str] = (),
    done: bool = True,
    status: int = 200,
) -> Response:
    return _DONE.filled(status, _common(language, paper) | _outcome(language, name, of, promises, done=done), _HEADERS)


def _outcome(language: str, name: str, of: str, promises: Sequence[str], *, done: bool) -> Values:
    return {
        "title": say(language, f"{name}_title", TEXTS_AT_MOST),
        "line": say(language, f"{name}_line", ""),
        "state": "done" if done else "not_done",
        "next_title": say(language, "next_title"),
        "next": list(promises),
        "footer": say(language, f"{of}_footer", TEXTS_AT_MOST),
    }


def _common(language: str, paper: str | None) -> Values:
    return {
        "language": language,
        "brand": say(language, "brand"),
        "other_language": other(language),
        "other_name": say(language, "other_name"),
        "other_address": f"?lang={other(language)}" + (f"&form={paper}" if paper else ""),
    }


def _star(language: str, level: Level, form: RatingForm) -> str:
    name, checked = f"star-{int(level)}", " checked" if form.level is level else ""
    words, spoken = say(language, f"level_{int(level)}"), say(language, "star", int(level))
    return (
        f'<input class="choice" type="radio" id="{name}" name="level" value="{int(level)}" required{checked} '
        f'aria-label="{escape(spoken)} {escape(words.replace(_BREAK, ""))}">'
        f'<label class="star" for="{name}">{_STAR}<span>{escape(words)}</span></label>'
    )


def _reasons(language: str, level: Level, desk: Desk, form: RatingForm) -> str:
    title = say(language, "reasons_required" if desk.policy.reasons_required else "reasons")
    rows = [
        f'<label class="reason"><input type="checkbox" name="reason" value="{escape(one.code)}"'
        f"{' checked' if one.code in form.reasons else ''}><span>{escape(one.text_in(language))}</span></label>"
        for one in desk.reasons_of(level)
    ]
    name = f"reasons-{int(level)}"
    return (
        f'<div class="reasons of-{int(level)}" role="group" aria-labelledby="{name}">'
        f'<p id="{name}">{escape(title)}</p>{"".join(rows)}</div>'
    )
