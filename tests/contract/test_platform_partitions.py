"""On PostgreSQL the journal lies in months by the id itself. Issue 3, Build 7; docs/platform-at-size.md."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.postgres import PostgresServer
from support.window import Window, uuid7

from central_platform.database import Database, open_database
from central_platform.partitions import MONTHS_AHEAD, MONTHS_BEFORE, Months, make_months, month_of
from central_platform.schema import devices
from central_platform.times import now_ms
from central_platform.verification import verify
from terminal_app.domain.signed import canonical, digest, split_line, to_line

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
FAR_AHEAD = 400 * DAY_MS


@pytest.fixture
def platform(postgres: PostgresServer) -> Iterator[RunningPlatform]:
    with running_platform(postgres.url_of(postgres.create(template=postgres.template))) as running:
        yield running


@pytest.fixture
def window(platform: RunningPlatform) -> Window:
    return Window(platform.url).enroll(platform.claim())


def asked(database: Database, query: str) -> list[Any]:
    return [tuple(row) for row in database.read(lambda connection: connection.execute(sa.text(query)).all())]


def lies_in(database: Database) -> dict[str, str]:
    """Where each entry lies: id → name of the partition."""
    return dict(asked(database, "SELECT encode(id, 'hex'), tableoid::regclass::text FROM entries"))


def partitions(database: Database) -> list[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'entries'::regclass"
    return sorted(name for (name,) in asked(database, query))


def plain(entry_id: str) -> str:
    return entry_id.replace("-", "")


def names_about(ms: int) -> list[str]:
    months = [month_of(ms).plus(n).partition for n in range(-MONTHS_BEFORE, MONTHS_AHEAD + 1)]
    return [*months, "entries_default"]


def test_the_key_is_the_id_alone(platform: RunningPlatform) -> None:
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'entries'::regclass AND contype = 'p'"
    assert asked(platform.database, query) == [("PRIMARY KEY (id)",)]
    assert partitions(platform.database) == names_about(now_ms())


@pytest.mark.parametrize(
    "at_ms", [0, 1_000_000_000_000, now_ms() + FAR_AHEAD, (1 << 48) - 1], ids=["1970", "2001", "next year", "never"]
)
def test_wrong_clocks_lie_apart_and_are_whole(platform: RunningPlatform, window: Window, at_ms: int) -> None:
    """A clock that is wrong refuses nothing and loses nothing: stored, once, checkable, beside the right ones."""
    chain = window.chain()
    wrong = [chain.write("paused", {}, entry_id=uuid7(at_ms)) for _ in range(3)]
    right = chain.session(4)
    assert window.statuses([*wrong, *right]) == ["accepted"] * 6
    assert window.statuses([*wrong, *right]) == ["duplicate"] * 6
    where = lies_in(platform.database)
    assert {where[plain(entry.id)] for entry in wrong} == {"entries_default"}
    assert {where[plain(entry.id)] for entry in right} == {month_of(now_ms()).partition}
    assert platform.database.read(verify).findings == []


def test_a_month_ends_with_its_last_millisecond(platform: RunningPlatform, window: Window) -> None:
    """One batch, one session and one chain on both sides of midnight (UTC) between two months."""
    after = month_of(now_ms()).plus(1)
    boundary = int(after.first_id, 16)
    chain = window.chain()
    session = chain.session(2, 5)
    chain.head = window.chain().head
    ids = [uuid7(boundary - 1), uuid7(boundary - 1), uuid7(boundary), uuid7(boundary)]
    over = [chain.write(one.kind, one.data, one.session, entry_id=entry_id) for one, entry_id in zip(session, ids, strict=True)]
    assert window.statuses(over) == ["accepted"] * 4
    where = lies_in(platform.database)
    assert [where[plain(one)] for one in ids] == [month_of(now_ms()).partition] * 2 + [after.partition] * 2
    (rating,) = platform.ratings()
    assert (rating["level"], rating["outcome"]) == (5, "rated")


@pytest.mark.parametrize("at_ms", [None, 0], ids=["in a month", "in no month"])
def test_an_id_with_other_bytes_is_named_wherever_it_lies(platform: RunningPlatform, window: Window, at_ms: int | None) -> None:
    """wire: `refused` with `id_taken`, same id, other bytes; the entry that came first stays as it is."""
    chain = window.chain()
    first = chain.write("paused", {}, entry_id=uuid7(at_ms))
    assert window.statuses([first]) == ["accepted"]
    other = canonical(json.loads(split_line(first.line).body) | {"mono_ms": 5})
    answer = window.send_lines([to_line(other, window.key.sign(digest(other))), first.line])
    assert [(one["status"], one["code"]) for one in answer["results"]] == [("refused", "id_taken"), ("duplicate", None)]
    assert asked(platform.database, "SELECT line FROM entries") == [(first.line,)]


def test_a_new_month_takes_over_what_waited_for_it(platform: RunningPlatform, window: Window) -> None:
    """A terminal whose clock is ahead was there before the month: its rows move, and stay duplicates."""
    ahead = month_of(now_ms() + FAR_AHEAD)
    chain = window.chain()
    early = [chain.write("paused", {}, entry_id=uuid7(int(ahead.first_id, 16) + n)) for n in range(3)]
    never = chain.write("paused", {}, entry_id=uuid7(0))
    window.send([*early, never])
    made = platform.database.write(lambda connection: make_months(connection, now_ms() + FAR_AHEAD))
    assert ahead.partition in made
    where = lies_in(platform.database)
    assert [where[plain(entry.id)] for entry in (*early, never)] == [ahead.partition] * 3 + ["entries_default"]
    assert window.statuses([*early, never]) == ["duplicate"] * 4
    assert platform.database.read(verify).findings == []


def test_two_replicas_make_the_same_months_once(platform: RunningPlatform, window: Window) -> None:
    """At midnight all processes notice it at once, while terminals deliver."""
    later = now_ms() + FAR_AHEAD
    others = [open_database(platform.db_url) for _ in range(4)]
    start = threading.Barrier(5)
    chain = window.chain()
    journal = [chain.write("paused", {}, entry_id=uuid7(later + n)) for n in range(200)]

    def make(database: Database) -> list[str]:
        start.wait()
        return database.write(lambda connection: make_months(connection, later))

    with ThreadPoolExecutor(4) as pool:
        made = pool.map(make, others)
        start.wait()
        statuses = [status for at in range(0, 200, 10) for status in window.statuses(journal[at : at + 10])]
        names = [name for one in made for name in one]
    for database in others:
        database.close()
    assert statuses == ["accepted"] * 200
    assert sorted(names) == names_about(later)[:-1]
    assert set(lies_in(platform.database).values()) == {month_of(later).partition}


def test_a_long_reader_holds_up_neither_intake_nor_the_next_try(platform: RunningPlatform, window: Window) -> None:
    """verify may read for an hour: the month is made later, and nobody waits behind whoever makes it."""
    later = now_ms() + FAR_AHEAD
    months = Months(platform.database)
    with platform.database.connect() as reader:
        reader.execute(sa.text("SELECT count(*) FROM entries")).scalar_one()
        months.keep_ahead(later)
        assert month_of(later).partition not in partitions(platform.database)
        assert window.statuses([window.chain().write("paused", {})]) == ["accepted"]
    months.keep_ahead(later + MINUTE_MS)
    assert month_of(later).partition not in partitions(platform.database)
    months.keep_ahead(later + 10 * MINUTE_MS)
    assert month_of(later).partition in partitions(platform.database)


def test_a_delivery_on_a_later_day_makes_the_next_month(
    platform: RunningPlatform, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform runs for months without a restart, and nothing but terminals wakes it."""
    later = now_ms() + 32 * DAY_MS
    before = partitions(platform.database)
    monkeypatch.setattr("central_platform.service.now_ms", lambda: later)
    assert window.statuses([window.chain().write("paused", {})]) == ["accepted"]
    assert set(partitions(platform.database)) - set(before) == set(names_about(later)) - set(before) != set()


