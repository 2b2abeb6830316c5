"""Administration: pages of facts about the terminal, and what can be done there. Never a rating."""

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import columns, cut_bottom, cut_top, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.staff_views import AdministrationView, RowView
from ui.theme import Size
from ui.widgets.control import Button, Control
from ui.widgets.surface import Card
from ui.widgets.tab import Tab
from ui.widgets.words import Words

_ACROSS = 2


class _Row:
    """A fact: what it is over how it is, and a line below."""

    def __init__(self, parent: QWidget) -> None:
        self._label = Words(parent, theme.CAPTION, lines_max=2)
        self._value = Words(parent, theme.BODY, balanced=True, lines_max=theme.FACT_LINES_MAX)
        self._line = Words(parent, theme.CAPTION, balanced=True, lines_max=theme.FACT_LINES_MAX)

    @property
    def _blocks(self) -> list[tuple[Words, int]]:
        return [(self._label, 0), (self._value, 0), (self._line, 0)]

    def say(self, view: RowView, look: Look) -> None:
        self._label.say(view.label, look)
        self._value.wear(theme.STANDS_OUT if view.stands_out else theme.BODY)
        self._value.say(view.value, look)
        self._line.say(view.line, look)

    def hide(self) -> None:
        for words, _ in self._blocks:
            words.hide()

    def height_for(self, width: int) -> int:
        return stacked_height(width, self._blocks)

    def place(self, room: QRect) -> None:
        place_stacked(room, self._blocks, room.top())
        for words, _ in self._blocks:
            words.setVisible(bool(words.text))


class AdministrationScreen(Screen):
    """`on_page` is called when other rows are shown."""

    def __init__(self, parent: QWidget, on_page: Callable[[], None]) -> None:
        super().__init__(parent)
        self._on_page = on_page
        self._title = Words(self, theme.HEADING, lines_max=2, spacing=theme.TIGHT_LINE_SPACING)
        self._back = Button(self)
        self._tabs: list[Tab] = []
        self._card = Card(self)
        self._rows: list[_Row] = []
        self._actions = [Button(self), Button(self)]
        self._turn = Button(self)
        self._body: AdministrationView | None = None
        self._look: Look | None = None
        self._first = 0
        self._offered: list[Button] = []

    def fill(self, body: AdministrationView, look: Look) -> None:
        if self._body is None or not self.isVisible() or body.tabs != self._body.tabs:
            self._first = 0
        self._body, self._look = body, look
        self._title.say(body.title, look)
        self._back.wear(body.back, look)
        while len(self._tabs) < len(body.tabs):
            self._tabs.append(Tab(self))
        for tab, view in zip(self._tabs, body.tabs, strict=True):
            tab.choose(view.chosen)
            tab.wear(view.button, look)
        while len(self._rows) < len(body.rows):
            self._rows.append(_Row(self))
        self._arrange(body, look)

    def controls(self) -> list[Control]:
        return [self._back, *self._tabs, *self._offered]

    def secondary(self) -> Control | None:
        return self._back

    def turn_page(self, name: str = "") -> None:
        """Show the next rows, where they do not all fit."""
        if self._body and self._look:
            self._first = self._next
            self._arrange(self._body, self._look)
            self._on_page()

    def _arrange(self, body: AdministrationView, look: Look) -> None:
        gap = look.px(Size.gap_min)
        room = self.room(look)
        back = self._back.size_in(room.width())
        beside = self._title.height_for(room.width() - back.width() - gap)
        head, room = cut_top(room, max(back.height(), beside), look.px(Size.gap_s))
        self._back.place(QRect(head.right() - back.width() + 1, head.top(), back.width(), back.height()))
        self._title.place(head.adjusted(0, 0, -back.width() - gap, 0))
        narrow = look.portrait and look.large
        tabs, room = _cut_cells(room, len(body.tabs), _ACROSS if narrow else len(body.tabs), look)
        for tab, place in zip(self._tabs, tabs, strict=False):
            tab.place(place)
        count = len(body.actions)
        if count == 0 and self._first == 0:
            self._place_card(body, look, room.adjusted(0, 0, 0, -gap))
        if count or self._first or self._next:
            count += 1
            actions, room = _cut_cells(room, count, _ACROSS if narrow else max(_ACROSS, count), look, bottom=True)
            self._place_card(body, look, room)
        else:
            actions = []
        self._place_actions(body, look, actions)

    def _place_card(self, body: AdministrationView, look: Look, room: QRect) -> None:
        self._card.place(room, look)
        self._place_rows(body, look, inset(room, look.px(Size.gap_m), look.px(Size.gap_s)))

    def _place_rows(self, body: AdministrationView, look: Look, room: QRect) -> None:
        """Column by column, as many as there is room for; `_next` is the first of the next page, 0 after the last."""
        for row in self._rows:
            row.hide()
        gap = look.px(Size.gap_s)
        across = 1 if look.portrait or (body.wide and look.large) else _ACROSS
        at = self._first if self._first < len(body.rows) else 0
        places = columns(room, across, look.px(Size.gap_l))
        heights = [_measured(row, view, look, places[0].width()) for row, view in zip(self._rows, body.rows, strict=False)]
        depth = _even_depth(heights[at:], gap, room.height()) if across == _ACROSS else room.height()
        for column in places:
            top = column.top()
            while at < len(body.rows) and (top == column.top() or top + heights[at] <= column.top() + depth):
                self._rows[at].place(QRect(column.left(), top, column.width(), heights[at]))
                top, at = top + heights[at] + gap, at + 1
        self._next = at % len(body.rows) if body.rows else 0

    def _place_actions(self, body: AdministrationView, look: Look, places: list[QRect]) -> None:
        self._offered = []
        for button, view in zip(self._actions, body.actions, strict=False):
            button.wear(view, look)
            self._offered.append(button)
        if self._next or self._first:
            self._turn.wear(body.more if self._next else body.first, look)
            self._offered.append(self._turn)
        for button in (*self._actions, self._turn):
            button.setVisible(button in self._offered)
        for button, place in zip(self._offered, places, strict=False):
            button.place(place)


def _measured(row: _Row, view: RowView, look: Look, width: int) -> int:
    """The row's height once it says this; it is hidden until it has a place."""
    row.say(view, look)
    row.hide()
    return row.height_for(width)


def _even_depth(heights: list[int], gap: int, most: int) -> int:
    """How far down two columns reach that hold all rows and are as even as can be; `most` where they do not hold them."""
    splits = [max(_depth(heights[:first], gap), _depth(heights[first:], gap)) for first in range(1, len(heights) + 1)]
    return min([*splits, most])


def _depth(heights: list[int], gap: int) -> int:
    return sum(heights) + gap * max(0, len(heights) - 1)


def _cut_cells(room: QRect, count: int, across: int, look: Look, *, bottom: bool = False) -> tuple[list[QRect], QRect]:
    """`count` equal cells for buttons, `across` in a row, above or below the room that is left."""
    gap, height = look.px(Size.gap_min), look.px(Size.button_large)
    down = -(-count // across)
    if bottom:
        strip, left = cut_bottom(room.adjusted(0, 0, 0, -gap), down * height + (down - 1) * gap, gap)
    else:
        strip, left = cut_top(room, down * height + (down - 1) * gap, look.px(Size.gap_s))
    cells = []
    for row in range(down):
        cells += columns(QRect(strip.left(), strip.top() + row * (height + gap), strip.width(), height), across, gap)
    return cells[:count], left
