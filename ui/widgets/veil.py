"""Cleaning: covers the window for half a minute, so that a cloth on the glass chooses nothing, and counts the seconds.

What happens below it goes on and is there when it lifts; only contacts and keys are held off.
"""

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QRect, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred
from ui.look import Look
from ui.theme import Size
from ui.widgets.drawing import fill
from ui.widgets.icon import Icon
from ui.widgets.words import Words


class Veil(QWidget):
    """`now_ms` is monotonic. Hidden unless the glass is being cleaned."""

    def __init__(self, parent: QWidget, now_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._now_ms = now_ms
        self._until_ms = 0
        self._look: Look | None = None
        self._icon = Icon(self)
        self._title = Words(self, theme.TITLE, centre, balanced=True, spacing=theme.TIGHT_LINE_SPACING)
        self._left = Words(self, theme.DISPLAY, centre)
        self._timer = QTimer(self)
        self._timer.setInterval(theme.RING_MS)
        self._timer.timeout.connect(self.tick)
        self.hide()

    @property
    def seconds_left(self) -> int:
        return max(0, ceil((self._until_ms - self._now_ms()) / theme.SECOND_MS))

    def fall(self, title: str, look: Look) -> None:
        """Cover the window from now on."""
        self._until_ms, self._look = self._now_ms() + theme.CLEANING_MS, look
        self._title.say(title, look)
        self._arrange(look)
        self.show()
        self.raise_()
        self._timer.start()
        self.tick()

    def follow(self, look: Look) -> None:
        """Another canvas or theme while it is down."""
        if not self.isHidden() and look != self._look:
            self._look = look
            self._title.say(self._title.text, look)
            self._arrange(look)
            self.tick()

    @Slot()
    def tick(self) -> None:
        """Count on; lift when the time is over."""
        if self.seconds_left == 0 or self._look is None:
            self._timer.stop()
            self.hide()
            return
        self._left.say(str(self.seconds_left), self._look)

    def _arrange(self, look: Look) -> None:
        self.setGeometry(look.canvas)
        width = look.width - 2 * look.px(Size.margin)
        side, gap = look.px(Size.icon_large), look.px(Size.gap_l)
        title, number = self._title.height_for(width), round(look.font_px(theme.DISPLAY) * theme.LINE_SPACING)
        top = (look.height - side - title - number - 2 * gap) // 2
        self._icon.show_icon("pause", look)
        self._icon.place(centred(QRect(0, top, look.width, side), QRect(0, 0, side, side).size()))
        left = (look.width - width) // 2
        self._title.place(QRect(left, top + side + gap, width, title))
        self._left.place(QRect(left, top + side + title + 2 * gap, width, number))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is None:
            return
        with QPainter(self) as painter:
            fill(painter, self.rect(), self._look.color("paper"))
