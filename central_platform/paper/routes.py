"""What the QR of a paper form leads to: the telephones' rating page, naming the form; or a word that there is none."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from central_platform.citizens import language
from central_platform.form_number import PATH, read_number
from central_platform.languages import other
from central_platform.pages import Page
from central_platform.paper.words import PAGE
from terminal_app.domain import window_address

_PAGE = Page("receipt_head.html", "receipt.html")
_HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


def add_paper_routes(app: FastAPI, is_form: Callable[[str], bool]) -> None:
    """`GET /p/{number}`, for people; `is_form`: whether a form with these digits was printed here."""

    @app.get(PATH + "/{number}", include_in_schema=False)
    async def form(request: Request, number: str) -> Response:
        digits = read_number(number)
        if digits is not None and await run_in_threadpool(is_form, digits):
            return RedirectResponse(f"{window_address.PATH}?form={digits}", 303)
        return _unknown_page(language(request))


def _unknown_page(language: str) -> Response:
    values: dict[str, str | list[str]] = {
        "language": language,
        "other_language": other(language),
        "other_address": f"?lang={other(language)}",
        "state": "differs",
        "when": "",
        "next_title": "",
        "next": [],
        "more": "",
        **PAGE[language],
    }
    return _PAGE.filled(404, values, _HEADERS)
