"""Notice: a full friendly card for a few seconds, such as “already rated” or “please show your receipt”."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import NoticeView
from ui.widgets.icon import Icon
from ui.widgets.surface import Card
from ui.widgets.words import Words


class NoticeScreen(Screen):
    """Icon, title, and one or two sentences that say what to do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._card = Card(self)
        self._icon = Icon(self)
        self._title = Words(self, theme.TITLE, centre, balanced=True, spacing=theme.TIGHT_LINE_SPACING)
        self._line = Words(self, theme.LEAD, centre, balanced=True, lines_max=theme.NOTICE_LINES_MAX)

    def fill(self, body: NoticeView, look: Look) -> None:
        self._icon.show_icon(body.icon, look)
        self._title.say(body.title, look)
        self._line.say(body.line, look)
        width = self.card_width(look)
        inner = inset(QRect((self.width() - width) // 2, 0, width, 0), look.px(Size.notice_padding), 0)
        blocks = [(self._title, look.px(Size.gap_l)), (self._line, look.px(Size.gap_s))]
        side = look.px(Size.icon_large)
        height = side + stacked_height(inner.width(), blocks)
        card = centred(self.rect(), QSize(width, height + 2 * look.px(Size.gap_xl)))
        self._card.place(card, look)
        top = card.top() + look.px(Size.gap_xl)
        self._icon.place(QRect(card.center().x() - side // 2, top, side, side))
        place_stacked(inner, blocks, top + side)
