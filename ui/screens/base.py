"""What every screen is: a part of the window that shows one body of the view and lists its controls."""

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from ui.look import Look
from ui.theme import Size
from ui.widgets.control import Control
from ui.widgets.words import Words


class Screen(QWidget):
    """`fill` shows a body and arranges everything in `room()`; it is called whenever anything of it changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def fill(self, body: Any, look: Look) -> None:
        raise NotImplementedError

    def controls(self) -> list[Control]:
        """Everything that can be touched, in reading order."""
        return []

    def primary(self) -> Control | None:
        """What Enter means on a keypad when nothing is highlighted."""
        return None

    def secondary(self) -> Control | None:
        """What Esc means on a keypad."""
        return None

    def turn_page(self, name: str = "") -> None:
        """Show what did not fit, where a screen has more than one page, or what the control of this name stands for."""

    def tell_minute(self, minute: int) -> None:
        """The minute of the hour, for what changes with it."""

    def room(self, look: Look) -> QRect:
        """The screen without its margins."""
        margin = look.px(Size.margin_portrait if look.portrait else Size.margin)
        return self.rect().adjusted(margin, look.px(Size.gap_m), -margin, 0)

    def card_width(self, look: Look) -> int:
        """Of a card that says one thing; large print gets a wider one, so that its sentences take no more lines."""
        return min(look.px(Size.notice_width_large if look.large else Size.notice_width), self.room(look).width())


def place_stacked(room: QRect, blocks: list[tuple[Words, int]], top: int) -> int:
    """Place texts under each other over the whole width of `room`; each with the gap before it. Returns the lower edge."""
    for words, gap in blocks:
        if not words.text:
            continue
        height = words.height_for(room.width())
        words.place(QRect(room.left(), top + gap, room.width(), height))
        top += gap + height
    return top


def stacked_height(width: int, blocks: list[tuple[Words, int]]) -> int:
    """Height that `place_stacked` will use."""
    return sum(gap + words.height_for(width) for words, gap in blocks if words.text)
