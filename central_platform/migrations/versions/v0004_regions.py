"""Regions side by side: documents by name (a region's policy, a catalogue), and the region of each claim and device."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_documents = sa.table("documents", sa.column("id"), sa.column("name"), sa.column("line"))


def upgrade() -> None:
    op.add_column("claims", sa.Column("region", sa.Text))
    op.add_column("devices", sa.Column("region", sa.Text))
    op.add_column("documents", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.drop_index("documents_kind", "documents")
    op.create_index("documents_kind", "documents", ["kind", "name", "id"])
    held = op.get_bind().execute(sa.select(_documents.c.id, _documents.c.line)).all()
    for row in held:
        name = json.loads(row.line)["body"].get("id", "")
        op.execute(sa.update(_documents).where(_documents.c.id == row.id).values(name=name))
