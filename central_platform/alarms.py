"""What an operator of the platform has to know of a device, worked out from what is stored: only what terminals tell is kept.

A `fork` is two entries at one place of a chain, as where a disk was cloned. A chain that was `set_back` goes on, under a new
name, from another head than the platform holds of it, as where a disk was set back to an old image, lost its end or was
rewritten. A `gap` is entries that are missing for a day although later ones have come. Terminals tell of entries that are
`quarantined`, and that this platform had `lost` what it had acknowledged, as after it was restored from an old backup.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import slices
from central_platform.messages import AlarmItem, StoreTold, Window
from central_platform.schema import chains, devices, entries, told_stores
from central_platform.times import iso, now_ms

FORK, SET_BACK, GAP, QUARANTINED, LOST = "fork", "set_back", "gap", "quarantined", "lost"
GAP_MS = 24 * 3_600_000
"""The newest entries go first, and a backlog may take hours."""
LOST_TOLD_MS = 7 * 24 * 3_600_000
"""What was lost is filled up again by itself: the alarm is open for a week after it was last seen."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`seq`: the first place of `chain` (32 hex digits) that is there twice, is missing, or that its successor does not know.

    `count`: quarantined entries; `at`: when it was seen or since when it lasts, milliseconds since 1970. None: not so.
    """

    what: str
    device: str
    chain: str | None = None
    seq: int | None = None
    count: int | None = None
    at: int | None = None


_first_shared = (
    sa.select(entries.c.seq)
    .where(entries.c.chain_id == chains.c.id)
    .group_by(entries.c.seq)
    .having(sa.func.count() > 1)
    .order_by(entries.c.seq)
    .limit(1)
    .scalar_subquery()
)
_FORKED = (
    sa.select(devices.c.uuid, chains.c.chain, _first_shared.label("seq"))
    .join(devices, devices.c.id == chains.c.device_id)
    .where(chains.c.forked)
    .order_by(chains.c.id)
)
_newer = chains.alias()
_is_known = (
    sa.exists()
    .where(entries.c.chain_id == chains.c.id, entries.c.seq == _newer.c.follows_seq, entries.c.hash == _newer.c.follows_hash)
    .correlate(chains, _newer)
)
_SET_BACK = (
    sa.select(devices.c.uuid, chains.c.chain, _newer.c.follows_seq, _is_known.label("known"))
    .join(_newer, (_newer.c.device_id == chains.c.device_id) & (_newer.c.follows_chain == chains.c.chain))
    .join(devices, devices.c.id == chains.c.device_id)
    .where(
        (chains.c.contiguous_seq > _newer.c.follows_seq)
        | ((chains.c.contiguous_seq == _newer.c.follows_seq) & (chains.c.head_hash != _newer.c.follows_hash) & ~_is_known)
    )
    .order_by(_newer.c.id)
)
_since = (
    sa.select(sa.func.min(entries.c.received_at))
    .where(entries.c.chain_id == chains.c.id, entries.c.seq > chains.c.contiguous_seq)
    .scalar_subquery()
)
_GAPS = (
    sa.select(devices.c.uuid, chains.c.chain, chains.c.contiguous_seq, _since.label("since"))
    .join(devices, devices.c.id == chains.c.device_id)
    .where(chains.c.top_seq > chains.c.contiguous_seq)
    .order_by(chains.c.id)
)
_TOLD = (
    sa.select(devices.c.uuid, told_stores.c.quarantined, told_stores.c.lost_at, told_stores.c.told_at)
    .join(devices, devices.c.id == told_stores.c.device_id)
    .where(devices.c.revoked_at.is_(None), (told_stores.c.quarantined > 0) | (told_stores.c.lost_at > sa.bindparam("after")))
    .order_by(devices.c.id)
)
_PLACE_OF = sa.select(devices.c.uuid, devices.c.hall, devices.c.name, devices.c.number)


def list_alarms(connection: Connection) -> list[Alarm]:
    """All alarms of all devices."""
    now = now_ms()
    return [
        *_forks(connection),
        *_set_back(connection),
        *_gaps(connection, now - GAP_MS),
        *_told(connection, now - LOST_TOLD_MS),
    ]


def published(connection: Connection) -> list[AlarmItem]:
    """All alarms, as they are published."""
    found = list_alarms(connection)
    named = slices(sorted({one.device for one in found}))
    rows = [row for some in named for row in connection.execute(_PLACE_OF.where(devices.c.uuid.in_(some)))]
    places = {row.uuid: Window(row.hall, row.name, row.number) for row in rows}
    return [_item(one, places[one.device]) for one in found]


def _item(one: Alarm, place: Window) -> AlarmItem:
    at = None if one.at is None else iso(one.at)
    return AlarmItem(one.what, one.device, place, one.chain, one.seq, one.count, at)


def keep_told(connection: Connection, public_key: bytes, told: StoreTold) -> None:
    """Replace what the terminal with this key told of its store before."""
    device = connection.execute(sa.select(devices.c.id).where(devices.c.public_key == public_key)).scalar_one()
    connection.execute(sa.delete(told_stores).where(told_stores.c.device_id == device))
    lost_at = None if told.lost_at is None else int(told.lost_at)
    row = {"device_id": device, "quarantined": int(told.quarantined), "lost_at": lost_at, "told_at": now_ms()}
    connection.execute(sa.insert(told_stores), [row])


def count_alarms(connection: Connection) -> dict[str, int]:
    """How many alarms there are of each kind."""
    return dict.fromkeys((FORK, SET_BACK, GAP, QUARANTINED, LOST), 0) | Counter(alarm.what for alarm in list_alarms(connection))


def _forks(connection: Connection) -> Iterator[Alarm]:
    for row in connection.execute(_FORKED):
        yield Alarm(FORK, row.uuid, row.chain.hex(), row.seq or 0)


def _set_back(connection: Connection) -> Iterator[Alarm]:
    """Chains that another one goes on from a head that is not theirs, or not their last."""
    for row in connection.execute(_SET_BACK):
        yield Alarm(SET_BACK, row.uuid, row.chain.hex(), row.follows_seq + row.known)


def _gaps(connection: Connection, before: int) -> Iterator[Alarm]:
    """Chains whose first missing entry is older than one that came before that moment."""
    for row in connection.execute(_GAPS):
        if row.since is not None and row.since <= before:
            yield Alarm(GAP, row.uuid, row.chain.hex(), row.contiguous_seq + 1, at=row.since)


def _told(connection: Connection, lost_after: int) -> Iterator[Alarm]:
    """What terminals that are not revoked tell of their stores."""
    for row in connection.execute(_TOLD, {"after": lost_after}):
        if row.quarantined:
            yield Alarm(QUARANTINED, row.uuid, count=row.quarantined, at=row.told_at)
        if row.lost_at is not None and row.lost_at > lost_after:
            yield Alarm(LOST, row.uuid, at=row.lost_at)
