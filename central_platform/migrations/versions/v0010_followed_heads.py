"""Beside each chain the head in another chain that its first entry says it follows, for alarms, which are asked for often."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NAMES = ("follows_chain", "follows_seq", "follows_hash")
_chains = sa.table("chains", *(sa.column(name) for name in ("id", *_NAMES)))
_entries = sa.table("entries", *(sa.column(name) for name in ("id", "chain_id", "seq", "line")))


def upgrade() -> None:
    op.add_column("chains", sa.Column("follows_chain", sa.LargeBinary))
    op.add_column("chains", sa.Column("follows_seq", sa.BigInteger))
    op.add_column("chains", sa.Column("follows_hash", sa.LargeBinary))
    first = (_entries.c.chain_id == _chains.c.id) & (_entries.c.seq == 1)
    starts = sa.select(_entries.c.chain_id, _entries.c.line).join(_chains, first).order_by(_entries.c.id.desc())
    for row in op.get_bind().execute(starts).all():
        previous = _previous(row.line)
        if previous is not None:
            op.execute(sa.update(_chains).where(_chains.c.id == row.chain_id).values(dict(zip(_NAMES, previous, strict=True))))


def _previous(line: bytes) -> tuple[bytes, int, bytes] | None:
    """None for what is no head that a terminal can have named, and for a line that cannot be read."""
    try:
        said = json.loads(line)["body"]["data"]["previous"]
        chain, seq, hashed = bytes.fromhex(said["chain"]), said["seq"], bytes.fromhex(said["hash"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return (chain, seq, hashed) if type(seq) is int and seq >= 0 and (len(chain), len(hashed)) == (16, 32) else None
