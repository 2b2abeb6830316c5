"""Statements on a case → what is known of it. Pure, and the same in whatever order they arrived."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from central_platform.rules.statements import CaseStatement, milliseconds
from terminal_app.domain.policy import Situation
from terminal_app.domain.ticket import CaseKind

_OF_KIND = {"immediate": Situation.ON_THE_SPOT, "self_service": Situation.SELF_SERVICE, "online": Situation.ONLINE}


@dataclass(frozen=True, slots=True)
class Service:
    """A service that was received: `visit` where one is told, the moment (milliseconds since 1970) and its day in China."""

    visit: str | None
    at: int
    day: str


@dataclass(frozen=True, slots=True)
class KnownCase:
    """`situation` None: nobody said how it is handled. `finished_at` None: not finished, as far as is known."""

    region: str | None
    situation: Situation | None
    finished_at: int | None
    services: tuple[Service, ...]


def fold_case(statements: Iterable[tuple[int, bytes, str]]) -> KnownCase | None:
    """From (own time, id, document) of every statement on the case; None where there is none.

    Of each field the latest word counts, by the statement's own time, ties by its id; services by their visit, or their day.
    """
    said: dict[str, Any] = {}
    services: dict[str, Service] = {}
    ordered = sorted(statements)
    for _, _, document in ordered:
        one = msgspec.json.decode(document, type=CaseStatement)
        said |= {name: value for name, value in msgspec.structs.asdict(one).items() if value is not None}
        if one.received_at is not None:
            day = one.received_at[:10]
            services[one.visit or day] = Service(one.visit, milliseconds(one.received_at), day)
    if not ordered:
        return None
    return KnownCase(
        region=said.get("region"),
        situation=said.get("situation") or _situation_of(said.get("kind")),
        finished_at=milliseconds(said["finished_at"]) if "finished_at" in said else None,
        services=tuple(sorted(services.values(), key=lambda one: (one.at, one.visit or ""))),
    )


def _situation_of(kind: CaseKind | None) -> Situation | None:
    """What a case's kind says of how it is handled; a committed case takes visits."""
    if kind is None or kind is CaseKind.UNKNOWN:
        return None
    return _OF_KIND.get(kind.value, Situation.IN_VISITS)
