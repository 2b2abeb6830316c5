"""What others tell the platform: statements on cases, and ratings from other channels. Reading and checking them. Pure.

A CSV cell and a JSON value of the same content make the same statement. Nothing that holds an identity number is taken.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from terminal_app.domain.identity_number import holds_identity_number, is_identity_number
from terminal_app.domain.policy import Situation
from terminal_app.domain.ticket import CaseKind
from terminal_app.domain.working_days import CHINA

MAX_STATEMENTS = 500
REASONS_AT_MOST = 20
CHARACTERS_AT_MOST = 500

_CASE_NUMBER = re.compile(r"[0-9A-Z_-]{6,50}")
_EPOCH_YEARS = range(2000, 2100)

Name = Annotated[str, Meta(max_length=120)]
Code = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z_-]{1,50}\Z")]
When = Annotated[str, Meta(min_length=10, max_length=40)]


class Channel(StrEnum):
    """The way by which a rating came."""

    TERMINAL = "terminal"
    PHONE = "phone"
    SMS = "sms"
    HOTLINE_12345 = "hotline_12345"
    APP = "app"
    SELF_SERVICE = "self_service"
    PAPER = "paper"
    WINDOW_QR = "window_qr"


class OtherChannel(StrEnum):
    """The ways beside the terminals. `window_qr`: this platform's own page, which a window's QR opens on a telephone."""

    PHONE = "phone"
    SMS = "sms"
    HOTLINE_12345 = "hotline_12345"
    APP = "app"
    SELF_SERVICE = "self_service"
    PAPER = "paper"
    WINDOW_QR = "window_qr"


class ToldChannel(StrEnum):
    """The ways of which others tell the platform. Paper is none of them: it comes by its forms (docs/rules.md)."""

    PHONE = "phone"
    SMS = "sms"
    HOTLINE_12345 = "hotline_12345"
    APP = "app"
    SELF_SERVICE = "self_service"


class CaseStatement(msgspec.Struct, forbid_unknown_fields=True):
    """What a business system says of a case at `as_of`; what it leaves out it does not say. Times: ISO 8601, without an offset
    in China's time. `received_at`: the service of this `visit` was received."""

    case: Annotated[str, Meta(max_length=60)]
    as_of: When
    matter_code: Code | None = None
    matter_name: Name | None = None
    kind: CaseKind | None = None
    situation: Situation | None = None
    visit: Code | None = None
    received_at: When | None = None
    finished_at: When | None = None
    region: Code | None = None


class _OtherRating(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"\A[0-9A-Za-z._:-]{1,64}\Z")]
    level: Annotated[int, Meta(ge=1, le=5)]
    at: When
    case: Annotated[str, Meta(max_length=60)] | None = None
    visit: Code | None = None


class ChannelRating(_OtherRating, kw_only=True):
    """A rating from another channel, named by that channel's own `id`. Without `case` it is linked to nothing.

    `reasons`: codes of the region's catalogue for this level; in CSV with blanks between. `text`: the citizen's own words.
    """

    channel: ToldChannel
    reasons: Annotated[list[Code], Meta(max_length=REASONS_AT_MOST)] = []
    text: Annotated[str, Meta(min_length=1, max_length=CHARACTERS_AT_MOST)] | None = None


class SeenReason(msgspec.Struct):
    """A reason that a citizen marked, with the text that stood on the page."""

    code: str
    text: str


class StoredRating(_OtherRating, kw_only=True):
    """A rating from another channel as it is kept. From the window's QR and from paper besides: `reasons` and their `catalogue`
    (id, version), `window` (its device, UUID), `form` (number of the paper form that led to the page, or was entered).
    `sealed`: words that were told with it, readable by command alone."""

    channel: OtherChannel
    reasons: list[SeenReason] = []
    catalogue: str | None = None
    window: str | None = None
    form: str | None = None
    sealed: str | None = None


T = TypeVar("T", bound=CaseStatement | _OtherRating)


class NotTaken(ValueError):
    """The statement is not taken; `code`: unreadable, case_number, identity_number, time, unknown_reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Taken:
    """A checked statement: `id` is the hash of its content, `number` the case's, `at_ms` its own time, `document` its JSON."""

    id: bytes
    number: str | None
    at_ms: int
    document: str


def read_case(raw: Any) -> Taken:
    """A statement on a case from decoded JSON or a CSV row. Raises NotTaken."""
    said = _convert(raw, CaseStatement)
    said.case = read_case_number(said.case)
    said.as_of, said.received_at, said.finished_at = _time(said.as_of), _maybe(said.received_at), _maybe(said.finished_at)
    return _taken(said, said.case, said.as_of)


def read_rating(raw: Any) -> Taken:
    """A rating from another channel. Raises NotTaken."""
    if isinstance(raw, dict) and isinstance(raw.get("reasons"), str):
        raw = raw | {"reasons": raw["reasons"].split()}
    return _read_rating(raw, ChannelRating)


def read_own(raw: Any) -> Taken:
    """A rating from another channel that the platform itself put together. Raises NotTaken."""
    return _read_rating(raw, StoredRating)


def _read_rating(raw: Any, shape: type[ChannelRating | StoredRating]) -> Taken:
    said = _convert(raw, shape)
    said.case = read_case_number(said.case) if said.case is not None else None
    said.at = _time(said.at)
    return _taken(said, said.case, said.at)


def read_rows(text: str) -> Iterator[tuple[int, Any]]:
    """(line, content) of a file: JSON lines, or CSV with the fields' names in the first line; empty cells say nothing.

    A line that is no JSON is None.
    """
    if text.lstrip().startswith("{"):
        for line, one in enumerate(text.splitlines(), 1):
            if one.strip():
                yield line, _json(one)
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield reader.line_num, {name: cell.strip() for name, cell in row.items() if isinstance(cell, str) and cell.strip()}


def milliseconds(text: str) -> int:
    """Milliseconds since 1970 of a time as this module writes it."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _convert(raw: Any, shape: type[T]) -> T:
    try:
        said = msgspec.convert(raw, shape, strict=False)
    except msgspec.ValidationError as error:
        raise NotTaken("unreadable", str(error)) from None
    if holds_identity_number(" ".join(map(str, msgspec.to_builtins(said).values()))):
        raise NotTaken("identity_number", "it holds an identity number")
    return said


def read_case_number(text: str) -> str:
    """The case number in what somebody wrote, in its one spelling. Raises NotTaken."""
    number = unicodedata.normalize("NFKC", text).strip().upper()
    if not _CASE_NUMBER.fullmatch(number):
        raise NotTaken("case_number", "`case` is no case number: 6 to 50 of 0-9 A-Z _ -")
    if is_identity_number(number):
        raise NotTaken("identity_number", "`case` is an identity number")
    return number


def _maybe(text: str | None) -> str | None:
    return _time(text) if text is not None else None


def _time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotTaken("time", "a time is not ISO 8601, as 2026-11-22T09:30:00+08:00") from None
    if moment.year not in _EPOCH_YEARS:
        raise NotTaken("time", f"a year is not within {_EPOCH_YEARS[0]} to {_EPOCH_YEARS[-1]}")
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)
    return aware.astimezone(CHINA).isoformat(timespec="milliseconds")


def _taken(said: CaseStatement | _OtherRating, number: str | None, at: str) -> Taken:
    content: Mapping[str, Any] = {name: value for name, value in msgspec.to_builtins(said).items() if value not in (None, [])}
    document = msgspec.json.encode(content, order="sorted")
    return Taken(hashlib.sha256(document).digest(), number, milliseconds(at), document.decode())
