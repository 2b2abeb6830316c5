"""At the window: chains, batches, follow-ups and what may not be rated yet, by region. Expected by hand from the clauses."""

import pytest
from support.behaviour import CATALOGUE, DAY, LI, Window
from support.regions import policy_of

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.rateable import SessionKeys
from terminal_app.domain.rating import Level, Outcome
from terminal_app.domain.ticket import Case, CaseKind, CaseTicket, Grouping


class Counter:
    """A window of one region, which is told what was rated there as the store would tell it."""

    def __init__(self, region: str) -> None:
        self.window = Window(initial(s.Rules(policy_of(region), CATALOGUE), on_duty=LI))

    def read(self, ticket: CaseTicket, session: str) -> Window:
        event = s.TicketPresented(ticket, "scanner", "scanner", session, DAY, self.rated())
        return self.window.wait(5_000).send(event).write()

    def rated(self) -> frozenset[str]:
        return frozenset(key for drafts in self.window.sessions().values() for key in _rates(drafts))

    def rate(self, *choices: s.Event, level: int = 5) -> None:
        for choice in choices:
            self.window.send(choice).write()
        self.window.tap(level).send(s.Finished()).write()
        self.window.wait(60_000).write()

    def data(self, kind: Kind) -> list[dict[str, object]]:
        return [dict(draft.data) for draft in self.window.journal if draft.kind == kind]


def _rates(drafts: list[Draft]) -> tuple[str, ...]:
    keys = SessionKeys({}, ())
    for draft in drafts:
        if draft.kind == Kind.SESSION_OPENED:
            keys = SessionKeys.of(draft.data, DAY)
        elif draft.kind == Kind.SCOPE_CHOSEN:
            keys = keys.in_scope(draft.data)
        elif draft.kind == Kind.STAR_CHOSEN:
            return keys.all
    return ()


def ticket(*matters: str, grouping: Grouping = Grouping.BATCH, **fields: object) -> CaseTicket:
    cases = tuple(Case(f"CASE-{chr(65 + n)}", matter_code=code, **fields) for n, code in enumerate(matters))  # type: ignore[arg-type]
    return CaseTicket(cases, grouping)


CHAIN = ticket("M1", "M2", "M3", grouping=Grouping.CHAIN, finished=True)


def test_a_chain_is_rated_overall_once_for_all() -> None:
    """taian 二(四)3: after completion an overall rating applied to all."""
    counter = Counter("taian")
    assert isinstance(counter.read(CHAIN, "one").phase, s.AwaitScope)
    counter.rate(s.OverallChosen())
    assert counter.rated() == {"CASE-A|c", "CASE-B|c", "CASE-C|c"}
    assert counter.read(CHAIN, "two").notice == "already_rated"


def test_any_single_one_alone_and_then_not_again_by_the_overall_one() -> None:
    """taian 二(四)3: or any single one rated alone."""
    counter = Counter("taian")
    counter.read(CHAIN, "one")
    counter.rate(s.SinglesRequested(), s.SingleChosen("CASE-B"), level=1)
    assert counter.rated() == {"CASE-B|c"}
    assert isinstance(counter.read(CHAIN, "two").phase, s.AwaitScope)
    counter.window.send(s.SinglesRequested(), s.SingleChosen("CASE-B"))
    assert isinstance(counter.window.phase, s.AwaitScope), "what was rated cannot be chosen"
    counter.window.send(s.ScopeReopened())
    counter.rate(s.OverallChosen())
    assert counter.data(Kind.SCOPE_CHOSEN)[-1] == {"scope": "overall", "covered": ["CASE-A", "CASE-C"]}
    assert counter.window.rating("one").level == 1


def test_the_last_case_that_is_left_needs_no_choice() -> None:
    counter = Counter("taian")
    two = ticket("M1", "M2", grouping=Grouping.CHAIN, finished=True)
    counter.read(two, "one")
    counter.rate(s.SingleChosen("CASE-A"))
    assert isinstance(counter.read(two, "two").phase, s.AwaitStars)


def test_a_choice_can_be_made_again_until_a_star_is_tapped() -> None:
    """Product rule 2: what counts is the star; before it nothing is rated, whatever was chosen."""
    counter = Counter("taian")
    counter.read(CHAIN, "one")
    counter.window.send(s.SingleChosen("CASE-A")).write().send(s.ScopeReopened(), s.OverallChosen()).write()
    counter.window.tap(4).send(s.ChangeRequested(), s.ScopeReopened())
    assert isinstance(counter.window.phase, s.AwaitStars), "a star stands for what it was tapped for"
    assert [row["scope"] for row in counter.data(Kind.SCOPE_CHOSEN)] == ["single", "overall"]
    assert len(counter.rated()) == 3


