"""Reads and checks what a citizen sent from a window's page on a telephone. Pure; knows neither HTTP nor a database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from central_platform.form_number import read_number
from central_platform.phone.windows import Desk
from central_platform.rules.statements import NotTaken, SeenReason, read_case_number
from central_platform.rules.window_qr import PhoneRating
from terminal_app.domain.rating import Level

_ONCE = re.compile(r"[A-Za-z0-9_-]{22}")
_LEVELS = {str(int(level)): level for level in Level}
_CASE_CHARACTERS = 60
_REASONS_AT_MOST = 60

Fields = Mapping[str, Sequence[str]]


class Flaw(StrEnum):
    """What a citizen still has to see to."""

    LEVEL = "no_level"
    REASONS = "no_reasons"
    CASE = "no_case_number"
    IDENTITY = "identity_number"


class NotTheForm(ValueError):
    """Nothing that the page could have sent."""


@dataclass(frozen=True, slots=True)
class RatingForm:
    """The form as it was filled in. `case` as typed; `once` names the form; `reasons`: the codes that were marked."""

    once: str
    level: Level | None = None
    case: str = ""
    reasons: tuple[str, ...] = ()


def read_form(fields: Fields) -> RatingForm:
    """Raises NotTheForm."""
    once, level, case = (_one(fields, name) for name in ("once", "level", "case"))
    reasons = tuple(dict.fromkeys(fields.get("reason", ())))
    strange = set(fields) - {"once", "level", "case", "reason"}
    if strange or not _ONCE.fullmatch(once) or len(case) > _CASE_CHARACTERS or len(reasons) > _REASONS_AT_MOST:
        raise NotTheForm
    if level and level not in _LEVELS:
        raise NotTheForm
    return RatingForm(once, _LEVELS.get(level), case, reasons)


def read_paper_form(text: str | None) -> str | None:
    """The number of the paper form that led to the page; None where it is none."""
    return read_number(text) if text is not None else None


def check_form(form: RatingForm, desk: Desk, language: str, paper: str | None) -> PhoneRating | Flaw:
    """The rating, or the first thing that is missing. Reasons of another level than the chosen one are dropped."""
    if form.level is None:
        return Flaw.LEVEL
    offered = desk.reasons_of(form.level)
    seen = tuple(SeenReason(one.code, one.text_in(language)) for one in offered if one.code in form.reasons)
    if desk.policy.reasons_required and offered and not seen:
        return Flaw.REASONS
    number = _case_number(form.case)
    if isinstance(number, Flaw):
        return number
    catalogue = f"{desk.catalogue.id} {desk.catalogue.version}"
    return PhoneRating(form.once, int(form.level), number, seen, catalogue, desk.device, paper)


def _case_number(typed: str) -> str | Flaw | None:
    """None where nothing was typed."""
    plain = "".join(typed.split())
    if not plain:
        return None
    try:
        return read_case_number(plain)
    except NotTaken as refused:
        return Flaw.IDENTITY if refused.code == "identity_number" else Flaw.CASE


def _one(fields: Fields, name: str) -> str:
    given = fields.get(name, ())
    if len(given) > 1:
        raise NotTheForm
    return given[0] if given else ""
