"""What citizens may ask of their receipts over HTTP: no login, no script, nothing kept by a browser."""

import time

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from central_platform import receipt_pages
from central_platform.citizens import asker, form_fields, language
from central_platform.problems import unreadable
from central_platform.rate_limit import RateLimit
from central_platform.service import Platform
from central_platform.times import now_ms
from terminal_app.domain.receipt import PATH, pass_in
from terminal_app.domain.words_pass import read_pass

EACH_A_MINUTE = 10
ALL_A_MINUTE = 300
_FORM_BYTES = 4096
_FIELDS = 8
_FIELD_CHARACTERS = 40


def add_receipt_routes(app: FastAPI, platform: Platform) -> None:
    """`GET /r/{receipt}`, and for people alone `GET /r` and its form, `POST /r`."""
    limit = RateLimit(EACH_A_MINUTE, ALL_A_MINUTE, time.monotonic)

    @app.get(PATH + "/{receipt}")
    async def receipt(request: Request, receipt: str) -> Response:
        """A page: whether the rating with this receipt arrived unchanged. An unknown one has not arrived yet."""
        found, promises = await run_in_threadpool(platform.receipt, receipt)
        wanted = language(request)
        return receipt_pages.receipt_page(wanted, found, [texts.get(wanted, "") for texts in promises], _living_pass(receipt))

    @app.get(PATH, include_in_schema=False)
    async def ask(request: Request) -> Response:
        """A page: asks for a window's number and a receipt's short code."""
        return receipt_pages.code_page(language(request), None)

    @app.post(PATH, include_in_schema=False)
    async def answer(request: Request) -> Response:
        """A page: whether a rating with this short code arrived from this window; the same for every level."""
        wanted = language(request)
        if wait_s := limit.wait_s(asker(request)):
            return receipt_pages.busy_page(wanted, wait_s)
        window, code = await _asked(request)
        arrived = await run_in_threadpool(platform.has_arrived, window, code)
        return receipt_pages.code_page(wanted, arrived, window)


def _living_pass(text: str) -> str | None:
    """The pass in a receipt's address while it may serve; whether it is signed is looked at by the page that it opens."""
    found = pass_in(text)
    said = read_pass(found) if found else None
    return found if said and said.is_alive(now_ms()) else None


async def _asked(request: Request) -> tuple[str, str]:
    fields = await form_fields(request, _FORM_BYTES, _FIELDS)
    if set(fields) != {"window", "code"}:
        raise unreadable("Send the form fields window and code, and no other.")
    (window, *_), (code, *_) = fields["window"], fields["code"]
    if max(len(window), len(code)) > _FIELD_CHARACTERS:
        raise unreadable(f"window and code have at most {_FIELD_CHARACTERS} characters.")
    return window, code
