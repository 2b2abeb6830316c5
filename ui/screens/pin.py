"""The PIN pad: ten digits, take back, done. It shows how many digits there are and never which."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, columns, cut_left, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.staff_views import PinView
from ui.theme import Size
from ui.widgets.control import Button, Control
from ui.widgets.surface import Card
from ui.widgets.words import Words

DIGITS = "1234567890"
_ACROSS, _DOWN = 3, 4
_TEXT_PART = 0.44


class PinScreen(Screen):
    """Words on the left, the pad on the right; in portrait the pad below the words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._card = Card(self)
        self._title = Words(self, theme.HEADING, balanced=True)
        self._who = Words(self, theme.LEAD)
        self._dots = Words(self, theme.CODE, lines_max=2)
        self._line = Words(self, theme.BODY, balanced=True)
        self._digits = [Button(self, theme.BUTTON_LARGE) for _ in DIGITS]
        self._erase = Button(self)
        self._done = Button(self, theme.BUTTON_PRIMARY, primary=True)
        self._duty = Button(self)
        self._back = Button(self)

    def fill(self, body: PinView, look: Look) -> None:
        self._title.say(body.title, look)
        self._who.say(body.who, look)
        self._dots.say(body.dots, look)
        self._dots.setAccessibleName(body.typed)
        self._line.say(body.line, look)
        for key, view in zip(self._digits, body.digits, strict=True):
            key.wear(view, look)
        self._erase.wear(body.erase, look)
        self._done.wear(body.done, look)
        self._back.wear(body.back, look)
        self._duty.setVisible(body.duty is not None)
        if body.duty:
            self._duty.wear(body.duty, look)
        self._arrange(look)

    def controls(self) -> list[Control]:
        return [*self._keys(), self._back, *([] if self._duty.isHidden() else [self._duty])]

    def primary(self) -> Control | None:
        return self._done

    def secondary(self) -> Control | None:
        return self._back

    def _keys(self) -> list[Button]:
        """As they lie: 1 to 9, then take back, 0, done."""
        return [*self._digits[:-1], self._erase, self._digits[-1], self._done]

    def _arrange(self, look: Look) -> None:
        gap, padding = look.px(Size.gap_min), look.px(Size.gap_l)
        room = self.room(look)
        width = min(look.px(Size.pin_width), room.width())
        inner = inset(QRect((self.width() - width) // 2, 0, width, 0), padding, 0)
        key = look.px(Size.button_large)
        row = max(self._back.size_in(inner.width()).height(), key)
        pad = _DOWN * key + (_DOWN - 1) * gap
        texts = [
            (self._title, 0),
            (self._who, look.px(Size.gap_xs)),
            (self._dots, look.px(Size.gap_m)),
            (self._line, look.px(Size.gap_s)),
        ]
        beside, right = (inner, inner) if look.portrait else cut_left(inner, round(inner.width() * _TEXT_PART), padding)
        words = stacked_height(beside.width(), texts)
        below = pad + gap + row
        height = words + padding + below if look.portrait else max(words, below)
        card = centred(self.rect(), QSize(width, height + 2 * padding))
        self._card.place(card, look)
        top = card.top() + padding
        end = place_stacked(beside, texts, top if look.portrait else top + (height - words) // 2)
        self._place_pad(QRect(right.left(), end + padding if look.portrait else top, right.width(), pad), gap, key, row)

    def _place_pad(self, room: QRect, gap: int, key: int, row: int) -> None:
        keys = self._keys()
        for line in range(_DOWN):
            places = columns(QRect(room.left(), room.top() + line * (key + gap), room.width(), key), _ACROSS, gap)
            for button, place in zip(keys[line * _ACROSS :], places, strict=False):
                button.place(place)
        offered = [self._back] if self._duty.isHidden() else [self._back, self._duty]
        below = QRect(room.left(), room.bottom() + 1 + gap, room.width(), row)
        for button, place in zip(offered, columns(below, len(offered), gap), strict=True):
            button.place(place)
