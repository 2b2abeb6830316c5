"""The bodies of requests and answers (docs/wire.md), as types: decoded, encoded, and published in the description."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sync.wire import ATTACHED_TOLD, CHAINS_ASKED, RefusalCode, Status

Seconds = Annotated[float, Meta(ge=0, le=10**10)]
Whole = Annotated[float, Meta(ge=0, le=10**12, multiple_of=1)]
"""A whole number however it is spelled: to JSON, 1.0 is one too."""
Moment = Annotated[float, Meta(ge=0, lt=253_402_300_800_000, multiple_of=1)]
"""Milliseconds since 1970 (a whole number) of a moment that has a date: before the year 10000."""
ChainName = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class SignedLine(msgspec.Struct):
    """A signed line embedded as an object."""

    sig: Annotated[str, Meta(min_length=86, max_length=86)]
    body: dict[str, Any]


class AttachedDevice(msgspec.Struct):
    """How a device attached to the terminal is: what it is, its state and for how long, seconds since its last good frame."""

    role: Annotated[str, Meta(max_length=40)]
    driver: Annotated[str, Meta(max_length=40)]
    state: Annotated[str, Meta(max_length=40)]
    for_s: Seconds
    quiet_s: Seconds | None = None


class StoreTold(msgspec.Struct):
    """How a terminal's store is: entries in quarantine; when it last found that the platform held less than it had acknowledged
    (milliseconds since 1970 by the platform's clock, null: never)."""

    quarantined: Whole
    lost_at: Moment | None = None


class Batch(msgspec.Struct):
    """POST /v1/entries. Every element is judged on its own, whatever it is; `chains` asks for further heads, `attached` tells
    of the terminal's devices, `store` of its store."""

    entries: list[msgspec.Raw]
    chains: Annotated[list[ChainName], Meta(max_length=CHAINS_ASKED)] = []
    attached: Annotated[list[AttachedDevice], Meta(max_length=ATTACHED_TOLD)] | None = None
    store: StoreTold | None = None


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


class AttachedItem(msgspec.Struct):
    """A device attached to a terminal, as that told of it last (`told_at`); `away`: it has not worked for ten minutes."""

    device: str
    window: Window
    role: str
    driver: str
    state: str
    since: str
    last_good: str | None
    told_at: str
    away: bool


class AlarmItem(msgspec.Struct):
    """Something that an administrator has to look at. `chain` and `seq`: where, of an alarm about a chain; `count`: how many
    entries are quarantined; `at`: when it was seen, or since when it lasts."""

    what: str
    device: str
    window: Window
    chain: str | None
    seq: int | None
    count: int | None
    at: str | None


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
