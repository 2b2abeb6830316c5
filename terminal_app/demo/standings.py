"""Whether each rating has its place in every case that it covers: exactly one stands in each service, follow-ups beside it."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from terminal_app.demo.stage import Platform

SETTLE_S = 30.0
_LOOK_EVERY_S = 0.3

Roles = dict[str, Counter[str]]
"""By case: how many of its ratings have which role."""


def misplaced(platform: Platform, ratings: Collection[Mapping[str, Any]], follow_ups: Collection[str]) -> list[str]:
    """Cases whose ratings do not stand as the crowd gave them; the platform gets time to look at them all.

    `ratings`: what it holds (docs/wire.md). `follow_ups`: the sessions of those that were given after rectification.
    """
    wanted = _expected(ratings, follow_ups)
    deadline = time.monotonic() + SETTLE_S
    while (found := dict(_found(platform))) != wanted and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return sorted(case for case in wanted.keys() | found.keys() if wanted.get(case) != found.get(case))


def _expected(ratings: Collection[Mapping[str, Any]], follow_ups: Collection[str]) -> Roles:
    roles: Roles = {}
    for rating in ratings:
        if rating["level"] is not None:
            for case in rating["cases"]:
                roles.setdefault(case, Counter())["follow_up" if rating["session"] in follow_ups else "stands"] += 1
    return roles


def _found(platform: Platform) -> Iterator[tuple[str, Counter[str]]]:
    for standing in platform.standings():
        if standing["ratings"]:
            yield standing["case"], Counter(one["role"] for one in standing["ratings"])
