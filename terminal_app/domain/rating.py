"""Levels, reasons, and a rating as a fold over its session's entries."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import Kind


class Level(IntEnum):
    """The one internal scale, 5 best (taian 二(三)): 非常不满意, 不满意, 基本满意, 满意, 非常满意."""

    VERY_DISSATISFIED = 1
    DISSATISFIED = 2
    FAIRLY_SATISFIED = 3
    SATISFIED = 4
    VERY_SATISFIED = 5


class Outcome(StrEnum):
    """How a session ended. Only `rated` carries a rating."""

    RATED = "rated"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    INTERRUPTED = "interrupted"


@frozen
class Reason:
    """One entry of the catalogue: code, the level it belongs to, whether it is shown first, texts by language."""

    code: str
    level: Level
    core: bool
    texts: Mapping[str, str]

    def text_in(self, language: str) -> str:
        """What a person reads on the screen: the text in `language`, else in zh-CN, else the code."""
        return self.texts.get(language) or self.texts.get("zh-CN") or self.code


@frozen
class ReasonCatalogue:
    """A versioned list of reasons, managed centrally; a site never adds or removes entries."""

    id: str
    version: str
    reasons: tuple[Reason, ...]

    def of_level(self, level: Level) -> tuple[Reason, ...]:
        """The reasons of one level, core ones first, in catalogue order."""
        own = [reason for reason in self.reasons if reason.level == level]
        return tuple(sorted(own, key=lambda reason: not reason.core))

    def get(self, code: str) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "ReasonCatalogue":
        """From the body of the platform's signed `catalogue` document. Raises KeyError, TypeError or ValueError."""
        reasons = tuple(
            Reason(str(row["code"]), Level(row["level"]), bool(row["core"]), dict(row["texts"])) for row in document["reasons"]
        )
        if len({reason.code for reason in reasons}) < len(reasons):
            raise ValueError("a reason code stands twice in the catalogue")
        return ReasonCatalogue(str(document["id"]), str(document["version"]), reasons)


class Rating(NamedTuple):
    """What a session's entries say so far. `level` None: no star was tapped. `outcome` None: not closed yet.

    `stars` lists every tap as (level, milliseconds since the ticket); `rated_at` is the wall time of the last of them.
    """

    session: str
    level: Level | None
    reasons: tuple[str, ...]
    submitted: bool
    outcome: Outcome | None
    stars: tuple[tuple[Level, int], ...]
    rated_at: str | None


def fold(session: str, entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Rating:
    """The rating of one session from its entries as (kind, wall time, data) in chain order.

    The last star counts; reasons count only when chosen after it and of its level. Reasons that were toggled and never
    submitted count too, with `submitted` false. Raises KeyError, TypeError or ValueError when an entry's data is malformed.
    """
    stars: list[tuple[Level, int]] = []
    toggled: dict[str, None] = {}
    submitted = False
    outcome: Outcome | None = None
    rated_at: str | None = None
    for kind, wall, data in entries:
        if kind == Kind.STAR_CHOSEN:
            level = Level(data["level"])
            if stars and stars[-1][0] != level:
                toggled.clear()
            stars.append((level, int(data["offset_ms"])))
            submitted, rated_at = False, wall
        elif kind == Kind.REASON_TOGGLED and stars and data["level"] == stars[-1][0]:
            if data["on"]:
                toggled[str(data["code"])] = None
            else:
                toggled.pop(str(data["code"]), None)
        elif kind == Kind.REASONS_CHOSEN and stars and data["level"] == stars[-1][0]:
            toggled = {str(reason["code"]): None for reason in data["reasons"]}
            submitted = True
        elif kind == Kind.SESSION_CLOSED:
            outcome = Outcome(data["outcome"])
            submitted = submitted or bool(data["submitted"])
    return Rating(session, stars[-1][0] if stars else None, tuple(toggled), submitted, outcome, tuple(stars), rated_at)
