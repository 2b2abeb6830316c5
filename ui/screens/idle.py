"""Idle: who is on duty, what to do with a receipt, the window's code. Nothing moves and nothing invites a tap.

The same screen with nobody on duty says so: a ticket is rated all the same.
"""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, columns, cut_bottom, cut_left, cut_top, inset
from ui.look import Look
from ui.posters import Poster
from ui.screens.base import Screen, place_stacked, stacked_height
from ui.theme import Size
from ui.views import IdleView, PersonView, QrView
from ui.widgets.icon import Icon
from ui.widgets.monogram import Monogram
from ui.widgets.poster import PosterBoard
from ui.widgets.qr import Qr, brings_quiet
from ui.widgets.surface import Card, Pill
from ui.widgets.words import Words

_STEP_ICONS = ("ticket", "touch", "check")


class PersonCard(QWidget):
    """Photo or monogram, name, post, number, and whether the window is in service."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._card = Card(self)
        self._monogram = Monogram(self)
        self._name = Words(self, theme.NAME, centre, lines_max=2, shrinks=True, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._post = Words(self, theme.LEAD, centre, balanced=True, spacing=theme.TIGHT_LINE_SPACING)
        self._number = Words(self, theme.BODY, centre, lines_max=1)
        self._state = Pill(self)

    def say(self, view: PersonView, look: Look) -> None:
        self._monogram.show_person(view.initial, view.photo, look)
        self._name.say(view.name, look)
        self._post.say(view.post, look)
        self._number.say(view.number, look)
        self._state.say(view.state, look)
        self._state.wear(theme.SERVICE_PILL if view.in_service else theme.RESTING_PILL)
        self._state.stand_on("service_wash" if view.in_service else "resting_wash")

    def height_in(self, width: int, look: Look) -> int:
        """Height of the lying card in portrait."""
        inner = self._beside(width, look)
        words = stacked_height(inner, self._blocks(look)) + look.px(Size.gap_s) + self._state.size_in(inner, look)[1]
        return max(words, look.px(Size.monogram_small)) + 2 * look.px(Size.gap_l)

    def _beside(self, width: int, look: Look) -> int:
        return width - 3 * look.px(Size.gap_l) - look.px(Size.monogram_small)

    def _blocks(self, look: Look) -> list[tuple[Words, int]]:
        return [(self._name, 0), (self._post, look.px(Size.gap_xs)), (self._number, look.px(Size.gap_xs))]

    def arrange(self, look: Look) -> None:
        self._card.place(self.rect(), look)
        for words in (self._name, self._post, self._number):
            words.align(Qt.AlignmentFlag.AlignLeft if look.portrait else Qt.AlignmentFlag.AlignHCenter)
        room = inset(self.rect(), look.px(Size.gap_l))
        if look.portrait:
            self._arrange_lying(room, look)
        else:
            self._arrange_standing(room, look)

    def _arrange_standing(self, room: QRect, look: Look) -> None:
        width, height = self._state.size_in(room.width(), look)
        gap = look.px(Size.gap_m)
        words = stacked_height(room.width(), self._blocks(look))
        side = min(look.px(Size.monogram), room.height() - words - height - 2 * gap)
        top = room.top() + (room.height() - side - words - height - 2 * gap) // 2
        self._monogram.place(QRect(room.left() + (room.width() - side) // 2, top, side, side))
        top = place_stacked(room, self._blocks(look), top + side + gap)
        self._state.place(QRect(room.left() + (room.width() - width) // 2, top + gap, width, height))

    def _arrange_lying(self, room: QRect, look: Look) -> None:
        side = look.px(Size.monogram_small)
        place, room = cut_left(room, side, look.px(Size.gap_l))
        self._monogram.place(centred(place, QSize(side, side)))
        width, height = self._state.size_in(room.width(), look)
        words = stacked_height(room.width(), self._blocks(look))
        top = room.top() + (room.height() - words - height - look.px(Size.gap_s)) // 2
        top = place_stacked(room, self._blocks(look), top)
        self._state.place(QRect(room.left(), top + look.px(Size.gap_s), width, height))


class QrCard(QWidget):
    """A code with its one line of explanation, on a card of its own or on another's."""

    def __init__(self, parent: QWidget, *, card: bool = True) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._card = Card(self) if card else None
        self._qr = Qr(self)
        self._title = Words(self, theme.SUBHEADING, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._line = Words(self, theme.CAPTION, spacing=theme.TIGHT_LINE_SPACING, balanced=True)

    def say(self, view: QrView | None, look: Look) -> None:
        self.setVisible(view is not None)
        if view is None:
            return
        self._qr.show_url(view.url, view.title, look)
        self._title.say(view.title, look)
        self._line.say(view.line, look)

    def height_in(self, width: int, look: Look) -> int:
        """Pixels of the card when it is `width` wide; nothing when there is no code."""
        if self.isHidden():
            return 0
        around = 2 * _around(look) if self._card else 0
        side = window_code_side(look)
        beside = width - around - side - look.px(Size.gap_m)
        return max(side, stacked_height(beside, self._blocks(look))) + around

    def width_in(self, room: int, look: Look) -> int:
        """Pixels that code and words take together."""
        taken = window_code_side(look) + look.px(Size.gap_m)
        beside = room - taken
        return taken + max(self._title.width_for(beside), self._line.width_for(beside))

    def arrange(self, look: Look) -> None:
        room = self.rect()
        if self._card:
            self._card.place(room, look)
            room = inset(room, _around(look))
        side = window_code_side(look)
        place, room = cut_left(room, side, look.px(Size.gap_m))
        self._qr.place(centred(place, QSize(side, side)))
        blocks = self._blocks(look)
        place_stacked(room, blocks, room.top() + (room.height() - stacked_height(room.width(), blocks)) // 2)

    def _blocks(self, look: Look) -> list[tuple[Words, int]]:
        return [(self._title, 0), (self._line, look.px(Size.gap_xs))]


def window_code_side(look: Look) -> int:
    """Pixels of the window's code, with the quiet zone that it brings where it stands on a dark card."""
    return look.px(Size.qr) + (2 * look.px(Size.gap_xs) if brings_quiet(look) else 0)


def _around(look: Look) -> int:
    """Pixels between the code and the edge of its own card, which is as high on every ground."""
    return look.px(Size.gap_s) - (look.px(Size.gap_xs) if brings_quiet(look) else 0)


class Steps(QWidget):
    """Three steps side by side: icon over words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._icons = [Icon(self) for _ in _STEP_ICONS]
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        self._words = [Words(self, theme.STEP, centre, balanced=True, spacing=theme.TIGHT_LINE_SPACING) for _ in _STEP_ICONS]

    def say(self, steps: tuple[str, ...], look: Look) -> None:
        for icon, name, words, step in zip(self._icons, _STEP_ICONS, self._words, steps, strict=True):
            icon.show_icon(name, look)
            words.say(step, look)

    def height_in(self, width: int, look: Look) -> int:
        column = columns(QRect(0, 0, width, 1), len(self._words), look.px(Size.gap_s))[0].width()
        words = max(words.height_for(column) for words in self._words)
        return look.px(Size.step_icon) + look.px(Size.gap_s) + words

    def arrange(self, look: Look) -> None:
        side = look.px(Size.step_icon)
        for icon, words, column in zip(
            self._icons, self._words, columns(self.rect(), len(self._words), look.px(Size.gap_s)), strict=True
        ):
            icon.place(QRect(column.left() + (column.width() - side) // 2, column.top(), side, side))
            _, below = cut_top(column, side, look.px(Size.gap_s))
            words.place(below)


class IdleScreen(Screen):
    """Idle with somebody on duty."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._person = PersonCard(self)
        self._card = Card(self)
        self._headline = Words(self, theme.DISPLAY, lines_max=2, spacing=theme.TIGHT_LINE_SPACING, balanced=True)
        self._lead = Words(self, theme.LEAD, lines_max=5, balanced=True)
        self._steps = Steps(self)
        self._qr = QrCard(self)
        self._board = PosterBoard(self)
        self._minute = 0
        self._body: IdleView | None = None
        self._look: Look | None = None

    def tell_minute(self, minute: int) -> None:
        """Steps and posters take turns, a minute each; which it is depends on the clock alone."""
        if minute != self._minute:
            self._minute = minute
            if self._body and self._look and self._body.posters:
                self._arrange(self._look)

    def fill(self, body: IdleView, look: Look) -> None:
        self._body, self._look = body, look
        self._person.say(body.person, look)
        self._headline.say(body.headline, look)
        self._lead.say(body.lead, look)
        self._steps.say(body.steps, look)
        self._qr.say(body.qr, look)
        self._arrange(look)

    def _arrange(self, look: Look) -> None:
        room = self.room(look)
        gap = look.px(Size.gap_m)
        if look.portrait:
            person, room = cut_top(room, self._person.height_in(room.width(), look), gap)
        else:
            person, room = cut_left(room, look.px(Size.staff_card), look.px(Size.gap_l))
        self._person.setGeometry(person)
        self._person.arrange(look)
        if qr_height := self._qr.height_in(room.width(), look):
            place, room = cut_bottom(room, qr_height, gap)
            self._qr.setGeometry(place)
            self._qr.arrange(look)
        self._card.place(room, look)
        self._arrange_card(room, look)

    def _arrange_card(self, room: QRect, look: Look) -> None:
        room = inset(room, look.px(Size.gap_xl), look.px(Size.gap_s))
        blocks = [(self._headline, 0), (self._lead, look.px(Size.gap_s))]
        words = stacked_height(room.width(), blocks)
        board = self._show_turn(look)
        steps = self._board.height_in(room.width(), look) if board else self._steps.height_in(room.width(), look)
        spare = room.height() - words - steps
        fits = spare >= look.px(Size.gap_min)
        self._steps.setVisible(fits and not board)
        self._board.setVisible(fits and board)
        least = min(spare, look.px(Size.gap_s))
        gap = look.px(Size.gap_m) if self._has_picture() else min(look.px(Size.gap_xl), max(least, spare // 2))
        top = room.top() + ((spare - gap) // 2 if fits else (room.height() - words) // 2)
        if board and self._has_picture() and fits:
            top = room.top()
        top = place_stacked(room, blocks, max(room.top(), top))
        if board:
            height = max(steps, room.bottom() + 1 - top - gap) if self._has_picture() else steps
            self._board.arrange(QRect(room.left(), top + gap, room.width(), height), look)
            return
        self._steps.setGeometry(QRect(room.left(), top + gap, room.width(), steps))
        self._steps.arrange(look)

    def _turn(self) -> Poster | None:
        """Whose minute it is; None: the steps'."""
        turns = (None, *self._body.posters) if self._body else (None,)
        return turns[self._minute % len(turns)]

    def _has_picture(self) -> bool:
        turn = self._turn()
        return turn is not None and bool(turn.picture)

    def _show_turn(self, look: Look) -> bool:
        turn = self._turn()
        return turn is not None and self._board.show_poster(turn, look)
