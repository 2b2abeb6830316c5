"""What a case ticket says: CaseTicket, or the reason why a payload is refused as one.

Nothing that a ticket says of the person served is part of it, and no text that holds an identity number is kept;
`parse_person` hands out what is to be sealed.
Source: device protocols, “Case tickets”; `ticket_text` reads the notations, `identity_number` names what is refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from terminal_app.domain.body_code import is_body_code
from terminal_app.domain.frozen import frozen
from terminal_app.domain.identity_number import holds_identity_number, is_identity_number
from terminal_app.domain.ticket_text import Fields, MalformedText, decode, read_cases, read_person

T = TypeVar("T")

MAX_PAYLOAD_BYTES = 4096
MAX_CASES = 200


class CaseKind(StrEnum):
    """How a case is handled: 即办件, 承诺件, 自助, 全程网办; unknown when the ticket does not say."""

    IMMEDIATE = "immediate"
    COMMITTED = "committed"
    SELF_SERVICE = "self_service"
    ONLINE = "online"
    UNKNOWN = "unknown"


class Grouping(StrEnum):
    """How the cases of one ticket belong together; `follow_up`: they were rated, and what was wrong was put right."""

    SINGLE = "single"
    BATCH = "batch"
    CHAIN = "chain"
    FOLLOW_UP = "follow_up"


class Verification(StrEnum):
    """How far the ticket itself can be trusted."""

    SIGNED = "signed"
    UNVERIFIED = "unverified"


class Refusal(StrEnum):
    """Why a ticket is not taken."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    ENCODING = "encoding"
    MALFORMED = "malformed"
    NO_CASE = "no_case"
    BAD_CASE_NUMBER = "bad_case_number"
    IDENTITY_NUMBER = "identity_number"


@frozen
class Case:
    """One case (办件): normalised number, matter code and name, kind, visit number.

    `finished` None: the ticket does not say.
    """

    number: str
    matter_code: str | None = None
    matter_name: str | None = None
    kind: CaseKind = CaseKind.UNKNOWN
    visit: str | None = None
    finished: bool | None = None


@frozen
class CaseTicket:
    """What was read from a ticket: one or more cases and what the counter's system says of the service."""

    cases: tuple[Case, ...]
    grouping: Grouping = Grouping.SINGLE
    staff_number: str | None = None
    staff_name: str | None = None
    accepting_body: str | None = None
    served_at: str | None = None
    service_count: int | None = None
    verification: Verification = Verification.UNVERIFIED

    @property
    def first(self) -> Case:
        return self.cases[0]


@frozen
class TicketRefused:
    """The payload is no ticket; it is neither shown nor stored nor logged."""

    reason: Refusal


# Compiled by `re` when the first ticket comes: a start waits for it otherwise.
_CASE_NUMBER = r"[0-9A-Z_-]{6,50}"
_CODE = r"[0-9A-Z_-]{1,50}"
_TIME = r"[0-9][0-9T:/ .+Z-]{7,31}"
_COUNT = r"[1-9][0-9]{0,5}"
_KINDS = {
    "即办件": CaseKind.IMMEDIATE,
    "承诺件": CaseKind.COMMITTED,
    "自助": CaseKind.SELF_SERVICE,
    "自助件": CaseKind.SELF_SERVICE,
    "网办": CaseKind.ONLINE,
    "网办件": CaseKind.ONLINE,
    "全程网办": CaseKind.ONLINE,
    **{kind.value: kind for kind in CaseKind},
}
_STATES = {
    **dict.fromkeys(("finished", "办结", "已办结"), True),
    **dict.fromkeys(("unfinished", "在办", "未办结", "办理中"), False),
}
_GROUPINGS = {grouping.value: grouping for grouping in Grouping}
_NAME_CHARACTERS = 120


