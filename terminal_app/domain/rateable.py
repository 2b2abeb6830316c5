"""What a ticket lets a citizen rate, by the region's rules, and the key under which each case counts once. Pure.

Terminal and platform make the same keys from here. Knows what a ticket can tell and nothing else: it never looks a case
up, and what a ticket does not say is never held against the citizen; there the platform decides.
Sources: taian 二(四)1 to 3, guangdong 第八条, xian-huyi 四(四), zhejiang 三(三); docs/adr/0012.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from terminal_app.domain.frozen import frozen
from terminal_app.domain.policy import After, Once, RatingPoint, RegionPolicy, Situation
from terminal_app.domain.ticket import Case, CaseKind, CaseTicket, Grouping


class Standing(StrEnum):
    """Whether a case of a ticket may be rated now."""

    OPEN = "open"
    RATED = "rated"
    UNFINISHED = "unfinished"


class Scope(StrEnum):
    """What a citizen chose to rate of a ticket with several cases: all of them together (整体评价), or one alone (单项评价)."""

    OVERALL = "overall"
    SINGLE = "single"


class Refused(StrEnum):
    """Why nothing of a ticket may be rated now; the name of the sentence that says so at the window."""

    ALREADY_RATED = "already_rated"
    NOT_YET_RATABLE = "not_yet_ratable"
    NO_FOLLOW_UP = "no_follow_up"


@frozen
class RateableCase:
    """A case of a ticket, how the region counts it, and how it stands."""

    case: Case
    situation: Situation
    once: Once
    standing: Standing = Standing.OPEN


@frozen
class Offer:
    """What may be rated of one ticket. `overall`, `single`: the scopes that the rules allow.

    `allowed` false: the region has no such rating at all.
    """

    cases: tuple[RateableCase, ...] = ()
    overall: bool = True
    single: bool = False
    follow_up: bool = False
    allowed: bool = True

    @property
    def ratable(self) -> tuple[Case, ...]:
        """The cases that may be rated now."""
        return tuple(one.case for one in self.cases if one.standing is Standing.OPEN) if self.allowed else ()

    @property
    def is_choice(self) -> bool:
        """Whether the citizen has to say what is rated before the stars can be."""
        return self.single and len(self.ratable) > 1

    @property
    def refused(self) -> Refused | None:
        """Why nothing may be rated; a case that will be ratable later says more than one that was."""
        if self.ratable:
            return None
        if not self.allowed:
            return Refused.NO_FOLLOW_UP
        unfinished = any(one.standing is Standing.UNFINISHED for one in self.cases)
        return Refused.NOT_YET_RATABLE if unfinished else Refused.ALREADY_RATED

    def keys(self, covered: Iterable[Case], day: str) -> frozenset[str]:
        """The rating keys of these cases."""
        wanted = {case.number for case in covered}
        return frozenset(
            rating_key(one.case, day, one.once, follow_up=self.follow_up) for one in self.cases if one.case.number in wanted
        )


def situation_of(case: Case) -> Situation:
    """How a case is handled, as far as its ticket tells; an immediate case counts as finished unless the ticket denies it."""
    if case.kind is CaseKind.ONLINE:
        return Situation.ONLINE
    if case.kind is CaseKind.SELF_SERVICE:
        return Situation.SELF_SERVICE
    finished_on_the_spot = case.kind is CaseKind.IMMEDIATE and case.finished is not False
    return Situation.ON_THE_SPOT if finished_on_the_spot else Situation.IN_VISITS


def rating_key(case: Case, day: str, once: Once = Once.PER_SERVICE, *, follow_up: bool = False) -> str:
    """What can be rated once: the case alone, its follow-up, the visit, or without a visit number the case on this day.

    `day` is the local yyyy-mm-dd on which the ticket was read.
    """
    return _key(case.number, case.visit, day, once, follow_up)


def _key(number: str, visit: str | None, day: str, once: Once, follow_up: bool) -> str:
    if follow_up:
        return f"{number}|f1"
    if once is Once.PER_CASE:
        return f"{number}|c"
    return f"{number}|v{visit}" if visit else f"{number}|d{day}"


def possible_keys(ticket: CaseTicket, day: str) -> list[str]:
    """Every key that a rating by this ticket could have, whatever the region's rules."""
    ways = [(Once.PER_SERVICE, False), (Once.PER_CASE, False), (Once.PER_CASE, True)]
    return [rating_key(case, day, once, follow_up=follow_up) for case in ticket.cases for once, follow_up in ways]


