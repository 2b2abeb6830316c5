"""The rules of one region's `policy` document, as far as the platform decides by them: one value. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from terminal_app.domain.platform_policy import PlatformPolicy
from terminal_app.domain.policy import After, Once, RatingPoint, RegionPolicy, Situation


@dataclass(frozen=True, slots=True)
class Law:
    """`window`: what may be rated and when, and what is bad; `platform`: all else; `sources`: the clause of every rule."""

    window: RegionPolicy
    platform: PlatformPolicy
    sources: Mapping[str, str]

    @property
    def region(self) -> str:
        return self.platform.id

    def point(self, situation: Situation | None) -> RatingPoint:
        """How often a case of this kind is rated. Where nobody said how it is handled, each service once, when rendered."""
        return self.window.rating_points[situation] if situation else RatingPoint(Once.PER_SERVICE, After.SERVICE)

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "Law":
        """Raises KeyError, TypeError or ValueError."""
        return Law(RegionPolicy.from_document(document), PlatformPolicy.from_document(document), dict(document["sources"]))