def parse_ticket(payload: bytes, case_pattern: re.Pattern[str] | None = None) -> CaseTicket | TicketRefused:
    """The ticket in a payload, which is what a device framed, without its framing bytes. Never raises.

    `case_pattern`: the region's own form of case numbers; what matches it is never taken for an identity number. A field
    other than the case number that cannot be used is left out, so that it does not cost anybody a rating.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return TicketRefused(Refusal.TOO_LONG)
    text = decode(payload)
    if text is None:
        return TicketRefused(Refusal.ENCODING)
    if not text:
        return TicketRefused(Refusal.EMPTY)
    try:
        rows = read_cases(text)
    except MalformedText:
        return TicketRefused(Refusal.MALFORMED)
    return _ticket(rows, case_pattern)


def parse_person(payload: bytes) -> dict[str, str]:
    """What the payload of a good ticket says of the person served: to be sealed and forgotten, never kept or shown."""
    text = decode(payload)
    try:
        return read_person(text) if text else {}
    except MalformedText:
        return {}


def mask_case_number(number: str) -> str:
    """A case number for screens and logs: at most its first six and last four characters, `TA2026····0417`."""
    tail = min(4, len(number) // 2)
    head = min(6, max(0, len(number) - 8))
    return f"{number[:head]}····{number[len(number) - tail :]}"


def is_same_ticket(one: CaseTicket, other: CaseTicket) -> bool:
    """Whether two tickets name the same visits of the same cases. That of a follow-up is another than the first."""
    if (one.grouping is Grouping.FOLLOW_UP) != (other.grouping is Grouping.FOLLOW_UP):
        return False
    return {(case.number, case.visit) for case in one.cases} == {(case.number, case.visit) for case in other.cases}


def ticket_data(ticket: CaseTicket) -> dict[str, Any]:
    """The `ticket` object of a `session_opened` entry (docs/wire.md)."""
    return {
        "cases": [
            {
                "number": case.number,
                "matter_code": case.matter_code,
                "matter_name": case.matter_name,
                "kind": case.kind.value,
                "visit": case.visit,
                "finished": case.finished,
            }
            for case in ticket.cases
        ],
        "grouping": ticket.grouping.value,
        "staff_number": ticket.staff_number,
        "staff_name": ticket.staff_name,
        "accepting_body": ticket.accepting_body,
        "served_at": ticket.served_at,
        "service_count": ticket.service_count,
        "verification": ticket.verification.value,
    }


def ticket_from_data(data: Mapping[str, Any]) -> CaseTicket:
    """The ticket in the `ticket` object of a `session_opened` entry. Raises KeyError, TypeError or ValueError."""
    cases = tuple(_case_from_data(row) for row in data["cases"])
    if not cases:
        raise ValueError("cases")
    return CaseTicket(
        cases=cases,
        grouping=Grouping(data["grouping"]),
        staff_number=_known(data["staff_number"], str),
        staff_name=_known(data["staff_name"], str),
        accepting_body=_known(data["accepting_body"], str),
        served_at=_known(data["served_at"], str),
        service_count=_known(data["service_count"], int),
        verification=Verification(data["verification"]),
    )


def _case_from_data(row: Mapping[str, Any]) -> Case:
    if not isinstance(row["number"], str):
        raise TypeError("number")
    return Case(
        number=row["number"],
        matter_code=_known(row["matter_code"], str),
        matter_name=_known(row["matter_name"], str),
        kind=CaseKind(row["kind"]),
        visit=_known(row["visit"], str),
        finished=_known(row.get("finished"), bool),
    )


def _known(value: Any, kind: type[T]) -> T | None:
    """The value, which is of this kind or None. Raises TypeError."""
    if value is None or isinstance(value, kind):
        return value
    raise TypeError(f"not of type {kind.__name__}")


def _ticket(rows: list[Fields], case_pattern: re.Pattern[str] | None) -> CaseTicket | TicketRefused:
    cases: dict[str, Case] = {}
    for row in rows:
        number = _normal(row["case"])
        refusal = _refusal(number, case_pattern)
        if refusal is not None:
            return TicketRefused(refusal)
        cases.setdefault(number, _case(number, row))
    if not cases:
        return TicketRefused(Refusal.NO_CASE)
    if len(cases) > MAX_CASES:
        return TicketRefused(Refusal.MALFORMED)
    first = rows[0]
    return CaseTicket(
        cases=tuple(cases.values()),
        grouping=_grouping(first, len(cases)),
        staff_number=_matching(_CODE, first, "staff"),
        staff_name=_name(first, "staff_name"),
        accepting_body=_body(first),
        served_at=_matching(_TIME, first, "time"),
        service_count=int(_service_count(first) or 0) or None,
    )


def _refusal(number: str, case_pattern: re.Pattern[str] | None) -> Refusal | None:
    if not re.fullmatch(_CASE_NUMBER, number):
        return Refusal.BAD_CASE_NUMBER
    if case_pattern is not None and case_pattern.fullmatch(number):
        return None
    return Refusal.IDENTITY_NUMBER if is_identity_number(number) else None


def _case(number: str, row: Fields) -> Case:
    return Case(
        number=number,
        matter_code=_matching(_CODE, row, "matter"),
        matter_name=_name(row, "name"),
        kind=_KINDS.get(_normal(row.get("kind", "")).lower(), CaseKind.UNKNOWN),
        visit=_matching(_CODE, row, "visit") or _service_count(row),
        finished=_STATES.get(_normal(row.get("state", "")).lower()),
    )


def _service_count(row: Fields) -> str | None:
    """The n-th service on a case is its n-th visit to the window (interfaces upward, `serviceNumber`)."""
    return (_matching(_COUNT, row, "count") or "").lstrip("0") or None


def _grouping(row: Fields, cases: int) -> Grouping:
    """As the ticket says; one case is single, several are a batch unless they are called a chain. A follow-up is one of any."""
    said = _GROUPINGS.get(_normal(row.get("group", "")).lower())
    if said is Grouping.FOLLOW_UP:
        return said
    if cases == 1:
        return Grouping.SINGLE
    return Grouping.CHAIN if said is Grouping.CHAIN else Grouping.BATCH


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def _matching(form: str, row: Fields, name: str) -> str | None:
    text = _normal(row.get(name, ""))
    return text if re.fullmatch(form, text) and not holds_identity_number(text) else None


def _body(row: Fields) -> str | None:
    code = _normal(row.get("body", ""))
    return code if is_body_code(code) else _name(row, "body")


def _name(row: Fields, name: str) -> str | None:
    """A name as it is shown: printable characters, blanks run together, cut to 120; Chinese punctuation stays as it is."""
    text = " ".join("".join(character if character.isprintable() else " " for character in row.get(name, "")).split())
    return None if not text or holds_identity_number(unicodedata.normalize("NFKC", text)) else text[:_NAME_CHARACTERS]
