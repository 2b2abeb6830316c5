"""One-time claims: making them for a window, and exchanging one for a device's identity (docs/wire.md, “Enrolment”)."""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.identity import PlatformIdentity
from central_platform.problems import Problem
from central_platform.request_signatures import encode_key
from central_platform.schema import Record, claims, devices
from central_platform.times import iso
from terminal_app.domain.enrolment import SECRET_BYTES, BadClaim, Claim

_GROUP = 4


@dataclass(frozen=True, slots=True)
class WindowDescription:
    """The window a claim is for; `service_number` is the telephone number to show, if any.

    `region`: whose rules apply; None: the platform's.
    """

    hall: str
    name: str
    number: str
    service_number: str | None = None
    region: str | None = None


def create_claim(connection: Connection, identity: PlatformIdentity, window: WindowDescription, now: int, valid_ms: int) -> str:
    """A fresh claim as text. Only its hash is stored."""
    raw = secrets.token_bytes(SECRET_BYTES) + identity.fingerprint
    text = base64.b32encode(raw).decode().rstrip("=")
    text = "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
    connection.execute(
        insert(connection.dialect.name, claims).values(
            hash=_hash(text),
            hall=window.hall,
            name=window.name,
            number=window.number,
            service_number=window.service_number,
            region=window.region,
            created_at=now,
            expires_at=now + valid_ms,
        )
    )
    return text


def enroll(
    connection: Connection, identity: PlatformIdentity, region: str, claim_text: str, public_key: bytes, now: int
) -> bytes:
    """The signed enrolment record for this claim and key: the same one however often it is asked. Raises Problem."""
    try:
        hashed = _hash(Claim.parse(claim_text).text)
    except BadClaim:
        raise _unknown() from None
    taken = sa.update(claims).where(claims.c.hash == hashed, claims.c.public_key.is_(None), claims.c.expires_at > now)
    won = connection.execute(taken.values(public_key=public_key)).rowcount == 1
    claim = connection.execute(sa.select(claims).where(claims.c.hash == hashed)).first()
    if claim is None:
        raise _unknown()
    if won:
        answer = _admit(connection, identity, region, claim, now)
        connection.execute(sa.update(claims).where(claims.c.hash == hashed).values(answer=answer))
        return answer
    if claim.public_key is None:
        raise Problem(410, "claim-expired", "The claim has expired", "Ask the platform's administrator for a new claim.")
    if claim.public_key != public_key:
        raise Problem(
            409,
            "claim-used",
            "The claim was used with another key",
            "Ask for a new claim, and find out which terminal used this one.",
        )
    return bytes(claim.answer)


def _admit(connection: Connection, identity: PlatformIdentity, region: str, claim: Record, now: int) -> bytes:
    device = str(uuid.uuid4())
    row = {"uuid": device, "public_key": claim.public_key, "enrolled_at": now, "region": claim.region}
    window = {name: getattr(claim, name) for name in ("hall", "name", "number", "service_number")}
    admitted = insert(connection.dialect.name, devices).values(**row, **window).on_conflict_do_nothing().returning(devices.c.id)
    if connection.execute(admitted).scalar() is None:
        raise Problem(
            409,
            "key-enrolled",
            "The key is enrolled already",
            "A terminal that is enrolled again makes a new key for its new claim.",
        )
    return identity.sign(
        {
            "type": "enrolment",
            "device": device,
            "platform_key": encode_key(identity.public_key),
            "region": claim.region or region,
            "issued_at": iso(now),
            "window": window,
        }
    )


def _unknown() -> Problem:
    return Problem(404, "claim-unknown", "The claim is not known here", "Check the claim and the platform's address.")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
