"""Recognises the 18 characters of an identity card, only in order to refuse them; never keeps or returns one.

The old form of 15 digits is not recognised: it has no check character, any number of the form area + yymmdd + serial would
pass for one, and cards that carry it have been invalid since 2013.
"""

import re
from datetime import date

# GB/T 2260 provinces; 81, 82, 83 are the residence permits of Hong Kong, Macao and Taiwan.
_PROVINCES = frozenset(
    (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83)
)
# Compiled by `re` when the first ticket comes: a start waits for it otherwise.
_FORM = r"[0-9]{17}[0-9X]"
_WITHIN = r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])"
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECK_CHARACTERS = "10X98765432"


def is_identity_number(text: str) -> bool:
    """Whether `text` (upper-case) is a valid identity number: known province, plausible birth date, check character.

    The check is ISO 7064 MOD 11-2. A foreigner's permanent residence card has a 9 before its province.
    """
    return (
        re.fullmatch(_FORM, text) is not None
        and (int(text[:2]) in _PROVINCES or (text[0] == "9" and int(text[1:3]) in _PROVINCES))
        and _is_birth_date(text[6:14])
        and check_character(text[:17]) == text[17]
    )


def holds_identity_number(text: str) -> bool:
    """Whether a valid identity number stands somewhere in `text`."""
    return any(is_identity_number(match.group().upper()) for match in re.finditer(_WITHIN, text))


def check_character(digits: str) -> str:
    """The check character of 17 digits, ISO 7064 MOD 11-2."""
    return _CHECK_CHARACTERS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11]


def _is_birth_date(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2099
    except ValueError:
        return False
