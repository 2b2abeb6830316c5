"""Identity numbers are recognised in order to be refused (device protocols, “Case tickets”; ISO 7064 MOD 11-2)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.identity import days_of, identity_number

from terminal_app.domain.identity_number import check_character, holds_identity_number, is_identity_number
from terminal_app.domain.ticket import Refusal, TicketRefused, parse_ticket

REFUSED = TicketRefused(Refusal.IDENTITY_NUMBER)


def mod_11_2(number: str) -> bool:
    """The standard's own test, the other way round: the polynomial over all 18 characters is 1 modulo 11."""
    value = 0
    for character in number:
        value = value * 2 + (10 if character == "X" else int(character))
    return value % 11 == 1


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_character_satisfies_the_standards_polynomial(digits: str) -> None:
    number = digits + check_character(digits)
    assert mod_11_2(number)
    for other in "0123456789X":
        assert mod_11_2(digits + other) == (other == number[-1])


@pytest.mark.parametrize(
    "area",
    ["110101", "152501", "230103", "370902", "469021", "542221", "659001", "710000", "810000", "820000", "830000", "937156"],
)
def test_known_provinces(area: str) -> None:
    assert is_identity_number(identity_number(area))


@pytest.mark.parametrize(
    "area", ["000000", "100101", "160101", "380902", "470001", "600101", "660101", "840000", "900156", "990101"]
)
def test_unknown_provinces(area: str) -> None:
    assert not is_identity_number(identity_number(area))


@pytest.mark.parametrize(
    ("born", "plausible"),
    [
        ("19000101", True),
        ("20261121", True),
        ("20240229", True),
        ("20230229", False),
        ("20261301", False),
        ("20260431", False),
        ("20260000", False),
        ("18991231", False),
        ("21000101", False),
        ("00000101", False),
    ],
)
def test_plausible_birth_dates(born: str, plausible: bool) -> None:
    assert is_identity_number(identity_number(born=born)) is plausible


@pytest.mark.parametrize("length", [14, 15, 16, 17, 19, 20])
def test_other_lengths_are_case_numbers(length: int) -> None:
    """The old 15 digits too: they have no check character, and every area + yymmdd + serial would be refused."""
    digits = "37090219010100003712"[:length]
    assert not is_identity_number(digits)
    assert not isinstance(parse_ticket(digits.encode()), TicketRefused)


def test_an_identity_number_inside_a_text() -> None:
    number = identity_number()
    assert holds_identity_number(f"王某{number}的申请")
    assert holds_identity_number(f"a {identity_number(serial='002').lower()}, b")
    assert not holds_identity_number(f"7{number}")
    assert not holds_identity_number(number[:17] + ("0" if number[17] != "0" else "1"))
    assert not holds_identity_number("没有号码")


@pytest.mark.parametrize(
    "payload",
    [
        "{id}",
        "]C0{id}\r\n",
        '{{"case":"{id}"}}',
        '{{"cases":["TA2026112104","{id}"]}}',
        '{{"cases":[{{"case":"{id}","name":"x"}}]}}',
        '["{id}"]',
        "https://example.invalid/rate?projectNo={id}",
        "case={id}|name=x",
        "case=TA2026112104,{id}",
        "projectNo={id}",
    ],
)
@pytest.mark.parametrize("spelling", ["plain", "lower", "full_width"])
def test_an_identity_number_is_no_case_number_in_any_notation(payload: str, spelling: str) -> None:
    number = next(found for serial in range(100) if (found := identity_number(serial=f"{serial:03}")).endswith("X"))
    spelled = {"plain": number, "lower": number.lower(), "full_width": "".join(chr(ord(c) + 0xFEE0) for c in number)}[spelling]
    assert parse_ticket(payload.format(id=spelled).encode()) == REFUSED


def test_a_number_in_json_is_no_way_around() -> None:
    number = next(found for serial in range(100) if (found := identity_number(serial=f"{serial:03}")).isdecimal())
    assert parse_ticket(f'{{"case":{number}}}'.encode()) == REFUSED


def test_a_year_of_date_serial_numbers_without_and_with_a_pattern() -> None:
    """Area6 + date8 + serial4: one in eleven passes for an identity number, so such a region's pack carries a pattern."""
    numbers = [f"370902{day}{serial:04}" for day in days_of(2026) for serial in range(1, 61)]
    pattern = re.compile(r"3709[0-9]{2}20[0-9]{10}")
    refused = [number for number in numbers if parse_ticket(number.encode()) == REFUSED]
    assert len(numbers) == 365 * 60
    assert 0.08 < len(refused) / len(numbers) < 0.10
    assert all(is_identity_number(number) for number in refused)
    assert [number for number in numbers if isinstance(parse_ticket(number.encode(), pattern), TicketRefused)] == []


def test_the_regions_pattern_wins_only_for_what_it_matches() -> None:
    pattern = re.compile(r"3709[0-9]{2}20[0-9]{10}")
    assert parse_ticket(identity_number("370902", "19010101").encode(), pattern) == REFUSED
    assert parse_ticket(identity_number("110101", "20010101").encode(), pattern) == REFUSED
    assert not isinstance(parse_ticket(identity_number("370902", "20010101")[:17].encode() + b"0", pattern), TicketRefused)
