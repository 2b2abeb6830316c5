"""A region's rules as the window follows them: what may be rated and when, what is asked, what the thanks screen promises.

What the platform does by the same document is in `platform_policy`.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.rating import Level
from terminal_app.domain.suite import SEALING_KEY_BYTES


class Situation(StrEnum):
    """How a case is handled, as far as it decides when it may be rated (taian 二(四)1).

    wholly online; at a self-service machine; an immediate case (即办件) finished on the spot; everything that takes visits to
    the window: mixed online and offline, or a committed case (承诺件) not finished on the spot.
    """

    ONLINE = "online"
    SELF_SERVICE = "self_service"
    ON_THE_SPOT = "on_the_spot"
    IN_VISITS = "in_visits"


class Once(StrEnum):
    """What can be rated once: the case, or each service rendered, which at a window is each visit."""

    PER_CASE = "per_case"
    PER_SERVICE = "per_service"


class After(StrEnum):
    """From when on it can be rated: once the service was rendered, or once the case is finished."""

    SERVICE = "service"
    COMPLETION = "completion"


class Page(StrEnum):
    """Whose rating page the window shows: our own, or the superior platform's. The second is only declared so far."""

    NATIVE = "native"
    PLATFORM = "platform"


@frozen
class RatingPoint:
    """How often, and from when on, something can be rated."""

    once: Once
    after: After


@frozen
class BatchRule:
    """A batch: from `at_least` cases on, of one matter where `same_matter`, one rating applies to all of them."""

    at_least: int
    same_matter: bool


@frozen
class ChainRule:
    """A chain of matters: rated overall (which covers all), or any single case alone, and then not again by the overall one."""

    overall: bool
    single: bool
    after: After


@frozen
class Promise:
    """One sentence of what happens after a bad rating, by language, with its source (region id + clause)."""

    texts: Mapping[str, str]
    source: str


_PER_SERVICE = RatingPoint(Once.PER_SERVICE, After.SERVICE)


@frozen
class RegionPolicy:
    """The rules of one region that the terminal follows.

    `bad_at_most`: the highest level that counts as bad. `reasons_after_good`, `reasons_after_bad`: whether the reasons open
    by themselves. `case_pattern`: a region's own form of case numbers, which is tried before anything else.
    `rating_points`: what can be rated once, and from when on. `batch`, `chain` None: their cases are rated one by one.
    `follow_ups`: second ratings after rectification. `sources`: the source of every rule. `sealing_key`: the platform's key
    for personal data, 32 raw bytes; without one such data is dropped.
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
    reasons_after_good: bool = False
    reasons_after_bad: bool = True
    text_allowed: bool = False
    rating_points: Mapping[Situation, RatingPoint] = field(default_factory=lambda: dict.fromkeys(Situation, _PER_SERVICE))
    batch: BatchRule | None = field(default_factory=lambda: BatchRule(2, same_matter=True))
    chain: ChainRule | None = None
    follow_ups: int = 0
    real_name: bool = False
    page: Page = Page.NATIVE

    def is_bad(self, level: Level) -> bool:
        return level <= self.bad_at_most

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "RegionPolicy":
        """From the body of the platform's signed `policy` document; one of before there were `rules` is read as well.

        Raises KeyError, TypeError, ValueError or re.error.
        """
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
            **_rules(document.get("rules", {})),
        )


def _rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of RegionPolicy that the rules of a document give; none without rules."""
    if not rules:
        return {}
    return {
        "reasons_after_good": bool(rules["reasons_after_good"]),
        "reasons_after_bad": bool(rules["reasons_after_bad"]),
        "text_allowed": bool(rules["text_allowed"]),
        "rating_points": {where: _rating_point(rules["rating_points"][where]) for where in Situation},
        "batch": _batch(rules["batch"]),
        "chain": _chain(rules["chain"]),
        "follow_ups": int(rules["follow_ups"]),
        "real_name": bool(rules["real_name"]),
        "page": Page(rules["page"]),
    }


def _rating_point(value: Mapping[str, Any]) -> RatingPoint:
    return RatingPoint(Once(value["once"]), After(value["after"]))


def _batch(value: Mapping[str, Any] | None) -> BatchRule | None:
    return BatchRule(int(value["at_least"]), bool(value["same_matter"])) if value else None


def _chain(value: Mapping[str, Any] | None) -> ChainRule | None:
    return ChainRule(bool(value["overall"]), bool(value["single"]), After(value["after"])) if value else None


def _sealing_key(text: str | None) -> bytes | None:
    if text is None:
        return None
    key = base64.urlsafe_b64decode(text + "=")
    if len(key) != SEALING_KEY_BYTES:
        raise ValueError("sealing key")
    return key
