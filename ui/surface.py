"""The window as the system sees it: takes Qt's mouse, touch, key and close events and passes on one finger and a few keys.

It decides whose contacts count. What a contact means is the listener's.
"""

from collections.abc import Callable
from typing import Protocol

from PySide6 import QtGui  # for classes whose many names come with the first contact
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPalette,
    QResizeEvent,
    QScreen,
    QSinglePointEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QWidget

from ui.bridge import Once
from ui.settings import DisplaySettings

PALM_CONTACTS = 3
PALM_PART = 0.2
"""A contact wider than this part of the shorter side is a palm; a finger on the smallest canvas takes about a tenth."""


class Listener(Protocol):
    """Whoever follows the finger. Points are in the surface's pixels."""

    def finger_down(self, at: QPoint) -> None: ...
    def finger_moved(self, at: QPoint) -> None: ...
    def finger_up(self, at: QPoint) -> None: ...
    def finger_lost(self) -> None: ...
    def resized(self) -> None: ...


class Surface(QWidget):
    """The top-level widget. `after_paint` is called once, when the next picture has been painted and handed to the screen.

    `typed` gets every key that goes down or up in this application: nothing else in it takes the focus.
    """

    def __init__(self, listener: Listener, settings: DisplaySettings) -> None:
        super().__init__()
        self._listener = listener
        self._settings = settings
        self._finger: int | None = None
        self._mouse_down = False
        self.after_paint: Callable[[], None] | None = None
        self._exposed = Once(self, self._tell_painted)
        self.typed: Callable[[QKeyEvent], None] | None = None
        self.setObjectName("kiosk")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAutoFillBackground(True)
        if settings.fullscreen:
            self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        if settings.hide_cursor:
            self.setCursor(Qt.CursorShape.BlankCursor)

    def cover_screen(self) -> None:
        """Be as large as the screen, whatever becomes of it: without a window manager nobody else sees to that."""
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.primaryScreenChanged.connect(self._follow_screen)
        self._follow_screen(application.primaryScreen())
        self.showFullScreen()

    @Slot(QScreen)
    def _follow_screen(self, screen: QScreen | None) -> None:
        """Another screen is the first, or none is left, as when a cable was pulled."""
        if screen is not None:
            screen.geometryChanged.connect(self._cover, Qt.ConnectionType.UniqueConnection)
            self._cover(screen.geometry())

    @Slot(QRect)
    def _cover(self, room: QRect) -> None:
        if not room.isEmpty() and room != self.geometry():
            self.setGeometry(room)

    def stand_on(self, ground: QColor) -> None:
        """The colour below everything."""
        palette = self.palette()
        if palette.color(QPalette.ColorRole.Window) != ground:
            palette.setColor(QPalette.ColorRole.Window, ground)
            self.setPalette(palette)

    def event(self, event: QEvent) -> bool:
        """Every event of the window comes by here; to ask most of them for more than their class would slow each picture."""
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        handled = super().event(event)
        if self.after_paint is not None:
            self._follow_paint(event.type())
        return handled

    def _follow_paint(self, kind: QEvent.Type) -> None:
        """The first picture comes with an expose event, which no UpdateRequest follows."""
        if kind == QEvent.Type.Paint:
            self._exposed.start(0)
        elif kind == QEvent.Type.UpdateRequest and self.windowHandle().isExposed():
            self._tell_painted()

    def _tell_painted(self) -> None:
        self._exposed.stop()
        tell, self.after_paint = self.after_paint, None
        if tell:
            tell()

    # --- whose contacts count -----------------------------------------------------------------------------------

    def _counts(self, event: QSinglePointEvent | QTouchEvent) -> bool:
        device = event.device()
        names = self._settings.touch_device
        if names is not None and device.name() in names:
            return True
        if isinstance(event, QTouchEvent):
            return names is None and device.type() == QtGui.QInputDevice.DeviceType.TouchScreen
        return self._settings.allow_mouse and device.type() == QtGui.QInputDevice.DeviceType.Mouse

    def _touch(self, event: QTouchEvent) -> None:
        """The first finger only; every touch is accepted, so that none comes again as a mouse."""
        event.accept()
        if not self._counts(event):
            return
        if event.type() == QEvent.Type.TouchCancel:
            self._finger = None
            self._listener.finger_lost()
            return
        if self._is_palm(event):
            self._finger = None
            self._listener.finger_lost()
            return
        if event.type() == QEvent.Type.TouchBegin and event.points():
            self._finger = event.points()[0].id()
        for point in event.points():
            if point.id() == self._finger:
                self._follow(point)

    def _is_palm(self, event: QTouchEvent) -> bool:
        """Three contacts at once, or one as wide as a hand: nobody points like that."""
        widest = max(
            (max(one.ellipseDiameters().width(), one.ellipseDiameters().height()) for one in event.points()), default=0
        )
        return len(event.points()) >= PALM_CONTACTS or widest > PALM_PART * min(self.width(), self.height())

    def _follow(self, point: "QtGui.QEventPoint") -> None:
        at = point.position().toPoint()
        if point.state() == QtGui.QEventPoint.State.Pressed:
            self._listener.finger_down(at)
        elif point.state() == QtGui.QEventPoint.State.Released:
            self._finger = None
            self._listener.finger_up(at)
        else:
            self._listener.finger_moved(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._counts(event):
            self._mouse_down = True
            self._listener.finger_down(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._mouse_down and self._counts(event):
            self._listener.finger_moved(event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._mouse_down and event.button() == Qt.MouseButton.LeftButton and self._counts(event):
            self._mouse_down = False
            self._listener.finger_up(event.position().toPoint())

    # --- keys, size, closing ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Swallows every key, whoever types it: the one keypad that may choose is read from its own input device."""
        self._key(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._key(event)

    def _key(self, event: QKeyEvent) -> None:
        event.accept()
        if self.typed is not None:
            self.typed(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._listener.resized()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._settings.allow_close:
            event.accept()
        else:
            event.ignore()
