"""The check digit of a body's code (GB 32100); device protocols, “Case tickets”."""

from hypothesis import given
from hypothesis import strategies as st

from terminal_app.domain.body_code import body_check_digit, is_body_code

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
