"""The window covers the screen, whatever becomes of it (issue 5, point 8). Qt's own signals; the sizes are the test's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage
from support.window_samples import CANVASES, await_stars, terminal


@pytest.fixture
def full(qapp: QApplication) -> Iterator[KioskPage]:
    """A full-screen window with stars on it."""
    page = KioskPage(replace(DESKTOP, fullscreen=True)).open(terminal(await_stars()))
    yield page
    page.close()


def test_it_begins_as_large_as_the_screen(full: KioskPage) -> None:
    assert full.window.widget.geometry() == QGuiApplication.primaryScreen().geometry()


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_it_follows_another_resolution_and_every_star_can_be_touched(full: KioskPage, canvas: tuple[int, int]) -> None:
    QGuiApplication.primaryScreen().geometryChanged.emit(QRect(0, 0, *canvas))
    full.settle()
    assert (full.window.widget.width(), full.window.widget.height()) == canvas
    for level in range(1, 6):
        assert full.window.widget.rect().contains(full.at(f"star-{level}"))


def test_a_screen_of_no_size_changes_nothing(full: KioskPage) -> None:
    """As while a cable is out."""
    before = full.window.widget.geometry()
    QGuiApplication.primaryScreen().geometryChanged.emit(QRect())
    full.settle()
    assert full.window.widget.geometry() == before


def test_another_first_screen_is_covered(full: KioskPage, qapp: QApplication) -> None:
    full.window.widget.setGeometry(0, 0, 640, 480)
    qapp.primaryScreenChanged.emit(qapp.primaryScreen())
    full.settle()
    assert full.window.widget.geometry() == qapp.primaryScreen().geometry()
