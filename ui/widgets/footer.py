"""The lowest line of every screen: time left, one sentence, and controls that never change their place."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, cut_left, cut_right, cut_top
from ui.look import Look
from ui.theme import Size
from ui.views import FooterView
from ui.widgets.control import Button, Control
from ui.widgets.ring import Ring
from ui.widgets.words import Words

_RIGHT = 5
_LINES_BESIDE = 2


class Footer(QWidget):
    """One row, or the sentence over the controls where the canvas is narrow."""

    def __init__(self, parent: QWidget, now_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ring = Ring(self, now_ms)
        self._line = Words(self, theme.CAPTION, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._quiet = Button(self, theme.BUTTON_QUIET, bare=True)
        self._more = Button(self, theme.BUTTON_TEXT, bare=True)
        self._right = [Button(self, theme.BUTTON) for _ in range(_RIGHT)]
        self._shown: list[Button] = []
        self._left: Button | None = None
        self._view = FooterView()

    def controls(self) -> list[Control]:
        left: list[Control] = [self._left] if self._left else []
        return [*left, *self._shown]

    def show_footer(self, view: FooterView, look: Look) -> None:
        self._view = view
        self._ring.show_time(view.ring, look)
        self._line.say(view.line, look)
        self._left = None if view.left is None else self._more if view.ring else self._quiet
        for button in (self._quiet, self._more):
            button.setVisible(button is self._left)
        if view.left and self._left:
            self._left.wear(view.left, look)
        self._shown = self._right[: len(view.right)]
        for place, button in enumerate(self._right):
            button.setVisible(place < len(view.right))
            if place < len(view.right):
                button.wear(view.right[place], look)

    def is_empty(self) -> bool:
        return self._view == FooterView()

    def height_in(self, look: Look) -> int:
        """Pixels that the footer takes on this canvas."""
        if self.is_empty():
            return look.px(Size.margin)
        inner = look.width - 2 * look.px(Size.margin_portrait if look.portrait else Size.margin)
        gap = look.px(Size.gap_min)
        rows = [max(button.size_in(inner).height() for button in row) for row in self._rows(look, inner)]
        controls = sum(rows) + gap * (len(rows) - 1) if rows else look.px(Size.button)
        if self._is_two_rows(look, inner):
            return controls + self._first_row(look, inner) + 3 * gap
        return max(look.px(Size.footer), max(controls, self._line.height_for(self._beside(look, inner))) + 2 * gap)

    def _rows(self, look: Look, inner: int) -> list[list[Button]]:
        """The controls in as few rows as hold them."""
        gap, used = look.px(Size.gap_min), 0
        rows: list[list[Button]] = []
        for button in self._shown:
            width = button.size_in(inner).width()
            if not rows or used + gap + width > inner:
                rows.append([button])
                used = width
            else:
                rows[-1].append(button)
                used += gap + width
        return rows

    def _right_width(self, look: Look, inner: int) -> int:
        gap = look.px(Size.gap_min)
        return sum(button.size_in(inner).width() + gap for button in self._shown)

    def _left_width(self, look: Look, inner: int) -> int:
        return self._left.size_in(inner).width() + look.px(Size.gap_xs) if self._left else 0

    def _ring_width(self, look: Look) -> int:
        return look.px(Size.ring) + look.px(Size.gap_s) if self._view.ring else 0

    def _beside(self, look: Look, inner: int) -> int:
        """Pixels that the sentence has beside everything else in one row."""
        used = self._ring_width(look) + self._left_width(look, inner) + self._right_width(look, inner)
        return inner - used - look.px(Size.gap_s)

    def _is_two_rows(self, look: Look, inner: int) -> bool:
        """The sentence stands over the controls as soon as it would be broken beside them; in landscape, twice broken."""
        beside = self._beside(look, inner)
        if not self._view.line:
            return self._left is not None and beside < 0
        return beside <= 0 or len(self._line.block(beside).lines) > (1 if look.portrait else _LINES_BESIDE)

    def _first_row(self, look: Look, inner: int) -> int:
        words = self._line.height_for(inner - self._ring_width(look) - self._left_width(look, inner))
        return max(words, look.px(Size.ring), self._left.size_in(inner).height() if self._left else 0)

    def arrange(self, look: Look) -> None:
        margin = look.px(Size.margin_portrait if look.portrait else Size.margin)
        room = self.rect().adjusted(margin, 0, -margin, 0)
        row = room
        if self._is_two_rows(look, room.width()):
            gap = look.px(Size.gap_min)
            room = room.adjusted(0, gap, 0, -gap)
            row, room = cut_top(room, self._first_row(look, room.width()), gap)
        self._arrange_right(look, room)
        if row.height() == self.height():
            _, row = cut_right(row, self._right_width(look, row.width()))
        self._arrange_left(look, row)

    def _arrange_right(self, look: Look, room: QRect) -> None:
        gap = look.px(Size.gap_min)
        rows = self._rows(look, room.width())
        for count, buttons in enumerate(rows):
            height = room.height() if count == len(rows) - 1 else max(one.size_in(room.width()).height() for one in buttons)
            row, room = cut_top(room, height, gap)
            for button in reversed(buttons):
                size = button.size_in(room.width())
                place, row = cut_right(row, size.width(), gap)
                button.place(centred(place, size))

    def _arrange_left(self, look: Look, row: QRect) -> None:
        if self._view.ring:
            side = look.px(Size.ring)
            place, row = cut_left(row, side, look.px(Size.gap_s))
            self._ring.place(centred(place, QSize(side, side)))
        if self._view.line:
            width = row.width() - self._left_width(look, row.width())
            if self._left:
                width = self._line.width_for(width)
            place, row = cut_left(row, width, look.px(Size.gap_xs))
            self._line.place(centred(place, QSize(place.width(), self._line.height_for(place.width()))))
        if self._left:
            size = self._left.size_in(row.width())
            place, _ = cut_left(row, size.width())
            self._left.place(centred(place, size))
