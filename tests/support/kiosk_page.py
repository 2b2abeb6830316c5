"""The kiosk window as a test sees it: a page with controls by name, one finger, and the events that come out.

Time is the test's: `clock.now` moves only when the test moves it. Fingers and mice are Qt's own events, sent through the
window system's interface.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from support.window_samples import FACTS, FixedClock

from terminal_app.domain import session as s
from ui.contact import GUARD_MS
from ui.main_window import KioskWindow
from ui.settings import DisplaySettings
from ui.views import Facts
from ui.widgets.control import Control

DESKTOP = DisplaySettings(fullscreen=False, allow_mouse=True)
OUTSIDE = QPoint(-50, -50)
SWEEP_DEADLINE_S = 5.0


class KioskPage:
    """A window on the screen. `events` collects what it sends, in order."""

    def __init__(self, settings: DisplaySettings = DESKTOP, facts: Facts = FACTS) -> None:
        self.clock = FixedClock()
        self.events: list[s.Event] = []
        self.painted: list[tuple[str, str]] = []
        self.window = KioskWindow(self.events.append, facts, settings, self.clock)
        self.window.on_painted = lambda screen, detail: self.painted.append((screen, detail))

    def open(self, state: s.Terminal) -> "KioskPage":
        self.window.show(state)
        self.window.open()
        self.settle()
        return self

    def show(self, state: s.Terminal, *, wait: bool = True) -> None:
        """Show another state; unless told otherwise, long enough ago that contacts act."""
        self.window.show(state)
        self.settle()
        if wait:
            self.clock.now += GUARD_MS

    def settle(self) -> None:
        """Let Qt finish what is posted."""
        for _ in range(3):
            QApplication.processEvents()

    def finish_sweep(self) -> None:
        """Wait until the stars have taken their change."""
        deadline = monotonic() + SWEEP_DEADLINE_S
        while self.window._is_held() and monotonic() < deadline:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        assert not self.window._is_held()

    def close(self) -> None:
        self.window.close()

    # --- what is there ------------------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        return [control.objectName() for control in self.window.controls()]

    def control(self, name: str) -> Control:
        return next(control for control in self.window.controls() if control.objectName() == name)

    def at(self, name: str) -> QPoint:
        """The middle of a control, in the window's pixels."""
        point = self.window.target_point(name)
        assert point is not None, f"{name} is not on the screen: {self.names}"
        return self.window.widget.mapFromGlobal(point)

    def blank(self) -> QPoint:
        """A place where nothing can be touched."""
        return QPoint(self.window.widget.width() // 2, 3)

    # --- a finger -----------------------------------------------------------------------------------------------

    def press(self, where: str | QPoint) -> None:
        self._mouse(QTest.mousePress, where)

    def move(self, where: str | QPoint) -> None:
        QTest.mouseMove(self.window.widget.windowHandle(), self._point(where))
        self.settle()

    def release(self, where: str | QPoint) -> None:
        self._mouse(QTest.mouseRelease, where)

    def tap(self, where: str | QPoint) -> None:
        point = self._point(where)
        self.press(point)
        self.release(point)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.widget.windowHandle(), key)
        self.settle()

    def _mouse(self, act: object, where: str | QPoint) -> None:
        act(self.window.widget.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self._point(where))  # type: ignore[operator]
        self.settle()

    def _point(self, where: str | QPoint) -> QPoint:
        return self.at(where) if isinstance(where, str) else where

    def touch(self, device: object) -> "Touch":
        return Touch(self, device)


class Touch:
    """Fingers on a touch screen, by their number."""

    def __init__(self, page: KioskPage, device: object) -> None:
        self._page = page
        self._device = device

    def press(self, finger: int, where: str | QPoint, *, resting: tuple[int, ...] = ()) -> None:
        self._commit("press", finger, where, resting)

    def move(self, finger: int, where: str | QPoint, *, resting: tuple[int, ...] = ()) -> None:
        self._commit("move", finger, where, resting)

    def release(self, finger: int, where: str | QPoint, *, resting: tuple[int, ...] = ()) -> None:
        self._commit("release", finger, where, resting)

    def _commit(self, act: str, finger: int, where: str | QPoint, resting: tuple[int, ...]) -> None:
        sequence = QTest.touchEvent(self._page.window.widget.windowHandle(), self._device, False)
        for other in resting:
            sequence.stationary(other)
        getattr(sequence, act)(finger, self._page._point(where))
        sequence.commit()
        self._page.settle()


@contextmanager
def kiosk(state: s.Terminal, settings: DisplaySettings = DESKTOP, facts: Facts = FACTS) -> Iterator[KioskPage]:
    """An open window that shows `state` and takes contacts."""
    page = KioskPage(settings, facts).open(state)
    try:
        yield page
    finally:
        page.close()


def texts_of(widget: QWidget) -> list[QWidget]:
    """Every visible part of a window that carries words and can say whether they fit."""
    return [child for child in widget.findChildren(QWidget) if hasattr(child, "fits") and child.isVisible()]
