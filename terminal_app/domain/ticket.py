"""Text on a case ticket → CaseTicket, or the reason why it is refused.

Source: device protocols, “Case tickets”; the ID card check is ISO 7064 MOD 11-2, the body check GB 32100.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CaseKind(StrEnum):
    """How a case is handled: 即办件, 承诺件, 自助; unknown when the ticket does not say."""

    IMMEDIATE = "immediate"
    COMMITTED = "committed"
    SELF_SERVICE = "self_service"
    UNKNOWN = "unknown"


class Grouping(StrEnum):
    """How the cases of one ticket belong together."""

    SINGLE = "single"
    BATCH = "batch"
    CHAIN = "chain"


class Verification(StrEnum):
    """How far the ticket itself can be trusted."""

    SIGNED = "signed"
    REGISTERED = "registered"
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


@dataclass(frozen=True, slots=True)
class Case:
    """One case (办件): normalised number, matter code and name, kind, visit number."""

    number: str
    matter_code: str | None = None
    matter_name: str | None = None
    kind: CaseKind = CaseKind.UNKNOWN
    visit: str | None = None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class TicketRefused:
    """The payload is no ticket; it is neither shown nor stored nor logged."""

    reason: Refusal
