"""Rate: whose matter it is, one question, five equal stars."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QVariantAnimation, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, columns, cut_right, cut_top, inset, stack
from ui.look import Look
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import RateView
from ui.widgets.control import Control
from ui.widgets.star import STARS, StarCard, card_shadow
from ui.widgets.surface import Card, Pill
from ui.widgets.words import Words


class MatterCard(QWidget):
    """Which matter is rated, by whom it was handled, how many cases it stands for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        right = Qt.AlignmentFlag.AlignRight
        self._card = Card(self)
        self._label = Words(self, theme.CAPTION, lines_max=1)
        self._matter = Words(self, theme.HEADING, lines_max=2, shrinks=True, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._case = Words(self, theme.CAPTION, right, lines_max=1, shrinks=True)
        self._handled_by = Words(self, theme.CAPTION, right, balanced=True)
        self._pill = Pill(self)

    def say(self, view: RateView, look: Look) -> None:
        self._label.say(view.matter_label, look)
        self._matter.say(view.matter, look)
        self._case.say(view.case, look)
        self._handled_by.say(view.handled_by, look)
        self._pill.say(view.pill, look)
        align = Qt.AlignmentFlag.AlignLeft if look.portrait else Qt.AlignmentFlag.AlignRight
        self._case.align(align)
        self._handled_by.align(align)

    def height_in(self, width: int, look: Look) -> int:
        inner = width - 2 * look.px(Size.gap_l)
        if look.portrait:
            used = stacked_height(inner, self._portrait_blocks(look))
            used += self._pill.size_in(inner, look)[1] + look.px(Size.gap_s) if self._pill.text else 0
            return used + 2 * look.px(Size.gap_m)
        side = self._side_width(inner, look)
        left = self._left_height(inner - side - self._pill_width(inner, look), look)
        right = stacked_height(side, [(self._case, 0), (self._handled_by, 0)]) if side else 0
        return max(left, right) + 2 * look.px(Size.gap_m)

    def _portrait_blocks(self, look: Look) -> list[tuple[Words, int]]:
        return [(self._label, 0), (self._matter, 0), (self._case, look.px(Size.gap_s)), (self._handled_by, 0)]

    def _side_width(self, inner: int, look: Look) -> int:
        """Width of the facts at the right."""
        most = inner * 3 // 7
        return max(self._case.width_for(most), self._handled_by.width_for(most))

    def _pill_width(self, inner: int, look: Look) -> int:
        """Width between name and facts; large print has the pill beside the label instead."""
        if look.large or not self._pill.text:
            return look.px(Size.gap_m)
        return self._pill.size_in(inner // 2, look)[0] + 2 * look.px(Size.gap_m)

    def _left_height(self, width: int, look: Look) -> int:
        words = stacked_height(width, [(self._label, 0), (self._matter, 0)])
        if look.large and self._pill.text:
            beside = width - self._label.width_for(width) - look.px(Size.gap_s)
            words += max(0, self._pill.size_in(beside, look)[1] - self._label.height_for(width))
        return words

    def arrange(self, look: Look) -> None:
        self._card.place(self.rect(), look)
        room = inset(self.rect(), look.px(Size.gap_l), look.px(Size.gap_m))
        if look.portrait:
            self._arrange_portrait(room, look)
            return
        whole = room.width()
        side, room = cut_right(room, self._side_width(whole, look))
        blocks = [(self._case, 0), (self._handled_by, 0)]
        place_stacked(side, blocks, side.top() + (side.height() - stacked_height(side.width(), blocks)) // 2)
        pill, room = cut_right(room, self._pill_width(whole, look))
        if self._pill.text:
            self._arrange_pill(pill, room, whole, look)
        top = room.top() + (room.height() - self._left_height(room.width(), look)) // 2
        row = self._left_height(room.width(), look) - self._matter.height_for(room.width())
        self._label.place(QRect(room.left(), top, self._label.width_for(room.width()), row))
        place_stacked(room, [(self._matter, 0)], top + row)

    def _arrange_pill(self, between: QRect, left: QRect, whole: int, look: Look) -> None:
        if not look.large:
            width, height = self._pill.size_in(whole // 2, look)
            self._pill.place(centred(between, QSize(width, height)))
            return
        label = self._label.width_for(left.width()) + look.px(Size.gap_s)
        width, height = self._pill.size_in(left.width() - label, look)
        top = left.top() + (left.height() - self._left_height(left.width(), look)) // 2
        self._pill.place(QRect(left.left() + label, top, width, height))

    def _arrange_portrait(self, room: QRect, look: Look) -> None:
        blocks = self._portrait_blocks(look)
        top = place_stacked(room, blocks[:2], room.top())
        if self._pill.text:
            width, height = self._pill.size_in(room.width(), look)
            self._pill.place(QRect(room.left(), top + look.px(Size.gap_s), width, height))
            top += look.px(Size.gap_s) + height
        place_stacked(room, blocks[2:], top)


class RateScreen(Screen):
    """`on_swept` is called when the stars have taken their last change."""

    def __init__(self, parent: QWidget, on_swept: Callable[[], None]) -> None:
        super().__init__(parent)
        self._on_swept = on_swept
        centre = Qt.AlignmentFlag.AlignHCenter
        self._matter = MatterCard(self)
        self._question = Words(
            self, theme.TITLE, centre, lines_max=2, shrinks=True, spacing=theme.TIGHT_LINE_SPACING, balanced=True
        )
        self._hint = Words(self, theme.LEAD, centre)
        self._stars = [StarCard(self) for _ in range(STARS)]
        self._body: RateView | None = None
        self._gilded = 0.0
        self._below: tuple[object, ...] = ()
        self._shadows: list[tuple[QRect, QPixmap]] = []
        self._sweep = QVariantAnimation(self)
        self._sweep.setDuration(theme.SWEEP_MS)
        self._sweep.valueChanged.connect(self._gild)
        self._sweep.finished.connect(self._swept)

    def controls(self) -> list[Control]:
        return list(self._stars)

    @property
    def is_sweeping(self) -> bool:
        """Whether the gold still moves."""
        return self._body is not None and self._gilded != self._body.chosen

    def fill(self, body: RateView, look: Look) -> None:
        before, self._body = self._body, body
        self._matter.say(body, look)
        for star, view in zip(self._stars, body.stars, strict=True):
            star.wear(view.button, look)
            star.choose(view.level == body.chosen)
        self._arrange(body, look)
        if before is None or not self.isVisible():
            self._stop_at(body.chosen)
        elif before.chosen != body.chosen:
            self._sweep_to(body.chosen)

    def _sweep_to(self, chosen: int) -> None:
        self._sweep.stop()
        self._sweep.setStartValue(self._gilded)
        self._sweep.setEndValue(float(chosen))
        self._sweep.start()

    def _stop_at(self, chosen: int) -> None:
        self._sweep.stop()
        self._gild(float(chosen))

    @Slot(object)
    def _gild(self, value: float) -> None:
        self._gilded = value
        for place, star in enumerate(self._stars):
            star.fill(min(1.0, max(0.0, value - place)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The soft shadows of the cards, which cover what lies below them: they need not be painted again with a card."""
        changed = event.rect()
        with QPainter(self) as painter:
            for room, picture in self._shadows:
                if room.intersects(changed):
                    painter.drawPixmap(room.topLeft(), picture)

    @Slot()
    def _swept(self) -> None:
        self._on_swept()

    def _arrange(self, body: RateView, look: Look) -> None:
        """The matter's card for each ticket; what is below it only where it differs from the last one's."""
        room = self.room(look)
        matter, room = cut_top(room, self._matter.height_in(room.width(), look))
        self._matter.setGeometry(matter)
        self._matter.arrange(look)
        below = (room, look, body.question, body.hint, *(view.button.text for view in body.stars))
        if below != self._below:
            self._below = below
            self._question.say(body.question, look)
            self._hint.say(body.hint, look)
            self._arrange_stars(room, look)

    def _arrange_stars(self, room: QRect, look: Look) -> None:
        width = room.width()
        cards = self._star_columns(room, look)
        lines = max(star.lines_in(card.width()) for star, card in zip(self._stars, cards, strict=True))
        for star in self._stars:
            star.spread_label(lines)
        if self._question.height_for(width) + self._hint.height_for(width) + sum(self._spacings(look)[-1]) > room.height():
            self._hint.say("", look)
        words = self._question.height_for(width) + self._hint.height_for(width)
        below_card = 2 * look.px(Size.gap_s)
        spacing = next(
            (one for one in self._spacings(look) if words + sum(one) + below_card <= room.height()), self._spacings(look)[-1]
        )
        question, hint, stars = stack(
            room, [self._question.height_for(width), self._hint.height_for(width), spacing[-1]], list(spacing[:-1])
        )
        self._question.place(question)
        self._hint.place(hint)
        for star, place in zip(self._stars, self._star_columns(stars, look), strict=True):
            star.place(place)
        around = -look.px(Size.shadow)
        self._shadows = [
            (inset(star.geometry(), around), card_shadow(star.width(), star.height(), look)) for star in self._stars
        ]
        self.update()

    def _spacings(self, look: Look) -> list[tuple[int, int, int]]:
        """Gap below the question, gap over the stars, height of the star cards: generous first, then as little as serves."""
        glyph = look.px(Size.star_glyph_portrait if look.portrait else Size.star_glyph)
        least = glyph + self._stars[0].words_height() + look.px(Size.gap_s)
        usual = look.px(Size.star_card_height_portrait if look.portrait else Size.star_card_height)
        wide = look.px(Size.gap_xl if look.portrait else Size.gap_l)
        return [
            (look.px(Size.gap_xs), wide, max(usual, least + 2 * look.px(Size.gap_m))),
            (look.px(Size.gap_xs), look.px(Size.gap_m), least + 2 * look.px(Size.gap_m)),
            (0, look.px(Size.gap_s), least + 2 * look.px(Size.gap_s)),
            (0, look.px(Size.gap_xs), least + 2 * look.px(Size.gap_xs)),
        ]

    def _star_columns(self, room: QRect, look: Look) -> list[QRect]:
        gap = look.px(Size.gap_min if look.portrait else Size.star_gap_max)
        widest = STARS * look.px(Size.star_card_max) + (STARS - 1) * gap
        spare = max(0, room.width() - widest) // 2
        return columns(inset(room, spare, 0), STARS, gap)
