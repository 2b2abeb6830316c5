"""A platform's results → verdicts (docs/wire.md, POST /v1/entries): matched by index and id, nothing else is believed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fault_server import result

from sync.answers import CONTRADICTORY, MISSING, verdicts
from terminal_app.ports import OutboxItem, Verdict

ITEMS = [OutboxItem(7, "id-a", b"{}"), OutboxItem(9, "id-b", b"{}"), OutboxItem(11, "id-c", b"{}")]
GOOD = [result(0, "id-a"), result(1, "id-b", "duplicate"), result(2, "id-c", "refused", "bad_signature")]
LATER = Verdict(9, "retry_later", MISSING)


def test_each_entry_has_its_answer() -> None:
    marked = [GOOD[0] | {"marks": ["late", "already_rated"]}, *GOOD[1:]]
    assert verdicts(ITEMS, marked) == [
        Verdict(7, "accepted", None, ("late", "already_rated")),
        Verdict(9, "duplicate"),
        Verdict(11, "refused", "bad_signature"),
    ]


def test_order_of_results_does_not_matter() -> None:
    assert verdicts(ITEMS, GOOD[::-1]) == verdicts(ITEMS, GOOD)


@pytest.mark.parametrize(
    "row",
    [
        None,
        result(1, "id-a"),
        result(1, "id-b ", "accepted"),
        result(1, None),
        result(1, None, "refused", "bad_signature"),
        result(3, "id-b"),
        result(-2, "id-b"),
        {"index": True, "id": "id-b", "status": "accepted"},
        {"index": "1", "id": "id-b", "status": "accepted"},
        {"index": 1.0, "id": "id-b", "status": "accepted"},
        {"index": 1, "id": "id-b"},
        {"index": 1, "id": "id-b", "status": "stored"},
        {"index": 1, "id": "id-b", "status": ["accepted"]},
        {"index": 1, "id": "id-b", "status": {"accepted": 1}},
        {"id": "id-b", "status": "accepted"},
        "accepted",
        ["accepted"],
    ],
    ids=str,
)
def test_what_names_no_entry_or_no_status_is_as_if_missing(row: Any) -> None:
    """Architecture 8: entry missing from the answer → retry it."""
    assert verdicts(ITEMS, [GOOD[0], row, GOOD[2]])[1] == LATER


def test_an_unreadable_entry_is_refused_without_an_id() -> None:
    """The platform cannot name what it cannot read; only that refusal goes by the index alone."""
    assert verdicts(ITEMS[:1], [result(0, None, "refused", "unreadable")]) == [Verdict(7, "refused", "unreadable")]


def test_an_altered_entry_is_refused_under_whatever_id_its_line_says() -> None:
    """Architecture 8: the signature says that the line is not as it was written, so its id is not either."""
    assert verdicts(ITEMS[:1], [result(0, "id-x", "refused", "bad_signature")]) == [Verdict(7, "refused", "bad_signature")]


def test_the_same_answer_twice_is_one_answer() -> None:
    assert verdicts(ITEMS, [*GOOD, *GOOD]) == verdicts(ITEMS, GOOD)


@pytest.mark.parametrize("second", ["refused", "duplicate", "retry_later"])
def test_two_different_answers_are_none(second: str) -> None:
    rows = [result(0, "id-a"), result(0, "id-a", second), result(0, "id-a")]
    assert verdicts(ITEMS[:1], rows) == [Verdict(7, "retry_later", CONTRADICTORY)]


@pytest.mark.parametrize("marks", [None, "late", 5, {"late": 1}, [None, 3, ["late"]]], ids=str)
def test_marks_of_another_form_are_ignored(marks: Any) -> None:
    assert verdicts(ITEMS[:1], [result(0, "id-a") | {"marks": marks, "code": 4}]) == [Verdict(7, "accepted")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from(["id-a", "id-b", "accepted", "refused", "unreadable"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["index", "id", "status", "code", "marks"]), inner, max_size=5)
    ),
)


@given(st.lists(json_values, max_size=8))
def test_whatever_comes_there_is_one_verdict_per_entry(rows: list[Any]) -> None:
    """No answer makes the terminal forget an entry, or settle one that was not named with a status of the protocol."""
    found = verdicts(ITEMS, rows)
    assert [verdict.number for verdict in found] == [7, 9, 11]
    for item, verdict in zip(ITEMS, found, strict=True):
        if verdict.status != "retry_later":
            assert any(
                isinstance(row, dict)
                and row.get("status") == verdict.status
                and (row.get("id") == item.entry_id or row.get("code") == "unreadable")
                for row in rows
            )
