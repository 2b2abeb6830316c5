"""A real PostgreSQL server for tests: a fresh cluster in a folder of its own, reached over a Unix socket, gone afterwards.

A server refuses to run as root, so root hands it to the user `postgres` or `nobody`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_USERS = ("postgres", "nobody")
_SETTINGS = "-c listen_addresses='' -c fsync={fsync} -c max_connections=100 -c unix_socket_directories={folder}"


class NoPostgres(Exception):
    """PostgreSQL cannot be had here; the message says what to install."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; every database is made for one test."""

    folder: Path

    template = "template_of_tests"

    def create(self, name: str | None = None, *, template: str = "template0") -> str:
        """Make a database, as a copy of `template`; its name."""
        name = name or f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    @property
    def pid(self) -> int:
        """The process that all others of the server are children of."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def url_of(self, name: str) -> str:
        """The platform's URL of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"


def find_programs() -> Path:
    """The folder with initdb and pg_ctl. Raises NoPostgres."""
    on_path = shutil.which("initdb")
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if on_path is None and not newest:
        raise NoPostgres("there is no initdb; install PostgreSQL (Debian: apt-get install postgresql)")
    return Path(on_path).resolve().parent if on_path else newest[-1].parent


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server until the block ends; a `durable` one waits for the disk at each commit. Raises NoPostgres."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = _other_user() if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(
            command,
            cwd=folder,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout

    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = _SETTINGS.format(folder=folder, fsync="on" if durable else "off")
        run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield PostgresServer(folder)
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> str:
    for name in _USERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoPostgres("the tests run as root, and there is neither a user postgres nor nobody to run the server")


def missing(reason: NoPostgres) -> None:
    """Skip the test with a clear word; in CI a missing server is an error."""
    if os.environ.get("CI") == "true":
        raise reason
    pytest.skip(f"PostgreSQL cannot be had: {reason}")
