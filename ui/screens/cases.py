"""Cases: which one of a ticket is rated alone. What was rated stands in its place and cannot be chosen."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import columns, cut_bottom, cut_top
from ui.look import Look
from ui.screens.base import Screen
from ui.theme import Size
from ui.views import CasesView
from ui.widgets.chip import Chip
from ui.widgets.control import Control
from ui.widgets.option import Option
from ui.widgets.words import Words

_ACROSS = 2


class CasesScreen(Screen):
    """`on_page` is called when another page of cases is shown."""

    def __init__(self, parent: QWidget, on_page: Callable[[], None]) -> None:
        super().__init__(parent)
        self._on_page = on_page
        centre = Qt.AlignmentFlag.AlignHCenter
        self._title = Words(self, theme.HEADING, centre, lines_max=2, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._hint = Words(self, theme.CAPTION, centre, balanced=True)
        self._rows: list[Option] = []
        self._turn = Chip(self, box=False)
        self._body: CasesView | None = None
        self._look: Look | None = None
        self._page = 0
        self._shown: list[Option] = []

    def fill(self, body: CasesView, look: Look) -> None:
        if not self.isVisible():
            self._page = 0
        self._body, self._look = body, look
        self._title.say(body.title, look)
        self._hint.say(body.hint, look)
        while len(self._rows) < len(body.cases):
            self._rows.append(Option(self))
        for row, view in zip(self._rows, body.cases, strict=False):
            row.offer(view, look)
        self._arrange(body, look)

    def controls(self) -> list[Control]:
        turn: list[Control] = [] if self._turn.isHidden() else [self._turn]
        return [*self._shown, *turn]

    def turn_page(self, name: str = "") -> None:
        """Show the next cases, where they do not all fit."""
        if self._body and self._look:
            self._page += 1
            self._arrange(self._body, self._look)
            self._on_page()

    def _arrange(self, body: CasesView, look: Look) -> None:
        room = self.room(look)
        title, room = cut_top(room, self._title.height_for(room.width()), look.px(Size.gap_xs))
        self._title.place(title)
        hint, room = cut_top(room, self._hint.height_for(room.width()), look.px(Size.gap_xs))
        self._hint.place(hint)
        gap = look.px(Size.gap_min)
        across = 1 if look.portrait or look.large or len(body.cases) == 1 else _ACROSS
        offered = self._rows[: len(body.cases)]
        width = (room.width() - (across - 1) * gap) // across
        height = max(row.height_for(width, look) for row in offered)
        down = self._rows_in(room.height(), height, gap)
        if paged := len(offered) > across * down:
            turn, room = cut_bottom(room, look.px(Size.chip_min), gap)
            down = self._rows_in(room.height(), height, gap)
            self._arrange_turn(body, across * down, turn, look)
        self._turn.setVisible(paged)
        each = across * down
        self._shown = offered[self._page * each :][:each] if paged else offered
        for row in self._rows:
            row.setVisible(row in self._shown)
        if not paged:
            used = -(-len(offered) // across) * (height + gap) - gap
            room = self._lowered(room, (room.height() - used) // 2)
        for row, place in zip(self._shown, _cells(room, across, height, gap), strict=False):
            row.place(place)

    def _lowered(self, room: QRect, by: int) -> QRect:
        """Everything in the vertical middle, where the cases leave room."""
        for words in (self._title, self._hint):
            words.place(words.geometry().translated(0, by))
        return room.adjusted(0, by, 0, 0)

    @staticmethod
    def _rows_in(room: int, height: int, gap: int) -> int:
        return max(1, (room + gap) // (height + gap))

    def _arrange_turn(self, body: CasesView, each: int, place: QRect, look: Look) -> None:
        pages = -(-len(body.cases) // each)
        self._page %= pages
        self._turn.wear(body.back if self._page == pages - 1 else body.more, look)
        self._turn.place(place)


def _cells(room: QRect, across: int, height: int, gap: int) -> list[QRect]:
    """Equal cells, row by row, as many as there is room for."""
    down = max(1, (room.height() + gap) // (height + gap))
    across_of = columns(room, across, gap)
    return [
        QRect(column.left(), room.top() + row * (height + gap), column.width(), height)
        for row in range(down)
        for column in across_of
    ]
