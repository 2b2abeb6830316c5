"""The five stars: a card to touch, and a row that only shows. All five are equal in everything but their place."""

from functools import lru_cache
from math import ceil, cos, pi, sin
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from ui import theme
from ui.look import Look, color
from ui.theme import Size
from ui.views import ButtonView
from ui.widgets.control import Control
from ui.widgets.surface import draw_round, shadow
from ui.widgets.words import BREAK, FORCED, Block, draw, lay_out

STARS = 5
_POINTS = 5
_PATHS = 32
_PICTURES = 32
_GROUNDS = 4
"""Plain, pressed, chosen, and marked by the keypad."""


@lru_cache(_PATHS)
def star_path(side: float) -> QPainterPath:
    """A rounded five-point star that fills a square of `side` with its tip up, its centre of mass in the middle."""
    outer = side / 2
    corners = []
    for corner in range(2 * _POINTS):
        radius = outer if corner % 2 == 0 else outer * theme.STAR_INNER
        angle = corner * pi / _POINTS
        corners.append(QPointF(outer + radius * sin(angle), outer - radius * cos(angle)))
    path = QPainterPath()
    for index, corner_at in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % len(corners)]
        rounding = theme.STAR_ROUNDING if index % 2 == 0 else theme.STAR_ROUNDING / 2
        start = corner_at + (before - corner_at) * rounding
        end = corner_at + (after - corner_at) * rounding
        if index == 0:
            path.moveTo(start)
        else:
            path.lineTo(start)
        path.quadTo(corner_at, end)
    path.closeSubpath()
    box = path.boundingRect()
    path.translate(side / 2 - box.center().x(), side / 2 - box.center().y())
    return path


def draw_star(painter: QPainter, room: QRectF, filled: float, look: Look, stroke: float) -> None:
    """A star in `room`, filled from the left up to the fraction `filled`."""
    side, sharpness, colors = room.width(), painter.device().devicePixelRatioF(), look.palette
    painter.drawPixmap(room.topLeft(), _picture(side, stroke, colors.star_empty, colors.star_empty_outline, sharpness))
    if filled > 0:
        gold = _picture(side, stroke, colors.star, colors.star_outline, sharpness)
        shown = QRectF(0, 0, side * filled, side)
        painter.drawPixmap(shown.translated(room.topLeft()), gold, QRectF(0, 0, shown.width() * sharpness, side * sharpness))


@lru_cache(_PICTURES)
def _picture(side: float, stroke: float, fill: str, line: str, sharpness: float) -> QPixmap:
    """A whole star, drawn once: its outline is what takes longest on the screen with five of them."""
    picture = _blank(side, side, sharpness)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color(line), stroke)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(color(fill))
        painter.translate(stroke / 2, stroke / 2)
        painter.drawPath(star_path(side - stroke))
    return picture


def _blank(width: float, height: float, sharpness: float) -> QPixmap:
    """A transparent picture of this size in logical pixels."""
    picture = QPixmap(ceil(width * sharpness), ceil(height * sharpness))
    picture.setDevicePixelRatio(sharpness)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


class Ground(NamedTuple):
    """A card with an empty star and no words, as it stands on the screen; lengths in logical pixels."""

    width: int
    height: int
    glyph: tuple[float, float, float]
    look: Look
    down: bool
    marked: bool
    highlighted: bool
    sharpness: float


@lru_cache(_GROUNDS)
def ground_picture(ground: Ground) -> QPixmap:
    """Drawn once for all five. It covers what is below it, corners and all, so that a press paints this one card alone."""
    look, card = ground.look, QRectF(0, 0, ground.width, ground.height)
    picture = _blank(ground.width, ground.height, ground.sharpness)
    picture.fill(look.color("paper"))
    stroke = look.px(Size.stroke_focus) if ground.highlighted else look.px(Size.stroke_bold) if ground.marked else look.hair
    fill = look.color("wash_pressed" if ground.down else "card")
    line = look.color("primary" if ground.marked else "line")
    left, top, side = ground.glyph
    with QPainter(picture) as painter:
        painter.drawPixmap(-look.px(Size.shadow), -look.px(Size.shadow), card_shadow(ground.width, ground.height, look))
        draw_round(painter, card, look.px(Size.radius_star_card), fill, line, stroke)
        draw_star(painter, QRectF(left, top, side, side), 0.0, look, look.px(Size.star_stroke))
    return picture


def card_shadow(width: int, height: int, look: Look) -> QPixmap:
    """What lies around and below a card of this size, Size.shadow wider on every side."""
    radius, blur, drop = (look.px(length) for length in (Size.radius_star_card, Size.shadow, Size.shadow_drop))
    return shadow(width, height, radius, blur, drop, look.palette.shadow)


