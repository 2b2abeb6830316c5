"""The citizen's receipt on a card: a symbol for telephones, a short code for reading aloud, one explanation.

Standing beside the thanks in landscape, lying below them in portrait. It looks the same whatever was rated.
"""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, cut_left, inset
from ui.look import Look
from ui.theme import Size
from ui.views import ReceiptView
from ui.widgets.qr import Qr
from ui.widgets.surface import Card
from ui.widgets.words import Words


class ReceiptCard(QWidget):
    """Hidden while there is no receipt."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._card = Card(self)
        self._qr = Qr(self)
        self._title = Words(self, theme.RECEIPT_TITLE, centre, lines_max=1)
        self._code = Words(self, theme.CODE, centre, lines_max=1)
        self._line = Words(
            self, theme.CAPTION, centre, lines_max=theme.RECEIPT_LINES_MAX, spacing=theme.TIGHT_LINE_SPACING, balanced=True
        )

    def say(self, view: ReceiptView | None, look: Look) -> None:
        self.setVisible(view is not None)
        if view is None:
            return
        self._qr.show_url(view.url, view.title, look)
        self._title.say(view.title, look)
        self._code.say(view.code, look)
        self._line.say(view.line, look)

    def height_in(self, width: int, look: Look) -> int:
        """Pixels of the lying card."""
        beside = width - 2 * look.px(Size.gap_l) - look.px(Size.qr_large) - look.px(Size.gap_l)
        return max(look.px(Size.qr_large), self._words_height(beside, look)) + 2 * look.px(Size.gap_m)

    def arrange(self, look: Look) -> None:
        self._card.place(self.rect(), look)
        for words in (self._title, self._code, self._line):
            words.align(Qt.AlignmentFlag.AlignLeft if look.portrait else Qt.AlignmentFlag.AlignHCenter)
        if look.portrait:
            self._arrange_lying(inset(self.rect(), look.px(Size.gap_l), look.px(Size.gap_m)), look)
        else:
            self._arrange_standing(inset(self.rect(), look.px(Size.gap_m)), look)

    def _words_height(self, width: int, look: Look) -> int:
        heights = [words.height_for(width) for words in (self._title, self._code, self._line)]
        return sum(heights) + look.px(Size.gap_xs) + look.px(Size.gap_s)

    def _arrange_lying(self, room: QRect, look: Look) -> None:
        side = look.px(Size.qr_large)
        place, room = cut_left(room, side, look.px(Size.gap_l))
        self._qr.place(centred(place, QSize(side, side)))
        top = room.top() + (room.height() - self._words_height(room.width(), look)) // 2
        top = self._put(self._title, room, top) + look.px(Size.gap_xs)
        top = self._put(self._code, room, top) + look.px(Size.gap_s)
        self._put(self._line, room, top)

    def _arrange_standing(self, room: QRect, look: Look) -> None:
        gaps = 2 * look.px(Size.gap_xs)
        words = self._words_height(room.width(), look)
        if room.height() - words - gaps < look.px(Size.qr_least):
            self._line.say("", look)
            words = self._words_height(room.width(), look)
        side = min(look.px(Size.qr_large), room.height() - words - gaps)
        top = room.top() + (room.height() - words - gaps - side) // 2
        top = self._put(self._title, room, top) + look.px(Size.gap_s)
        self._qr.place(QRect(room.left() + (room.width() - side) // 2, top, side, side))
        top = self._put(self._code, room, top + side + look.px(Size.gap_xs)) + look.px(Size.gap_xs)
        self._put(self._line, room, top)

    @staticmethod
    def _put(words: Words, room: QRect, top: int) -> int:
        height = words.height_for(room.width())
        words.place(QRect(room.left(), top, room.width(), height))
        return top + height
