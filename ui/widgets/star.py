"""The five stars: a card to touch, and a row that only shows. All five are equal in everything but their place."""

from functools import lru_cache
from math import ceil, cos, pi, sin

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
    picture = QPixmap(ceil(side * sharpness), ceil(side * sharpness))
    picture.setDevicePixelRatio(sharpness)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color(line), stroke)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(color(fill))
    painter.translate(stroke / 2, stroke / 2)
    painter.drawPath(star_path(side - stroke))
    painter.end()
    return picture


class StarCard(Control):
    """One of the five to touch. `filled` is the fraction of its star that is gold."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self._filled = 0.0
        self._chosen = False
        self._lines = 1

    @staticmethod
    def margin(look: Look) -> int:
        """Pixels around the card that belong to its shadow."""
        return look.px(Size.shadow)

    def place_card(self, room: QRect) -> None:
        """Put the visible card at `room`; the widget is larger by its shadow."""
        assert self.look is not None, "wear() comes first"
        margin = self.margin(self.look)
        self.place(room.adjusted(-margin, -margin, margin, margin))

    def target(self) -> QRect:
        assert self.look is not None, "wear() comes first"
        margin = self.margin(self.look)
        return self.rect().adjusted(margin, margin, -margin, -margin)

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
        card = self.target()
        glyph = look.px(Size.star_glyph_portrait if look.portrait else Size.star_glyph)
        side = min(glyph, card.width() - 2 * look.px(Size.gap_xs))
        words = self.words_height()
        top = card.top() + (card.height() - side - words - look.px(Size.gap_s)) / 2
        return QRectF(card.left() + (card.width() - side) / 2, top, side, side)

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
            self.update()

    def label(self) -> Block:
        return self._label(self.target().width(), self._lines)

    def _label(self, card_width: int, lines: int) -> Block:
        assert self.view is not None and self.look is not None, "wear() comes first"
        text = self.view.text
        if lines > 1:
            text = text.replace(BREAK, FORCED).replace(" ", FORCED)
        pixels, width = self.look.font_px(theme.LABEL), card_width - self.look.px(Size.gap_xs)
        return lay_out(text, pixels, theme.LABEL.bold, width, theme.TIGHT_LINE_SPACING, False, 2, pixels)

    def fits(self) -> bool:
        block = self.label()
        return not block.elided and block.width <= self.target().width() + 1 and block.height <= self.words_height() + 1

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        card, radius = self.target(), look.px(Size.radius_star_card)
        margin = self.margin(look)
        marked = self.isDown() or self._chosen or self.highlighted
        if not self.isDown():
            soft = shadow(card.width(), card.height(), radius, margin, look.px(Size.shadow_drop), look.palette.shadow)
            painter.drawPixmap(0, 0, soft)
        ground = look.color("wash" if self.isDown() else "card")
        stroke = look.px(Size.stroke_focus if self.highlighted else Size.stroke if marked else Size.hair)
        draw_round(painter, QRectF(card), radius, ground, look.color("primary" if marked else "line"), stroke)
        glyph = self.glyph_room()
        draw_star(painter, glyph, self._filled, look, look.px(Size.star_stroke))
        painter.setPen(look.color(theme.LABEL.ink))
        below = QRect(card.left(), round(glyph.bottom()) + look.px(Size.gap_s), card.width(), self.words_height())
        draw(painter, self.label(), below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)


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
