"""The terminal's schema: released steps stay as they were, older files are backed up and brought up to date; design §7."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database
from support.store_kit import HandClock, entries_in, open_enrolled, open_folder, rate

from terminal_app.domain.proof import verify_chain
from terminal_app.store import migrations, schema
from terminal_app.store.connection import connect
from terminal_app.store.opening import DATABASE

RELEASED = Path(__file__).parent / "store_schema_1.sql"


def schema_of(path: Path) -> str:
    """Every table, index and trigger, blanks folded, one a line."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '_sqlite%' ORDER BY type, name"
    )
    lines = [" ".join(sql.split()) for (sql,) in rows if "_sqlite_migrations" not in sql]
    connection.close()
    return "".join(f"{line};\n" for line in lines)


def test_the_released_schema_is_what_a_fresh_folder_gets(tmp_path: Path) -> None:
    """A step that was released is never edited: compare with what schema 1 was when it was released."""
    open_folder(tmp_path).stop()
    assert schema_of(tmp_path / DATABASE) == RELEASED.read_text("utf-8")


def test_the_version_is_the_number_of_steps(tmp_path: Path) -> None:
    connection = connect(tmp_path / "fresh.sqlite3")
    migrations.migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.SCHEMA_VERSION,)
    assert len(migrations._steps.applied(Database(connection, execute_plugins=False))) == schema.SCHEMA_VERSION
    connection.close()


def test_every_table_is_strict(tmp_path: Path) -> None:
    """Design §7: STRICT tables."""
    open_folder(tmp_path).stop()
    connection = sqlite3.connect(tmp_path / DATABASE)
    tables = connection.execute("SELECT name FROM pragma_table_list WHERE NOT strict AND type = 'table' AND schema = 'main'")
    assert {name for (name,) in tables} == {"sqlite_schema"}
    connection.close()


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that knows one step more."""

    def second(db: Database) -> None:
        db.conn.execute("ALTER TABLE documents ADD COLUMN fetched_at TEXT")
        db.conn.execute("PRAGMA user_version = 2")

    step = migrations._steps._Migration("0002_test", second)
    monkeypatch.setattr(migrations._steps, "_migrations", [*migrations._steps._migrations, step])
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)


@pytest.mark.usefixtures("next_release")
def test_an_older_file_is_backed_up_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design §7: back up before migrating. The backup is a whole database of the old schema."""
    with monkeypatch.context() as old_build:
        old_build.setattr(schema, "SCHEMA_VERSION", 1)
        old_build.setattr(migrations._steps, "_migrations", migrations._steps._migrations[:1])
        store = open_enrolled(tmp_path)
        rate(store)
        before = entries_in(store)
        store.stop()
    store = open_folder(tmp_path, HandClock("2026-11-22T08:00:00.000+08:00"))
    assert entries_in(store) == before
    rate(store, "B")
    assert list(verify_chain(entries_in(store), store.key.public)) == []
    store.stop()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("journal-schema1-2026-11-22T080000")
    restored = tmp_path.parent / "restored"
    restored.mkdir()
    shutil.copy(backup, restored / DATABASE)
    with monkeypatch.context() as old_build:
        old_build.setattr(schema, "SCHEMA_VERSION", 1)
        assert entries_in(restored) == before, "the old build reads its backup"
    connection = sqlite3.connect(backup)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
    open_folder(tmp_path).stop()
    assert len(list((tmp_path / "backups").iterdir())) == 1, "a current file is not backed up again"


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is a transaction together with its version number."""
    store = open_enrolled(tmp_path)
    rate(store)
    store.stop()
    before = schema_of(tmp_path / DATABASE)

    def broken(db: Database) -> None:
        db.conn.execute("ALTER TABLE documents ADD COLUMN fetched_at TEXT")
        raise ZeroDivisionError

    with monkeypatch.context() as build:
        step = migrations._steps._Migration("0002_broken", broken)
        build.setattr(migrations._steps, "_migrations", [*migrations._steps._migrations, step])
        build.setattr(schema, "SCHEMA_VERSION", 2)
        with pytest.raises(ZeroDivisionError):
            open_folder(tmp_path)
    assert schema_of(tmp_path / DATABASE) == before
    store = open_folder(tmp_path)
    rate(store, "B")
    store.stop()
