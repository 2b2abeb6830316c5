"""What other threads may call of Qt's side, and the timers of the main thread.

It carries callables to the main thread and knows nothing about them.
"""

from collections.abc import Callable
from threading import Lock

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot
from shiboken6 import Shiboken


class Bridge:
    """Create it on the main thread. After `close` it drops whatever still arrives. Implements ports.Scheduler.

    Not itself an object of Qt's: any thread may hold it last, and the garbage collector runs on any thread.
    """

    def __init__(self) -> None:
        self._carrier: _Carrier | None = _Carrier()
        self._lock = Lock()

    def post(self, action: Callable[[], None]) -> None:
        """Run `action` on the main thread, after what was posted before. May be called from any thread."""
        with self._lock:
            if self._carrier:
                self._carrier.posted.emit(action)

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None:
        """Run `callback` after `delay_ms` monotonic milliseconds. Main thread only."""
        if self._carrier:
            _Later(self._carrier, callback).start(max(0, delay_ms))

    def close(self) -> None:
        """Drop what is posted from now on, what waits, and every timer. Main thread only, not from what was posted."""
        with self._lock:
            carrier, self._carrier = self._carrier, None
        if carrier:
            Shiboken.delete(carrier)


class _Carrier(QObject):
    """Belongs to the application, so that no thread's garbage collector ever ends it."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, action: Callable[[], None]) -> None:
        action()


class Once(QTimer):
    """Calls `act` once each time it is started, and ends with its owner, as what QTimer.singleShot will call does not."""

    def __init__(self, owner: QObject, act: Callable[[], None]) -> None:
        super().__init__(owner)
        self._act = act
        self.setSingleShot(True)
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.timeout.connect(self._fire)

    @Slot()
    def _fire(self) -> None:
        self._act()


class _Later(Once):
    """Ends when it has called."""

    @Slot()
    def _fire(self) -> None:
        self.deleteLater()
        super()._fire()
