"""The routes for citizens' telephones: plain pages and forms, no login, script or cookie, nothing personal in an address."""

import base64
import secrets
import time
import unicodedata
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from central_platform.citizens import asker, form_fields, language, require_own_page
from central_platform.phone import pages
from central_platform.phone.counter import PhoneCounter
from central_platform.phone.rating_form import NotTheForm, RatingForm, read_form, read_paper_form
from central_platform.phone.words import CHARACTERS_AT_MOST, Added
from central_platform.problems import unreadable
from central_platform.rate_limit import RateLimit
from central_platform.rules.window_qr import Recorded
from terminal_app.domain import window_address, words_pass

EACH_A_MINUTE = 60
ALL_A_MINUTE = 600
"""A hall's visitors may share one address."""
_FORM_BYTES = 16_384
_FIELDS = 80
_ONCE_BYTES = 16


def add_phone_routes(
    app: FastAPI, counter: PhoneCounter, public_url: str | None, clock: Callable[[], float] = time.monotonic
) -> None:
    """`/w`, `/w/{window}`: rate; `/a/{pass}`: add words. `clock`: monotonic seconds, for how often somebody may ask."""
    limit = RateLimit(EACH_A_MINUTE, ALL_A_MINUTE, clock)
    _add_rating(app, counter, public_url, limit)
    _add_words(app, counter, public_url, limit)


def _add_rating(app: FastAPI, counter: PhoneCounter, public_url: str | None, limit: RateLimit) -> None:
    @app.get(window_address.PATH, include_in_schema=False)
    @app.get(window_address.PATH + "/{window}", include_in_schema=False)
    async def show(request: Request, window: str = "") -> Response:
        paper = _paper(request)
        desk = await run_in_threadpool(counter.desk, window, paper)
        return pages.rating_page(language(request), desk, RatingForm(_fresh_once()), paper)

    @app.post(window_address.PATH, include_in_schema=False)
    @app.post(window_address.PATH + "/{window}", include_in_schema=False)
    async def rate(request: Request, window: str = "") -> Response:
        wanted, paper = language(request), _paper(request)
        require_own_page(request, public_url)
        if wait_s := limit.wait_s(asker(request)):
            return pages.busy_page(wanted, wait_s)
        form = await _rating_form(request)
        done = await run_in_threadpool(counter.rate, window, form, wanted, paper)
        if done.flaw is not None:
            return pages.rating_page(wanted, done.desk, form, paper, done.flaw)
        if done.recorded is Recorded.OTHERWISE:
            return pages.otherwise_page(wanted, paper)
        return pages.rated_page(wanted, done.promises, paper)


def _add_words(app: FastAPI, counter: PhoneCounter, public_url: str | None, limit: RateLimit) -> None:
    @app.get(words_pass.PATH + "/{text}", include_in_schema=False)
    async def show(request: Request, text: str) -> Response:
        wanted = language(request)
        if wait_s := limit.wait_s(asker(request)):
            return pages.busy_page(wanted, wait_s)
        if not await run_in_threadpool(counter.may_add, text):
            return pages.closed_page(wanted)
        return pages.words_page(wanted, _fresh_once())

    @app.post(words_pass.PATH + "/{text}", include_in_schema=False)
    async def add(request: Request, text: str) -> Response:
        wanted = language(request)
        require_own_page(request, public_url)
        if wait_s := limit.wait_s(asker(request)):
            return pages.busy_page(wanted, wait_s)
        once, words = await _words_form(request)
        if not 0 < len(words) <= CHARACTERS_AT_MOST:
            return pages.words_page(wanted, once, words, flawed=True)
        added = await run_in_threadpool(counter.add, text, _once_bytes(once), words)
        if added is None:
            return pages.closed_page(wanted)
        return pages.full_page(wanted) if added is Added.FULL else pages.added_page(wanted)


def _paper(request: Request) -> str | None:
    return read_paper_form(request.query_params.get("form"))


def _fresh_once() -> str:
    return secrets.token_urlsafe(_ONCE_BYTES)


async def _rating_form(request: Request) -> RatingForm:
    fields = await form_fields(request, _FORM_BYTES, _FIELDS)
    try:
        return read_form(fields)
    except NotTheForm:
        raise unreadable("Send the fields of the page and no other.") from None


async def _words_form(request: Request) -> tuple[str, str]:
    fields = await form_fields(request, _FORM_BYTES, _FIELDS)
    once, words = fields.pop("once", []), fields.pop("words", [""])
    if fields or len(once) != 1 or len(words) != 1:
        raise unreadable("Send the fields of the page and no other.")
    _once_bytes(once[0])
    return once[0], _plain(words[0])


def _once_bytes(text: str) -> bytes:
    """The 16 bytes that name a form. Raises Problem."""
    raw = base64.urlsafe_b64decode(text + "==") if len(text) == 22 and text.isascii() else b""
    if len(raw) != _ONCE_BYTES:
        raise unreadable("The field once is not the page's.")
    return raw


def _plain(text: str) -> str:
    """Without control characters; a line ends in one way."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign == "\n" or not unicodedata.category(sign).startswith("C")).strip()
