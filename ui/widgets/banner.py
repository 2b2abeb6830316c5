"""One line in the header's place for a few seconds: the screen below goes on working, and no control is hidden."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.look import Look
from ui.theme import Size
from ui.widgets.drawing import fill
from ui.widgets.words import Words, draw


class Banner(Words):
    """As wide and high as the header that it covers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, theme.BANNER, Qt.AlignmentFlag.AlignHCenter, lines_max=2, balanced=True)

    def show_banner(self, text: str, look: Look, header: QRect) -> None:
        self.say(text, look)
        if text:
            self.place(header)
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            fill(painter, self.rect(), look.color("primary"))
            painter.setPen(look.color(self._face.ink))
            margin = look.px(Size.gap_l)
            room = self.rect().adjusted(margin, 0, -margin, 0)
            draw(painter, self.block(room.width()), room, self._align)
