"""Staff menu: pause or resume, log out, cancel before the first tap, upload state. Never a rating."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, columns, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import MenuView
from ui.widgets.control import Button, Control
from ui.widgets.surface import Card, Rule
from ui.widgets.words import Words

_BUTTONS = 5
_ACROSS = 3


class MenuScreen(Screen):
    """Large buttons side by side, below each other in portrait; what staff should know stands under them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._card = Card(self)
        self._title = Words(self, theme.HEADING, lines_max=1)
        self._who = Words(self, theme.LEAD, lines_max=1)
        self._buttons = [Button(self, theme.BUTTON_LARGE) for _ in range(_BUTTONS)]
        self._back = Button(self)
        self._rule = Rule(self)
        self._upload = Words(self, theme.CAPTION)
        self._problems: list[Words] = []
        self._shown: list[Button] = []

    def fill(self, body: MenuView, look: Look) -> None:
        self._title.say(body.title, look)
        self._who.say(body.who, look)
        self._upload.say(body.upload, look)
        while len(self._problems) < len(body.problems):
            self._problems.append(Words(self, theme.CAPTION, balanced=True))
        for place, words in enumerate(self._problems):
            words.say(body.problems[place] if place < len(body.problems) else "", look)
        self._shown = self._buttons[: len(body.buttons)]
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(body.buttons))
            if place < len(body.buttons):
                button.wear(body.buttons[place], look)
        self._back.wear(body.back, look)
        self._arrange(look)

    def controls(self) -> list[Control]:
        return [*self._shown, self._back]

    def secondary(self) -> Control | None:
        return self._back

    def _arrange(self, look: Look) -> None:
        width = min(look.px(Size.menu_width), self.room(look).width())
        inner = inset(QRect((self.width() - width) // 2, 0, width, 0), look.px(Size.gap_xl), 0)
        across = 1 if look.portrait else min(_ACROSS, len(self._shown))
        gap = look.px(Size.gap_s)
        cell = columns(inner, across, gap)[0].width()
        row = max(look.px(Size.button_menu), *(button.size_in(cell).height() for button in self._shown))
        down = -(-len(self._shown) // across)
        back = self._back.size_in(inner.width())
        beside = QRect(inner.left(), 0, inner.width() - back.width() - look.px(Size.gap_m), 0)
        heading = [(self._title, 0), (self._who, 0)]
        facts = [(self._upload, look.px(Size.gap_m)), *((words, look.px(Size.gap_xs)) for words in self._problems)]
        height = stacked_height(beside.width(), heading) + look.px(Size.gap_l) + down * (row + gap) + look.px(Size.gap_s)
        height += stacked_height(inner.width(), facts)
        padding = look.px(Size.gap_l if look.large else Size.gap_xl)
        card = centred(self.rect(), QSize(width, height + 2 * padding))
        self._card.place(card, look)
        top = card.top() + padding
        self._back.place(QRect(inner.right() - back.width() + 1, top, back.width(), back.height()))
        top = place_stacked(beside, heading, top) + look.px(Size.gap_l)
        for place, button in enumerate(self._shown):
            cells = columns(QRect(inner.left(), top + place // across * (row + gap), inner.width(), row), across, gap)
            button.place(cells[place % across])
        top += down * (row + gap) + look.px(Size.gap_s)
        self._rule.place(QRect(inner.left(), top, inner.width(), look.px(Size.rule_height)), look)
        place_stacked(inner, facts, top)
