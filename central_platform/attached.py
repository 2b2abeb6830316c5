"""The devices attached to terminals, as each terminal told of them last, and which of them have been away for long.

A terminal tells of kinds and states (docs/wire.md); nothing that a device read ever comes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.messages import AttachedDevice, AttachedItem, Window
from central_platform.schema import attached_devices, devices
from central_platform.times import iso

AWAY_MS = 10 * 60_000
"""A device that does not work for this long is told: a reader that is plugged in again heals by itself before."""
WORKING = "connected"


@dataclass(frozen=True, slots=True)
class Told:
    """A device as its terminal (`terminal`: id on the wire) told of it: `place` in its configuration, from 0; what it is and
    how it is, since when, its last good frame (None: none yet) and when that was told; milliseconds since 1970."""

    terminal: str
    window: Window
    place: int
    role: str
    driver: str
    state: str
    since: int
    last_good: int | None
    told_at: int

    def is_away(self, now_ms: int) -> bool:
        """Whether it has not worked for long."""
        return self.state != WORKING and now_ms - self.since >= AWAY_MS


def keep_told(connection: Connection, public_key: bytes, told: Sequence[AttachedDevice], now_ms: int) -> None:
    """Replace what the terminal with this key told before."""
    terminal = connection.execute(sa.select(devices.c.id).where(devices.c.public_key == public_key)).scalar_one()
    connection.execute(sa.delete(attached_devices).where(attached_devices.c.device_id == terminal))
    rows = [
        {
            "device_id": terminal,
            "place": place,
            "role": one.role,
            "driver": one.driver,
            "state": one.state,
            "since": now_ms - 1000 * int(one.for_s),
            "last_good": None if one.quiet_s is None else now_ms - 1000 * int(one.quiet_s),
            "told_at": now_ms,
        }
        for place, one in enumerate(told)
    ]
    if rows:
        connection.execute(sa.insert(attached_devices), rows)


def list_told(connection: Connection) -> list[Told]:
    """Every attached device of every terminal that is not revoked, in the order of their enrolment."""
    columns = (attached_devices.c[name] for name in ("place", "role", "driver", "state", "since", "last_good", "told_at"))
    where = (devices.c[name] for name in ("uuid", "hall", "name", "number"))
    wanted = sa.select(*where, *columns).join(devices).where(devices.c.revoked_at.is_(None))
    rows = connection.execute(wanted.order_by(attached_devices.c.device_id, attached_devices.c.place))
    return [Told(uuid, Window(hall, name, number), *rest) for uuid, hall, name, number, *rest in rows]


def list_away(connection: Connection, now_ms: int) -> list[Told]:
    """Those that have not worked for long."""
    return [one for one in list_told(connection) if one.is_away(now_ms)]


def item(told: Told, now_ms: int) -> AttachedItem:
    """As it is published."""
    last_good = None if told.last_good is None else iso(told.last_good)
    return AttachedItem(
        *(told.terminal, told.window, told.role, told.driver, told.state, iso(told.since), last_good),
        *(iso(told.told_at), told.is_away(now_ms)),
    )