def test_who_leaves_before_a_star_rated_nothing() -> None:
    """Product rule 1: the terminal never invents a rating."""
    counter = Counter("taian")
    counter.read(CHAIN, "one").send(s.SingleChosen("CASE-A")).write().wait(61_000).write()
    assert counter.window.rating("one").outcome == Outcome.TIMED_OUT
    assert counter.rated() == frozenset()


def test_a_chain_that_is_not_finished_is_told_kindly() -> None:
    """taian 二(四)3: after completion."""
    counter = Counter("taian")
    window = counter.read(ticket("M1", "M2", grouping=Grouping.CHAIN, finished=False), "one")
    assert window.notice == "not_yet_ratable" and window.journal == []
    assert window.state.timing.notice_ms == 4_000


@pytest.mark.parametrize("region", ["zhejiang", "xian-huyi", "guangdong", "jiangsu", "taian"])
def test_a_batch_has_one_rating_for_all(region: str) -> None:
    """taian 二(四)2; elsewhere the product's default."""
    counter = Counter(region)
    assert isinstance(counter.read(ticket("M1", "M1", "M1", visit="1"), "one").phase, s.AwaitStars)
    counter.rate()
    assert len(counter.rated()) == 3 and len(counter.window.sessions()) == 1


def test_cases_of_two_matters_are_rated_one_by_one() -> None:
    """taian 二(四)2: of one matter; docs/adr/0012."""
    counter = Counter("taian")
    mixed = ticket("M1", "M2", visit="1")
    phase = counter.read(mixed, "one").phase
    assert isinstance(phase, s.AwaitScope) and phase.listing
    counter.window.send(s.OverallChosen(), s.ScopeReopened())
    assert counter.window.phase == phase, "there is no overall rating of what is no batch"
    counter.rate(s.SingleChosen("CASE-B"))
    counter.read(mixed, "two")
    counter.rate()
    assert sorted(counter.rated()) == ["CASE-A|v1", "CASE-B|v1"]


@pytest.mark.parametrize(
    ("kind", "visits", "times"),
    [(CaseKind.COMMITTED, ("1", "2", "2"), 2), (CaseKind.SELF_SERVICE, ("1", "2"), 1), (CaseKind.IMMEDIATE, ("1", "2"), 1)],
)
def test_how_often_in_taian(kind: CaseKind, visits: tuple[str, ...], times: int) -> None:
    """taian 二(四)1: 承诺件 after each visit; self-service, and 即办件 finished on the spot, once."""
    counter = Counter("taian")
    for number, visit in enumerate(visits):
        counter.read(CaseTicket((Case("CASE-A", kind=kind, visit=visit),)), f"s{number}")
        if isinstance(counter.window.phase, s.AwaitStars):
            counter.rate()
    assert len(counter.window.sessions()) == times


def test_a_follow_up_once_after_rectification() -> None:
    """zhejiang 三(三)."""
    counter = Counter("zhejiang")
    first = CaseTicket((Case("CASE-A", visit="1"),))
    again = CaseTicket(first.cases, Grouping.FOLLOW_UP)
    counter.read(first, "one")
    counter.rate(level=1)
    counter.read(again, "two")
    counter.rate(level=4)
    assert [row["follow_up"] for row in counter.data(Kind.SESSION_OPENED)] == [False, True]
    assert counter.window.rating("one").level == Level(1), "the first rating stands"
    assert counter.read(again, "three").notice == "already_rated"


@pytest.mark.parametrize("region", ["xian-huyi", "guangdong", "jiangsu", "taian"])
def test_a_region_without_follow_ups_says_so(region: str) -> None:
    """Only zhejiang 三(三) has any."""
    window = Counter(region).read(CaseTicket((Case("CASE-A"),), Grouping.FOLLOW_UP), "one")
    assert (window.notice, window.journal) == ("no_follow_up", [])


def test_the_opening_entry_names_pack_catalogue_and_how_each_case_counts() -> None:
    """Issue 4, point 1 and 2."""
    counter = Counter("taian")
    counter.read(ticket("M1", "M1", kind=CaseKind.IMMEDIATE), "one")
    (opened,) = counter.data(Kind.SESSION_OPENED)
    policy = policy_of("taian")
    assert opened["policy"] == {"id": "taian", "version": policy.version}
    assert opened["points"] == [
        {"number": f"CASE-{name}", "situation": "on_the_spot", "once": "per_case"} for name in ("A", "B")
    ]
