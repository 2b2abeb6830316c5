"""How far the platform holds a device's chains, counter-signed: what a terminal compares with its own journal at each look."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.identity import PlatformIdentity
from central_platform.schema import chains, devices
from central_platform.times import iso, now_ms
from terminal_app.domain.journal import GENESIS

_HELD = (
    sa.select(devices.c.uuid, chains.c.chain, chains.c.contiguous_seq, chains.c.head_hash)
    .select_from(devices)
    .outerjoin(chains, (chains.c.device_id == devices.c.id) & chains.c.chain.in_(sa.bindparam("names", expanding=True)))
    .where(devices.c.public_key == sa.bindparam("key"))
)


def heads_of(connection: Connection, identity: PlatformIdentity, key: bytes, names: Sequence[str]) -> list[str]:
    """A checkpoint (signed line) for each of these chains of the device with this key, at 0 for one that is not held at all."""
    rows = connection.execute(_HELD, {"key": key, "names": [bytes.fromhex(name) for name in names]}).all()
    held = {row.chain: (row.contiguous_seq, row.head_hash.hex()) for row in rows if row.chain is not None}
    at = iso(now_ms())
    signed = []
    for name in names:
        seq, hashed = held.get(bytes.fromhex(name), (0, GENESIS))
        head = {"type": "checkpoint", "device": rows[0].uuid, "chain": name, "seq": seq, "hash": hashed, "at": at}
        signed.append(identity.sign(head).decode())
    return signed
