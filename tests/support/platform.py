"""The real platform for tests: on a thread of the test process (quick), or as a process of its own (to be killed)."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from central_platform import viewer
from central_platform.admission import Admission
from central_platform.app import create_app
from central_platform.database import Database, open_database
from central_platform.enrolment import WindowDescription, create_claim
from central_platform.identity import load_identity
from central_platform.server import Server, address_of, listen
from central_platform.service import Platform
from central_platform.times import now_ms

START_S = 20


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'platform.sqlite'}"


@dataclass
class RunningPlatform:
    """A platform that answers at `url`."""

    url: str
    db_url: str
    database: Database
    viewer_token: str

    def claim(self, *, hall: str = "市民中心", name: str = "3号窗口", number: str = "A03", valid_ms: int = 3_600_000) -> str:
        window = WindowDescription(hall, name, number, "0538-12345")
        return self.database.write(
            lambda connection: create_claim(connection, load_identity(connection), window, now_ms(), valid_ms)
        )

    def ratings(self, after: int = 0, limit: int = 500) -> list[dict]:
        answer = requests.get(
            f"{self.url}/v1/ratings",
            params={"after": after, "limit": limit},
            headers={"Authorization": f"Bearer {self.viewer_token}"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json()["items"]


@contextmanager
def running_platform(
    db_url: str, *, port: int = 0, public_url: str | None = None, admission: Admission | None = None
) -> Iterator[RunningPlatform]:
    """The platform on a thread, on a free loopback port, until the block ends."""
    database = open_database(db_url)
    service = Platform(database, "taian")
    listening = listen("127.0.0.1", port)
    ready = threading.Event()
    server = Server(create_app(service, public_url, admission), ready.set, service.feed.close)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert ready.wait(START_S), "the platform did not start"
        token = database.write(lambda connection: viewer.create_token(connection, replace=True))
        assert token is not None
        yield RunningPlatform(address_of(listening), db_url, database, token)
    finally:
        server.should_exit = True
        thread.join(START_S)
        listening.close()
        database.close()
        assert not thread.is_alive(), "the platform did not stop"


class PlatformProcess:
    """`central-platform serve` as a process of its own; a context manager that leaves nothing running."""

    def __init__(self, db_url: str, *, port: int = 0, arguments: tuple[str, ...] = ()) -> None:
        command = [sys.executable, "-m", "central_platform", "serve", "--db", db_url, "--port", str(port), "--json", *arguments]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, errors = self.process.communicate(timeout=START_S)
            raise AssertionError(f"the platform did not start: {errors}")
        self.ready = json.loads(line)
        self.url: str = self.ready["listening"]

    def __enter__(self) -> "PlatformProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def stop(self, number: int = signal.SIGTERM, within_s: float = 10) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(number)
        self.process.communicate(timeout=within_s)
        return self.process.returncode

    def kill(self) -> None:
        """End it without asking."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
