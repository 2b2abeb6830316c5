"""What citizens may ask of their receipts over HTTP: no login, no script, nothing kept by a browser."""

import ipaddress
import time
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from central_platform import receipt_pages
from central_platform.problems import too_large, unreadable
from central_platform.rate_limit import RateLimit
from central_platform.service import Platform
from terminal_app.domain.receipt import PATH

EACH_A_MINUTE = 10
ALL_A_MINUTE = 300
_FORM_BYTES = 4096
_FIELD_CHARACTERS = 40
_IPV6_NETWORK = 64


def add_receipt_routes(app: FastAPI, platform: Platform) -> None:
    """`GET /r/{receipt}`, and for people alone `GET /r` and its form, `POST /r`."""
    limit = RateLimit(EACH_A_MINUTE, ALL_A_MINUTE, time.monotonic)

    @app.get(PATH + "/{receipt}")
    async def receipt(request: Request, receipt: str) -> Response:
        """A page: whether the rating with this receipt arrived unchanged. An unknown one has not arrived yet."""
        found, promises = await run_in_threadpool(platform.receipt, receipt)
        language = _language(request)
        return receipt_pages.receipt_page(language, found, [texts.get(language, "") for texts in promises])

    @app.get(PATH, include_in_schema=False)
    async def ask(request: Request) -> Response:
        """A page: asks for a window's number and a receipt's short code."""
        return receipt_pages.code_page(_language(request), None)

    @app.post(PATH, include_in_schema=False)
    async def answer(request: Request) -> Response:
        """A page: whether a rating with this short code arrived from this window; the same for every level."""
        language = _language(request)
        if wait_s := limit.wait_s(_asker(request)):
            return receipt_pages.busy_page(language, wait_s)
        window, code = await _asked(request)
        arrived = await run_in_threadpool(platform.has_arrived, window, code)
        return receipt_pages.code_page(language, arrived, window)


def _language(request: Request) -> str:
    return receipt_pages.language_of(request.query_params.get("lang"), request.headers.get("accept-language", ""))


async def _asked(request: Request) -> tuple[str, str]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _FORM_BYTES:
            raise too_large(f"A form has at most {_FORM_BYTES} bytes.")
    try:
        fields = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=8)
    except ValueError:
        fields = {}
    if set(fields) != {"window", "code"}:
        raise unreadable("Send the form fields window and code, and no other.")
    (window, *_), (code, *_) = fields["window"], fields["code"]
    if max(len(window), len(code)) > _FIELD_CHARACTERS:
        raise unreadable(f"window and code have at most {_FIELD_CHARACTERS} characters.")
    return window, code


def _asker(request: Request) -> str:
    """Who is counted as one: an IPv4 address, or the network of an IPv6 address, which one household has for itself."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((int(address) >> _IPV6_NETWORK << _IPV6_NETWORK, _IPV6_NETWORK)))
