"""One line over a screen that goes on working: it hides no control for the finger."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Size
from ui.widgets.surface import draw_round
from ui.widgets.words import Words, draw


class Banner(Words):
    """Centred, right below the header."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, theme.BANNER, Qt.AlignmentFlag.AlignHCenter, lines_max=2, balanced=True)

    def show_banner(self, text: str, look: Look, edge: int) -> None:
        """`edge`: the header's lowest pixel."""
        self.say(text, look)
        if not text:
            return
        padding = look.px(Size.gap_l)
        widest = look.width - 2 * look.px(Size.margin) - 2 * padding
        block = self.block(widest)
        width, height = block.width + 2 * padding, block.height + 2 * look.px(Size.gap_xs)
        self.place(QRect((look.width - width) // 2, edge + look.px(Size.gap_xs), width, height))
        self.raise_()

    def fits(self) -> bool:
        block = self.block(self.width())
        return not block.elided and block.width <= self.width() + 1 and block.height <= self.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        painter = QPainter(self)
        draw_round(painter, QRectF(self.rect()), self.height() / 2, look.color("primary"))
        painter.setPen(look.color(self._face.ink))
        draw(painter, self.block(self.width()), self.rect(), self._align)
        painter.end()
