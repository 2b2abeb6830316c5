"""What may be rated, per region. Expectations by hand from the regions' clauses, never from the packs."""

from dataclasses import replace

import pytest
from support.behaviour import DAY
from support.regions import policy_of

from terminal_app.domain.policy import Once, Situation
from terminal_app.domain.rateable import (
    Refused,
    Scope,
    SessionKeys,
    Standing,
    make_offer,
    points_data,
    rating_key,
    situation_of,
)
from terminal_app.domain.ticket import Case, CaseKind, CaseTicket, Grouping

REGIONS = ("zhejiang", "xian-huyi", "guangdong", "jiangsu", "taian")
IMMEDIATE, COMMITTED, SELF_SERVICE, ONLINE, UNKNOWN = (
    CaseKind.IMMEDIATE,
    CaseKind.COMMITTED,
    CaseKind.SELF_SERVICE,
    CaseKind.ONLINE,
    CaseKind.UNKNOWN,
)


def one(kind: CaseKind, finished: bool | None = None, visit: str | None = "2") -> CaseTicket:
    return CaseTicket((Case("CASE-A", kind=kind, finished=finished, visit=visit),))


def several(*matters: str | None, grouping: Grouping = Grouping.BATCH, **fields: object) -> CaseTicket:
    """A ticket of cases A, B, … of these matters."""
    cases = tuple(Case(f"CASE-{chr(65 + n)}", matter_code=code, **fields) for n, code in enumerate(matters))  # type: ignore[arg-type]
    return CaseTicket(cases, grouping)


@pytest.mark.parametrize(
    ("kind", "finished", "situation"),
    [
        (ONLINE, None, Situation.ONLINE),
        (ONLINE, False, Situation.ONLINE),
        (SELF_SERVICE, True, Situation.SELF_SERVICE),
        (IMMEDIATE, True, Situation.ON_THE_SPOT),
        (IMMEDIATE, None, Situation.ON_THE_SPOT),
        (IMMEDIATE, False, Situation.IN_VISITS),
        (COMMITTED, True, Situation.IN_VISITS),
        (COMMITTED, False, Situation.IN_VISITS),
        (UNKNOWN, None, Situation.IN_VISITS),
    ],
)
def test_how_a_case_is_handled(kind: CaseKind, finished: bool | None, situation: Situation) -> None:
    """taian 二(四)1: wholly online, self-service, 即办件 finished on the spot; everything else comes in visits."""
    assert situation_of(Case("CASE-A", kind=kind, finished=finished)) is situation


@pytest.mark.parametrize(
    ("region", "kind", "finished", "key"),
    [
        # taian 二(四)1: once, after completion
        ("taian", ONLINE, True, "CASE-A|c"),
        ("taian", SELF_SERVICE, True, "CASE-A|c"),
        ("taian", IMMEDIATE, True, "CASE-A|c"),
        ("taian", IMMEDIATE, None, "CASE-A|c"),
        # taian 二(四)1: after each visit to the window, rating the window's service
        ("taian", IMMEDIATE, False, "CASE-A|v2"),
        ("taian", COMMITTED, False, "CASE-A|v2"),
        ("taian", UNKNOWN, None, "CASE-A|v2"),
        # guangdong 第八条: once per service
        ("guangdong", ONLINE, True, "CASE-A|v2"),
        ("guangdong", IMMEDIATE, True, "CASE-A|v2"),
        ("guangdong", COMMITTED, False, "CASE-A|v2"),
        # xian-huyi 四(四): 一次一评 at the window and self-service, 一事一评 online
        ("xian-huyi", SELF_SERVICE, True, "CASE-A|v2"),
        ("xian-huyi", IMMEDIATE, True, "CASE-A|v2"),
        ("xian-huyi", ONLINE, True, "CASE-A|c"),
        ("xian-huyi", ONLINE, False, "CASE-A|c"),
        # common ground: one service rendered, one chance to rate
        ("zhejiang", IMMEDIATE, True, "CASE-A|v2"),
        ("jiangsu", ONLINE, True, "CASE-A|v2"),
    ],
)
def test_once(region: str, kind: CaseKind, finished: bool | None, key: str) -> None:
    ticket = one(kind, finished)
    offer = make_offer(ticket, policy_of(region), DAY, frozenset())
    assert offer.refused is None and offer.keys(ticket.cases, DAY) == {key}
    again = make_offer(ticket, policy_of(region), DAY, frozenset({key}))
    assert again.refused is Refused.ALREADY_RATED


