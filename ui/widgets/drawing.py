"""What is only looked at: no finger reaches it, it stands where it was put, and it is painted anew when it looks otherwise."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.look import Look


def fill(painter: QPainter, room: QRect | QRectF, color: QColor) -> None:
    """Colour a room whose edges lie on whole pixels. With the first `QPainter.fillRect` come Qt's gradients and the names of
    their 169 presets, for which no start waits."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRect(room)


class Drawing(QWidget):
    """Its kind says what is drawn, in `draw`; nothing is, before it has a look."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._look: Look | None = None

    def place(self, room: QRect, look: Look | None = None) -> None:
        """Stand in `room`; `look` None: as before."""
        if look is not None:
            self.wear(look)
        if room != self.geometry():
            self.setGeometry(room)

    def wear(self, look: Look, *, changed: bool = False) -> None:
        """Look like this; `changed`: what is shown is another thing, too."""
        if changed or look != self._look:
            self._look = look
            self.update()

    def draw(self, painter: QPainter, look: Look) -> None:
        """Paint all of it; edges are smooth. A plain one is empty."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is not None:
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self.draw(painter, self._look)
