"""Numbers made up for tests: identity numbers of nobody, and credit codes of no body."""

from datetime import date, timedelta

from terminal_app.domain.identity_number import check_character


def identity_number(area: str = "370902", born: str = "19010101", serial: str = "000") -> str:
    """A number that is valid by form; the serial 000 is never given to a person."""
    digits = f"{area}{born}{serial}"
    return digits + check_character(digits)


def days_of(year: int) -> list[str]:
    """Every day of a year as yyyymmdd."""
    first = date(year, 1, 1)
    return [f"{first + timedelta(days=offset):%Y%m%d}" for offset in range((date(year + 1, 1, 1) - first).days)]