@pytest.mark.parametrize("kind", [ONLINE, SELF_SERVICE])
@pytest.mark.parametrize(("region", "refused"), [(r, Refused.NOT_YET_RATABLE if r == "taian" else None) for r in REGIONS])
def test_after_completion(region: str, refused: Refused | None, kind: CaseKind) -> None:
    """taian 二(四)1: wholly online and self-service are rated after completion; no other document says so."""
    assert make_offer(one(kind, False), policy_of(region), DAY, frozenset()).refused is refused
    assert make_offer(one(kind, None), policy_of(region), DAY, frozenset()).refused is None, "what a ticket does not say"


def test_without_a_visit_number_the_day_is_the_visit() -> None:
    """Design §5: the same (case, visit), or without a visit number the same case on the same day."""
    assert rating_key(Case("CASE-A"), DAY) == f"CASE-A|d{DAY}"
    assert rating_key(Case("CASE-A", visit="2"), DAY) == "CASE-A|v2"


# --- batch ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("matters", "overall"),
    [
        (("M1", "M1"), True),
        (("M1",) * 3, True),
        (("M1", "M2"), False),
        ((None, None), True),
        (("M1", None), True),
    ],
)
def test_a_batch_is_of_one_matter(region: str, matters: tuple[str | None, ...], overall: bool) -> None:
    """taian 二(四)2: ≥ 2 cases of one matter in one submission, one rating for all; elsewhere the product's default."""
    offer = make_offer(several(*matters), policy_of(region), DAY, frozenset())
    assert (offer.overall, offer.single) == (overall, not overall)
    assert offer.is_choice == (not overall) and len(offer.ratable) == len(matters)


def test_matters_are_told_apart_by_name_where_there_is_no_code() -> None:
    named = CaseTicket((Case("CASE-A", None, "落户"), Case("CASE-B", None, "迁出")), Grouping.BATCH)
    assert make_offer(named, policy_of("taian"), DAY, frozenset()).single
    one_code = CaseTicket((Case("CASE-A", "M1", "落户"), Case("CASE-B", "M1", "落户(家庭)")), Grouping.BATCH)
    assert make_offer(one_code, policy_of("taian"), DAY, frozenset()).overall


def test_a_pack_without_batches_or_with_bigger_ones_rates_one_by_one() -> None:
    """docs/regions.md: `batch` None, their cases are rated one by one; `at_least`."""
    taian = policy_of("taian")
    assert taian.batch is not None
    for batch in (None, replace(taian.batch, at_least=3)):
        offer = make_offer(several("M1", "M1"), replace(taian, batch=batch), DAY, frozenset())
        assert (offer.overall, offer.single) == (False, True)


def test_a_batch_covers_what_is_left_of_it() -> None:
    """Device protocols, “Case tickets”: offered while one case is ratable."""
    offer = make_offer(several("M1", "M1", visit="1"), policy_of("taian"), DAY, frozenset({"CASE-A|v1"}))
    assert [case.number for case in offer.ratable] == ["CASE-B"] and not offer.is_choice
    assert [one.standing for one in offer.cases] == [Standing.RATED, Standing.OPEN]


# --- chain ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_a_chain_is_rated_overall_or_singly(region: str) -> None:
    """taian 二(四)3: an overall rating applied to all, or any single one rated alone; elsewhere the product's default."""
    offer = make_offer(several("M1", "M2", grouping=Grouping.CHAIN), policy_of(region), DAY, frozenset())
    assert (offer.overall, offer.single, offer.is_choice) == (True, True, True)


def test_a_chain_is_rated_after_completion() -> None:
    """taian 二(四)3: after completion, which is that of all its cases."""
    cases = (Case("CASE-A", finished=True), Case("CASE-B", finished=False))
    chain = CaseTicket(cases, Grouping.CHAIN)
    assert make_offer(chain, policy_of("taian"), DAY, frozenset()).refused is Refused.NOT_YET_RATABLE
    assert make_offer(chain, policy_of("guangdong"), DAY, frozenset()).refused is None


