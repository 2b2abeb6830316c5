"""Who is on duty: a photo on a disc, else the first character of the name on a blue one; a resting sign when nobody is."""

import logging
from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look, font
from ui.widgets.drawing import Drawing
from ui.widgets.icon import draw_icon

BANDS = 64
"""Of colours in the disc, more than the eye tells apart."""
_PHOTOS = 4
_ABOVE = 4
"""Of what a high picture has too much, this part is left out above."""

log = logging.getLogger(__name__)


class Monogram(Drawing):
    """A disc; the character takes a fixed part of its side."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._initial = self._photo = ""

    def show_person(self, initial: str, photo: str, look: Look) -> None:
        """`photo`: the path of a picture, or none."""
        before = self._initial, self._photo
        self._initial, self._photo = initial, photo
        self.wear(look, changed=(initial, photo) != before)

    def draw(self, painter: QPainter, look: Look) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if self._photo and not (picture := disc_picture(self._photo, self.height())).isNull():
            painter.setBrush(_textured(picture))
            painter.drawEllipse(QRectF(self.rect()))
        elif self._initial:
            self._draw_initial(painter, look)
        else:
            self._draw_person(painter, look)

    def _draw_initial(self, painter: QPainter, look: Look) -> None:
        room = QRectF(self.rect())
        painter.setBrush(_blended(self.height(), look.color("monogram_top"), look.color("monogram_bottom")))
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


@lru_cache(_PHOTOS)
def disc_picture(path: str, side: int) -> QPixmap:
    """The middle of a picture as a square, of a high one nearer to its top, where faces are.

    Empty where the file is no picture, which is logged.
    """
    loaded = QPixmap(path)
    if loaded.isNull():
        log.warning("photo %s is not shown: it is no picture", path.rpartition("/")[2])
        return loaded
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = loaded.scaled(side, side, filling, Qt.TransformationMode.SmoothTransformation)
    return scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // _ABOVE, side, side)


def _blended(side: int, top: QColor, bottom: QColor) -> QBrush:
    """From one colour at the upper left of a square to another at the lower right.

    A start does without Qt's gradients, with which the names of two hundred presets come.
    """
    strip = QPixmap(BANDS, 1)
    painter = QPainter(strip)
    for band in range(BANDS):
        painter.setPen(_mixed(top, bottom, band / (BANDS - 1)))
        painter.drawPoint(band, 0)
    painter.end()
    brush = _textured(strip)
    step = side / BANDS
    brush.setTransform(QTransform(step, step, -1, 1, 0, 0))
    return brush


def _textured(picture: QPixmap) -> QBrush:
    """A brush made of it; `QBrush(picture)` would ask whether it is a QImage, with all the formats of those."""
    brush = QBrush()
    brush.setTexture(picture)
    return brush


def _mixed(one: QColor, other: QColor, part: float) -> QColor:
    pairs = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return QColor(*(round(a + (b - a) * part) for a, b in pairs))
