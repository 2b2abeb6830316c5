"""Decides who may talk: from a request's headers and path to a client, or a refusal. Pure.

Any web page that is open on the counter's PC reaches the port. `Host` refuses names that were rebound to 127.0.0.1, `Origin`
pages that nobody listed (a page cannot hide or change either), the token everybody else. Source: RFC 6454, RFC 6455 §10.2.
"""

import hmac
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from local_api.settings import LEGACY_CLIENT, ApiSettings, Client

SUBPROTOCOL = "rating-terminal.v1"
SOCKET_PATH = "/v1"
LEGACY_PATH = "/"
_BEARER_SUBPROTOCOL = "bearer."


class Headers(Protocol):
    """The headers of a request."""

    def get_all(self, name: str, /) -> Sequence[str] | None: ...


class Admitted(NamedTuple):
    """A client by name; `legacy`: it speaks the legacy dialect."""

    client: str
    legacy: bool = False


class Refused(NamedTuple):
    """The HTTP status of a refusal, and why in a word."""

    status: int
    why: str


def admit_socket(settings: ApiSettings, path: str, headers: Headers) -> Admitted | Refused:
    """Whether a WebSocket may be opened: a program with a token, or a listed page with its token among the subprotocols."""
    origin = _only(headers, "Origin")
    if not _is_our_host(headers, settings.port):
        return Refused(421, "wrong_host")
    if path == LEGACY_PATH and settings.legacy_origins:
        return Admitted(LEGACY_CLIENT, True) if origin in settings.legacy_origins else Refused(403, "wrong_origin")
    if path != SOCKET_PATH:
        return Refused(404, "unknown_path")
    client = _owner(settings, _bearer(headers) or _offered_token(headers))
    if origin is not None and not (client and origin in client.origins):
        return Refused(403, "wrong_origin")
    return Admitted(client.name) if client else Refused(401, "wrong_token")


def admit_post(settings: ApiSettings, headers: Headers) -> Admitted | Refused:
    """Whether a plain request may be answered: programs only. Every page's POST names an origin, so none is taken."""
    if not _is_our_host(headers, settings.http_port or 0):
        return Refused(421, "wrong_host")
    if _only(headers, "Origin") is not None:
        return Refused(403, "wrong_origin")
    client = _owner(settings, _bearer(headers))
    if client is None:
        return Refused(401, "wrong_token")
    if (_only(headers, "Content-Type") or "").partition(";")[0].strip().lower() != "application/json":
        return Refused(415, "not_json")
    return Admitted(client.name)


def _only(headers: Headers, name: str) -> str | None:
    """The one value of a header; several are joined, and so equal to nothing that is wanted."""
    values = headers.get_all(name)
    return ", ".join(values) if values else None


def _is_our_host(headers: Headers, port: int) -> bool:
    return (_only(headers, "Host") or "").lower() in (f"127.0.0.1:{port}", f"localhost:{port}")


def _bearer(headers: Headers) -> str:
    scheme, _, token = (_only(headers, "Authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _offered_token(headers: Headers) -> str:
    """A page cannot set headers on a WebSocket, but offer subprotocols."""
    offered = (word.strip() for word in (_only(headers, "Sec-WebSocket-Protocol") or "").split(","))
    return next((word.removeprefix(_BEARER_SUBPROTOCOL) for word in offered if word.startswith(_BEARER_SUBPROTOCOL)), "")


def _owner(settings: ApiSettings, token: str) -> Client | None:
    """Every token is compared, each in the same time."""
    matches = [client for client in settings.clients if hmac.compare_digest(client.token.encode(), token.encode())]
    return matches[0] if matches else None