def test_what_was_rated_singly_is_not_rated_overall() -> None:
    """taian 二(四)3: any single one alone, and then not again by the overall one; at whatever visit."""
    chain = several("M1", "M2", "M3", grouping=Grouping.CHAIN, visit="7")
    policy = policy_of("taian")
    first = make_offer(chain, policy, DAY, frozenset())
    singly = first.keys(first.ratable[1:2], DAY)
    rest = make_offer(replace(chain, cases=tuple(replace(case, visit="8") for case in chain.cases)), policy, DAY, singly)
    assert [case.number for case in rest.ratable] == ["CASE-A", "CASE-C"]


def test_a_pack_may_allow_one_scope_of_a_chain() -> None:
    taian = policy_of("taian")
    assert taian.chain is not None
    chain = several("M1", "M2", grouping=Grouping.CHAIN)
    overall = make_offer(chain, replace(taian, chain=replace(taian.chain, single=False)), DAY, frozenset())
    assert (overall.overall, overall.is_choice) == (True, False)
    for rule in (None, replace(taian.chain, overall=False), replace(taian.chain, overall=False, single=False)):
        alone = make_offer(chain, replace(taian, chain=rule), DAY, frozenset())
        assert (alone.overall, alone.is_choice) == (False, True)


# --- follow-up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_a_follow_up_rating(region: str) -> None:
    """zhejiang 三(三): one follow-up rating after rectification; no other document has any."""
    ticket = replace(one(COMMITTED), grouping=Grouping.FOLLOW_UP)
    offer = make_offer(ticket, policy_of(region), DAY, frozenset({"CASE-A|v2"}))
    if region != "zhejiang":
        assert offer.refused is Refused.NO_FOLLOW_UP and offer.ratable == ()
        return
    assert offer.refused is None and offer.follow_up and offer.keys(ticket.cases, DAY) == {"CASE-A|f1"}
    again = make_offer(ticket, policy_of(region), "2026-12-24", frozenset({"CASE-A|f1"}))
    assert again.refused is Refused.ALREADY_RATED, "once"


# --- in journal entries -----------------------------------------------------------------------------------------------

OPENED = {
    "ticket": {"cases": [{"number": "CASE-A", "visit": "1"}, {"number": "CASE-B", "visit": None}]},
    "covered": ["CASE-A", "CASE-B"],
}


def test_the_entry_tells_the_same_keys() -> None:
    """docs/wire.md, “What counts once”."""
    ticket = CaseTicket((Case("CASE-A", kind=IMMEDIATE, visit="1"), Case("CASE-B", kind=COMMITTED)))
    offer = make_offer(ticket, policy_of("taian"), DAY, frozenset())
    entry = OPENED | {"points": points_data(offer), "follow_up": False}
    assert SessionKeys.of(entry, DAY).all == ("CASE-A|c", f"CASE-B|d{DAY}")
    assert offer.keys(offer.ratable, DAY) == set(SessionKeys.of(entry, DAY).all)
    assert SessionKeys.of(entry | {"follow_up": True}, DAY).all == ("CASE-A|f1", "CASE-B|f1")


def test_an_entry_of_before_there_were_points_keeps_its_meaning() -> None:
    assert SessionKeys.of(OPENED, DAY).all == ("CASE-A|v1", f"CASE-B|d{DAY}")


def test_the_last_scope_counts_as_far_as_the_ticket_covers_it() -> None:
    keys = SessionKeys.of(OPENED, DAY).in_scope({"scope": Scope.SINGLE, "covered": ["CASE-A", "CASE-X"]})
    assert keys.all == ("CASE-A|v1",) and keys.covered == ("CASE-A",)
    assert len(keys.in_scope({"scope": Scope.OVERALL, "covered": ["CASE-A", "CASE-B"]}).all) == 2


def test_points_name_how_each_open_case_counts() -> None:
    ticket = several("M1", "M1", kind=IMMEDIATE)
    offer = make_offer(ticket, policy_of("taian"), DAY, frozenset({"CASE-A|c"}))
    assert points_data(offer) == [{"number": "CASE-B", "situation": "on_the_spot", "once": Once.PER_CASE}]
