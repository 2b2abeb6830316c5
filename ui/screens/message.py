"""One sentence where nothing can be rated, and what a citizen can do instead."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.screens.idle import QrCard
from ui.theme import Size
from ui.views import MessageView
from ui.widgets.icon import Icon
from ui.widgets.surface import Card, Rule
from ui.widgets.words import Words


class MessageScreen(Screen):
    """Icon, sentence, the window's code, the service number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._card = Card(self)
        self._icon = Icon(self)
        self._title = Words(self, theme.TITLE, centre, balanced=True, spacing=theme.TIGHT_LINE_SPACING)
        self._line = Words(self, theme.LEAD, centre, balanced=True)
        self._service = Words(self, theme.BODY, centre, lines_max=1)
        self._rule = Rule(self)
        self._qr = QrCard(self, card=False)

    def fill(self, body: MessageView, look: Look) -> None:
        self._icon.show_icon(body.icon, look)
        self._title.say(body.title, look)
        self._line.say(body.line, look)
        self._service.say(body.service, look)
        self._qr.say(body.qr, look)
        self._rule.setVisible(body.qr is not None)
        self._arrange(look)

    def _arrange(self, look: Look) -> None:
        width = self.card_width(look)
        inner = inset(QRect((self.width() - width) // 2, 0, width, 0), look.px(Size.gap_xl), 0)
        blocks = [
            (self._title, look.px(Size.gap_m)),
            (self._line, look.px(Size.gap_s)),
            (self._service, look.px(Size.gap_s)),
        ]
        side = look.px(Size.icon_large)
        code = self._qr.height_in(inner.width(), look)
        below = 2 * look.px(Size.gap_l) + code if code else 0
        height = stacked_height(inner.width(), blocks) + below + 2 * look.px(Size.gap_l)
        if side + height > self.height() - 2 * look.px(Size.gap_xs):
            side = look.px(Size.icon)
        card = centred(self.rect(), QSize(width, side + height))
        self._card.place(card, look)
        top = card.top() + look.px(Size.gap_l)
        self._icon.place(QRect(card.center().x() - side // 2, top, side, side))
        top = place_stacked(inner, blocks, top + side)
        if below:
            self._rule.place(QRect(inner.left(), top + look.px(Size.gap_l), inner.width(), look.px(Size.rule_height)), look)
            taken = self._qr.width_in(inner.width(), look)
            left = inner.left() + (inner.width() - taken) // 2
            self._qr.setGeometry(QRect(left, top + 2 * look.px(Size.gap_l), taken, code))
            self._qr.arrange(look)
