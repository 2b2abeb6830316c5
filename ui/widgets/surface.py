"""Grounds that things stand on: cards with rounded corners, hair lines, soft shadows, pills."""

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Face, Size
from ui.widgets.drawing import Drawing, fill
from ui.widgets.words import Words, draw

_SHADOWS = 64


def draw_round(
    painter: QPainter, room: QRectF, radius: float, fill: QColor, line: QColor | None = None, stroke: float = 0.0
) -> None:
    """A rounded rectangle whose line lies wholly inside `room`; one laid over the other, which is several times as fast as
    Qt's thin pens."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if line is not None:
        painter.setBrush(line)
        painter.drawRoundedRect(room, radius, radius)
        room, radius = room.adjusted(stroke, stroke, -stroke, -stroke), max(0.0, radius - stroke)
    painter.setBrush(fill)
    painter.drawRoundedRect(room, radius, radius)


@lru_cache(_SHADOWS)
def shadow(width: int, height: int, radius: int, blur: int, drop: int, code: str) -> QPixmap:
    """A soft shadow for a card of this size, `blur` pixels wider on every side."""
    picture = QPixmap(width + 2 * blur, height + 2 * blur)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    layer = QColor(code)
    layer.setAlphaF(theme.SHADOW_ALPHA / blur)
    painter.setBrush(layer)
    for step in range(blur):
        reach = blur * (1 - (step / blur) ** theme.SHADOW_FALL)
        room = QRectF(blur - reach, blur - reach + drop, width + 2 * reach, height + 2 * reach - 2 * drop)
        painter.drawRoundedRect(room, radius + reach, radius + reach)
    painter.end()
    return picture


class Card(Drawing):
    """A white card. It cannot be touched, so it has no shadow."""

    def __init__(self, parent: QWidget, ground: str = "card", radius: int = Size.radius_card) -> None:
        super().__init__(parent)
        self._ground = ground
        self._radius = radius

    def draw(self, painter: QPainter, look: Look) -> None:
        room, fill, line = QRectF(self.rect()), look.color(self._ground), look.color("line")
        draw_round(painter, room, look.px(self._radius), fill, line, look.hair)


class Rule(Drawing):
    """A hair line."""

    def draw(self, painter: QPainter, look: Look) -> None:
        fill(painter, self.rect(), look.color("line"))


class Pill(Words):
    """A short fact on a rounded ground."""

    def __init__(self, parent: QWidget, face: Face = theme.PILL, ground: str = "wash") -> None:
        super().__init__(
            parent, face, Qt.AlignmentFlag.AlignHCenter, lines_max=2, balanced=True, spacing=theme.TIGHT_LINE_SPACING
        )
        self._ground = ground

    def stand_on(self, ground: str) -> None:
        if ground != self._ground:
            self._ground = ground
            self.update()

    def size_in(self, room: int, look: Look) -> tuple[int, int]:
        """Width and height in pixels, at most `room` wide."""
        padding = look.px(Size.pill_padding)
        block = self.block(max(1, room - 2 * padding))
        return min(room, block.width + 2 * padding), block.height + 2 * look.px(Size.pill_padding_y)

    def fits(self) -> bool:
        look = self._look
        assert look is not None
        inner = self.width() - 2 * look.px(Size.pill_padding)
        block = self.block(max(1, inner))
        return not block.elided and block.width <= inner + 1 and block.height <= self.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            outlined = look.palette.wash == look.palette.card
            line = look.color(self._face.ink) if outlined else None
            draw_round(painter, QRectF(self.rect()), self.height() / 2, look.color(self._ground), line, look.hair)
            painter.setPen(look.color(self._face.ink))
            padding = look.px(Size.pill_padding)
            words = self.block(max(1, self.width() - 2 * padding))
            from_left = self.rect().adjusted(padding, 0, -padding, 0)
            draw(painter, words, from_left, self._align)
