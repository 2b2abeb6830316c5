"""Reasons: the chosen stars stay visible, all reasons at once where they fit, else the core ones first."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, cut_bottom, cut_left, cut_right, cut_top, inset
from ui.look import Look
from ui.screens.base import Screen
from ui.theme import Size
from ui.views import PHONE, ReasonsView
from ui.widgets.chip import Chip
from ui.widgets.control import Button, Control
from ui.widgets.phone import PhoneCard
from ui.widgets.star import StarRow
from ui.widgets.surface import Card
from ui.widgets.words import Words

_ACROSS = 2


class ReasonsScreen(Screen):
    """`on_page` is called when another page of chips is shown."""

    def __init__(self, parent: QWidget, on_page: Callable[[], None]) -> None:
        super().__init__(parent)
        self._on_page = on_page
        self._strip = Card(self)
        self._stars = StarRow(self, Size.star_glyph_small)
        self._level = Words(self, theme.LEVEL, lines_max=1)
        self._change = Button(self)
        self._recorded = Words(self, theme.CAPTION, Qt.AlignmentFlag.AlignRight, lines_max=2, spacing=theme.TIGHT_LINE_SPACING)
        self._question = Words(self, theme.HEADING, lines_max=2, shrinks=True, spacing=theme.TIGHT_LINE_SPACING)
        self._hint = Words(self, theme.CAPTION, lines_max=2, shrinks=True, spacing=theme.TIGHT_LINE_SPACING)
        self._chips: list[Chip] = []
        self._turn = Chip(self, box=False)
        self._phone_card = PhoneCard(self)
        self._phone = Button(self, theme.BUTTON_LARGE)
        self._skip = Button(self, theme.BUTTON_LARGE)
        self._submit = Button(self, theme.BUTTON_PRIMARY, primary=True)
        self._body: ReasonsView | None = None
        self._look: Look | None = None
        self._page = 0
        self._on_phone = False
        self._shown: list[Chip] = []

    def fill(self, body: ReasonsView, look: Look) -> None:
        if not self.isVisible():
            self._page, self._on_phone = 0, False
        self._body, self._look = body, look
        self._stars.show_choice(body.chosen, body.level, look)
        self._level.say(body.level, look)
        self._change.wear(body.change, look)
        self._recorded.say(body.recorded, look)
        self._question.say(body.question, look)
        self._hint.say(body.hint, look)
        self._skip.setVisible(body.skip is not None)
        if body.skip:
            self._skip.wear(body.skip, look)
        self._submit.wear(body.submit, look)
        self._phone.setVisible(body.phone is not None)
        self._phone_card.say(body.phone, look)
        self._fill_chips(body, look)
        self._arrange(body, look)

    def _fill_chips(self, body: ReasonsView, look: Look) -> None:
        while len(self._chips) < len(body.chips):
            self._chips.append(Chip(self))
        for chip, view in zip(self._chips, body.chips, strict=False):
            chip.wear(view.button, look)
            chip.mark(view.marked)

    def controls(self) -> list[Control]:
        turn: list[Control] = [self._turn] if not self._turn.isHidden() else []
        skip: list[Control] = [self._skip] if not self._skip.isHidden() else []
        phone: list[Control] = [self._phone] if not self._phone.isHidden() else []
        return [self._change, *self._shown, *turn, *phone, *skip, self._submit]

    def primary(self) -> Control | None:
        return self._submit

    def secondary(self) -> Control | None:
        return None if self._skip.isHidden() else self._skip

    def turn_page(self, name: str = "") -> None:
        """Show the next chips, where they do not all fit; or the code for telephones in their place, and back."""
        if self._body and self._look:
            if name == PHONE:
                self._on_phone = not self._on_phone
            else:
                self._page += 1
            self._arrange(self._body, self._look)
            self._on_page()

    # --- places -------------------------------------------------------------------------------------------------

    def _arrange(self, body: ReasonsView, look: Look) -> None:
        room = self.room(look).adjusted(0, -look.px(Size.gap_xs), 0, 0)
        gap = look.px(Size.gap_s)
        strip_height = self._change.size_in(self._beside_level(room.width(), look)).height() + look.px(Size.gap_m)
        if look.portrait:
            strip_height += self._recorded.height_for(room.width()) + look.px(Size.gap_xs)
        strip, room = cut_top(room, strip_height, gap)
        self._arrange_strip(strip, look)
        title, room = cut_top(room, self._title_height(room.width(), look), look.px(Size.gap_min))
        self._arrange_title(title, look)
        if body.phone:
            self._phone.wear(body.phone.hide if self._on_phone else body.phone.show, look)
        actions, room = cut_bottom(room, self._actions_height(room.width(), look), gap)
        self._arrange_actions(actions, look)
        self._phone_card.setVisible(self._on_phone and body.phone is not None)
        if self._phone_card.isHidden():
            self._arrange_chips(room, body, look)
        else:
            self._arrange_phone(room, look)

    def _arrange_strip(self, room: QRect, look: Look) -> None:
        self._strip.place(room, look)
        room = inset(room, look.px(Size.gap_l), 0)
        self._recorded.align(Qt.AlignmentFlag.AlignLeft if look.portrait else Qt.AlignmentFlag.AlignRight)
        if look.portrait:
            below, room = cut_bottom(room, self._recorded.height_for(room.width()) + look.px(Size.gap_s))
            self._recorded.place(below.adjusted(0, 0, 0, -look.px(Size.gap_s)))
        size = self._stars.size_in(look)
        place, room = cut_left(room, size.width(), look.px(Size.gap_m))
        self._stars.setGeometry(centred(place, size))
        place, room = cut_left(room, self._level.width_for(room.width()), look.px(Size.gap_m))
        self._level.place(place)
        button = self._change.size_in(room.width())
        place, room = cut_left(room, button.width(), look.px(Size.gap_m))
        self._change.place(centred(place, button))
        if not look.portrait:
            self._recorded.place(room)

    def _beside_level(self, width: int, look: Look) -> int:
        """Pixels that the strip has for “修改”, beside stars and level."""
        room = width - 2 * look.px(Size.gap_l) - self._stars.size_in(look).width() - look.px(Size.gap_m)
        return room - self._level.width_for(room) - look.px(Size.gap_m)

    def _question_width(self, width: int, look: Look) -> int:
        """Pixels of the question; its hint has the rest of the row."""
        hint = self._hint.width_for(width // 2)
        return min(self._question.width_for(width), width - hint - look.px(Size.gap_m))

    def _title_height(self, width: int, look: Look) -> int:
        question = self._question_width(width, look)
        hint = self._hint.height_for(width - question - look.px(Size.gap_m)) + look.px(Size.gap_xs)
        return max(self._question.height_for(question), hint)

    def _arrange_title(self, room: QRect, look: Look) -> None:
        place, rest = cut_left(room, self._question_width(room.width(), look))
        self._question.place(place)
        self._hint.place(rest.adjusted(look.px(Size.gap_m), look.px(Size.gap_xs), 0, 0))

    def _actions_height(self, width: int, look: Look) -> int:
        """One row, or two where “用手机补充” does not fit beside the others."""
        row = self._submit.size_in(width).height()
        return row if self._phone_fits_beside(width, look) else 2 * row + look.px(Size.gap_min)

    def _phone_fits_beside(self, width: int, look: Look) -> bool:
        row = [button for button in (self._phone, self._skip, self._submit) if not button.isHidden()]
        used = sum(button.size_in(width).width() for button in row) + look.px(Size.gap_s) * (len(row) - 1)
        return self._phone.isHidden() or used <= width

    def _arrange_actions(self, room: QRect, look: Look) -> None:
        size = self._submit.size_in(room.width())
        if not self._phone.isHidden():
            asks = self._phone.size_in(room.width())
            self._phone.place(QRect(room.left(), room.top(), asks.width(), size.height()))
        room = QRect(room.left(), room.bottom() + 1 - size.height(), room.width(), size.height())
        place, room = cut_right(room, size.width(), look.px(Size.gap_s))
        self._submit.place(place)
        if not self._skip.isHidden():
            size = self._skip.size_in(room.width())
            place, _ = cut_right(room, size.width())
            self._skip.place(place)

    def _arrange_chips(self, room: QRect, body: ReasonsView, look: Look) -> None:
        chips = self._chips[: len(body.chips)]
        across = 1 if look.portrait else _ACROSS
        down = self._rows_that_fit(chips, room, across, look)
        pages = _pages(chips, across * down)
        self._page %= len(pages)
        self._shown = pages[self._page]
        for chip in self._chips:
            chip.setVisible(chip in self._shown)
        paged = len(pages) > 1
        self._turn.setVisible(paged)
        if paged:
            self._turn.wear(body.back if self._page == len(pages) - 1 else body.more, look)
        cells = [*self._shown, self._turn] if paged else self._shown
        down = -(-len(cells) // across)
        for cell, place in zip(cells, _cells(room, across, down, look), strict=False):
            cell.place(place)

    def _arrange_phone(self, room: QRect, look: Look) -> None:
        self._shown = []
        for chip in (*self._chips, self._turn):
            chip.hide()
        self._phone_card.setGeometry(room)
        self._phone_card.arrange(look)

    def _rows_that_fit(self, chips: list[Chip], room: QRect, across: int, look: Look) -> int:
        """How many rows of the highest chip there is room for."""
        gap = look.px(Size.gap_min)
        width = (room.width() - (across - 1) * gap) // across
        highest = max((chip.height_for(width, look) for chip in chips), default=1)
        return max(1, (room.height() + gap) // (highest + gap))


def _pages(chips: list[Chip], cells: int) -> list[list[Chip]]:
    """All chips on one page if they fit; else as many as fit in their order, and one cell of each page turns to the next."""
    if len(chips) <= cells:
        return [chips]
    each = max(1, cells - 1)
    return [chips[at : at + each] for at in range(0, len(chips), each)]


def _cells(room: QRect, across: int, down: int, look: Look) -> list[QRect]:
    """Equal cells, row by row."""
    gap = look.px(Size.gap_min)
    highest = look.px(Size.chip_max_large if look.large else Size.chip_max)
    height = min(highest, (room.height() - (down - 1) * gap) // down)
    width = (room.width() - (across - 1) * gap) // across
    return [
        QRect(room.left() + column * (width + gap), room.top() + row * (height + gap), width, height)
        for row in range(down)
        for column in range(across)
    ]
