"""Laws for every pack that can be written: none makes a rating that nobody gave, and none turns a level round.

Sources: issue 4, Verification; product rules 1 to 3 of the regions; one internal scale, 5 best (common ground).
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.behaviour import CATALOGUE, DAY, LI, Window, folded

from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.ticket import Case, CaseKind, CaseTicket, Grouping
from terminal_app.regions.library import load_catalogue, load_pack, regions
from terminal_app.regions.pack import policy_document

POINT = st.fixed_dictionaries(
    {"once": st.sampled_from(["per_case", "per_service"]), "after": st.sampled_from(["service", "completion"])}
)
WINDOW_RULES = st.fixed_dictionaries(
    {
        "reasons_after_good": st.booleans(),
        "reasons_after_bad": st.booleans(),
        "text_allowed": st.booleans(),
        "rating_points": st.fixed_dictionaries(dict.fromkeys(("online", "self_service", "on_the_spot", "in_visits"), POINT)),
        "batch": st.none() | st.fixed_dictionaries({"at_least": st.integers(2, 5), "same_matter": st.booleans()}),
        "chain": st.none()
        | st.fixed_dictionaries(
            {"overall": st.booleans(), "single": st.booleans(), "after": st.sampled_from(["service", "completion"])}
        ),
        "follow_ups": st.integers(0, 1),
        "real_name": st.booleans(),
        "page": st.sampled_from(["native", "platform"]),
    }
)


@st.composite
def policies(draw: st.DrawFn) -> RegionPolicy:
    """A shipped pack, or any other that the schema allows at the window."""
    document: dict[str, Any] = policy_document(load_pack(draw(st.sampled_from(regions()))))
    document["catalogue"] = {"id": CATALOGUE.id, "version": CATALOGUE.version}
    if draw(st.booleans()):
        document |= {"bad_at_most": draw(st.integers(1, 4)), "reasons_required": draw(st.booleans())}
        document["rules"] = document["rules"] | draw(WINDOW_RULES)
    return RegionPolicy.from_document(document)


@st.composite
def tickets(draw: st.DrawFn) -> s.TicketPresented:
    names = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=3, unique=True))
    kind, visit = draw(st.sampled_from(CaseKind)), draw(st.sampled_from([None, "1", "2"]))
    cases = tuple(Case(f"CASE-{name}", kind=kind, visit=visit) for name in names)
    grouping = draw(st.sampled_from([Grouping.BATCH, Grouping.CHAIN])) if len(names) > 1 else Grouping.SINGLE
    session = draw(st.uuids(version=4))
    return s.TicketPresented(CaseTicket(cases, grouping, LI.number), "scanner", "scanner", str(session), DAY)


WITHOUT_A_STAR = st.one_of(
    tickets(),
    st.sampled_from([CASE.code for CASE in CATALOGUE.reasons]).map(s.ReasonToggled),
    st.sampled_from(
        [
            s.ReasonsSubmitted(),
            s.ReasonsSkipped(),
            s.ChangeRequested(),
            s.MoreTimeRequested(),
            s.Finished(),
            s.CardLaid(LI),
            s.PauseRequested(),
            s.ResumeRequested(),
            s.CancelRequested(),
            s.LogoutRequested(),
        ]
    ),
)
TAPS = st.sampled_from(Level).map(s.StarTapped)
WAITS = st.sampled_from([500, 13_000, 61_000])


def play(policy: RegionPolicy, script: list[Any]) -> Window:
    window = Window(initial(s.Rules(policy, CATALOGUE), on_duty=LI))
    for act in script:
        if isinstance(act, int):
            window.wait(act)
        else:
            window.send(act)
        window.write()
    return window.wait(300_000).write()


@given(policies(), st.lists(WITHOUT_A_STAR | WAITS, min_size=5, max_size=30))
def test_no_pack_makes_a_rating_that_nobody_gave(policy: RegionPolicy, script: list[Any]) -> None:
    """Product rule 1: without a tap on a star no session has a level, whatever else happens and however long it takes."""
    window = play(policy, script)
    assert [folded(name, drafts).level for name, drafts in window.sessions().items() if folded(name, drafts).level] == []


@given(policies(), st.lists(WITHOUT_A_STAR | WAITS | TAPS, min_size=5, max_size=30))
def test_every_level_is_the_one_that_was_tapped(policy: RegionPolicy, script: list[Any]) -> None:
    """Product rules 1 and 3: each star in the journal answers a tap of exactly that level, in every pack."""
    window = play(policy, script)
    for turn in window.turns:
        stars = [draft.data["level"] for draft in turn.drafts if draft.kind == "star_chosen"]
        assert stars == ([turn.event.level] if stars and isinstance(turn.event, s.StarTapped) else [])


@given(policies(), st.sampled_from(Level))
def test_a_level_that_is_no_better_than_a_bad_one_is_bad(policy: RegionPolicy, level: Level) -> None:
    """Common ground: one scale, 5 best; no pack turns it round, and five stars are never bad."""
    assert [one for one in sorted(Level) if policy.is_bad(one)] == [one for one in sorted(Level) if one <= policy.bad_at_most]
    assert not policy.is_bad(Level.VERY_SATISFIED)
    assert policy.is_bad(Level.VERY_DISSATISFIED)


@pytest.mark.parametrize("region", regions())
def test_names_codes_and_levels_keep_one_order(region: str) -> None:
    """The names of the levels, the levels of the scale and the first digits of the reason codes rise together."""
    pack = load_pack(region)
    rank = {"非常不满意": 1, "不满意": 2, "基本满意": 3, "满意": 4, "非常满意": 5}
    assert [rank[name] for name in pack.rules["levels"].value] == sorted(Level)
    document = load_catalogue(pack)
    assert document is not None
    assert all(reason.code[0] == str(int(reason.level)) for reason in ReasonCatalogue.from_document(document).reasons)
