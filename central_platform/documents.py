"""The signed documents that terminals download: policy, catalogue, staff. Older versions stay, the newest is in force."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.identity import PlatformIdentity
from central_platform.marks import Catalogues
from central_platform.request_signatures import encode_key
from central_platform.schema import documents, settings
from central_platform.times import iso, now_ms
from terminal_app.domain.signed import canonical, read_body, split_line
from terminal_app.regions.library import load_catalogue, load_pack, read_shipped
from terminal_app.regions.pack import policy_document

POLICY, CATALOGUE, STAFF = "policy", "catalogue", "staff"
_ISSUED_AT = "issued_at"


@dataclass(frozen=True, slots=True)
class Published:
    """A document in force: its signed line and the entity tag of exactly these bytes."""

    line: bytes
    etag: str


def current(connection: Connection, kind: str) -> Published | None:
    """The document of this kind that is in force."""
    query = sa.select(documents.c.line, documents.c.etag).where(documents.c.kind == kind).order_by(documents.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return Published(row.line, row.etag) if row else None


def publish(connection: Connection, identity: PlatformIdentity, document: Mapping[str, Any]) -> bool:
    """Sign a document with its time and put it in force; False when it is in force already.

    Terminals refuse a document that is older than theirs, however well it is signed.
    """
    kind = str(document["type"])
    held = current(connection, kind)
    if held is not None and canonical(_without_time(read_document(held.line))) == canonical(document):
        return False
    at = now_ms()
    line = identity.sign(dict(document) | {_ISSUED_AT: iso(at)})
    etag = f'"{hashlib.sha256(line).hexdigest()[:32]}"'
    row = {"kind": kind, "version": str(document["version"]), "etag": etag, "line": line, "published_at": at}
    connection.execute(sa.insert(documents).values(**row))
    return True


def publish_region(connection: Connection, identity: PlatformIdentity, region: str) -> None:
    """Put a region's policy and catalogue in force, and an empty roster where there is none yet. Raises UnknownRegion.

    The policy carries the platform's sealing key beside the region's rules.
    """
    _take_turn(connection)
    pack = load_pack(region, lambda name: _read_region(name, region))
    policy = policy_document(pack)
    policy["sealing_key"] = encode_key(identity.sealing_public_key)
    publish(connection, identity, policy)
    if (catalogue := load_catalogue(pack, lambda name: _read_region(name, region))) is not None:
        publish(connection, identity, catalogue)
    if current(connection, STAFF) is None:
        publish(connection, identity, {"type": STAFF, "version": "0", "members": []})


def _take_turn(connection: Connection) -> None:
    """Whoever publishes waits here for the others, so that none publishes what another just did."""
    connection.execute(sa.select(settings.c.name).order_by(settings.c.name).with_for_update()).all()


def publish_staff(connection: Connection, identity: PlatformIdentity, members: list[dict[str, Any]]) -> tuple[str, bool]:
    """Put a roster in force: its version, and whether it differs from the one before."""
    _take_turn(connection)
    held = current(connection, STAFF)
    before = read_document(held.line) if held else {}
    if held and before["members"] == members:
        return str(before["version"]), False
    version = str(int(before.get("version", 0)) + 1)
    publish(connection, identity, {"type": STAFF, "version": version, "members": members})
    return version, True


def catalogues(connection: Connection) -> Catalogues:
    """The reasons in force, and those of earlier catalogues that are not in force any more."""
    lines = connection.execute(
        sa.select(documents.c.line).where(documents.c.kind == CATALOGUE).order_by(documents.c.id)
    ).scalars()
    versions = [frozenset((row["code"], row["level"]) for row in read_document(line)["reasons"]) for line in lines]
    newest = versions[-1] if versions else frozenset()
    return Catalogues(newest, frozenset().union(*versions) - newest)


def _without_time(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != _ISSUED_AT}


def read_document(line: bytes) -> dict[str, Any]:
    """The object in one of the platform's own lines."""
    return read_body(split_line(line).body)


def _read_region(name: str, _region: str) -> str:
    return read_shipped(name)
