"""Ends the process when its main thread stands still, and tells the service manager that it does not. Never decides what to
do about an error: whatever still runs is Out of order at worst.

The main thread puts the end off with every beat. The clock of the end is the interpreter's own (faulthandler), which needs
neither the main thread nor the interpreter's lock: it writes where every thread stands, without values, and ends the
process at once, as a pulled plug would; the service manager starts it again. The words to the manager are sd_notify(3).
"""

import contextlib
import faulthandler
import os
from collections.abc import Mapping

from terminal_app.ports import Scheduler

BEATS_PER_LIMIT = 4
SOCKET_VARIABLE, PATIENCE_VARIABLE = "NOTIFY_SOCKET", "WATCHDOG_USEC"


class Watchdog:
    """Main thread only. `limit_s`: so long the main thread may stand still, in seconds. `environment`: the process's."""

    def __init__(self, limit_s: float, scheduler: Scheduler, environment: Mapping[str, str] = os.environ) -> None:
        self._limit_s = limit_s
        self._scheduler = scheduler
        self._manager = environment.get(SOCKET_VARIABLE, "")
        patience_s = int(environment.get(PATIENCE_VARIABLE, 0)) / 1e6 or limit_s
        self._beat_ms = round(1000 * min(limit_s, patience_s) / BEATS_PER_LIMIT)
        self._running = False

    def begin(self) -> None:
        """The window works: say so, and watch from now on."""
        self._running = True
        self._tell("READY=1")
        self._beat()

    def end(self) -> None:
        """Watch no longer; what stops has a deadline of its own."""
        self._running = False
        faulthandler.cancel_dump_traceback_later()
        self._tell("STOPPING=1")

    def _beat(self) -> None:
        if not self._running:
            return
        self._scheduler.call_later(self._beat_ms, self._beat)
        faulthandler.dump_traceback_later(self._limit_s, exit=True)
        self._tell("WATCHDOG=1")

    def _tell(self, word: str) -> None:
        """A manager that does not listen is none of ours: the process goes on without it."""
        if self._manager:
            import socket  # where there is no manager, a start does without

            address = f"\0{self._manager[1:]}" if self._manager.startswith("@") else self._manager
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, contextlib.suppress(OSError):
                line.setblocking(False)
                line.sendto(word.encode("ascii"), address)
