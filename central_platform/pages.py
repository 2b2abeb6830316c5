"""The pages that the platform serves to people, and the policy that lets their own inline script and style run."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html import escape
from importlib import resources

from fastapi import Response


class Markup(str):
    """HTML that is written already: whatever came from outside was escaped when it was made."""


class Page:
    """A self-contained HTML page of this package, in one file or several after each other; `style`: a style sheet that pages
    share, put in its place."""

    def __init__(self, *names: str, style: str = "") -> None:
        self._html = "".join(map(_read, names)).replace("/* style */", _read(style) if style else "")
        sources = {tag: self._hashes(tag) for tag in ("script", "style")}
        self._policy = "; ".join(
            [
                "default-src 'none'",
                *(f"{tag}-src {hashes}" for tag, hashes in sources.items() if hashes),
                "connect-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        )

    def _hashes(self, tag: str) -> str:
        found = re.findall(rf"<{tag}>(.*?)</{tag}>", self._html, re.DOTALL)
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found)

    def filled(self, status: int, values: Mapping[str, str | list[str]], headers: Mapping[str, str]) -> Response:
        """The page with every `{{name}}` replaced by its text, escaped; a list becomes list items. Raises KeyError."""
        written = re.sub(r"\{\{(\w+)\}\}", lambda found: _markup(values[found[1]]), self._html)
        return Response(written, status, {"Content-Security-Policy": self._policy, **headers}, "text/html")

    def response(self, status: int) -> Response:
        """The page as an answer."""
        return Response(self._html, status, {"Content-Security-Policy": self._policy}, "text/html")


def _read(name: str) -> str:
    return resources.files("central_platform").joinpath("static", name).read_text(encoding="utf-8")


def _markup(value: str | list[str]) -> str:
    if isinstance(value, Markup):
        return value
    return escape(value) if isinstance(value, str) else "".join(f"<li>{escape(item)}</li>" for item in value)


LIVE = Page("live.html")
DOOR = Page("door.html")
