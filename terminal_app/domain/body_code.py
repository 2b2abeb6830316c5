"""The code of an accepting body, 统一社会信用代码 (GB 32100): 18 characters, the last of which checks the others."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(3**power % 31 for power in range(17))
_CHARACTERS = 18


def is_body_code(code: str) -> bool:
    """Whether `code` is a body's: 18 characters of its alphabet, the last one the check digit."""
    return (
        len(code) == _CHARACTERS
        and all(character in _ALPHABET for character in code)
        and body_check_digit(code[:-1]) == code[-1]
    )


def body_check_digit(characters: str) -> str:
    """The check digit of 17 characters: weights 3^i mod 31, (31 − Σ mod 31) mod 31."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, characters, strict=True))
    return _ALPHABET[-total % 31]
