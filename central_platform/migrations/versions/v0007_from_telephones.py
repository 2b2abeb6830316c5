"""What comes from citizens' telephones: words beside a rating, and ratings by a window's QR, which may be linked later."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_counters = sa.table("counters", sa.column("name"), sa.column("value"))
_ratings = sa.table("channel_ratings", sa.column("number"), sa.column("linked"))


def upgrade() -> None:
    op.add_column("channel_ratings", sa.Column("linked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.update(_ratings).values(linked=_ratings.c.number.is_not(None)))
    op.create_table(
        "words",
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("once", sa.LargeBinary, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    op.bulk_insert(_counters, [{"name": "words", "value": 0}])
