"""The enrolled devices: finding one by its key, listing, revoking and reinstating."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.schema import claims, devices, rating_keys

_BY_KEY = sa.select(devices.c.id, devices.c.uuid, devices.c.revoked_at, devices.c.region).where(
    devices.c.public_key == sa.bindparam("key")
)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device: row, id on the wire, whether it was revoked, and its region where that is not the platform's."""

    id: int
    uuid: str
    revoked: bool
    region: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """What an administrator sees of a device; times in milliseconds since 1970, the public key as its 32 bytes."""

    uuid: str
    public_key: bytes
    hall: str
    name: str
    number: str
    enrolled_at: int
    revoked_at: int | None
    region: str | None


def find_device(connection: Connection, public_key: bytes) -> Device | None:
    """The device with this key."""
    row = connection.execute(_BY_KEY, {"key": public_key}).first()
    return Device(row.id, row.uuid, row.revoked_at is not None, row.region) if row else None


def keys_of(connection: Connection, uuids: Collection[str]) -> dict[str, bytes]:
    """The public keys of those of the devices that are enrolled, revoked ones too, by their id on the wire."""
    found = connection.execute(sa.select(devices.c.uuid, devices.c.public_key).where(devices.c.uuid.in_(uuids)))
    return {row.uuid: row.public_key for row in found}


def count_rated(connection: Connection, uuids: Collection[str]) -> int:
    """How many sessions with a star these devices have."""
    rated = sa.select(rating_keys.c.device_id, rating_keys.c.session).join(devices).where(devices.c.uuid.in_(uuids)).distinct()
    return int(connection.execute(sa.select(sa.func.count()).select_from(rated.subquery())).scalar_one())


def list_devices(connection: Connection) -> list[DeviceRecord]:
    """All devices in the order of their enrolment."""
    columns = (
        devices.c[name] for name in ("uuid", "public_key", "hall", "name", "number", "enrolled_at", "revoked_at", "region")
    )
    return [DeviceRecord(*row) for row in connection.execute(sa.select(*columns).order_by(devices.c.id))]


def set_revoked(connection: Connection, uuid: str, revoked_at: int | None) -> bool:
    """Revoke (a time) or reinstate (None) a device; False when there is no such device. A first revocation keeps its time."""
    at = sa.func.coalesce(devices.c.revoked_at, revoked_at) if revoked_at is not None else None
    changed = connection.execute(sa.update(devices).where(devices.c.uuid == uuid).values(revoked_at=at))
    return changed.rowcount == 1


def assign_region(connection: Connection, uuid: str, region: str) -> bool:
    """Have a device rate by this region's rules from its next download on; False when there is no such device."""
    return connection.execute(sa.update(devices).where(devices.c.uuid == uuid).values(region=region)).rowcount == 1


def assigned_regions(connection: Connection) -> list[str]:
    """The regions that devices, or claims that may become devices, are assigned to."""
    named = sa.union(*(sa.select(table.c.region).where(table.c.region.is_not(None)) for table in (devices, claims)))
    return sorted(connection.execute(named).scalars())
