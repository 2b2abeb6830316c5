"""Scope: several cases, rated together or one alone. Two equal cards; neither is suggested."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, columns, rows, stack
from ui.look import Look
from ui.screens.base import Screen
from ui.theme import Size
from ui.views import ScopeView
from ui.widgets.control import Control
from ui.widgets.option import Option
from ui.widgets.words import Words


class ScopeScreen(Screen):
    """One question and two cards of one size, beside each other or, in portrait, under each other."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._title = Words(self, theme.TITLE, centre, lines_max=2, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._hint = Words(self, theme.LEAD, centre, balanced=True)
        self._options = [Option(self, big=True) for _ in range(2)]

    def fill(self, body: ScopeView, look: Look) -> None:
        self._title.say(body.title, look)
        self._hint.say(body.hint, look)
        for option, view in zip(self._options, body.options, strict=True):
            option.offer(view, look)
        self._arrange(look)

    def controls(self) -> list[Control]:
        return list(self._options)

    def _arrange(self, look: Look) -> None:
        room = self.room(look)
        width, gap = room.width(), look.px(Size.gap_m)
        across = width if look.portrait else (width - gap) // 2
        least = look.px(Size.option_card_height)
        height = max(least, *(option.height_for(across, look) for option in self._options))
        cards = 2 * height + gap if look.portrait else height
        heights = [self._title.height_for(width), self._hint.height_for(width), cards]
        title, hint, place = stack(room, heights, [look.px(Size.gap_xs), look.px(Size.gap_l)])
        self._title.place(title)
        self._hint.place(hint)
        for option, cell in zip(self._options, self._cells(place, gap, height, look), strict=True):
            option.place(cell)

    def _cells(self, room: QRect, gap: int, height: int, look: Look) -> list[QRect]:
        if look.portrait:
            return rows(room, 2, gap, height)
        widest = 2 * look.px(Size.option_card_max) + gap
        return columns(centred(room, QSize(min(widest, room.width()), height)), 2, gap)
