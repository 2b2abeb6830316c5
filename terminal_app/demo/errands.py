"""What people come to the window for, and what by a region's pack must come of it. Pure.

Read from the pack's rules as they are written, not by the code that follows them, so that the two can disagree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from terminal_app.regions.pack import Pack


class What(StrEnum):
    """The errands, in the order in which they come. `complaint` is a bad rating that is put right later; `again` comes with a
    ticket that was rated, `next_visit` for another service of an online case that was."""

    COMPLAINT = "complaint"
    BATCH = "batch"
    CHAIN = "chain"
    SINGLE = "single"
    REST = "rest"
    FOLLOW_UP = "follow_up"
    ONLINE = "online"
    AGAIN = "again"
    NEXT_VISIT = "next_visit"
    UNFINISHED = "unfinished"
    PLAIN = "plain"


ROUND = (*What, What.PLAIN, What.PLAIN, What.PLAIN)
"""One round of errands."""
ON_TICKET_OF = {
    What.REST: What.SINGLE,
    What.AGAIN: What.BATCH,
    What.FOLLOW_UP: What.COMPLAINT,
    What.NEXT_VISIT: What.ONLINE,
}
"""Errands that come with the ticket of an earlier one."""
_SIZES = {What.BATCH: 3, What.CHAIN: 3, What.SINGLE: 3}


@dataclass(frozen=True, slots=True)
class Errand:
    """One of them. `fields`: of the ticket, beside case numbers and matter. `touches`: what is chosen before the stars.

    `covers`: the cases that are rated. `told`: the notice that comes instead of stars; None: it is rated.
    """

    what: What
    cases: tuple[str, ...]
    covers: tuple[str, ...]
    fields: Mapping[str, str]
    touches: tuple[str, ...] = ()
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Customs:
    """What a pack says, as far as the errands show it."""

    batches: bool
    chains: bool
    follow_ups: bool
    online_once: bool
    online_after_completion: bool

    @staticmethod
    def of(pack: Pack) -> "Customs":
        rules: Mapping[str, Any] = {name: rule.value for name, rule in pack.rules.items()}
        batch, chain, online = rules["batch"], rules["chain"], rules["rating_points"]["online"]
        return Customs(
            batches=isinstance(batch, Mapping) and batch["at_least"] <= _SIZES[What.BATCH],
            chains=isinstance(chain, Mapping) and chain["overall"] and chain["single"],
            follow_ups=rules["follow_ups"] > 0,
            online_once=online["once"] == "per_case",
            online_after_completion=online["after"] == "completion",
        )


def errands(customs: Customs, seed: int) -> Iterator[Errand]:
    """Without end; those that the pack has no rule for are left out."""
    number = 0
    latest: dict[What, Errand] = {}
    while True:
        for what in ROUND:
            if (what in (What.CHAIN, What.SINGLE, What.REST) and not customs.chains) or (
                what in (What.BATCH, What.AGAIN) and not customs.batches
            ):
                continue
            number += 1
            before = latest.get(ON_TICKET_OF[what]) if what in ON_TICKET_OF else None
            cases = before.cases if before else _new_cases(seed, number, _SIZES.get(what, 1))
            latest[what] = _errand(what, cases, customs)
            yield latest[what]


def _new_cases(seed: int, number: int, size: int) -> tuple[str, ...]:
    return tuple(f"TE{2026}{seed % 1000:03d}{number:06d}{part:02d}" for part in range(size))


def _errand(what: What, cases: tuple[str, ...], customs: Customs) -> Errand:
    chain = {"group": "chain", "kind": "承诺件", "state": "办结", "visit": "1"}
    online = {"kind": "全程网办", "state": "办结", "visit": "1"}
    match what:
        case What.CHAIN:
            return Errand(what, cases, cases, chain, ("scope-overall",))
        case What.SINGLE:
            return Errand(what, cases, cases[1:2], chain, ("scope-single", "case-2"))
        case What.REST:
            return Errand(what, cases, (cases[0], *cases[2:]), chain, ("scope-overall",))
        case What.AGAIN:
            return Errand(what, cases, (), {"visit": "1"}, told="already_rated")
        case What.FOLLOW_UP:
            told = None if customs.follow_ups else "no_follow_up"
            return Errand(what, cases, cases, {"group": "follow_up", "visit": "1"}, told=told)
        case What.ONLINE:
            return Errand(what, cases, cases, online)
        case What.NEXT_VISIT:
            told = "already_rated" if customs.online_once else None
            return Errand(what, cases, cases, online | {"visit": "2"}, told=told)
        case What.UNFINISHED:
            told = "not_yet_ratable" if customs.online_after_completion else None
            return Errand(what, cases, cases, online | {"state": "在办"}, told=told)
        case _:
            return Errand(what, cases, cases, {"visit": "1"})