def test_sqlite_keeps_one_table(tmp_path: Path) -> None:
    """Floors: rowid and a unique time-ordered blob; there is nothing to make."""
    database = open_database(sqlite_url(tmp_path))
    assert database.write(lambda connection: make_months(connection, now_ms())) == []
    database.close()


# --- the migration from one table ---------------------------------------------------------------------------------------


def migrate(url: str, revision: str) -> None:
    """Bring a database to a schema of before."""
    config = Config()
    config.set_main_option("script_location", "central_platform:migrations")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


Row = dict[str, Any]


def old_rows(ids: list[str]) -> list[Row]:
    return [
        {
            "id": bytes.fromhex(plain(one)),
            "seq": n,
            "prev": b"p",
            "hash": bytes([n]),
            "session": None,
            "marks": "",
            "line": b"l",
        }
        for n, one in enumerate(ids, 1)
    ]


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[list[Row]], str]:
    """Makes a database of the schema before months that holds these rows; its URL."""

    def make(rows: list[Row]) -> str:
        if request.param == "sqlite":
            url = sqlite_url(tmp_path)
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            url = server.url_of(server.create())
        migrate(url, "0002")
        engine = sa.create_engine(url)
        device = {
            "uuid": "u",
            "public_key": b"k",
            "hall": "h",
            "name": "w",
            "number": "1",
            "enrolled_at": now_ms() - 70 * DAY_MS,
        }
        with engine.begin() as connection:
            connection.execute(sa.insert(devices), device | {"enrolled_at": now_ms() - 70 * DAY_MS})
            connection.execute(sa.text("INSERT INTO chains VALUES (1, 1, 'c', 0, 'h', 0, false)"))
            insert = "INSERT INTO entries VALUES (:id, 1, 1, :seq, :prev, :hash, :session, :marks, 7, :line)"
            connection.execute(sa.text(insert), rows)
        engine.dispose()
        return url

    return make


def test_the_migration_keeps_every_row(old_database: Callable[[list[Row]], str]) -> None:
    """Months since the first enrolment get a partition, other ids lie in the default one; each row is as it was."""
    now = now_ms()
    ids = [uuid7(now), uuid7(now - 60 * DAY_MS), uuid7(now - 5_000 * DAY_MS), uuid7(now + FAR_AHEAD), uuid7(0)]
    database = open_database(old_database(old_rows(ids)))
    kept = "SELECT id, device_id, chain_id, seq, prev, hash, session, marks, received_at, line FROM entries ORDER BY seq"
    expected = [(row["id"], 1, 1, row["seq"], b"p", row["hash"], None, "", 7, b"l") for row in old_rows(ids)]
    assert asked(database, kept) == expected
    if database.dialect == "postgresql":
        where = lies_in(database)
        months = [month_of(now).partition, month_of(now - 60 * DAY_MS).partition]
        assert [where[plain(one)] for one in ids] == [*months, *["entries_default"] * 3]
        assert names_about(now)[0] in partitions(database)
        assert "entries_before" not in asked(database, "SELECT tablename FROM pg_tables")
    database.close()
