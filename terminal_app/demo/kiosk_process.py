"""The kiosk process as the crowd sees it: start it, tell it where to touch, read what its window painted, kill it."""

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from terminal_app.demo.stage import StageError, process

Report = Mapping[str, Any]
START_DEADLINE_S = 60.0
KIOSK = "terminal_app.demo.kiosk"


class KioskGone(Exception):
    """The kiosk process ended."""


class KioskProcess:
    """One run of the kiosk with its control socket. Reports are dicts of injection.py; `last` is the latest that was read.

    `under`: a command that runs it, such as a tracer. `module`: another program that does what `kiosk` does, and more.
    `display`: the X server to draw on; none by default.
    """

    def __init__(self, config: Path, folder: Path, under: Sequence[str] = (), module: str = KIOSK, display: str = "") -> None:
        self._log = folder / "terminal.log"
        self._line, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as starting:
            starting.callback(self._line.close)
            kiosk = [module, str(config), str(theirs.fileno())]
            self.child = starting.enter_context(
                process(
                    kiosk,
                    self._log,
                    inherit=[theirs.fileno()],
                    under=under,
                    QT_QPA_PLATFORM="xcb" if display else "offscreen",
                    DISPLAY=display,
                )
            )
            self._running = starting.pop_all()
        self._buffer = b""
        self.last: Report = {}

    def wait_for_start(self, wanted: Callable[[Report], bool]) -> None:
        """Until the first screen is there. Raises StageError with what the process said last."""
        try:
            if self.wait(wanted, START_DEADLINE_S) is not None:
                return
        except KioskGone:
            pass
        self.stop()
        raise StageError(f"the kiosk did not start: {self._log.read_text('utf-8', 'replace').strip()[-800:]}")

    def wait(self, wanted: Callable[[Report], bool], timeout_s: float) -> Report | None:
        """The first report that is `wanted`; None when the time is over. Raises KioskGone."""
        deadline = time.monotonic() + timeout_s
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                self.last = json.loads(line)
                if wanted(self.last):
                    return self.last
            elif (left := deadline - time.monotonic()) <= 0:
                return None
            elif select.select([self._line], [], [], left)[0]:
                self._receive()

    def _receive(self) -> None:
        try:
            data = self._line.recv(65536)
        except ConnectionResetError:  # it was killed with a touch not yet read
            raise KioskGone from None
        if not data:
            raise KioskGone
        self._buffer += data

    def touch(self, target: str) -> None:
        """Touch a named control, if it is on the screen. Does not wait."""
        try:
            self._line.sendall(json.dumps({"touch": target}).encode() + b"\n")
        except OSError:
            raise KioskGone from None

    def kill(self) -> None:
        """SIGKILL, as when the plug is pulled."""
        self.child.kill()
        self.stop()

    def stop(self) -> None:
        """SIGTERM, as an administrator ends it. Harmless when it has ended."""
        self._running.close()
