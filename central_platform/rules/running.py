"""Runs the passes of `settling` on a database: once to the end for a command, and again and again beside the server."""

import logging
import threading
import time
import traceback

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from central_platform.database import Database
from central_platform.rules.laws import NoRegion
from central_platform.rules.settling import Settled, settle
from central_platform.times import now_ms

_LOOK_S = 2.0
_REST = 4
"""A pass is followed by so many times its length of rest, so that intake keeps most of the machine."""

_log = logging.getLogger("central_platform")


class _OnlyLooked(Exception):
    """Ends a transaction without keeping anything."""


def run_once(database: Database, until: int | None = None) -> Settled:
    """Pass after pass until nothing is left to look at. Raises NoRegion."""
    total = Settled()
    while True:
        done = database.write(lambda connection: settle(connection, now_ms(), until))
        total.add(done)
        if not done.looked_at:
            return total


def rehearse(database: Database, at: int) -> Settled:
    """What a run would do if it were `at`; keeps nothing. Raises NoRegion."""
    total = Settled()

    def work(connection: Connection) -> None:
        while (done := settle(connection, at)).looked_at:
            total.add(done)
        raise _OnlyLooked

    try:
        database.write(work)
    except _OnlyLooked:
        return total
    raise AssertionError("a rehearsal always ends without keeping anything")


class Settling:
    """Settles on a thread of its own for as long as the block lasts, whatever goes wrong meanwhile: a bug is logged, and after
    `after_bug_s` it is tried again."""

    def __init__(self, database: Database, after_bug_s: float = 60.0) -> None:
        self._database = database
        self._after_bug_s = after_bug_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="settling", daemon=True)

    def __enter__(self) -> "Settling":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        rest = 0.0
        while not self._stop.wait(rest):
            began = time.monotonic()
            try:
                done = self._pass()
            except Exception as error:  # noqa: BLE001 - logged without its message, which may hold what nobody may read
                where = "".join(traceback.format_tb(error.__traceback__))
                _log.error("internal error in what looks at what fell due, %s at\n%s", type(error).__name__, where)
                rest = self._after_bug_s
                continue
            rest = (time.monotonic() - began) * _REST if done.looked_at else _LOOK_S

    def _pass(self) -> Settled:
        try:
            done = self._database.write(lambda connection: settle(connection, now_ms()))
        except (SQLAlchemyError, NoRegion) as error:
            _log.warning("what fell due was not looked at, which is tried again: %s", type(error).__name__)
            return Settled()
        if done.defaults or done.reminders or done.withdrawn:
            _log.info("%d reminders, %d defaults, %d withdrawn", done.reminders, done.defaults, done.withdrawn)
        return done
