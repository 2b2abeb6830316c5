"""Receipts: which session a citizen's token belongs to. Sessions of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), primary_key=True),
    )
