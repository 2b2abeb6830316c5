"""Reads what citizens' telephones ask: the language, who is counted as one, a form's fields, whether it is our own page's."""

import ipaddress
from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from central_platform.languages import language_of
from central_platform.problems import Problem, too_large, unreadable

_IPV6_NETWORK = 64
_OWN = {"same-origin", "none"}


def language(request: Request) -> str:
    """The language that the address asks for, else one that the browser accepts."""
    return language_of(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def asker(request: Request) -> str:
    """Who is counted as one: an IPv4 address, or the network of an IPv6 address, which one household has for itself."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((int(address) >> _IPV6_NETWORK << _IPV6_NETWORK, _IPV6_NETWORK)))


async def form_fields(request: Request, bytes_at_most: int, fields_at_most: int) -> dict[str, list[str]]:
    """The fields of a form (URL-encoded UTF-8) that are not empty. Raises Problem."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > bytes_at_most:
            raise too_large(f"A form has at most {bytes_at_most} bytes.")
    try:
        return parse_qs(body.decode("ascii"), errors="strict", max_num_fields=fields_at_most)
    except ValueError:
        raise unreadable("The body is not a form of this page.") from None


def require_own_page(request: Request, public_url: str | None) -> None:
    """Refuse a form that a page of somebody else had a browser send (there is no cookie to abuse). Raises Problem.

    Every browser says of a form where it comes from, in one header or the other; what says nothing is no browser.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = {request.headers.get("host", ""), urlsplit(public_url or "").netloc} - {""}
    is_ours = site in _OWN if site is not None else origin is None or urlsplit(origin).netloc in ours
    if not is_ours:
        raise Problem(
            403, "foreign-page", "The form came from another site", "Open this platform's own page and send it there."
        )
