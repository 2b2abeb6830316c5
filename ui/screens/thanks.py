"""Thanks: the stars given, that they are recorded, what the region's rules say happens next, the citizen's receipt.

The same for every level.
"""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, cut_bottom, cut_left, cut_right, cut_top, inset
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import ThanksView
from ui.widgets.control import Button, Control
from ui.widgets.drawing import Drawing
from ui.widgets.receipt import ReceiptCard
from ui.widgets.star import StarRow
from ui.widgets.surface import Card, Rule
from ui.widgets.words import Words


class Bullet(Drawing):
    """A small blue dot."""

    def draw(self, painter: QPainter, look: Look) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("primary"))
        painter.drawEllipse(self.rect())


class ThanksScreen(Screen):
    """Stars, title and “修改” stand at the same place after every level."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._card = Card(self)
        self._stars = StarRow(self, Size.star_glyph_thanks)
        self._change = Button(self, theme.BUTTON_LARGE)
        self._title = Words(self, theme.DISPLAY, lines_max=2, spacing=theme.TIGHT_LINE_SPACING)
        self._recorded = Words(self, theme.SUBHEADING, balanced=True)
        self._private = Words(self, theme.LEAD)
        self._change_hint = Words(self, theme.LEAD, lines_max=3, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._rule = Rule(self)
        self._promises: list[tuple[Bullet, Words]] = []
        self._receipt = ReceiptCard(self)

    def fill(self, body: ThanksView, look: Look) -> None:
        self._stars.show_choice(body.chosen, body.spoken, look)
        self._change.wear(body.change, look)
        self._title.say(body.title, look)
        self._recorded.say(body.recorded, look)
        self._private.say(body.private, look)
        self._change_hint.say(body.change_hint, look)
        self._receipt.say(body.receipt, look)
        while len(self._promises) < len(body.promises):
            words = Words(self, theme.BODY, lines_max=4, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
            self._promises.append((Bullet(self), words))
        for place, (bullet, words) in enumerate(self._promises):
            words.say(body.promises[place] if place < len(body.promises) else "", look)
            bullet.setVisible(bool(words.text))
        self._arrange(look)

    def controls(self) -> list[Control]:
        return [self._change]

    def _arrange(self, look: Look) -> None:
        room = self.room(look)
        if not self._receipt.isHidden():
            room = self._arrange_receipt(room, look)
        self._card.place(room, look)
        room = inset(room, look.px(Size.gap_xl), look.px(Size.gap_l))
        stars = self._stars.size_in(look)
        if self._needed(room, stars, look) > room.height():
            self._private.say("", look)
        if self._is_tight(room, stars, look):
            stars = self._put_change_beside_stars(room, stars, look)
        else:
            room = self._arrange_change(room, look)
        room = room.adjusted(0, self._drop(room, stars, look), 0, 0)
        row, room = cut_top(room, stars.height() + 2 * look.px(Size.gap_xs), look.px(Size.gap_m))
        self._stars.setGeometry(QRect(row.left(), row.bottom() - stars.height(), stars.width(), stars.height()))
        blocks = [(self._title, 0), (self._recorded, look.px(Size.gap_s)), (self._private, 0)]
        top = place_stacked(room, blocks, room.top())
        self._arrange_promises(room.adjusted(0, top - room.top() + look.px(Size.gap_m), 0, 0), look)

    def _arrange_receipt(self, room: QRect, look: Look) -> QRect:
        """The receipt on its own card, beside or below; returns the room that is left."""
        if look.portrait:
            place, room = cut_bottom(room, self._receipt.height_in(room.width(), look), look.px(Size.gap_m))
        else:
            place, room = cut_right(room, look.px(Size.receipt_card), look.px(Size.gap_l))
        self._receipt.setGeometry(place)
        self._receipt.arrange(look)
        return room

    def _drop(self, room: QRect, stars: QSize, look: Look) -> int:
        """How far the words stand below the upper edge: the same for every level, and promises never touch the rule."""
        return max(0, room.height() - self._needed(room, stars, look) - look.px(Size.gap_l)) // 3

    def _needed(self, room: QRect, stars: QSize, look: Look) -> int:
        """Height of everything but the way back, with room for promises whether there are any or not."""
        blocks = [(self._title, 0), (self._recorded, look.px(Size.gap_s)), (self._private, 0)]
        words = stars.height() + stacked_height(room.width(), blocks) + look.px(Size.gap_l)
        lines = theme.PROMISE_LINES_LARGE if look.large else theme.PROMISE_LINES
        return words + lines * round(look.font_px(theme.BODY) * theme.LINE_SPACING)

    def _is_tight(self, room: QRect, stars: QSize, look: Look) -> bool:
        """Whether the way back needs its own row more than there is; never depends on the level."""
        row = self._change.size_in(room.width()).height() + look.px(Size.gap_m) + look.px(Size.gap_s)
        return self._needed(room, stars, look) + row > room.height()

    def _put_change_beside_stars(self, room: QRect, stars: QSize, look: Look) -> QSize:
        """The button alone explains itself where large words leave no room for more. Returns what it leaves the stars."""
        button = self._change.size_in(room.width())
        middle = (stars.height() - button.height()) // 2
        top = room.top() + self._drop(room, stars, look) + 2 * look.px(Size.gap_xs) + middle
        self._change.place(QRect(room.right() - button.width() + 1, top, button.width(), button.height()))
        self._change_hint.say("", look)
        self._rule.hide()
        return QSize(min(stars.width(), room.width() - button.width() - look.px(Size.gap_m)), stars.height())

    def _arrange_change(self, room: QRect, look: Look) -> QRect:
        """The way back, at the foot of the card; returns the room above it."""
        button = self._change.size_in(room.width())
        hint_width = room.width() - button.width() - look.px(Size.gap_m)
        height = max(button.height(), self._change_hint.height_for(hint_width))
        row, room = cut_bottom(room, height, look.px(Size.gap_m))
        line, room = cut_bottom(room, look.px(Size.rule_height), look.px(Size.gap_s))
        self._rule.place(line, look)
        self._rule.show()
        place, hint = cut_right(row, button.width(), look.px(Size.gap_m))
        self._change.place(centred(place, button))
        self._change_hint.place(hint)
        return room

    def _arrange_promises(self, room: QRect, look: Look) -> None:
        side = look.px(Size.bullet)
        top = room.top()
        for bullet, words in self._promises:
            if not words.text:
                continue
            _, beside = cut_left(room, side, look.px(Size.gap_s))
            first_line = round(words.block(beside.width()).line_height)
            bullet.place(QRect(room.left(), top + (first_line - side) // 2, side, side), look)
            height = stacked_height(beside.width(), [(words, 0)])
            words.place(QRect(beside.left(), top, beside.width(), height))
            top += height + look.px(Size.gap_xs)
