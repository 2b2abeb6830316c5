"""A rating is the fold over its session's entries (design §4.4, §5; docs/wire.md)."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_app.domain.journal import Kind
from terminal_app.domain.rating import Level, Outcome, Rating, Reason, ReasonCatalogue, fold

SESSION = "01930000-0000-7000-8000-000000000001"
Step = tuple[str, str, Mapping[str, Any]]


def opened() -> Step:
    return (Kind.SESSION_OPENED, "t0", {"ticket": {}})


def star(level: int, offset_ms: int = 0, wall: str = "t") -> Step:
    return (Kind.STAR_CHOSEN, wall, {"level": level, "offset_ms": offset_ms, "source": "touch"})


def toggle(level: int, code: str, on: bool = True) -> Step:
    return (Kind.REASON_TOGGLED, "t", {"level": level, "code": code, "text": "as shown", "on": on})


def chosen(level: int, *codes: str) -> Step:
    reasons = [{"code": code, "text": "as shown"} for code in codes]
    return (Kind.REASONS_CHOSEN, "t", {"level": level, "reasons": reasons, "skipped": not codes})


def closed(outcome: str, submitted: bool = False) -> Step:
    return (Kind.SESSION_CLOSED, "t", {"outcome": outcome, "submitted": submitted})


@pytest.mark.parametrize(
    ("steps", "level", "reasons", "submitted"),
    [
        ([], None, (), False),
        ([opened()], None, (), False),
        ([opened(), closed("timed_out")], None, (), False),
        ([star(5)], 5, (), False),
        ([star(5), closed("rated", True)], 5, (), True),
        ([star(1)], 1, (), False),
        ([star(1), closed("rated")], 1, (), False),
        ([star(1), toggle(1, "108"), toggle(1, "110")], 1, ("108", "110"), False),
        ([star(1), toggle(1, "108"), toggle(1, "110"), toggle(1, "108", False)], 1, ("110",), False),
        ([star(1), toggle(1, "110"), toggle(1, "108"), closed("rated")], 1, ("110", "108"), False),
        ([star(1), chosen(1, "108"), closed("rated", True)], 1, ("108",), True),
        ([star(1), toggle(1, "108"), toggle(1, "109"), chosen(1, "108", "109")], 1, ("108", "109"), True),
        ([star(1), toggle(1, "108"), chosen(1)], 1, (), True),  # skipped: the marks were withdrawn
        ([star(1), chosen(1, "108", "108")], 1, ("108",), True),
        ([star(1), toggle(1, "108"), star(2)], 2, (), False),  # reasons of another level are dropped
        ([star(2), chosen(2, "207"), star(5)], 5, (), False),  # a change upward
        ([star(5), star(1), chosen(1, "108")], 1, ("108",), True),  # a change downward
        ([star(1), chosen(1, "108"), star(5), star(1)], 1, (), False),  # back again begins anew
        ([star(1), toggle(1, "108"), star(1)], 1, ("108",), False),  # the same star keeps its reasons
        ([star(1), chosen(1, "108"), star(1)], 1, ("108",), False),
        ([star(2), toggle(1, "108")], 2, (), False),  # a reason of a level that was not tapped
        ([star(2), chosen(1, "108")], 2, (), False),
        ([toggle(1, "108"), chosen(1, "108"), star(1)], 1, (), False),  # reasons before the first star
        ([star(3), ("something_newer", "t", {"level": 1})], 3, (), False),
    ],
)
def test_fold(steps: list[Step], level: int | None, reasons: tuple[str, ...], submitted: bool) -> None:
    rating = fold(SESSION, steps)
    assert (rating.level, rating.reasons, rating.submitted) == (level, reasons, submitted)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_outcome_is_what_the_close_says(outcome: Outcome) -> None:
    assert fold(SESSION, [star(4)]).outcome is None
    assert fold(SESSION, [star(4), closed(outcome)]).outcome is outcome


def test_all_taps_stay_with_their_offsets() -> None:
    """Design §4.4: all stars tapped stay in the record, so that a window where ones become fives stands out."""
    steps = [opened(), star(1, 900, "t1"), toggle(1, "108"), star(5, 4200, "t2"), closed("rated", True)]
    assert fold(SESSION, steps) == Rating(
        SESSION,
        level=Level.VERY_SATISFIED,
        reasons=(),
        submitted=True,
        outcome=Outcome.RATED,
        stars=((Level.VERY_DISSATISFIED, 900), (Level.VERY_SATISFIED, 4200)),
        rated_at="t2",
    )


@pytest.mark.parametrize("data", [{}, {"level": 0, "offset_ms": 1}, {"level": 6, "offset_ms": 1}, {"level": 3}])
def test_an_unknown_level_is_an_error_and_never_a_rating(data: dict[str, int]) -> None:
    with pytest.raises((KeyError, ValueError)):
        fold(SESSION, [(Kind.STAR_CHOSEN, "t", data)])


levels = st.integers(1, 5)
codes = st.sampled_from(["a", "b", "c"])
taps = st.builds(star, levels, st.integers(0, 60_000), st.sampled_from(["t1", "t2", "t3"]))
steps = st.lists(
    taps
    | st.builds(toggle, levels, codes, st.booleans())
    | st.builds(lambda level, some: chosen(level, *some), levels, st.lists(codes, max_size=3))
    | st.just((Kind.PAUSED, "t", {})),
    max_size=14,
)


@given(steps)
def test_every_prefix_folds_to_what_was_tapped_so_far(entries: list[Step]) -> None:
    """Design §4.7, §5: whatever arrived counts; walking away keeps the last durable star."""
    for end in range(len(entries) + 1):
        prefix = entries[:end]
        tapped = [data["level"] for kind, _, data in prefix if kind == Kind.STAR_CHOSEN]
        rating = fold(SESSION, prefix)
        assert [level for level, _ in rating.stars] == tapped
        assert rating.level == (tapped[-1] if tapped else None)
        assert rating.outcome is None
        assert (rating.rated_at is None) == (not tapped)
        if not tapped:
            assert rating.reasons == () and not rating.submitted


@given(steps)
def test_reasons_come_after_the_level_was_reached_and_belong_to_it(entries: list[Step]) -> None:
    rating = fold(SESSION, entries)
    said: set[str] = set()
    now: int | None = None
    for kind, _, data in entries:
        if kind == Kind.STAR_CHOSEN and data["level"] != now:
            said, now = set(), data["level"]
        elif kind == Kind.REASON_TOGGLED and data["level"] == now and data["on"]:
            said.add(data["code"])
        elif kind == Kind.REASONS_CHOSEN and data["level"] == now:
            said |= {row["code"] for row in data["reasons"]}
    assert set(rating.reasons) <= said
    assert len(set(rating.reasons)) == len(rating.reasons)


@given(steps, st.lists(st.builds(toggle, levels, codes, st.booleans()), max_size=4), levels)
def test_a_change_of_level_forgets_every_reason(entries: list[Step], toggles: list[Step], level: int) -> None:
    before = fold(SESSION, entries).level
    rating = fold(SESSION, [*entries, star(level)])
    if before != level:
        assert rating.reasons == ()
    assert rating.level == level and not rating.submitted
    others = [step for step in toggles if step[2]["level"] != level]
    assert fold(SESSION, [*entries, star(level), *others]) == rating


@given(steps, st.sampled_from(list(Outcome)), st.booleans())
def test_the_close_changes_neither_level_nor_reasons(entries: list[Step], outcome: Outcome, submitted: bool) -> None:
    before, after = fold(SESSION, entries), fold(SESSION, [*entries, closed(outcome, submitted)])
    assert (after.level, after.reasons, after.stars, after.rated_at) == (
        before.level,
        before.reasons,
        before.stars,
        before.rated_at,
    )
    assert (after.outcome, after.submitted) == (outcome, before.submitted or submitted)


@given(steps)
def test_entries_about_the_window_do_not_matter(entries: list[Step]) -> None:
    noise = (Kind.STAFF_LOGGED_OUT, "t", {"number": "A1"})
    assert fold(SESSION, [step for entry in entries for step in (noise, entry)]) == fold(SESSION, entries)


CATALOGUE = {
    "type": "catalogue",
    "id": "c",
    "version": "1",
    "reasons": [
        {"code": "207", "level": 2, "core": False, "texts": {"zh-CN": "甲", "en": "a"}},
        {"code": "208", "level": 2, "core": True, "texts": {"zh-CN": "乙", "en": "b"}},
        {"code": "108", "level": 1, "core": True, "texts": {"zh-CN": "丙", "en": "c"}},
        {"code": "209", "level": 2, "core": True, "texts": {"zh-CN": "丁", "en": "d"}},
    ],
}


def test_core_reasons_are_shown_first_in_catalogue_order() -> None:
    catalogue = ReasonCatalogue.from_document(CATALOGUE)
    assert [reason.code for reason in catalogue.of_level(Level(2))] == ["208", "209", "207"]
    assert catalogue.of_level(Level(5)) == ()
    assert catalogue.get("108") == Reason("108", Level(1), True, {"zh-CN": "丙", "en": "c"})
    assert catalogue.get("999") is None


def test_a_code_stands_once_in_a_catalogue() -> None:
    rows = [*CATALOGUE["reasons"], CATALOGUE["reasons"][0]]
    with pytest.raises(ValueError, match="twice"):
        ReasonCatalogue.from_document(CATALOGUE | {"reasons": rows})


@pytest.mark.parametrize(
    "row", [{}, {"code": "1", "level": 6, "core": True, "texts": {}}, {"code": "1", "level": 1, "core": True}]
)
def test_malformed_catalogue(row: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ReasonCatalogue.from_document(CATALOGUE | {"reasons": [row]})


def test_the_scale_runs_from_one_to_five() -> None:
    """taian 二(三): five levels tied to one to five stars, five the best."""
    assert [(level.name, int(level)) for level in sorted(Level)] == [
        ("VERY_DISSATISFIED", 1),
        ("DISSATISFIED", 2),
        ("FAIRLY_SATISFIED", 3),
        ("SATISFIED", 4),
        ("VERY_SATISFIED", 5),
    ]
