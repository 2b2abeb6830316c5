"""What terminals tell of their own store."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "told_stores",
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), primary_key=True, autoincrement=False),
        sa.Column("quarantined", sa.BigInteger, nullable=False),
        sa.Column("lost_at", sa.BigInteger),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )
