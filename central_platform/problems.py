"""Errors as the terminal sees them: RFC 9457 problem documents. Details name the thing and the remedy, never content."""

from collections.abc import Mapping

import msgspec

URN = "urn:rating-terminal:problem:"


class ProblemBody(msgspec.Struct, rename={"kind": "type"}):
    """The members of RFC 9457 that are used here."""

    kind: str
    title: str
    status: int
    detail: str


class Problem(Exception):
    """An answer that is not a success. `name` is stable and becomes the last part of `type`."""

    def __init__(self, status: int, name: str, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {name}")
        self.status = status
        self.headers = dict(headers or {})
        self.content = msgspec.json.encode(ProblemBody(URN + name, title, status, detail))


def unauthorised(detail: str) -> Problem:
    """401: the request is not signed by a key that this platform knows."""
    return Problem(
        401,
        "bad-signature",
        "The request is not signed by an enrolled device",
        detail,
        {"WWW-Authenticate": 'Signature label="sig1"'},
    )


def unreadable(detail: str) -> Problem:
    """400: the request's body or parameters cannot be read."""
    return Problem(400, "unreadable-request", "The request cannot be read", detail)


def too_large(detail: str) -> Problem:
    """413: send less at once."""
    return Problem(413, "too-large", "The request is too large", detail)


def storage_busy() -> Problem:
    """503: nothing was stored; the same request may be sent again."""
    return Problem(
        503,
        "storage-busy",
        "The platform cannot store now",
        "Nothing was stored. Send the same request again.",
        {"Retry-After": "2"},
    )


def overloaded(again_s: int) -> Problem:
    """429: nothing was stored; there is too much to do now for more."""
    return Problem(
        429,
        "overloaded",
        "The platform has too much to do",
        "Nothing was stored. Send the same request again after Retry-After.",
        {"Retry-After": str(again_s)},
    )
