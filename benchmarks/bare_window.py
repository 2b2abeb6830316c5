"""The floor of the window: bare PySide6, five painted stars, the same font. One widget, nothing else of the product."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

SIZE = (1280, 800)
FONT = "Noto Sans CJK SC"
LABELS = ("非常不满意", "不满意", "基本满意", "满意", "非常满意")
_CARD = QRectF(0, 0, 210, 237)


def card_rect(index: int) -> QRectF:
    """Where star `index` (0…4) stands."""
    return _CARD.translated(67 + 234 * index, 430)


class BareStars(QWidget):
    """Five cards with a star each; a press darkens one. `pressed`: its index, -1 for none."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(*SIZE)
        self.pressed = -1
        self._star = _star(QPointF(105, 95), 56)
        self.setFont(QFont(FONT, 20))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(next((i for i in range(5) if card_rect(i).contains(event.position())), -1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press(-1)

    def _press(self, index: int) -> None:
        for changed in {index, self.pressed} - {-1}:
            self.update(card_rect(changed).toAlignedRect())
        self.pressed = index

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor("#F6F7F9"))
        for index, label in enumerate(LABELS):
            rect = card_rect(index)
            if not rect.intersects(QRectF(event.rect())):
                continue
            painter.setPen(QPen(QColor("#DDE3EC"), 1))
            painter.setBrush(QColor("#E8EFF9" if index == self.pressed else "#FFFFFF"))
            painter.drawRoundedRect(rect, 16, 16)
            painter.setPen(QPen(QColor("#8A94A6"), 4))
            painter.drawPolygon(self._star.translated(rect.topLeft()))
            painter.setPen(QColor("#14213D"))
            painter.drawText(rect.adjusted(0, 160, 0, 0), Qt.AlignmentFlag.AlignHCenter, label)


def _star(centre: QPointF, radius: float) -> QPolygonF:
    points = []
    for corner in range(10):
        angle = math.pi * (corner / 5 - 0.5)
        length = radius if corner % 2 == 0 else radius * 0.45
        points.append(centre + QPointF(math.cos(angle) * length, math.sin(angle) * length))
    return QPolygonF(points)
