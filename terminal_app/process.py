"""The kiosk process: what it asks of the system before Qt starts, how it is told to end, where unexpected errors go."""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QApplication

from terminal_app.assembly import Kiosk
from terminal_app.config import TerminalConfig
from terminal_app.display import display_problem
from terminal_app.log_export import FORMAT
from terminal_app.store.errors import StoreOpenError
from terminal_app.watchdog import Watchdog

SWITCH_INTERVAL_S = 0.0005
"""A busy thread beside the window hands the interpreter over within this time (design §6)."""
GARBAGE_THRESHOLD = 700
"""Python's own: many short looks for garbage instead of few long ones."""
UNAVAILABLE = 3


def run_kiosk(config: TerminalConfig, *, verbose: bool = False, attach: Callable[[Kiosk], None] | None = None) -> int:
    """Run the window until it is told to end. Returns the exit code. `attach` gets the kiosk before its first frame."""
    _log_to_stderr(verbose)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    problem = display_problem()
    if problem:
        print(f"rating-terminal: {problem}", file=sys.stderr)
        return UNAVAILABLE
    app = QApplication(["rating-terminal"])
    try:
        kiosk = Kiosk(config)
    except StoreOpenError as error:
        print(f"rating-terminal: {error}", file=sys.stderr)
        return UNAVAILABLE
    _watch_for_crashes(kiosk)
    if attach:
        attach(kiosk)
    termination = _Termination(app)
    watchdog = Watchdog(config.frozen_s, kiosk.bridge)
    kiosk.window.open(partial(_first_painted, kiosk, watchdog))
    code = app.exec()
    watchdog.end()
    termination.close()
    kiosk.stop()
    return code


def _first_painted(kiosk: Kiosk, watchdog: Watchdog) -> None:
    """What was made so far stays, and is no longer looked through."""
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    watchdog.begin()
    kiosk.begin()


def _log_to_stderr(verbose: bool) -> None:
    """Logs go to stderr, in English; the service manager keeps them and caps their size."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, format=FORMAT)


def _watch_for_crashes(kiosk: Kiosk) -> None:
    """No error is lost, on whichever thread: it is logged and the window says that it is out of order."""

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit()
        else:
            kiosk.crashed(error.with_traceback(trace))

    sys.excepthook = on_main

    def elsewhere(args: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
        if args.exc_value:
            kiosk.crashed(args.exc_value)

    threading.excepthook = elsewhere
    sys.unraisablehook = elsewhere


class _Termination(QObject):
    """SIGTERM and SIGINT end the event loop: the signal's byte wakes Qt, which has no other way to hear of it.

    Not by `quit()`, which asks the window first: full screen it refuses to be closed.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._read, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._end)

    @Slot()
    def _end(self) -> None:
        self._app.exit()

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        os.close(self._read)
        os.close(self._write)
