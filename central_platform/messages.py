"""The bodies of requests and answers (docs/wire.md), as types: decoded, encoded, and published in the description."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sync.wire import CHAINS_ASKED, RefusalCode, Status

ChainName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class SignedLine(msgspec.Struct):
    """A signed line embedded as an object."""

    sig: Annotated[str, Meta(min_length=86, max_length=86)]
    body: dict[str, Any]


class Batch(msgspec.Struct):
    """POST /v1/entries. Every element is judged on its own, whatever it is; `chains` asks for further heads."""

    entries: list[msgspec.Raw]
    chains: Annotated[list[ChainName], Meta(max_length=CHAINS_ASKED)] = []


class EnrolmentRequest(msgspec.Struct):
    """POST /v1/enrolments: the claim as printed, the new key as base64url."""

    claim: Annotated[str, Meta(max_length=128)]
    public_key: Annotated[str, Meta(min_length=43, max_length=43)]


class Verdict(msgspec.Struct):
    """The answer for one entry; `id` is null when the entry could not be read."""

    index: int
    id: str | None
    status: Status
    code: RefusalCode | None = None
    marks: list[str] = []


class BatchAnswer(msgspec.Struct):
    """The answer for a batch: the device's standing, one verdict per entry, the counter-signed heads."""

    device: str
    results: list[Verdict]
    checkpoints: list[str]


class Window(msgspec.Struct):
    """Where a device stands."""

    hall: str
    name: str
    number: str


class RatingItem(msgspec.Struct):
    """A session's rating so far, as the projection holds it (its revision is added when it is read)."""

    session: str
    device: str
    window: Window
    cases: list[str]
    matter_name: str | None
    level: int | None
    reasons: list[str]
    submitted: bool
    outcome: str | None
    stars: list[tuple[int, int]]
    rated_at: str | None
    received_at: str
    on_duty: str | None
    ticket_staff: str | None
    source: str | None
    verification: str | None
    marks: list[str]
