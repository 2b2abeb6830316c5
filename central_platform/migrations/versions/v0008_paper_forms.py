"""Paper forms, what staff entered from them, and scans of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "paper_forms",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("hall", sa.Text, nullable=False),
        sa.Column("window", sa.Text, nullable=False),
        sa.Column("catalogue_id", sa.Text, nullable=False),
        sa.Column("catalogue_version", sa.Text, nullable=False),
        sa.Column("printed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "paper_entries",
        sa.Column("number", sa.Text, sa.ForeignKey("paper_forms.number"), primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("entered_at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "paper_scans",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["number", "round", "place"], ["paper_entries.number", "paper_entries.round", "paper_entries.place"]
        ),
    )
