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
        code = self._qr.height_in(inner.width(), look)
        words = stacked_height(inner.width(), blocks) + code
        gaps = 4 if code else 2
        room, side, gap = self._measures(words, gaps, look)
        card = centred(room, QSize(width, side + words + gaps * gap))
        self._card.place(card, look)
        top = card.top() + gap
        self._icon.place(QRect(card.center().x() - side // 2, top, side, side))
        top = place_stacked(inner, blocks, top + side)
        if code:
            self._rule.place(QRect(inner.left(), top + gap, inner.width(), look.px(Size.rule_height)), look)
            taken = self._qr.width_in(inner.width(), look)
            left = inner.left() + (inner.width() - taken) // 2
            self._qr.setGeometry(QRect(left, top + 2 * gap, taken, code))
            self._qr.arrange(look)

    def _measures(self, words: int, gaps: int, look: Look) -> tuple[QRect, int, int]:
        """Where the card stands, the icon's side, the gap within. The icon gives way first, then the gap, then the margin."""
        large, small = look.px(Size.icon_large), look.px(Size.icon)
        wide, narrow = look.px(Size.gap_l), look.px(Size.gap_m)
        if large + words + gaps * wide <= self.height() - 2 * look.px(Size.gap_xs):
            return self.rect(), large, wide
        room = self.room(look)
        for gap in (wide, narrow):
            if small + words + gaps * gap <= room.height():
                return room, small, gap
        return self.rect(), small, narrow
