"""The number of a paper form: ten random digits and two check digits (ISO/IEC 7064, MOD 97-10). Pure.

The check digits find every wrong digit and every two that changed places. A number says nothing of who got the form or when.
"""

import re
import unicodedata

FREE = 10**10
"""There are so many numbers."""
PATH = "/p"
OF_FORM = "paper-"
"""How the ids of ratings on paper begin."""
_GROUP = 4
_DIGITS = 12
_SEPARATORS = re.compile(r"[\s-]+")


def number_of(drawn: int) -> str:
    """The twelve digits of the form number for 0 <= `drawn` < FREE."""
    return f"{drawn:010d}{98 - drawn * 100 % 97:02d}"


def read_number(text: str) -> str | None:
    """A form number as somebody typed it, with blanks or hyphens anywhere; None where it is none."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if number_of(int(digits) // 100) == digits else None


def shown(number: str) -> str:
    """`2738 1940 5512`."""
    return " ".join(number[at : at + _GROUP] for at in range(0, _DIGITS, _GROUP))


def rating_id(number: str) -> str:
    """The id that a form's rating has among those of other channels: one form, one rating."""
    return f"{OF_FORM}{number}"


def form_address(base: str, number: str) -> str:
    """What a form's QR leads to. It stays the same for ever, because printed forms do."""
    return f"{base}{PATH}/{number}"
