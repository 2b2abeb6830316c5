"""Numbers of paper forms: what a slip of the hand does to one. Issue 4, point 6; ISO/IEC 7064, MOD 97-10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_platform.form_number import FREE, form_address, number_of, rating_id, read_number, shown

drawn = st.integers(0, FREE - 1)


@pytest.mark.parametrize(("digits", "whole"), [(0, "000000000098"), (1, "000000000195"), (2738194056, "273819405688")])
def test_check_digits_by_hand(digits: int, whole: str) -> None:
    """ISO/IEC 7064: the whole number leaves 1 when divided by 97."""
    assert number_of(digits) == whole
    assert int(whole) % 97 == 1


@given(drawn, st.sampled_from(["{}", " {} ", "{:.4}-{}", "４{}"]))
def test_whatever_is_typed_is_the_number_or_none(value: int, form: str) -> None:
    number = number_of(value)
    assert read_number(shown(number)) == read_number(shown(number).replace(" ", "-")) == number
    assert read_number(form.format(number, number)) == (number if form in ("{}", " {} ") else None)


def test_full_width_digits_are_digits() -> None:
    assert read_number("２７３８ １９４０ ５６８８") == "273819405688"


@given(drawn, st.integers(0, 11), st.integers(1, 9))
def test_every_wrong_digit_is_found(value: int, place: int, more: int) -> None:
    number = number_of(value)
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert read_number(wrong) is None


@given(drawn, st.integers(0, 10))
def test_every_two_digits_that_changed_places_are_found(value: int, place: int) -> None:
    number = number_of(value)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert read_number(swapped) == (number if swapped == number else None)


@pytest.mark.parametrize("text", ["", "27381940568", "2738194056880", "27381940568x", "-", "273819405600"])
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) is None


def test_a_form_has_one_rating_and_one_address() -> None:
    assert rating_id("273819405688") == "paper-273819405688"
    assert form_address("https://p.example", "273819405688") == "https://p.example/p/273819405688"
