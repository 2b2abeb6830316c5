"""What an operator of the platform has to know of a device, worked out from what is stored: nothing here is kept.

A `fork` is two entries at one place of a chain, as where a disk was cloned. A chain that was `set_back` goes on, under a new
name, from another head than the platform holds of it, as where a disk was set back to an old image, lost its end or was
rewritten.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.entry_data import stored_body
from central_platform.schema import chains, devices, entries

FORK, SET_BACK = "fork", "set_back"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`seq`: the first place of `chain` (32 hex digits) that is there twice, or that its successor does not know."""

    what: str
    device: str
    chain: str
    seq: int


_FORKED = sa.select(devices.c.uuid, chains.c.id, chains.c.chain).join(devices, devices.c.id == chains.c.device_id)
_PLACES = sa.select(entries.c.seq).group_by(entries.c.seq).having(sa.func.count() > 1).order_by(entries.c.seq).limit(1)
_HELD = (
    sa.select(chains.c.contiguous_seq, entries.c.hash)
    .select_from(chains)
    .outerjoin(entries, (entries.c.chain_id == chains.c.id) & (entries.c.seq == sa.bindparam("seq")))
    .where(chains.c.device_id == sa.bindparam("device"), chains.c.chain == sa.bindparam("chain"))
)
_STARTS = (
    sa.select(devices.c.uuid, entries.c.device_id, entries.c.line)
    .select_from(chains)
    .join(entries, (entries.c.chain_id == chains.c.id) & (entries.c.seq == 1))
    .join(devices, devices.c.id == chains.c.device_id)
    .order_by(chains.c.id)
)


def list_alarms(connection: Connection) -> list[Alarm]:
    """All alarms of all devices."""
    return [*_forks(connection), *_set_back(connection)]


def count_alarms(connection: Connection) -> dict[str, int]:
    """How many alarms there are of each kind."""
    return {FORK: 0, SET_BACK: 0} | Counter(alarm.what for alarm in list_alarms(connection))


def _forks(connection: Connection) -> Iterator[Alarm]:
    for row in connection.execute(_FORKED.where(chains.c.forked).order_by(chains.c.id)).all():
        seq = connection.execute(_PLACES.where(entries.c.chain_id == row.id)).scalar()
        yield Alarm(FORK, row.uuid, row.chain.hex(), seq or 0)


def _set_back(connection: Connection) -> Iterator[Alarm]:
    for row in connection.execute(_STARTS).all():
        previous = _previous(row.line)
        if previous is None:
            continue
        chain, seq, hashed = previous
        held = connection.execute(_HELD, {"device": row.device_id, "chain": chain, "seq": seq}).all()
        if held and hashed not in {entry.hash for entry in held} and held[0].contiguous_seq >= seq:
            yield Alarm(SET_BACK, row.uuid, chain.hex(), seq)
        elif held and held[0].contiguous_seq > seq:
            yield Alarm(SET_BACK, row.uuid, chain.hex(), seq + 1)


def _previous(line: bytes) -> tuple[bytes, int, bytes] | None:
    """The head that the first entry of a chain says it follows, in another chain."""
    body = stored_body(line)
    said = body.data.get("previous") if body else None
    try:
        return (bytes.fromhex(said["chain"]), int(said["seq"]), bytes.fromhex(said["hash"])) if said else None
    except (KeyError, TypeError, ValueError):
        return None
