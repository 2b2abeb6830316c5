"""“用手机补充”: a code for telephones on a card, with its title and one explanation beside it, in portrait below it."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, cut_left, inset, stack
from ui.look import Look
from ui.screens.base import place_stacked, stacked_height
from ui.theme import Size
from ui.views import PhoneView
from ui.widgets.qr import Qr
from ui.widgets.surface import Card
from ui.widgets.words import Words


class PhoneCard(QWidget):
    """Hidden unless somebody asked for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._card = Card(self)
        self._qr = Qr(self)
        self._title = Words(self, theme.HEADING, lines_max=2, spacing=theme.TIGHT_LINE_SPACING)
        self._line = Words(self, theme.BODY, lines_max=theme.RECEIPT_LINES_MAX, spacing=theme.TIGHT_LINE_SPACING, balanced=True)

    def say(self, view: PhoneView | None, look: Look) -> None:
        if view is None:
            return
        self._qr.show_url(view.url, view.title, look)
        self._title.say(view.title, look)
        self._line.say(view.line, look)

    def arrange(self, look: Look) -> None:
        self._card.place(self.rect(), look)
        room = inset(self.rect(), look.px(Size.gap_l), look.px(Size.gap_m))
        blocks = [(self._title, 0), (self._line, look.px(Size.gap_s))]
        for words, _ in blocks:
            words.align(Qt.AlignmentFlag.AlignHCenter if look.portrait else Qt.AlignmentFlag.AlignLeft)
        if look.portrait:
            self._arrange_standing(room, blocks, look)
        else:
            self._arrange_lying(room, blocks, look)

    def _arrange_lying(self, room: QRect, blocks: list[tuple[Words, int]], look: Look) -> None:
        side = min(look.px(Size.qr_phone), room.height())
        place, room = cut_left(room, side, look.px(Size.gap_l))
        self._qr.place(centred(place, QSize(side, side)))
        spare = room.height() - stacked_height(room.width(), blocks)
        place_stacked(room, blocks, room.top() + max(0, spare // 2))

    def _arrange_standing(self, room: QRect, blocks: list[tuple[Words, int]], look: Look) -> None:
        words = stacked_height(room.width(), blocks)
        side = min(look.px(Size.qr_phone), room.height() - words - look.px(Size.gap_m))
        code, below = stack(room, [side, words], [look.px(Size.gap_m)])
        self._qr.place(centred(code, QSize(side, side)))
        place_stacked(below, blocks, below.top())
