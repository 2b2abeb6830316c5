"""What the data folder needs beside ratings: a look at its soundness and at its delivery after a start, and pruning once a day.

One quiet thread. It never delays a tap: the check runs in a process of its own at the lowest priority, and pruning in
short pieces of background work on the store's thread (design §7).
"""

import logging
import sys
import threading
from collections.abc import Callable

from terminal_app.ports import StoreUnavailable
from terminal_app.store.opening import Store

CHECK_AFTER_S = 20.0
DAY_S = 24 * 3600.0

log = logging.getLogger(__name__)


class Housekeeping:
    """Keeps one open data folder in order. Called on its thread: `on_damage` once, when the file is damaged; `on_crash` with an
    error that nobody expected, after which it goes on."""

    def __init__(
        self,
        store: Store,
        on_damage: Callable[[], None],
        on_crash: Callable[[Exception], None],
        *,
        after_s: float = CHECK_AFTER_S,
    ) -> None:
        self._store = store
        self._on_damage = on_damage
        self._on_crash = on_crash
        self._after_s = after_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline_s: float) -> bool:
        """End the thread; False when a check is still running after `deadline_s`: it harms nothing."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._stopping.wait(self._after_s):
            return
        self._attempt(self._check)
        self._attempt(self._offer_overlooked)
        while True:
            self._attempt(self._prune)
            if self._stopping.wait(DAY_S):
                return

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path, and tomorrow is another day
            self._on_crash(error)

    def _check(self) -> None:
        """A file was opened unchecked after a clean stop, and after an unclean one without a look at its indexes."""
        import subprocess

        from terminal_app.store.check import DAMAGED, SOUND

        done = subprocess.run([sys.executable, "-m", "terminal_app.store.check", str(self._store.path)], check=False)
        if done.returncode == DAMAGED:
            log.error("the journal's file is damaged; the next start sets it aside and salvages it")
            self._store.distrust()
            self._on_damage()
        elif done.returncode != SOUND:
            log.warning("the journal's file could not be looked at (exit code %d); the next start tries again", done.returncode)

    def _offer_overlooked(self) -> None:
        try:
            self._store.offer_overlooked()
        except StoreUnavailable as error:
            log.warning("what may have been overlooked was not offered again: %s", error)

    def _prune(self) -> None:
        try:
            deleted = self._store.prune()
        except StoreUnavailable as error:
            log.warning("nothing was pruned: %s", error)
            return
        if deleted:
            log.info("pruned %d acknowledged entries", deleted)
