"""The contract between terminal and platform, shared by both: paths, media types, statuses, limits. See docs/wire.md."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

API = "/v1"
ENROLMENTS = f"{API}/enrolments"
ENTRIES = f"{API}/entries"
DOCUMENTS = f"{API}/documents"
POLICY = f"{DOCUMENTS}/policy"
CATALOGUE = f"{DOCUMENTS}/catalogue"
STAFF = f"{DOCUMENTS}/staff"

SIGNED_JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
UNREADABLE_REQUEST = "unreadable-request"
"""The problem (RFC 9457) of a body that is not what the protocol says: one line in it may be damaged."""

BATCH_ENTRIES = 500
CHAINS_ASKED = 100
"""So many chains at most can be asked about in one request."""
ATTACHED_TOLD = 32
"""So many attached devices at most are told of."""
BATCH_BYTES = 1 << 20
"""A request body above this is answered with 413."""

SIGNATURE_LABEL = "sig1"
COVERED_COMPONENTS = ("@method", "@target-uri", "content-digest")
"""RFC 9421 components of a request with a body; one without a body leaves out `content-digest`.

The age of a signature is never a reason to refuse: a window whose clock is wrong must be able to deliver, and a replayed
batch changes nothing.
"""


class Status(StrEnum):
    """The platform's answer for one entry."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    RETRY_LATER = "retry_later"
    REFUSED = "refused"


class Mark(StrEnum):
    """An objection that does not keep an accepted entry from being stored."""

    ALREADY_RATED = "already_rated"
    RETIRED_REASON = "retired_reason"
    UNKNOWN_REASON = "unknown_reason"
    REVOKED_DEVICE = "revoked_device"
    LATE = "late"
    WRONG_CLOCK = "wrong_clock"
    FORK = "fork"
    UNVERIFIED_TICKET = "unverified_ticket"
    MALFORMED_DATA = "malformed_data"


class RefusalCode(StrEnum):
    """Why an entry cannot be stored at all."""

    UNREADABLE = "unreadable"
    BAD_SIGNATURE = "bad_signature"
    WRONG_DEVICE = "wrong_device"
    ID_TAKEN = "id_taken"


def entries_payload(lines: "list[bytes]") -> bytes:
    """The request body of a batch: frozen lines are moved, never rebuilt."""
    return b'{"entries":[' + b",".join(lines) + b"]}"


def heads_payload(
    chains: Sequence[str],
    attached: Sequence[Mapping[str, Any]] | None = None,
    store: Mapping[str, Any] | None = None,
) -> bytes:
    """The request body that asks for the heads of chains, CHAINS_ASKED of them at most: a batch without entries.

    `attached`: what to tell of the attached devices (ATTACHED_TOLD of them at most), `store`: of the terminal's store; None for
    nothing.
    """
    body: dict[str, Any] = {"entries": [], "chains": list(chains)[-CHAINS_ASKED:]}
    if attached is not None:
        body["attached"] = list(attached)[:ATTACHED_TOLD]
    if store is not None:
        body["store"] = dict(store)
    return json.dumps(body).encode()