class StarCard(Control):
    """One of the five to touch. `filled`: the fraction of its star that is gold. Its shadow is painted by what it stands on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.ensurePolished()  # Qt's style takes from a button what the next line gives
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCheckable(True)
        self._filled = 0.0
        self._chosen = False
        self._lines = 1
        self._words: QPixmap | None = None

    def wear(self, view: ButtonView, look: Look) -> None:
        if (view, look) != (self.view, self.look):
            self._words = None
        super().wear(view, look)

    def place(self, room: QRect) -> None:
        if room.size() != self.size():
            self._words = None
        super().place(room)

    @property
    def filled(self) -> float:
        return self._filled

    def fill(self, fraction: float) -> None:
        """Gild the star up to a fraction; repaints the star alone."""
        if fraction != self._filled:
            self._filled = fraction
            self.update(self.glyph_room().toAlignedRect())

    def choose(self, chosen: bool) -> None:
        """Mark the card of the star that counts now."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.setChecked(chosen)
            self.update()

    def glyph_room(self) -> QRectF:
        """Where the star is, in the widget's pixels."""
        look = self.look
        assert look is not None, "wear() comes first"
        glyph = look.px(Size.star_glyph_portrait if look.portrait else Size.star_glyph)
        side = min(glyph, self.width() - 2 * look.px(Size.gap_xs))
        top = (self.height() - side - self.words_height() - look.px(Size.gap_s)) / 2
        return QRectF((self.width() - side) / 2, top, side, side)

    def words_height(self) -> int:
        """Height that all five labels are given."""
        assert self.look is not None, "wear() comes first"
        return round(self.look.font_px(theme.LABEL) * theme.TIGHT_LINE_SPACING * self._lines)

    def lines_in(self, width: int) -> int:
        """Lines that the label takes on a card of this width, when it is broken only where it must be."""
        return len(self._label(width, 1).lines)

    def spread_label(self, lines: int) -> None:
        """All five labels take as many lines as the longest, so that the five stars stand on one line."""
        if lines != self._lines:
            self._lines = lines
            self._words = None
            self.update()

    def label(self) -> Block:
        return self._label(self.width(), self._lines)

    def _label(self, card_width: int, lines: int) -> Block:
        assert self.view is not None and self.look is not None, "wear() comes first"
        text = self.view.text
        if lines > 1:
            text = text.replace(BREAK, FORCED).replace(" ", FORCED)
        pixels, width = self.look.font_px(theme.LABEL), card_width - self.look.px(Size.gap_xs)
        return lay_out(text, pixels, theme.LABEL.bold, width, theme.TIGHT_LINE_SPACING, False, 2, pixels)

    def fits(self) -> bool:
        block = self.label()
        return not block.elided and block.width <= self.width() + 1 and block.height <= self.words_height() + 1

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        """Pictures that are there already: what Qt needs to draw lines and words is cold by the time of a press."""
        room, sharpness = self.glyph_room(), self.devicePixelRatioF()
        down, lit = self.isDown(), self.highlighted
        glyph = (room.x(), room.y(), room.width())
        marked = down or lit or self._chosen
        ground = Ground(self.width(), self.height(), glyph, look, down, marked, lit, sharpness)
        painter.drawPixmap(0, 0, ground_picture(ground))
        if self._filled > 0:
            draw_star(painter, room, self._filled, look, look.px(Size.star_stroke))
        words = self._words = self._words or self._words_picture(look, sharpness)
        painter.drawPixmap(0, round(room.bottom()) + look.px(Size.gap_s), words)

    def _words_picture(self, look: Look, sharpness: float) -> QPixmap:
        room = QRect(0, 0, self.width(), self.words_height())
        picture = _blank(room.width(), room.height(), sharpness)
        with QPainter(picture) as painter:
            painter.setPen(look.color(theme.LABEL.ink))
            draw(painter, self.label(), room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        return picture


class StarRow(QLabel):
    """Five stars that show a choice and cannot be touched."""

    def __init__(self, parent: QWidget, side_dp: int) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._side_dp = side_dp
        self._chosen = 0
        self._look: Look | None = None

    def show_choice(self, chosen: int, spoken: str, look: Look) -> None:
        if chosen != self._chosen or look != self._look:
            self._chosen, self._look = chosen, look
            self.update()
        self.setAccessibleName(spoken)

    def size_in(self, look: Look) -> QSize:
        side, gap = look.px(self._side_dp), look.px(Size.gap_s)
        return QSize(STARS * side + (STARS - 1) * gap, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            gap = look.px(Size.gap_s)
            side = min(self.height(), (self.width() - (STARS - 1) * gap) // STARS)
            for star in range(STARS):
                room = QRectF(star * (side + gap), (self.height() - side) / 2, side, side)
                draw_star(painter, room, 1.0 if star < self._chosen else 0.0, look, look.px(Size.stroke))
