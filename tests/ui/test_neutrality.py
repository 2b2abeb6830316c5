"""Neutral by design (design ui.md, principle 1): no star is larger, nearer, brighter or harder to take back than another."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.window_samples import CANVASES, FACTS, LANGUAGES, await_stars, terminal, thanks

from terminal_app.domain import session as s
from ui.view_state import derive_view
from ui.views import ThanksView
from ui.wording import wording

LEVELS = (1, 2, 3, 4, 5)
# What praises, thanks for the choice itself, or scolds.
STEERING = (
    "好评",
    "差评",
    "棒",
    "优秀",
    "太好",
    "很高兴",
    "抱歉",
    "遗憾",
    "great",
    "excellent",
    "glad",
    "sorry",
    "awesome",
    "love",
    "!",
    "！",
)


def cards(page: KioskPage) -> list[QRect]:
    return [
        QRect(control.mapTo(page.window.widget, control.target().topLeft()), control.target().size())
        for control in (page.control(f"star-{level}") for level in LEVELS)
    ]


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
def test_five_stars_of_one_size_on_one_line_at_equal_gaps(
    qapp: QApplication, canvas: tuple[int, int], language: str, large: bool
) -> None:
    state = replace(terminal(await_stars()), language=language, large_print=large)
    with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
        found = cards(page)
        assert len({(card.width(), card.height(), card.top()) for card in found}) == 1
        assert len({after.left() - before.right() for before, after in pairwise(found)}) == 1
        assert [card.left() for card in found] == sorted(card.left() for card in found)
        left, right = found[0].left(), canvas[0] - 1 - found[-1].right()
        assert abs(left - right) <= 1
        rooms = [page.control(f"star-{level}") for level in LEVELS]
        glyphs = {tuple(star.glyph_room().getRect()) for star in rooms}  # type: ignore[attr-defined]
        assert len(glyphs) == 1


def test_the_five_unfilled_stars_are_painted_alike_pixel_by_pixel(qapp: QApplication) -> None:
    with kiosk(terminal(await_stars())) as page:
        picture = page.window.widget.grab().toImage()
        star = page.control("star-1").glyph_room().toAlignedRect()  # type: ignore[attr-defined]
        corners = [page.control(f"star-{level}").mapTo(page.window.widget, star.topLeft()) for level in LEVELS]
        images = [picture.copy(QRect(corner, star.size())) for corner in corners]
        assert all(image == images[0] for image in images)


def test_a_filled_star_is_gold_whatever_the_level(qapp: QApplication) -> None:
    """Colour never tells one level from another: star 1 of a one looks as star 1 of a five."""
    pictures = []
    for level in LEVELS:
        with kiosk(terminal(await_stars(star=level))) as page:
            star = page.control("star-1")
            glyph = star.glyph_room().toAlignedRect()  # type: ignore[attr-defined]
            corner = star.mapTo(page.window.widget, glyph.topLeft())
            pictures.append(page.window.widget.grab().toImage().copy(QRect(corner, glyph.size())))
    assert all(picture == pictures[0] for picture in pictures)


def test_thanks_differs_by_level_in_stars_and_promises_alone() -> None:
    def without_choice(level: int) -> object:
        view = derive_view(terminal(thanks(level)), FACTS)
        assert isinstance(view.body, ThanksView)
        return replace(view, body=replace(view.body, chosen=0, spoken="", promises=()))

    assert all(without_choice(level) == without_choice(1) for level in LEVELS)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("large", [False, True])
def test_thanks_has_the_same_places_after_every_level(qapp: QApplication, canvas: tuple[int, int], large: bool) -> None:
    """Changing a five is as easy as changing a one: “修改” stands at the same place, as large, for the same time."""
    places = []
    for level in LEVELS:
        state = replace(terminal(thanks(level)), large_print=large)
        with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
            assert {"change", "finish"} <= set(page.names)
            assert page.window.view is not None
            ring = page.window.view.footer.ring
            places.append((geometry(page, "change"), geometry(page, "finish"), stars_of_thanks(page), ring))
    assert all(place == places[0] for place in places)


def geometry(page: KioskPage, name: str) -> QRect:
    control = page.control(name)
    return QRect(control.mapTo(page.window.widget, control.rect().topLeft()), control.size())


def stars_of_thanks(page: KioskPage) -> QRect:
    row = next(
        child for child in page.window.widget.findChildren(QWidget) if type(child).__name__ == "StarRow" and child.isVisible()
    )
    return QRect(row.mapTo(page.window.widget, row.rect().topLeft()), row.size())


def test_the_screen_says_nothing_to_staff_that_depends_on_the_level() -> None:
    """Whatever staff can bring onto the screen is the same after every level."""
    for phase in (s.StaffMenu(3), s.Idle(), s.Paused()):
        assert len({repr(derive_view(terminal(phase), FACTS)) for _ in LEVELS}) == 1
    remembered = [derive_view(terminal(thanks(level), notice=s.Notice("remembered", 9)), FACTS).banner for level in LEVELS]
    assert len(set(remembered)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_praises_or_scolds_a_choice(language: str) -> None:
    for key, text in wording(language).texts.items():
        words = text.lower()
        assert not any(word in words for word in STEERING), key
