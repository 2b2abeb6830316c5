"""The platform's sealing key: made once, also for a database of before, and published to terminals. docs/adr/0008."""

from pathlib import Path

import sqlalchemy as sa
from support.platform import sqlite_url

from central_platform import documents
from central_platform.database import Database, open_database
from central_platform.identity import load_identity
from central_platform.schema import settings
from central_platform.service import Platform
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.signed import open_document
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document


def policies(database: Database) -> list[RegionPolicy]:
    """Every policy that was ever in force, oldest first."""
    table = documents.documents
    rows = sa.select(table.c.line).where(table.c.kind == documents.POLICY).order_by(table.c.id)
    key = database.write(load_identity).public_key
    lines = database.read(lambda connection: connection.execute(rows).scalars().all())
    return [RegionPolicy.from_document(open_document(line, key)) for line in lines]


def test_a_database_of_before_gets_a_key_at_the_next_start_and_keeps_it(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path))
    before = database.write(load_identity)
    database.write(lambda connection: connection.execute(sa.delete(settings).where(settings.c.name == "sealing_key")))
    old = policy_document(load_pack("taian"))
    database.write(lambda connection: documents.publish(connection, before, old))
    for _ in range(2):
        Platform(database, "taian")
    identity = database.write(load_identity)
    assert identity.public_key == before.public_key
    assert identity.sealing_public_key != before.sealing_public_key
    assert [policy.sealing_key for policy in policies(database)] == [None, identity.sealing_public_key]
    database.close()
