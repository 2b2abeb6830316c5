"""The platform for a measurement: one process on SQLite or on a PostgreSQL of its own, and the CPU that both of them use."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from terminal_app.demo.stage import StageError, process, run_json
from tests.support.postgres import NoPostgres, running_postgres

DATABASES = ("sqlite", "postgresql")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A platform at `url`; `spare_db` is an empty database beside its own, for what a floor writes."""

    url: str
    db: str
    spare_db: str
    pid: int
    processes: tuple[int, ...]

    def claim(self) -> str:
        """A one-time claim for a window."""
        place = ["--hall", "h", "--window", "w", "--number", "1"]
        return str(run_json(["central_platform", "claim", "create", "--db", self.db, *place, "--json"])["claim"])

    def cpu_s(self) -> float:
        """Seconds of CPU that platform and database have used so far."""
        return sum(_used(pid) for pid in _with_children(self.processes))

    def memory_peak(self) -> int:
        """The most memory that the platform's process has had resident, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


@contextmanager
def served(kind: str) -> Iterator[Served]:
    """A platform on a fresh database; what it writes is durable, as by default. Raises StageError."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="rating-bench-")))
        servers: tuple[int, ...] = ()
        if kind == "postgresql":
            try:
                server = stack.enter_context(running_postgres(durable=True))
            except NoPostgres as error:
                raise StageError(str(error)) from error
            db, spare = (server.url_of(server.create(name)) for name in ("platform", "spare"))
            servers = (server.pid,)
        else:
            db, spare = (f"sqlite:///{folder / name}.sqlite" for name in ("platform", "spare"))
        serve = ["central_platform", "serve", "--db", db, "--port", "0", "--json"]
        platform = stack.enter_context(process(serve, folder / "platform.log", stdout=subprocess.PIPE))
        if platform.stdout is None or not (said := platform.stdout.readline()):
            raise StageError(f"the platform did not start: {(folder / 'platform.log').read_text()[-500:]}")
        yield Served(json.loads(said)["listening"], db, spare, platform.pid, (platform.pid, *servers))


def _with_children(parents: tuple[int, ...]) -> Iterator[int]:
    for parent in parents:
        yield parent
        for task in Path(f"/proc/{parent}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())


def _used(pid: int) -> float:
    """User and system time, with that of children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) * _TICK_S
