"""The platform's signed documents: what terminals download (policy, catalogue, staff), and what it decides by itself.

Older versions stay. In force is the newest of a name: a region's policy, a catalogue's version, the roster.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.identity import PlatformIdentity
from central_platform.request_signatures import encode_key
from central_platform.schema import documents, settings
from central_platform.times import iso, now_ms
from terminal_app.domain.signed import canonical, read_body, split_line
from terminal_app.domain.staff import Role
from terminal_app.regions.library import load_catalogue, load_pack, read_shipped
from terminal_app.regions.pack import policy_document

POLICY, CATALOGUE, STAFF, RETIREMENT, CALENDAR = "policy", "catalogue", "staff", "retirement", "calendar"
_ISSUED_AT = "issued_at"


class NoCatalogue(Exception):
    """A pack names a catalogue that is not held; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Published:
    """A document in force: its signed line and the entity tag of exactly these bytes."""

    line: bytes
    etag: str


def current(connection: Connection, kind: str, name: str | None = None, version: str | None = None) -> Published | None:
    """The newest document of this kind, of this name and version where they are given."""
    query = sa.select(documents.c.line, documents.c.etag).where(documents.c.kind == kind).order_by(documents.c.id.desc())
    if name is not None:
        query = query.where(documents.c.name == name)
    if version is not None:
        query = query.where(documents.c.version == version)
    row = connection.execute(query.limit(1)).first()
    return Published(row.line, row.etag) if row else None


def of_region(connection: Connection, kind: str, region: str) -> Published | None:
    """What a terminal of this region downloads: the region's policy, the catalogue that it names, or the roster."""
    if kind == STAFF:
        return current(connection, STAFF)
    policy = current(connection, POLICY, region)
    if kind == POLICY or policy is None:
        return policy
    named = read_document(policy.line)["catalogue"]
    return current(connection, CATALOGUE, named["id"], named["version"])


def publish(connection: Connection, identity: PlatformIdentity, document: Mapping[str, Any]) -> bool:
    """Sign a document with its time and put it in force; False when it is in force already.

    Terminals refuse a document that is older than theirs, however well it is signed. A catalogue stands beside its other
    versions.
    """
    kind, name, version = str(document["type"]), str(document.get("id", "")), str(document["version"])
    held = current(connection, kind, name, version if kind == CATALOGUE else None)
    if held is not None and canonical(_without_time(read_document(held.line))) == canonical(document):
        return False
    at = now_ms()
    line = identity.sign(dict(document) | {_ISSUED_AT: iso(at)})
    etag = f'"{hashlib.sha256(line).hexdigest()[:32]}"'
    row = {"kind": kind, "name": name, "version": version, "etag": etag, "line": line, "published_at": at}
    connection.execute(sa.insert(documents).values(**row))
    return True


def publish_region(connection: Connection, identity: PlatformIdentity, region: str) -> str:
    """Put a region's policy and catalogue in force, and an empty roster where there is none yet; the region's id.

    `region`: an id, or a pack's file. The policy carries the platform's sealing key beside the region's rules.
    Raises UnknownRegion, PackError and NoCatalogue.
    """
    take_turn(connection)
    pack = load_pack(region, lambda name: _read_region(name, region))
    policy = policy_document(pack)
    policy["sealing_key"] = encode_key(identity.sealing_public_key)
    catalogue = load_catalogue(pack, lambda name: _read_region(name, region))
    if catalogue is not None:
        publish(connection, identity, catalogue)
    elif current(connection, CATALOGUE, *pack.catalogue) is None:
        raise NoCatalogue(
            f"pack {pack.id} names the catalogue {pack.catalogue[0]} {pack.catalogue[1]}, which is not held here. "
            "Import it with `central-platform catalogue import`."
        )
    publish(connection, identity, policy)
    if current(connection, STAFF) is None:
        publish(connection, identity, {"type": STAFF, "version": "0", "members": []})
    return pack.id


def publish_staff(connection: Connection, identity: PlatformIdentity, members: list[dict[str, Any]]) -> tuple[str, bool]:
    """Put a roster in force: its version, and whether it differs from the one before. Administrators keep their PINs."""
    take_turn(connection)
    held = current(connection, STAFF)
    before = read_document(held.line) if held else {}
    pins = {member["number"]: member["pin"] for member in before.get("members", ()) if "pin" in member}
    members = [{"pin": pins[member["number"]], **member} if _keeps_pin(member, pins) else member for member in members]
    if held and before["members"] == members:
        return str(before["version"]), False
    version = str(int(before.get("version", 0)) + 1)
    publish(connection, identity, {"type": STAFF, "version": version, "members": members})
    return version, True


def publish_pin(connection: Connection, identity: PlatformIdentity, number: str, hashed: str) -> str | None:
    """Give an administrator a PIN, or another one: the roster's version, None when no administrator has this number."""
    take_turn(connection)
    held = current(connection, STAFF)
    members = read_document(held.line)["members"] if held else []
    if not any(member["number"] == number and member["role"] == Role.ADMINISTRATOR for member in members):
        return None
    given = [member | {"pin": hashed} if member["number"] == number else member for member in members]
    return publish_staff(connection, identity, given)[0]


def _keeps_pin(member: Mapping[str, Any], pins: Mapping[str, str]) -> bool:
    return member["role"] == Role.ADMINISTRATOR and member["number"] in pins


def take_turn(connection: Connection) -> None:
    """Whoever publishes waits here for the others, so that none publishes what another just did."""
    connection.execute(sa.select(settings.c.name).order_by(settings.c.name).with_for_update()).all()


def all_of(connection: Connection, kind: str) -> Iterator[dict[str, Any]]:
    """Every document of a kind that was ever in force, oldest first."""
    lines = connection.execute(sa.select(documents.c.line).where(documents.c.kind == kind).order_by(documents.c.id))
    return (read_document(line) for line in lines.scalars().all())


def _without_time(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != _ISSUED_AT}


def read_document(line: bytes) -> dict[str, Any]:
    """The object in one of the platform's own lines."""
    return read_body(split_line(line).body)


def _read_region(name: str, _region: str) -> str:
    return read_shipped(name)
