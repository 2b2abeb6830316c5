"""The real platform as a process that can be killed, started again, and set back to an older copy of its database."""

import contextlib
import json
import select
import shutil
import sqlite3
import subprocess
from pathlib import Path
from types import TracebackType

from terminal_app.demo.stage import StageError, process

START_S = 60.0


class PlatformServer:
    """`central-platform serve` on a SQLite file. The port is another one after each start. Ends with the context."""

    def __init__(self, database: Path, log: Path, public_url: str | None = None) -> None:
        self.database = database
        self._log = log
        self._public = [] if public_url is None else ["--public-url", public_url]
        self._running = contextlib.ExitStack()
        self._child: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def address_of_database(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def __enter__(self) -> "PlatformServer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Until it answers. Raises StageError."""
        serve = ["central_platform", "serve", "--db", self.address_of_database, "--port", "0", "--json", *self._public]
        self._child = self._running.enter_context(process(serve, self._log, stdout=subprocess.PIPE))
        assert self._child.stdout is not None
        ready = select.select([self._child.stdout], [], [], START_S)[0]
        line = self._child.stdout.readline() if ready else b""
        if not line:
            raise StageError(f"the platform did not start: {self._log.read_text('utf-8', 'replace').strip()[-500:]}")
        self.url = json.loads(line)["listening"]

    def kill(self) -> None:
        """SIGKILL."""
        if self._child is not None:
            self._child.kill()
        self.stop()

    def stop(self) -> None:
        """SIGTERM, and wait. Harmless when it does not run."""
        self._running.close()
        self._child = None

    def back_up(self, copy: Path) -> None:
        """A consistent copy of the database, while it is in use."""
        with contextlib.closing(sqlite3.connect(self.database)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    def restore(self, copy: Path) -> None:
        """Put an older copy in the place of the database; the platform must not run."""
        for leftover in self.database.parent.glob(f"{self.database.name}*"):
            leftover.unlink()
        shutil.copyfile(copy, self.database)
