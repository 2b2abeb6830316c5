"""The measuring side of a probed process: start it, tell it what to do, hear what it did and when, stop and go on with it."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from terminal_app.demo.stage import StageError, end

PATIENCE_S = 60.0


class Told(NamedTuple):
    """What a probe told: when (ns, CLOCK_MONOTONIC), and its words."""

    at_ns: int
    words: list[str]


class Probe:
    """One process `python -m MODULE DESCRIPTOR …`.

    `begun_ns`: just before it was started. `dropped`: what `hear` has passed over.
    """

    def __init__(self, module: str, *arguments: str, log: Path, **environment: str) -> None:
        self._line, theirs = socket.socketpair()
        self._buffer = b""
        self.dropped: list[Told] = []
        self._log = log
        command = [sys.executable, "-m", module, str(theirs.fileno()), *arguments]
        with log.open("ab") as out:
            self.begun_ns = time.monotonic_ns()
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **environment},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        theirs.close()

    def say(self, command: str) -> int:
        """Give a command. Returns when (ns)."""
        sent_ns = time.monotonic_ns()
        self._line.sendall(command.encode() + b"\n")
        return sent_ns

    def hear(self, *words: str) -> Told:
        """The next thing it tells that begins with these words; what came before is dropped. Raises StageError."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if not found:
                self._receive(deadline, words)
                continue
            self._buffer = rest
            at, *told = line.decode().split()
            heard = Told(int(at), told)
            if tuple(told[: len(words)]) == words:
                return heard
            self.dropped.append(heard)

    def forget(self) -> None:
        """Drop what it has told so far."""
        self._buffer = b""
        self.dropped.clear()
        while select.select([self._line], [], [], 0)[0]:
            if not self._line.recv(1 << 16):
                return

    def _receive(self, deadline: float, words: tuple[str, ...]) -> None:
        readable = select.select([self._line], [], [], max(0.0, deadline - time.monotonic()))[0]
        data = self._line.recv(1 << 16) if readable else b""
        if not data:
            what = "did not happen" if not readable else "was awaited and the process ended"
            raise StageError(f"“{' '.join(words)}” {what}: {self._log.read_text('utf-8', 'replace').strip()[-800:]}")
        self._buffer += data

    def halt(self) -> None:
        """Keep it from running, without ending it."""
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it cleanly."""
        end(self.child)
        self._line.close()


@contextmanager
def started(probe: Probe) -> Iterator[Probe]:
    """The probe once it has told that it started; ended with the context."""
    try:
        probe.hear("started")
        yield probe
    finally:
        probe.stop()


def bare_window(folder: Path) -> Probe:
    """A bare window that is starting."""
    return Probe("benchmarks.bare_probe", log=folder / "bare.log")


def kiosk(config: Path, **environment: str) -> Probe:
    """A kiosk that is starting."""
    return Probe("benchmarks.kiosk_probe", str(config), log=config.parent / "terminal.log", **environment)
