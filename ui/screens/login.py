"""Staff login: asks for a card."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import LoginView
from ui.widgets.control import Button, Control
from ui.widgets.icon import Icon
from ui.widgets.surface import Card
from ui.widgets.words import Words


class LoginScreen(Screen):
    """One sentence, and the way back."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._card = Card(self)
        self._icon = Icon(self)
        self._title = Words(self, theme.HEADING, centre, balanced=True)
        self._line = Words(self, theme.LEAD, centre, balanced=True)
        self._back = Button(self)

    def fill(self, body: LoginView, look: Look) -> None:
        self._icon.show_icon("card", look)
        self._title.say(body.title, look)
        self._line.say(body.problem or body.line, look)
        self._back.wear(body.back, look)
        room = centred(self.rect(), QSize(self.card_width(look), 0))
        inner = inset(room, look.px(Size.notice_padding), 0)
        blocks = [(self._title, look.px(Size.gap_m)), (self._line, look.px(Size.gap_xs))]
        side, button = look.px(Size.icon_large), self._back.size_in(inner.width())
        height = side + stacked_height(inner.width(), blocks) + look.px(Size.gap_l) + button.height()
        card = centred(self.rect(), QSize(room.width(), height + 2 * look.px(Size.gap_xl)))
        self._card.place(card, look)
        top = card.top() + look.px(Size.gap_xl)
        self._icon.place(QRect(card.center().x() - side // 2, top, side, side))
        top = place_stacked(inner, blocks, top + side) + look.px(Size.gap_l)
        self._back.place(QRect(card.center().x() - button.width() // 2, top, button.width(), button.height()))

    def controls(self) -> list[Control]:
        return [self._back]

    def secondary(self) -> Control | None:
        return self._back
