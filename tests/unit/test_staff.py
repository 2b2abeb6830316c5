"""The staff directory as downloaded (docs/wire.md, staff)."""

from typing import Any

import pytest

from terminal_app.domain.pin import hash_pin
from terminal_app.domain.staff import Role, StaffMember, StaffRoster

CLERK = {"number": "TA01", "name": "甲", "post": "综合窗口", "role": "clerk", "cards": ["04A1B2C3", "04A1B2C4"]}
ADMINISTRATOR = {"number": "TA02", "name": "乙", "post": "管理员", "role": "administrator", "cards": ["04FFFFFF"]}
NO_CARD = {"number": "TA03", "name": "丙", "post": "综合窗口", "role": "clerk", "cards": []}


def document(*members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "staff", "version": "7", "members": list(members)}


def test_members_by_card_and_by_number() -> None:
    roster = StaffRoster.from_document(document(CLERK, ADMINISTRATOR, NO_CARD))
    clerk = StaffMember("TA01", "甲", "综合窗口", Role.CLERK)
    assert roster.version == "7"
    assert roster.by_card["04A1B2C3"] == roster.by_card["04A1B2C4"] == roster.find("TA01") == clerk
    assert roster.by_card["04FFFFFF"].role is Role.ADMINISTRATOR
    assert roster.find("TA03") is None  # no card, so never on duty here
    assert roster.find("TA99") is None
    assert "04a1b2c3" not in roster.by_card


def test_what_is_kept_of_a_pin_is_beside_the_members_and_in_no_text() -> None:
    kept = hash_pin("280616", bytes(16))
    roster = StaffRoster.from_document(document(CLERK, ADMINISTRATOR | {"pin": kept}))
    assert roster.pins == {"TA02": kept}
    assert kept not in repr(roster)
    assert StaffRoster.from_document(document(CLERK, ADMINISTRATOR)).pins == {}


def test_a_card_of_two_members_is_refused() -> None:
    with pytest.raises(ValueError, match="two members"):
        StaffRoster.from_document(document(CLERK, NO_CARD | {"cards": ["04A1B2C4"]}))


def test_a_card_listed_twice_for_one_member_is_one_card() -> None:
    roster = StaffRoster.from_document(document(CLERK | {"cards": ["04A1B2C3", "04A1B2C3"]}))
    assert list(roster.by_card) == ["04A1B2C3"]


@pytest.mark.parametrize(
    "malformed",
    [
        {"version": "1"},
        {"members": []},
        document({}),
        document(CLERK | {"role": "boss"}),
        document(CLERK | {"cards": None}),
        document(ADMINISTRATOR | {"pin": "280616"}),
    ],
)
def test_malformed_rosters(malformed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        StaffRoster.from_document(malformed)
