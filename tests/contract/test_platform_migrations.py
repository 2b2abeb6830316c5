"""The migrations make exactly the tables that the statements are built from, once, whoever comes first."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.platform import sqlite_url
from support.postgres import PostgresServer
from support.window import Chain

from central_platform.database import SCHEMA_VERSION, Database, open_database
from central_platform.deliveries import Deliveries
from central_platform.enrolment import WindowDescription, create_claim, enroll
from central_platform.identity import load_identity
from central_platform.schema import chains, metadata
from central_platform.times import now_ms
from terminal_app.domain.signed import open_document


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        yield server.url_of(server.create())


def is_partition(table: str) -> bool:
    """On PostgreSQL the months of the journal are tables of their own (tests/contract/test_platform_partitions.py)."""
    return table.startswith("entries_")


def test_migrations_and_statements_agree(empty_db: str) -> None:
    """Every table, column, type, index and constraint of `schema` is there, and nothing else."""
    database = open_database(empty_db)
    with database.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or not is_partition(name)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == SCHEMA_VERSION
    database.close()


def test_opening_again_changes_nothing(empty_db: str) -> None:
    def tables() -> dict[str, int]:
        database = open_database(empty_db)
        try:
            with database.connect() as connection:
                return {
                    name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one()
                    for name in sa.inspect(connection).get_table_names()
                }
        finally:
            database.close()

    first = tables()
    assert first["counters"] == 4
    assert tables() == first


def test_what_chains_follow_is_told_beside_them(empty_db: str) -> None:
    """0010, on a database that held entries before: the same as where they arrive after it."""
    key = Ed25519PrivateKey.generate()
    previous = {"chain": "ab" * 16, "seq": 7, "hash": "cd" * 32}
    said = {"named": previous, "first": None, "absurd": previous | {"seq": "9" * 30}}
    database = open_database(empty_db)
    device = enrolled(database, key)
    journals = {name: Chain(device, key) for name in said}
    lines = [journals[name].write("chain_started", {"app": "1", "previous": one}).line for name, one in said.items()]
    identity = database.write(load_identity)
    Deliveries(database, identity).receive(key.public_key().public_bytes_raw(), lines)
    after = followed(database)
    assert after == {(None, None, None), (b"\xab" * 16, 7, b"\xcd" * 32)}
    with database.connect() as connection, connection.begin():
        for name in ("follows_chain", "follows_seq", "follows_hash"):
            connection.exec_driver_sql(f"ALTER TABLE chains DROP COLUMN {name}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0009'")
    database.close()
    database = open_database(empty_db)
    assert followed(database) == after
    database.close()


def enrolled(database: Database, key: Ed25519PrivateKey) -> str:
    """The device of this key."""

    def work(connection: sa.Connection) -> bytes:
        identity = load_identity(connection)
        claim = create_claim(connection, identity, WindowDescription("h", "w", "1"), now_ms(), 60_000)
        return enroll(connection, identity, "taian", claim, key.public_key().public_bytes_raw(), now_ms())

    return open_document(database.write(work), database.write(load_identity).public_key)["device"]


def followed(database: Database) -> set[tuple[bytes | None, int | None, bytes | None]]:
    wanted = sa.select(chains.c.follows_chain, chains.c.follows_seq, chains.c.follows_hash)
    return {tuple(row) for row in database.read(lambda connection: connection.execute(wanted).all())}


def test_programs_that_start_at_once_make_one_schema_and_one_identity(empty_db: str) -> None:
    """Two platforms on one PostgreSQL, or a platform and a command beside it, may be started together."""
    command = [sys.executable, "-m", "central_platform", "claim", "create", "--db", empty_db]
    command += ["--hall", "h", "--window", "w", "--number", "1"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], [errors for _, errors in ended]
    claims = [out.strip().replace("-", "") for out, _ in ended]
    assert len(set(claims)) == 3
    assert len({claim[27:] for claim in claims}) == 1, "all carry the fingerprint of the same key"
