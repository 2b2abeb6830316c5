"""What taking in an entry costs: entries per second of CPU that platform and database use, beside the database's bulk path.

Ours: batches of 500 that were signed beforehand, posted to a real platform until it has said that they are durable. The floor:
the rows that these batches left behind, of all three tables, by COPY (PostgreSQL) or executemany (SQLite) into empty tables of
the same form, one transaction, without HTTP, signatures, or a question. CPU and not time, so that other load moves it less.
"""

import time
from collections.abc import Iterator

import requests
import sqlalchemy as sa

from benchmarks.databases import DATABASES, Served, served
from benchmarks.figure import BLOCKS, Figure, Pair, at_least_times, median
from benchmarks.ready import ReadyDevice
from central_platform.database import Database, open_database
from central_platform.schema import chains, devices, entries, rating_keys, ratings
from sync import wire
from terminal_app.demo.stage import StageError

BATCHES = 8
SIZE = 500
TARGET = at_least_times(0.35)
TABLES = (entries, ratings, rating_keys)

Rows = list[list[tuple[object, ...]]]


def measure() -> Iterator[Figure]:
    """On each database; on PostgreSQL for every second of the clock as well."""
    for kind in DATABASES:
        with served(kind) as platform, requests.Session() as session:
            session.trust_env = False
            yield from _measured(kind, platform, session)


def _measured(kind: str, platform: Served, session: requests.Session) -> Iterator[Figure]:
    device = ReadyDevice(platform.url).enroll(platform.claim())
    stored, spare = open_database(platform.db), open_database(platform.spare_db)
    per_cpu, floor_per_cpu, per_s, floor_per_s = [], [], [], []
    _post(session, device, 2)
    for _ in range(BLOCKS):
        after = _revision(stored)
        cpu_s, wall_s = _ours(platform, session, device)
        per_cpu.append(BATCHES * SIZE / cpu_s)
        per_s.append(BATCHES * SIZE / wall_s)
        cpu_s, wall_s = _floor(platform, spare, _context(stored), _rows(stored, after))
        floor_per_cpu.append(BATCHES * SIZE / cpu_s)
        floor_per_s.append(BATCHES * SIZE / wall_s)
    stored.close()
    spare.close()
    yield median(f"ingest_{kind}", Pair(per_cpu, floor_per_cpu), "entries/s of CPU", TARGET)
    yield median(f"ingest_{kind}_clock", Pair(per_s, floor_per_s), "entries/s", None)


def _ours(platform: Served, session: requests.Session, device: ReadyDevice) -> tuple[float, float]:
    """Seconds of CPU and of the clock for the batches of a block."""
    ready = [device.batch(SIZE) for _ in range(BATCHES)]
    cpu_s, begun = platform.cpu_s(), time.monotonic()
    for body, headers in ready:
        _check(session.post(device.url + wire.ENTRIES, data=body, headers=headers, timeout=60))
    return platform.cpu_s() - cpu_s, time.monotonic() - begun


def _post(session: requests.Session, device: ReadyDevice, batches: int) -> None:
    """Let both sides get warm."""
    for _ in range(batches):
        body, headers = device.batch(SIZE)
        _check(session.post(device.url + wire.ENTRIES, data=body, headers=headers, timeout=60))


def _check(answer: requests.Response) -> None:
    if answer.status_code != 200 or answer.text.count('"accepted"') != SIZE:
        raise StageError(f"the platform did not accept a batch: {answer.status_code} {answer.text[:200]}")


def _revision(database: Database) -> int:
    return int(database.read(lambda connection: connection.execute(sa.select(sa.func.max(ratings.c.revision))).scalar_one()))


def _context(database: Database) -> Rows:
    """The rows that the others refer to."""
    return database.read(
        lambda connection: [[tuple(row) for row in connection.execute(sa.select(table))] for table in (devices, chains)]
    )


def _rows(database: Database, after: int) -> Rows:
    """The rows of the sessions above a revision."""
    fresh = sa.select(ratings.c.session).where(ratings.c.revision > after)
    queries = [sa.select(table).where(table.c.session.in_(fresh)) for table in TABLES]
    return database.read(lambda connection: [[tuple(row) for row in connection.execute(query)] for query in queries])


def _floor(platform: Served, spare: Database, context: Rows, rows: Rows) -> tuple[float, float]:
    """Seconds of CPU, of ours included, and of the clock to write these rows into empty tables."""

    def clear(connection: sa.Connection) -> None:
        for table in reversed((devices, chains, *TABLES)):
            connection.execute(sa.delete(table))
        for table, of_table in zip((devices, chains), context, strict=True):
            connection.execute(sa.insert(table), [dict(zip(table.c.keys(), row, strict=True)) for row in of_table])

    def fill(connection: sa.Connection) -> None:
        for table, of_table in zip(TABLES, rows, strict=True):
            _write(connection, table, of_table)

    spare.write(clear)
    own_s, cpu_s, begun = time.process_time(), platform.cpu_s(), time.monotonic()
    spare.write(fill)
    return time.process_time() - own_s + platform.cpu_s() - cpu_s, time.monotonic() - begun


def _write(connection: sa.Connection, table: sa.Table, rows: list[tuple[object, ...]]) -> None:
    driver = connection.connection.driver_connection
    if driver is None:
        raise StageError("the connection has no driver")
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        driver.executemany(f"INSERT INTO {table.name} VALUES ({','.join('?' * len(table.c))})", rows)
