"""The uppermost line: hall, window, date and time. The minute is handed in; it reads no clock."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import cut_left, cut_right
from ui.look import Look
from ui.theme import Size
from ui.views import HeaderView
from ui.widgets.drawing import fill
from ui.widgets.surface import Pill
from ui.widgets.words import Words


class Header(QWidget):
    """One row, or two where the canvas is narrow."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hall = Words(self, theme.HALL, lines_max=1, shrinks=True)
        self._window = Pill(self)
        self._clock = Words(self, theme.CLOCK, Qt.AlignmentFlag.AlignRight, lines_max=1)
        self._look: Look | None = None

    def show_header(self, view: HeaderView, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.update()
        self._hall.say(view.hall, look)
        self._window.say(view.window, look)

    def show_clock(self, date: str, time: str) -> None:
        """`date` is left out where there is no room for it."""
        look = self._look
        assert look is not None, "show_header() comes first"
        self._clock.say(time if look.portrait else f"{date}  {time}", look)
        self.arrange(look)

    def height_in(self, look: Look) -> int:
        if self._is_two_rows(look):
            return look.px(Size.header) + look.px(Size.header_row)
        return look.px(Size.header_large if look.large else Size.header)

    def _inner_width(self, look: Look) -> int:
        return look.width - 2 * look.px(Size.margin_portrait if look.portrait else Size.margin)

    def _is_two_rows(self, look: Look) -> bool:
        """Whether hall, window and the longest time of day do not fit beside each other."""
        if not look.portrait:
            return False
        inner = self._inner_width(look)
        clock = round(look.font_px(theme.CLOCK) * theme.CLOCK_EM)
        return self._hall.width_for(inner) + self._window.size_in(inner, look)[0] + clock + 2 * look.px(Size.gap_m) > inner

    def arrange(self, look: Look) -> None:
        if not self._clock.text:
            return
        gap = look.px(Size.gap_m)
        inner = self._inner_width(look)
        room = QRect((self.width() - inner) // 2, 0, inner, self.height())
        row = room
        if self._is_two_rows(look):
            row = QRect(room.left(), 0, inner, look.px(Size.header))
        clock, left = cut_right(row, self._clock.width_for(row.width()), gap)
        self._clock.place(clock)
        if row != room:
            self._hall.place(left)
            width, height = self._window.size_in(inner, look)
            top = row.bottom() + 1
            self._window.place(QRect(room.left(), top, width, height))
            return
        width, height = self._window.size_in(left.width() // 2, look)
        hall, rest = cut_left(left, min(self._hall.width_for(left.width()), left.width() - width - gap), gap)
        self._hall.place(hall)
        self._window.place(QRect(rest.left(), (self.height() - height) // 2, width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            fill(painter, self.rect(), look.color("card"))
            line = look.px(Size.rule_height)
            fill(painter, QRect(0, self.height() - line, self.width(), line), look.color("line"))
