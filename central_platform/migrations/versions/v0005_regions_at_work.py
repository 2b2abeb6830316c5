"""What the platform decides by the regions' rules: statements on cases, other channels, defaults, duties, findings, events."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_counters = sa.table("counters", sa.column("name"), sa.column("value"))


def upgrade() -> None:
    _create_told()
    _create_derived()
    _create_recorded()
    op.bulk_insert(_counters, [{"name": "docket", "value": 0}, {"name": "followed", "value": 0}])


def _create_told() -> None:
    op.create_table(
        "case_statements",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("case_statements_number", "case_statements", ["number"])
    op.create_table(
        "channel_ratings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("channel_ratings_number", "channel_ratings", ["number"])


def _create_derived() -> None:
    op.create_table(
        "rated_cases",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("session", sa.LargeBinary, primary_key=True),
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("visit", sa.Text),
        sa.Column("situation", sa.Text),
        sa.Column("in_chain", sa.Boolean, nullable=False),
        sa.Column("follow_up", sa.Boolean, nullable=False),
    )
    op.create_index("rated_cases_session", "rated_cases", ["session"])
    op.create_table(
        "default_ratings",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_table(
        "standings",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("standings_due_at", "standings", ["due_at"])
    op.create_table(
        "duties",
        sa.Column("rating", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("duties_due_at", "duties", ["due_at"])


def _create_recorded() -> None:
    op.create_table(
        "duty_steps",
        sa.Column("rating", sa.Text, primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("rating", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("confirmed_by", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_index("findings_rating", "findings", ["rating"])
    op.create_table(
        "outgoing_events",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("outgoing_events_number", "outgoing_events", ["number"])
