"""Which rating stands, in any order of arrival. Issue 4, point 3; docs/rules.md."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.docket import law, ms

from central_platform.rules.known_case import KnownCase, Service, fold_case
from central_platform.rules.standing import Default, FindingKind, Given, Objection, Role, decide
from central_platform.rules.statements import Channel, read_case
from terminal_app.domain.policy import Situation

DAY = "2026-10-09"
TWO_VISITS = KnownCase(
    None,
    Situation.IN_VISITS,
    ms(f"{DAY} 15:00"),
    (Service("1", ms("2026-10-08 09:00"), "2026-10-08"), Service("2", ms(f"{DAY} 09:00"), DAY)),
)
ONLINE = KnownCase(None, Situation.ONLINE, ms(f"{DAY} 09:00"), (Service(None, ms(f"{DAY} 08:00"), DAY),))


def rating(name: str, channel: Channel, at: str, level: int = 5, **more: object) -> Given:
    moment = f"{DAY} {at}" if len(at) == 5 else at
    return Given(name, channel, level, ms(moment), moment[:10], ("C",), **more)  # type: ignore[arg-type]


T, S, P, H = Channel.TERMINAL, Channel.SMS, Channel.PHONE, Channel.HOTLINE_12345
AB = [("a", "case", "stands"), ("b", "case", "later")]
BA = [("b", "case", "stands"), ("a", "case", "later")]
BAD = FindingKind.MALICIOUS


def roles(region: str, case: KnownCase | None, *given: Given, defaults: tuple[Default, ...] = ()) -> list[tuple[str, str, str]]:
    placed = decide(case, law(region), given, defaults)
    return [(one.given.id if one.given else "default", one.unit, one.role) for one in placed]


@pytest.mark.parametrize(
    ("region", "case", "ratings", "expected"),
    [
        # taian 二(四)1: wholly online once, after completion; the first given one counts, whatever its channel
        ("taian", ONLINE, [rating("a", T, "10:00"), rating("b", S, "11:00")], AB),
        ("taian", ONLINE, [rating("a", T, "11:00"), rating("b", S, "10:00")], BA),
        # ties of time by id
        ("taian", ONLINE, [rating("b", T, "10:00"), rating("a", P, "10:00")], AB),
        # taian 二(四)1: in visits each visit once; without a visit's number the latest service received by then
        (
            "taian",
            TWO_VISITS,
            [rating("a", T, "2026-10-08 09:30", visit="1"), rating("b", S, "10:00"), rating("c", T, "11:00", visit="2")],
            [("a", "visit 1", "stands"), ("b", "visit 2", "stands"), ("c", "visit 2", "later")],
        ),
        # guangdong 第八条: once per service, online too
        (
            "guangdong",
            ONLINE,
            [rating("a", H, "10:00"), rating("b", T, "2026-10-12 10:00", visit="9")],
            [("a", f"day {DAY}", "stands"), ("b", "visit 9", "stands")],
        ),
        # issue 5, point 6: a window's QR takes nobody's place, though it came first; alone it stands
        ("taian", ONLINE, [rating("b", Channel.WINDOW_QR, "09:30"), rating("a", T, "11:00")], AB),
        ("taian", ONLINE, [rating("a", Channel.WINDOW_QR, "09:30"), rating("b", Channel.WINDOW_QR, "11:00")], AB),
        # xian-huyi 四(四): online each case once
        ("xian-huyi", ONLINE, [rating("a", S, "10:00"), rating("b", S, "10:30")], AB),
        # taian 二(四)3: rated alone first, the chain's overall rating leaves it as it is
        (
            "taian",
            TWO_VISITS,
            [rating("a", T, "16:00", in_chain=True), rating("b", T, "17:00", in_chain=True)],
            AB,
        ),
        # zhejiang 三(三): one follow-up, only after rectification
        (
            "zhejiang",
            None,
            [
                rating("a", T, "09:00", 1, rectified_at=ms(f"{DAY} 10:00")),
                rating("b", S, "09:30"),
                rating("c", S, "10:30"),
                rating("d", S, "11:00"),
            ],
            [(name, f"day {DAY}", role) for name, role in zip("abcd", ("stands", "later", "follow_up", "later"), strict=True)],
        ),
        # no other region has one
        (
            "jiangsu",
            None,
            [rating("a", T, "09:00", 1, rectified_at=ms(f"{DAY} 10:00")), rating("c", S, "10:30", follow_up=True)],
            [("a", f"day {DAY}", "stands"), ("c", f"day {DAY}", "later")],
        ),
        # xian-huyi 四(六), guangdong 第十四条, taian 二(五)3: not counted, and kept; the next one is the first that counts
        *(
            (region, None, [rating("a", T, "09:00", 1, finding=BAD), rating("b", S, "10:00")],
             [("a", f"day {DAY}", "not_counted"), ("b", f"day {DAY}", "stands")])
            for region in ("xian-huyi", "guangdong", "taian")
        ),
        # zhejiang has no such clause
        ("zhejiang", None, [rating("a", T, "09:00", 1, finding=BAD)], [("a", f"day {DAY}", "stands")]),
        # a finding that was taken back
        ("taian", None, [rating("a", T, "09:00", 1, finding=FindingKind.VALID)], [("a", f"day {DAY}", "stands")]),
    ],
)  # fmt: skip
def test_table(region: str, case: KnownCase | None, ratings: list[Given], expected: list[tuple[str, str, str]]) -> None:
    assert roles(region, case, *ratings) == expected
    assert roles(region, case, *reversed(ratings)) == expected


@pytest.mark.parametrize("at", ["2026-10-01 10:00", "2026-12-01 10:00"])
@pytest.mark.parametrize("finding", [None, BAD])
def test_a_given_rating_always_beats_a_default(at: str, finding: FindingKind | None) -> None:
    """Product rule 1: earlier or later, counted or not; the default is kept and withdrawn."""
    default = Default("case", 4, ms("2026-10-15 00:00"))
    placed = roles("taian", ONLINE, rating("a", S, at, 1, finding=finding), defaults=(default,))
    assert placed[-1] == ("default", "case", "withdrawn")
    assert roles("taian", ONLINE, defaults=(default,)) == [("default", "case", "stands")]


@pytest.mark.parametrize(
    ("case", "at", "marks"),
    [
        (None, "10:00", (Objection.UNKNOWN_CASE,)),
        (ONLINE, "08:30", (Objection.NOT_YET_RATABLE,)),
        (ONLINE, "09:00", ()),
        (KnownCase(None, Situation.ONLINE, None, ()), "10:00", (Objection.NOT_YET_RATABLE,)),
        (KnownCase(None, Situation.IN_VISITS, None, ()), "10:00", ()),
    ],
)
def test_objections_are_marks_on_a_rating_that_counts(case: KnownCase | None, at: str, marks: tuple[Objection, ...]) -> None:
    """taian 二(四)1: after completion; business objections are marks, never a refusal."""
    (placed,) = decide(case, law("taian"), [rating("a", S, at)], [])
    assert (placed.role, placed.marks) == (Role.STANDS, marks)


RATINGS = st.builds(
    lambda n, channel, at, visit, level, finding, chain: Given(
        f"r{n}", channel, level, at, "2026-10-09", ("C",), visit, False, finding, None, None, chain
    ),
    st.integers(0, 9),
    st.sampled_from(Channel),
    st.integers(0, 3).map(lambda hours: ms("2026-10-09 09:00") + hours * 3_600_000),
    st.sampled_from([None, "1", "2"]),
    st.integers(1, 5),
    st.sampled_from([None, *FindingKind]),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["zhejiang", "xian-huyi", "guangdong", "jiangsu", "taian"]),
    st.sampled_from([None, ONLINE, TWO_VISITS]),
    st.lists(RATINGS, max_size=6, unique_by=lambda one: one.id),
    st.lists(st.sampled_from(["case", "visit 1", "day 2026-10-09"]), unique=True),
    st.randoms(),
)
def test_any_order_of_arrival_ends_the_same(
    region: str, case: KnownCase | None, given: list[Given], units: list[str], order: random.Random
) -> None:
    """Issue 4: the same case in two channels ends the same whatever the order of arrival; nothing is dropped or invented."""
    defaults = [Default(unit, 4, 0) for unit in units]
    placed = decide(case, law(region), given, defaults)
    order.shuffle(given)
    order.shuffle(defaults)
    assert decide(case, law(region), given, defaults) == placed
    assert Counter(one.given.id for one in placed if one.given) == Counter(one.id for one in given)
    assert Counter(one.unit for one in placed if one.default) == Counter(units)
    standing = Counter(one.unit for one in placed if one.role is Role.STANDS)
    assert all(count == 1 for count in standing.values())
    if given:
        assert all(one.role is not Role.STANDS for one in placed if one.default and one.unit == "case")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["zhejiang", "xian-huyi", "guangdong", "jiangsu", "taian"]),
    st.sampled_from([None, ONLINE, TWO_VISITS]),
    st.lists(
        st.tuples(RATINGS, st.booleans(), st.sampled_from([None, ms("2026-10-09 10:30")])),
        max_size=6,
        unique_by=lambda row: row[0].id,
    ),
)
def test_what_came_by_a_windows_qr_moves_no_other_rating(
    region: str, case: KnownCase | None, rows: list[tuple[Given, bool, int | None]]
) -> None:
    """Issue 5, point 6: it blocks and replaces nothing that was given elsewhere, also where it is the earlier one."""
    given = [replace(one, follow_up=follow_up, rectified_at=at) for one, follow_up, at in rows]
    others = [one for one in given if one.channel is not Channel.WINDOW_QR]
    placed = decide(case, law(region), given, [])
    assert [one for one in placed if one.given in others] == decide(case, law(region), others, [])
    taken = {one.unit for one in placed if one.given in others and one.role is Role.STANDS}
    assert all(one.unit not in taken for one in placed if one.given not in others and one.role is Role.STANDS)


COVERS = st.sets(st.sampled_from("ABCD"), min_size=1).map(lambda cases: tuple(sorted(cases)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(RATINGS, COVERS), max_size=5, unique_by=lambda one: one[0].id))
def test_a_batch_or_chain_is_expanded_and_counts_are_conserved(rated: list[tuple[Given, tuple[str, ...]]]) -> None:
    """taian 二(四)2, 二(四)3: it applies to all its cases and stays one: each place is one of as many as it covers."""
    given = [replace(one, covers=covers) for one, covers in rated]
    placed = [
        (case, place.given)
        for case in "ABCD"
        for place in decide(None, law("taian"), [one for one in given if case in one.covers], [])
        if place.given
    ]
    assert Counter((case, one.id) for case, one in placed) == Counter((case, one.id) for one in given for case in one.covers)
    assert sum((Fraction(1, len(one.covers)) for _, one in placed), Fraction()) == len(given)


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {"case": st.just("2026TA000001"), "as_of": st.sampled_from(["2026-10-08T10:00:00", "2026-10-09T10:00:00"])},
        optional={
            "kind": st.sampled_from(["immediate", "committed"]),
            "finished_at": st.sampled_from(["2026-10-08", "2026-10-09"]),
            "visit": st.sampled_from(["1", "2"]),
            "received_at": st.sampled_from(["2026-10-07 09:00:00", "2026-10-08 09:00:00"]),
        },
    ),
    max_size=5,
)


@settings(max_examples=100, deadline=None)
@given(STATEMENTS, st.randoms())
def test_what_is_known_of_a_case_does_not_depend_on_the_order(rows: list[dict[str, str]], order: random.Random) -> None:
    def known() -> KnownCase | None:
        taken = [read_case(row) for row in rows]
        return fold_case([(one.at_ms, one.id, one.document) for one in taken])

    before = known()
    order.shuffle(rows)
    assert known() == before


def test_the_latest_facts_win_by_their_own_time() -> None:
    early = read_case({"case": "2026TA000001", "as_of": "2026-10-08", "finished_at": "2026-10-08", "kind": "immediate"})
    late = read_case({"case": "２０２６ta000001", "as_of": "2026-10-09", "finished_at": "2026-10-09"})
    assert early.number == late.number
    known = fold_case([(one.at_ms, one.id, one.document) for one in (late, early)])
    assert known is not None
    assert (known.finished_at, known.situation) == (ms("2026-10-09 00:00"), Situation.ON_THE_SPOT)
