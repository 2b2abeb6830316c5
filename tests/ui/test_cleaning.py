"""Cleaning: for half a minute no contact and no key chooses anything. Issue 5, point 2."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from support.kiosk_page import KioskPage, kiosk
from support.window_samples import await_stars, session, terminal

from terminal_app.domain import session as s
from ui.contact import GUARD_MS
from ui.theme import CLEANING_MS
from ui.widgets.veil import Veil

MENU = terminal(s.StaffMenu(3))


def veil_of(page: KioskPage) -> Veil:
    return page.window.widget.findChildren(Veil)[0]


def test_staff_can_have_the_screen_cleaned_while_nobody_rates(qapp: QApplication) -> None:
    with kiosk(MENU) as page:
        assert "clean" in page.names
        page.show(terminal(s.StaffMenu(3, session())))
        assert "clean" not in page.names


def test_nothing_acts_until_the_seconds_are_counted_down(qapp: QApplication) -> None:
    with kiosk(MENU) as page:
        page.clock.now += GUARD_MS
        page.tap("clean")
        veil = veil_of(page)
        assert veil.isVisible()
        assert veil.seconds_left == CLEANING_MS // 1000
        assert page.events == []
        page.show(terminal(await_stars()))
        assert veil.isVisible()
        page.tap("star-1")
        page.window.keypad_pressed("5")
        assert page.events == []
        page.clock.now += CLEANING_MS
        veil.tick()
        assert not veil.isVisible()
        page.tap("star-2")
        assert page.events == [s.StarTapped(s.Level.DISSATISFIED)]


def test_the_countdown_fits_on_another_canvas_and_in_large_print(qapp: QApplication) -> None:
    with kiosk(MENU) as page:
        page.clock.now += GUARD_MS
        page.tap("clean")
        page.show(replace(MENU, large_print=True, language="en"))
        page.window.widget.setFixedSize(800, 1280)
        page.settle()
        veil = veil_of(page)
        assert veil.size() == page.window.widget.size()
        assert all(words.fits() for words in (veil._title, veil._left))
