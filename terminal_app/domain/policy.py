"""A region's rules as data: what may be rated, what is asked, what the thanks screen promises."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.rating import Level
from terminal_app.domain.suite import SEALING_KEY_BYTES


@frozen
class Promise:
    """One sentence of what happens after a bad rating, by language, with its source (region id + clause)."""

    texts: Mapping[str, str]
    source: str


@frozen
class RegionPolicy:
    """The rules of one region that the terminal follows.

    `bad_at_most`: the highest level that counts as bad and opens the reasons. `case_pattern`: a region's own form of
    case numbers, which is tried before anything else. `sealing_key`: the platform's key for personal data, 32 raw bytes;
    without one such data is dropped.
    """

    id: str
    version: str
    name: Mapping[str, str]
    catalogue_id: str
    catalogue_version: str
    bad_at_most: Level = Level.DISSATISFIED
    reasons_required: bool = False
    case_pattern: re.Pattern[str] | None = None
    after_bad: tuple[Promise, ...] = ()
    sources: Mapping[str, str] | None = None
    sealing_key: bytes | None = None

    def is_bad(self, level: Level) -> bool:
        return level <= self.bad_at_most

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "RegionPolicy":
        """From the body of the platform's signed `policy` document. Raises KeyError, TypeError, ValueError or re.error."""
        pattern = document.get("case_pattern")
        return RegionPolicy(
            id=str(document["id"]),
            version=str(document["version"]),
            name=dict(document["name"]),
            catalogue_id=str(document["catalogue"]["id"]),
            catalogue_version=str(document["catalogue"]["version"]),
            bad_at_most=Level(document["bad_at_most"]),
            reasons_required=bool(document["reasons_required"]),
            case_pattern=re.compile(pattern) if pattern else None,
            after_bad=tuple(Promise(dict(row["texts"]), str(row["source"])) for row in document["after_bad"]),
            sources=dict(document["sources"]),
            sealing_key=_sealing_key(document.get("sealing_key")),
        )


def _sealing_key(text: str | None) -> bytes | None:
    if text is None:
        return None
    key = base64.urlsafe_b64decode(text + "=")
    if len(key) != SEALING_KEY_BYTES:
        raise ValueError("sealing key")
    return key
