"""Matter codes: 31 or 33 characters, the first 18 of them a body's code with a check digit (GB 32100)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_app.domain.matter_code import MatterCodeCheck, body_check_digit, check_matter_code, is_body_code
from terminal_app.domain.ticket import CaseTicket, parse_ticket

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
characters = st.text(ALPHABET, min_size=17, max_size=17)


def test_an_example_computed_by_hand() -> None:
    """Σ of digit × 3^i mod 31 for 1 followed by sixteen zeros is 1, so the check value is 30, the last of the alphabet."""
    assert body_check_digit("1" + "0" * 16) == "Y"
    assert body_check_digit("0" * 17) == "0"
    assert body_check_digit("01" + "0" * 15) == "W"  # 31 - 3 = 28


@given(characters, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    code = body + body_check_digit(body)
    changed = code[:place] + other + code[place + 1 :]
    assert is_body_code(code)
    assert is_body_code(changed) == (changed == code)


@given(characters)
def test_matter_codes_of_both_lengths_are_recognised(body: str) -> None:
    code = body + body_check_digit(body) + "2" * 13
    wrong = body + ("1" if code[17] == "0" else "0") + "2" * 13
    for suffix in ("", "01"):
        assert check_matter_code(code + suffix) == MatterCodeCheck.HOLDS
        assert check_matter_code(wrong + suffix) == MatterCodeCheck.WRONG
    for length in (1, 18, 24, 30, 32, 34):
        assert check_matter_code((code + "000")[:length]) == MatterCodeCheck.UNCHECKED


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("0" * 31, "0" * 31),
        ("0" * 33, "0" * 33),
        ("1" + "0" * 30, "1" + "0" * 30),  # a wrong check digit is kept as printed
        ("370900-12", "370900-12"),
        ("ａｂ１２", "AB12"),
        ("z" * 50, "Z" * 50),
        ("z" * 51, None),
        ("事项", None),
        ("12 34", None),
        ("", None),
    ],
)
def test_no_matter_code_costs_a_ticket(printed: str, kept: str | None) -> None:
    ticket = parse_ticket(f"case=TA2026112104|matter={printed}|name=设立登记".encode())
    assert isinstance(ticket, CaseTicket)
    assert (ticket.first.matter_code, ticket.first.matter_name) == (kept, "设立登记")
