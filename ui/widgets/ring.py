"""Time left as a quiet ring: repaints its own few pixels, at most once a second, and only while it is shown."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Size
from ui.views import RingView
from ui.widgets.drawing import Drawing

_TURN = 360 * 16
_TOP = 90 * 16


class Ring(Drawing):
    """`now_ms` is the monotonic clock by which `until_ms` was set."""

    def __init__(self, parent: QWidget, now_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self._now_ms = now_ms
        self._view: RingView | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(theme.RING_MS)
        self._timer.timeout.connect(self._tick)

    def show_time(self, view: RingView | None, look: Look) -> None:
        before, self._view = self._view, view
        self.wear(look, changed=view != before)
        self.setVisible(view is not None)

    def fraction(self) -> float:
        """What is left of the full ring, 0 … 1."""
        if self._view is None:
            return 0.0
        return min(1.0, max(0.0, (self._view.until_ms - self._now_ms()) / self._view.total_ms))

    @Slot()
    def _tick(self) -> None:
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def draw(self, painter: QPainter, look: Look) -> None:
        stroke = look.px(Size.ring_stroke)
        room = QRectF(self.rect()).adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
        painter.setPen(QPen(look.color("track"), stroke))
        painter.drawEllipse(room)
        pen = QPen(look.color("primary"), stroke)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(room, _TOP, -round(_TURN * self.fraction()))
