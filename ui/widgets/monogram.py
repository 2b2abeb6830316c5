"""Who is on duty, as the first character of the name on a blue disc; a resting sign when nobody is."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look, font
from ui.widgets.icon import draw_icon


class Monogram(QWidget):
    """A disc; the character takes a fixed part of its side."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._initial = ""
        self._look: Look | None = None

    def show_initial(self, initial: str, look: Look) -> None:
        if initial != self._initial or look != self._look:
            self._initial, self._look = initial, look
            self.update()

    def place(self, room: QRect) -> None:
        if room != self.geometry():
            self.setGeometry(room)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            room = QRectF(self.rect())
            if self._initial:
                ground = QLinearGradient(QPointF(0, 0), room.bottomRight())
                ground.setColorAt(0, look.color("monogram_top"))
                ground.setColorAt(1, look.color("monogram_bottom"))
                painter.setBrush(ground)
                painter.drawEllipse(room)
                painter.setPen(look.color(theme.MONOGRAM.ink))
                painter.setFont(font(round(self.height() * theme.MONOGRAM_PART), theme.MONOGRAM.bold))
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._initial)
            else:
                painter.setBrush(look.color("resting_wash"))
                painter.drawEllipse(room)
                side = room.width() * theme.MONOGRAM_PART
                inner = QRectF(0, 0, side, side)
                inner.moveCenter(room.center())
                draw_icon(painter, "person", inner, look, theme.RESTING_PILL.ink)
