"""One of several equals to choose from: a title, a line that explains it, and why it cannot be chosen, if it cannot."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Face, Size
from ui.views import ButtonView, OptionView
from ui.widgets.control import Control
from ui.widgets.surface import draw_round
from ui.widgets.words import Block, draw, lay_out


class Option(Control):
    """`big`: one of a few cards with centred words; else a row of a list, read from the left."""

    def __init__(self, parent: QWidget, *, big: bool = False) -> None:
        super().__init__(parent)
        self._title: Face = theme.HEADING if big else theme.CHIP
        self._align = Qt.AlignmentFlag.AlignHCenter if big else Qt.AlignmentFlag.AlignLeft
        self._padding = Size.gap_m if big else Size.chip_padding
        self._line = self._state = ""

    def offer(self, view: OptionView, look: Look) -> None:
        if (view.line, view.state) != (self._line, self._state):
            self._line, self._state = view.line, view.state
            self.update()
        self.wear(view.button, look)
        said = (view.button.text, view.line, view.state)
        self.setAccessibleName("，".join(text for text in said if text))

    def height_for(self, width: int, look: Look) -> int:
        """Pixels that the words need in height when the option is `width` wide; never less than a finger does."""
        title, line, _ = self._blocks(width)
        words = title.height + (line.height if line else 0)
        return max(look.px(Size.chip_min), words + 2 * look.px(Size.gap_min))

    def fits(self) -> bool:
        blocks = [block for block in self._blocks(self.width()) if block]
        words = sum(block.height for block in blocks[: 2 if self._line else 1])
        return not any(block.elided for block in blocks) and words <= self.height()

    def _blocks(self, width: int) -> tuple[Block, Block | None, Block | None]:
        """Title, line and state as they stand in this width."""
        assert self.view is not None and self.look is not None, "wear() comes first"
        inner = width - 2 * self.look.px(self._padding)
        state = self._block(self._state, theme.BUTTON_QUIET, inner) if self._state else None
        left = inner - (state.width + self.look.px(Size.gap_s) if state else 0)
        line = self._block(self._line, theme.CAPTION, left) if self._line else None
        return self._block(self.view.text, self._title, left), line, state

    def _block(self, text: str, face: Face, width: int) -> Block:
        assert self.look is not None, "wear() comes first"
        pixels = self.look.font_px(face)
        return lay_out(text, pixels, face.bold, max(1, width), theme.TIGHT_LINE_SPACING, True, theme.TEXT_LINES_MAX, pixels)

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        chosen = self.isDown() or self.highlighted
        ground = "wash_pressed" if self.isDown() else "card" if view.enabled else "disabled"
        stroke = look.px(Size.stroke_focus if self.highlighted else Size.stroke)
        line_ink = look.color("primary" if chosen else "line")
        draw_round(painter, QRectF(self.rect()), look.px(Size.radius), look.color(ground), line_ink, stroke)
        title, line, state = self._blocks(self.width())
        room = self.rect().adjusted(look.px(self._padding), 0, -look.px(self._padding), 0)
        if state:
            painter.setPen(look.color("disabled_ink"))
            draw(painter, state, room, Qt.AlignmentFlag.AlignRight)
            room.setRight(room.right() - state.width - look.px(Size.gap_s))
        words = title.height + (line.height if line else 0)
        top = room.top() + (room.height() - words) // 2
        painter.setPen(look.color(self._title.ink if view.enabled else "disabled_ink"))
        draw(painter, title, QRect(room.left(), top, room.width(), title.height), self._align)
        if line:
            painter.setPen(look.color(theme.CAPTION.ink if view.enabled else "disabled_ink"))
            draw(painter, line, QRect(room.left(), top + title.height, room.width(), line.height), self._align)
