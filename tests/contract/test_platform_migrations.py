"""The migrations make exactly the tables that the statements are built from, once, whoever comes first."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from support.platform import sqlite_url
from support.postgres import PostgresServer

from central_platform.database import SCHEMA_VERSION, open_database
from central_platform.schema import metadata


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
