"""A reason as a large chip with a box to tick, and the chip that turns the page."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Size
from ui.views import ButtonView
from ui.widgets.control import Control
from ui.widgets.surface import draw_round
from ui.widgets.words import Block, draw, lay_out


class Chip(Control):
    """One line to tick. `box` False: no box, it only turns a page."""

    def __init__(self, parent: QWidget, *, box: bool = True) -> None:
        super().__init__(parent)
        self._box = box
        self.setCheckable(box)

    def mark(self, marked: bool) -> None:
        if marked != self.isChecked():
            self.setChecked(marked)
            self.update()

    def words_room(self) -> QRect:
        assert self.look is not None, "wear() comes first"
        padding = self.look.px(Size.chip_padding)
        box = self.look.px(Size.chip_box) + self.look.px(Size.gap_s) if self._box else 0
        return self.rect().adjusted(padding + box, 0, -padding, 0)

    def block(self, width: int) -> Block:
        assert self.view is not None and self.look is not None, "wear() comes first"
        pixels = self.look.font_px(theme.CHIP)
        return lay_out(
            self.view.text, pixels, theme.CHIP.bold, width, theme.TIGHT_LINE_SPACING, True, theme.TEXT_LINES_MAX, pixels
        )

    def height_for(self, width: int, look: Look) -> int:
        """Pixels that the chip needs in height when it is `width` wide."""
        used = 2 * look.px(Size.chip_padding) + (look.px(Size.chip_box) + look.px(Size.gap_s) if self._box else 0)
        return max(look.px(Size.chip_min), self.block(width - used).height + 2 * look.px(Size.chip_padding_y))

    def fits(self) -> bool:
        room = self.words_room()
        block = self.block(room.width())
        return not block.elided and block.width <= room.width() + 1 and block.height <= room.height()

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        marked = self.isChecked()
        ground = "wash_pressed" if self.isDown() else "wash" if marked else "card"
        line = "primary" if marked or self.isDown() or self.highlighted else "line"
        stroke = look.px(Size.stroke_focus if self.highlighted else Size.stroke_bold if marked else Size.stroke)
        draw_round(painter, QRectF(self.rect()), look.px(Size.radius), look.color(ground), look.color(line), stroke)
        if self._box:
            self._draw_box(painter, look, marked)
        painter.setPen(look.color(theme.CHIP.ink if self._box else theme.BUTTON_TEXT.ink))
        room = self.words_room()
        side = Qt.AlignmentFlag.AlignLeft if self._box else Qt.AlignmentFlag.AlignHCenter
        draw(painter, self.block(room.width()), room, side)

    def _draw_box(self, painter: QPainter, look: Look, marked: bool) -> None:
        side = look.px(Size.chip_box)
        box = QRectF(look.px(Size.chip_padding), (self.height() - side) / 2, side, side)
        radius = look.px(Size.chip_box_radius)
        draw_round(
            painter,
            box,
            radius,
            look.color("primary" if marked else "card"),
            look.color("primary" if marked else "outline"),
            look.px(Size.stroke),
        )
        if marked:
            draw_tick(painter, box, look, "on_primary", look.px(Size.stroke_bold))


def draw_tick(painter: QPainter, room: QRectF, look: Look, ink: str, stroke: float) -> None:
    """A check mark in a square."""
    pen = QPen(look.color(ink), stroke)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    at = [QPointF(room.left() + room.width() * x, room.top() + room.height() * y) for x, y in theme.TICK]
    painter.drawPolyline(at)
