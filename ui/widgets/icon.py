"""A few line drawings in one weight: ticket, scan, card, person, pause, check, info, touch."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.widgets.drawing import Drawing

_DEGREE = 16
"""Qt measures arcs in sixteenths of a degree."""


def draw_icon(painter: QPainter, name: str, room: QRectF, look: Look, ink: str) -> None:
    """One icon in a square room, with lines in palette colour `ink`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(look.color(ink), room.width() * theme.ICON_STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for kind, *numbers in theme.ICONS[name]:
        _SHAPES[kind](painter, room, numbers)
    painter.restore()


def _at(room: QRectF, x: float, y: float) -> QPointF:
    return QPointF(room.left() + room.width() * x, room.top() + room.height() * y)


def _line(painter: QPainter, room: QRectF, numbers: list[float]) -> None:
    painter.drawPolyline([_at(room, x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)])


def _box(painter: QPainter, room: QRectF, numbers: list[float]) -> None:
    left, top, right, bottom, radius = numbers
    corner = room.width() * radius
    painter.drawRoundedRect(QRectF(_at(room, left, top), _at(room, right, bottom)), corner, corner)


def _circle(painter: QPainter, room: QRectF, numbers: list[float]) -> None:
    x, y, radius = numbers
    painter.drawEllipse(_at(room, x, y), room.width() * radius, room.width() * radius)


def _dot(painter: QPainter, room: QRectF, numbers: list[float]) -> None:
    painter.save()
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    _circle(painter, room, numbers)
    painter.restore()


def _arc(painter: QPainter, room: QRectF, numbers: list[float]) -> None:
    x, y, radius, start, span = numbers
    middle, side = _at(room, x, y), room.width() * radius
    box = QRectF(middle.x() - side, middle.y() - side, 2 * side, 2 * side)
    painter.drawArc(box, round(start * _DEGREE), round(span * _DEGREE))


_SHAPES: Mapping[str, Callable[[QPainter, QRectF, list[float]], None]] = {
    "line": _line,
    "box": _box,
    "circle": _circle,
    "dot": _dot,
    "arc": _arc,
}


class Icon(Drawing):
    """An icon on a disc of blue wash."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ""

    def show_icon(self, name: str, look: Look) -> None:
        before, self._name = self._name, name
        self.wear(look, changed=name != before)

    def draw(self, painter: QPainter, look: Look) -> None:
        if not self._name:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("wash"))
        painter.drawEllipse(self.rect())
        side = self.width() * theme.ICON_PART
        room = QRectF(0, 0, side, side)
        room.moveCenter(QRectF(self.rect()).center())
        draw_icon(painter, self._name, room, look, "primary")
