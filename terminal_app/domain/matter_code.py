"""What can be checked of a matter code (事项编码). A code is never refused here: standards disagree about its length."""

from enum import StrEnum

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(3**power % 31 for power in range(17))
_BODY_CHARACTERS = 18
MATTER_CHARACTERS = 31
SUB_ITEM_CHARACTERS = 33


class MatterCodeCheck(StrEnum):
    """What the check says: the body's check digit holds, it is wrong, or the code has a form without one."""

    HOLDS = "holds"
    WRONG = "wrong"
    UNCHECKED = "unchecked"


def check_matter_code(code: str) -> MatterCodeCheck:
    """Checks a code of 31 characters, or 33 for a sub-item, by the body's code in its first 18 (GB 32100)."""
    if len(code) not in (MATTER_CHARACTERS, SUB_ITEM_CHARACTERS):
        return MatterCodeCheck.UNCHECKED
    return MatterCodeCheck.HOLDS if is_body_code(code[:_BODY_CHARACTERS]) else MatterCodeCheck.WRONG


def is_body_code(code: str) -> bool:
    """Whether `code` is a 统一社会信用代码: 18 characters of its alphabet, the last one the check digit (GB 32100)."""
    return (
        len(code) == _BODY_CHARACTERS
        and all(character in _ALPHABET for character in code)
        and body_check_digit(code[:-1]) == code[-1]
    )


def body_check_digit(characters: str) -> str:
    """The check digit of 17 characters: weights 3^i mod 31, (31 − Σ mod 31) mod 31 (GB 32100)."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, characters, strict=True))
    return _ALPHABET[-total % 31]
