"""Two thousand windows that reconnect in the same second, each with a backlog, against one process of the platform.

Every window has a key, a device and a connection of its own; what it sends was signed beforehand, and after an answer that is
not 200 it waits as long as the real policy of delivery says. Meanwhile one more window sends a fresh entry now and then. Raises
StageError when anything but 200 and 429 was answered, or not everything is stored in the end.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from benchmarks.databases import Served, served
from benchmarks.figure import Figure, Pair, at_most, compare, p99
from benchmarks.ready import Headers, ReadyDevice
from central_platform.database import open_database
from central_platform.schema import devices, entries
from sync import policy, wire
from sync.outcome import ServerTrouble
from terminal_app.demo.stage import StageError
from terminal_app.ids import Uuid7Ids

WINDOWS = 2_000
BACKLOG = 20
FRESH_EVERY_S = 0.25
CALM = 40
DEADLINE_S = 600
MEGABYTE = 1 << 20
MEMORY = at_most(400)
"""Megabytes of the platform's process: 64 of bodies, and what 2,000 connections and Python itself take."""

Request = tuple[bytes, Headers]


@dataclass
class Course:
    """What happened: milliseconds of all answers and of those to fresh entries, how often each status, seconds to the end."""

    answers_ms: list[float] = field(default_factory=list)
    fresh_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    drained_s: float = 0.0
    over: bool = False


def measure() -> Iterator[Figure]:
    """On PostgreSQL."""
    with served("postgresql") as platform:
        calm_mb, windows = platform.memory_peak() / MEGABYTE, make_windows(platform.db, platform.url, WINDOWS + 2)
        calm = asyncio.run(one_after_the_other(windows[-1]))
        course = asyncio.run(storm(windows[:-1], BACKLOG))
        expect_whole(platform.db, (WINDOWS + CALM) * BACKLOG + len(course.fresh_ms) + len(calm.fresh_ms))
        yield from _figures(platform, course, calm, calm_mb)


def _figures(platform: Served, course: Course, calm: Course, calm_mb: float) -> Iterator[Figure]:
    alone_s = WINDOWS * sum(calm.answers_ms) / len(calm.answers_ms) / 1000
    yield compare("storm_drained", course.drained_s, alone_s, "s", None, WINDOWS)
    yield p99("storm_answer_p99", Pair(course.answers_ms, calm.answers_ms), "ms", None)
    yield p99("storm_fresh_p99", Pair(course.fresh_ms, calm.fresh_ms), "ms", None)
    sent_away = course.statuses.get(429, 0)
    yield compare("storm_sent_away", sent_away, WINDOWS, "answers", None, WINDOWS)
    yield compare("storm_memory", platform.memory_peak() / MEGABYTE, calm_mb, "MB", MEMORY, 1)


def make_windows(db: str, url: str, count: int) -> list[ReadyDevice]:
    """Devices that are enrolled already."""
    ids = Uuid7Ids()
    made = [ReadyDevice(url).named(ids.uuid7()) for _ in range(count)]
    place = {"hall": "h", "name": "w", "number": "1", "enrolled_at": time.time_ns() // 1_000_000}
    rows = [{"uuid": one.device, "public_key": one.public_key, **place} for one in made]
    database = open_database(db)
    database.write(lambda connection: connection.execute(sa.insert(devices), rows))
    database.close()
    return made


def expect_whole(db: str, count: int) -> None:
    """Raises StageError unless exactly so many entries are stored."""
    database = open_database(db)
    stored = database.read(lambda connection: connection.execute(sa.select(sa.func.count(entries.c.id))).scalar_one())
    database.close()
    if stored != count:
        raise StageError(f"{count} entries were delivered, {stored} are stored")


async def one_after_the_other(window: ReadyDevice) -> Course:
    """The same requests without a storm: what one costs when nobody else is there."""
    course = Course()
    for ready in [window.batch(BACKLOG) for _ in range(CALM)]:
        async with _Connection(window.url) as connection:
            await _post(connection, ready, course, course.answers_ms)
    async with _Connection(window.url) as connection:
        for ready in [window.batch(1) for _ in range(CALM)]:
            await _post(connection, ready, course, course.fresh_ms)
    return course


async def storm(windows: list[ReadyDevice], backlog: int) -> Course:
    """All but the last window have a backlog and reconnect at once; the last one has a citizen now and then."""
    course = Course()
    loud = [(window, window.batch(backlog)) for window in windows[:-1]]
    fresh = asyncio.create_task(_fresh(windows[-1], course))
    begun = time.monotonic()
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(*(_reconnect(window, ready, backlog, course) for window, ready in loud))
    course.drained_s = time.monotonic() - begun
    course.over = True
    await fresh
    return course


async def _reconnect(window: ReadyDevice, ready: Request, backlog: int, course: Course) -> None:
    """One window until its backlog is acknowledged; it keeps its connection."""
    state, chance = policy.Delivery(), random.Random()
    async with _Connection(window.url) as connection:
        while True:
            status, retry_after_s = await _post(connection, ready, course, course.answers_ms)
            if status == 200:
                return
            now = time.monotonic_ns() // 1_000_000
            state = policy.after_trouble(state, ServerTrouble(status, retry_after_s, None), backlog, now, chance).state
            await asyncio.sleep((state.resume_ms - now) / 1000)


async def _fresh(window: ReadyDevice, course: Course) -> None:
    async with _Connection(window.url) as connection:
        while not course.over:
            status, _ = await _post(connection, window.batch(1), course, course.fresh_ms)
            if status != 200:
                raise StageError("a fresh entry was not taken")
            await asyncio.sleep(FRESH_EVERY_S)


async def _post(connection: "_Connection", ready: Request, course: Course, times_ms: list[float]) -> tuple[int, float | None]:
    """Status and Retry-After of one POST. Raises StageError for what no window should ever see."""
    begun = time.monotonic()
    status, retry_after_s = await connection.post(wire.ENTRIES, *ready)
    times_ms.append((time.monotonic() - begun) * 1000)
    course.statuses[status] = course.statuses.get(status, 0) + 1
    if status not in (200, 429) or (status == 429 and retry_after_s is None):
        raise StageError(f"the platform answered {status}")
    return status, retry_after_s


class _Connection:
    """HTTP/1.1 over one kept connection, as little of it as the platform's answers need."""

    def __init__(self, url: str) -> None:
        self._host, _, port = url.removeprefix("http://").partition(":")
        self._port = int(port)

    async def __aenter__(self) -> "_Connection":
        await self._connect()
        return self

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, path: str, body: bytes, headers: Headers) -> tuple[int, float | None]:
        """Status and Retry-After in seconds. Who waited for long finds the connection closed, and makes another."""
        if self._reader.at_eof():
            self._writer.close()
            await self._connect()
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._writer.drain()
        status = int((await self._reader.readline()).split()[1])
        told: dict[str, str] = {}
        while line := (await self._reader.readline()).strip().decode():
            name, _, value = line.partition(":")
            told[name.lower()] = value.strip()
        await self._reader.readexactly(int(told["content-length"]))
        return status, float(told["retry-after"]) if "retry-after" in told else None