def make_offer(ticket: CaseTicket, policy: RegionPolicy, day: str, rated: frozenset[str]) -> Offer:
    """What a ticket lets a citizen rate. `rated`: the keys of it that are known to be rated."""
    follow_up = ticket.grouping is Grouping.FOLLOW_UP
    overall, single = _scopes(ticket, policy)
    cases = tuple(_judged(ticket, case, policy, day, rated) for case in ticket.cases)
    return Offer(cases, overall, single, follow_up, allowed=not follow_up or policy.follow_ups > 0)


def _judged(ticket: CaseTicket, case: Case, policy: RegionPolicy, day: str, rated: frozenset[str]) -> RateableCase:
    situation = situation_of(case)
    point = _point(ticket, policy, situation)
    follow_up = ticket.grouping is Grouping.FOLLOW_UP
    standing = Standing.OPEN
    if rating_key(case, day, point.once, follow_up=follow_up) in rated:
        standing = Standing.RATED
    elif point.after is After.COMPLETION and _is_unfinished(ticket, case):
        standing = Standing.UNFINISHED
    return RateableCase(case, situation, point.once, standing)


def _point(ticket: CaseTicket, policy: RegionPolicy, situation: Situation) -> RatingPoint:
    """A chain that is rated after its completion has no visits; a follow-up stands on a rating that was given."""
    if ticket.grouping is Grouping.FOLLOW_UP:
        return RatingPoint(policy.rating_points[situation].once, After.SERVICE)
    if ticket.grouping is Grouping.CHAIN and policy.chain and policy.chain.after is After.COMPLETION:
        return RatingPoint(Once.PER_CASE, After.COMPLETION)
    return policy.rating_points[situation]


def _is_unfinished(ticket: CaseTicket, case: Case) -> bool:
    """A chain is finished when all of its cases are."""
    concerned = ticket.cases if ticket.grouping is Grouping.CHAIN else (case,)
    return any(one.finished is False for one in concerned)


def _scopes(ticket: CaseTicket, policy: RegionPolicy) -> tuple[bool, bool]:
    """(overall, single): which scopes the rules allow for this ticket; what is neither batch nor chain is rated one by one."""
    if len(ticket.cases) == 1 or ticket.grouping is Grouping.FOLLOW_UP:
        return True, False
    if ticket.grouping is Grouping.CHAIN:
        chain = policy.chain
        return (chain.overall, chain.single or not chain.overall) if chain else (False, True)
    is_batch = is_one_batch(ticket, policy)
    return is_batch, not is_batch


def is_one_batch(ticket: CaseTicket, policy: RegionPolicy) -> bool:
    """Whether several cases get one rating (taian 二(四)2); of one matter where nothing on the ticket says otherwise."""
    rule = policy.batch
    if rule is None or len(ticket.cases) < rule.at_least:
        return False
    return not rule.same_matter or not _differ(ticket)


def _differ(ticket: CaseTicket) -> bool:
    """Whether the ticket names two matters; two names under one code are one matter."""
    codes = {case.matter_code for case in ticket.cases}
    if None not in codes:
        return len(codes) > 1
    names = {case.matter_name for case in ticket.cases if case.matter_name}
    return len(codes - {None}) > 1 or len(names) > 1


# --- in journal entries -----------------------------------------------------------------------------------------------


def points_data(offer: Offer) -> list[dict[str, str]]:
    """`points` of a `session_opened` entry: how each covered case is counted."""
    return [
        {"number": one.case.number, "situation": one.situation.value, "once": one.once.value}
        for one in offer.cases
        if one.standing is Standing.OPEN
    ]


class SessionKeys(NamedTuple):
    """The rating keys of a session by case number, as its entries tell them, and which of its cases a star would rate."""

    by_case: Mapping[str, str]
    covered: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(self.by_case[number] for number in self.covered)

    def in_scope(self, chosen: Mapping[str, Any]) -> "SessionKeys":
        """After a `scope_chosen` entry. Only those before the session's first star count. Raises KeyError."""
        return SessionKeys(self.by_case, tuple(number for number in chosen["covered"] if number in self.by_case))

    @staticmethod
    def of(opened: Mapping[str, Any], day: str) -> "SessionKeys":
        """After a `session_opened` entry; without `points`, of before, each service counts. Raises KeyError or ValueError."""
        once = {row["number"]: Once(row["once"]) for row in opened.get("points") or ()}
        follow_up = bool(opened.get("follow_up"))
        visits = {row["number"]: row.get("visit") for row in opened["ticket"]["cases"]}
        covered = tuple(opened["covered"])
        keys = {
            number: _key(number, visits.get(number), day, once.get(number, Once.PER_SERVICE), follow_up) for number in covered
        }
        return SessionKeys(keys, covered)
