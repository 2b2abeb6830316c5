"""Who is on duty, as the first character of the name on a blue disc; a resting sign when nobody is."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look, font
from ui.widgets.drawing import Drawing
from ui.widgets.icon import draw_icon


class Monogram(Drawing):
    """A disc; the character takes a fixed part of its side."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._initial = ""

    def show_initial(self, initial: str, look: Look) -> None:
        before, self._initial = self._initial, initial
        self.wear(look, changed=initial != before)

    def draw(self, painter: QPainter, look: Look) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if self._initial:
            self._draw_initial(painter, look)
        else:
            self._draw_person(painter, look)

    def _draw_initial(self, painter: QPainter, look: Look) -> None:
        room = QRectF(self.rect())
        ground = QLinearGradient(QPointF(0, 0), room.bottomRight())
        ground.setColorAt(0, look.color("monogram_top"))
        ground.setColorAt(1, look.color("monogram_bottom"))
        painter.setBrush(ground)
        painter.drawEllipse(room)
        painter.setPen(look.color(theme.MONOGRAM.ink))
        painter.setFont(font(round(self.height() * theme.MONOGRAM_PART), theme.MONOGRAM.bold))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._initial)

    def _draw_person(self, painter: QPainter, look: Look) -> None:
        room = QRectF(self.rect())
        painter.setBrush(look.color("resting_wash"))
        painter.drawEllipse(room)
        side = room.width() * theme.MONOGRAM_PART
        inner = QRectF(0, 0, side, side)
        inner.moveCenter(room.center())
        draw_icon(painter, "person", inner, look, theme.RESTING_PILL.ink)
