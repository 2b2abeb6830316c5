"""The platform's contract holds on both databases: every test that asks for a platform runs once on each."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.fault_server import FaultServer
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.postgres import NoPostgres, PostgresServer, missing, running_postgres
from support.sending import KEY

from central_platform.database import open_database
from sync.client import PlatformClient

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    try:
        with running_postgres() as server:
            open_database(server.url_of(server.create(server.template))).close()
            yield server
    except NoPostgres as reason:
        missing(reason)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the platform's tables and nothing in them."""
    folder = tmp_path_factory.mktemp("migrated")
    open_database(sqlite_url(folder)).close()
    return folder / "platform.sqlite"


@pytest.fixture(scope="session")
def fresh_database(request: pytest.FixtureRequest, migrated_file: Path) -> Callable[[str, Path], str]:
    """Makes a database of its own for whoever asks: (sqlite or postgresql, folder) → URL."""

    def make(kind: str, folder: Path) -> str:
        if kind == "sqlite":
            shutil.copy(migrated_file, folder / "platform.sqlite")
            return sqlite_url(folder)
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.url_of(server.create(template=server.template))

    return make


@pytest.fixture
def client(server: FaultServer) -> Iterator[PlatformClient]:
    """Of a terminal, impatient, at the module's `server`."""
    with closing(PlatformClient(server.url, KEY, connect_timeout_s=2, answer_timeout_s=2)) as made:
        yield made


@pytest.fixture(params=DATABASES)
def platform_db(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: Callable[[str, Path], str]) -> str:
    """The URL of a database without anything in it."""
    return fresh_database(request.param, tmp_path)


@pytest.fixture
def platform(platform_db: str) -> Iterator[RunningPlatform]:
    with running_platform(platform_db) as running:
        yield running


@pytest.fixture(scope="module", params=DATABASES)
def shared_platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[str, Path], str]
) -> Iterator[RunningPlatform]:
    """One platform for a module's tables, whose rows do not get in each other's way."""
    with running_platform(fresh_database(request.param, tmp_path_factory.mktemp("shared"))) as running:
        yield running
