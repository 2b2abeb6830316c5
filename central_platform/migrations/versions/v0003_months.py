"""On PostgreSQL the entries lie in partitions by the month of their id. SQLite keeps its one table.

A month is made for everything since the first enrolment; ids of other times lie in the default partition.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_AHEAD = 3


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE entries RENAME TO entries_before")
    op.execute("ALTER TABLE entries_before RENAME CONSTRAINT entries_pkey TO entries_before_pkey")
    op.execute("DROP INDEX entries_place, entries_session")
    op.create_table(
        "entries",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), nullable=False),
        sa.Column("chain_id", sa.Integer, sa.ForeignKey("chains.id"), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("prev", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("session", sa.LargeBinary),
        sa.Column("marks", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        postgresql_partition_by="RANGE (id)",
    )
    op.execute("CREATE TABLE entries_default PARTITION OF entries DEFAULT")
    for name, first, end in _months():
        op.execute(f"CREATE TABLE {name} PARTITION OF entries FOR VALUES FROM ('\\x{first}') TO ('\\x{end}')")
    op.execute(
        "INSERT INTO entries SELECT id, device_id, chain_id, seq, prev, hash, session, marks, received_at, line "
        "FROM entries_before"
    )
    op.execute("DROP TABLE entries_before")
    op.create_index("entries_place", "entries", ["chain_id", "seq"])
    op.create_index("entries_session", "entries", ["session"])


def _months() -> Iterator[tuple[str, str, str]]:
    """(name of the partition, first six bytes of its first id, those after its last), as hex digits."""
    enrolled_at = op.get_bind().execute(sa.text("SELECT min(enrolled_at) FROM devices")).scalar()
    now = datetime.now(UTC)
    first = now if enrolled_at is None else min(now, datetime.fromtimestamp(enrolled_at / 1000, UTC))
    for number in range(_number(first) - 1, _number(now) + _AHEAD + 1):
        year, month = divmod(number, 12)
        yield f"entries_{year:04d}_{month + 1:02d}", _first_id(number), _first_id(number + 1)


def _number(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def _first_id(number: int) -> str:
    year, month = divmod(number, 12)
    return f"{round(datetime(year, month + 1, 1, tzinfo=UTC).timestamp() * 1000):012x}"
