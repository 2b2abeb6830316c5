"""The one object of Qt's side that other threads may call, and the timers of the main thread.

It carries callables to the main thread and knows nothing about them.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot


class Bridge(QObject):
    """Create it on the main thread. After `close` it drops whatever still arrives. Implements ports.Scheduler."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._open = True
        self._timers: set[_Later] = set()
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, action: Callable[[], None]) -> None:
        """Run `action` on the main thread, after what was posted before. May be called from any thread."""
        if self._open:
            self._posted.emit(action)

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None:
        """Run `callback` after `delay_ms` monotonic milliseconds. Main thread only."""
        timer = _Later(self, callback)
        self._timers.add(timer)
        timer.start(max(0, delay_ms))

    def close(self) -> None:
        """Drop what is posted from now on, and every timer. Main thread only."""
        self._open = False
        for timer in self._timers:
            timer.stop()
            timer.deleteLater()
        self._timers.clear()

    def forget(self, timer: "_Later") -> None:
        """A timer is done."""
        self._timers.discard(timer)

    @Slot(object)
    def _run(self, action: Callable[[], None]) -> None:
        if self._open:
            action()


class _Later(QTimer):
    """One callback, once."""

    def __init__(self, parent: Bridge, callback: Callable[[], None]) -> None:
        super().__init__(parent)
        self._bridge = parent
        self._callback = callback
        self.setSingleShot(True)
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.timeout.connect(self._fire)

    @Slot()
    def _fire(self) -> None:
        self._bridge.forget(self)
        self.deleteLater()
        self._callback()
