"""Who is on duty has a photo while idle, if the hall has one; else a monogram. Design ui.md, “Screens”, Idle."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.window_samples import CANVASES, CLERK, FACTS, terminal

from terminal_app.domain import session as s
from ui import theme
from ui.posters import find_photos
from ui.view_state import derive_view
from ui.views import IdleView
from ui.widgets.monogram import Monogram, disc_picture

GREEN = QColor("#008040")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A high picture of the clerk on duty, green but for its lowest third; a wide one of somebody else."""
    picture = QImage(300, 600, QImage.Format.Format_RGB32)
    picture.fill(GREEN)
    for y in range(400, 600):
        for x in range(300):
            picture.setPixelColor(x, y, QColor("black"))
    assert picture.save(str(tmp_path / f"{CLERK.number}.png"))
    (tmp_path / "9999.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("", "utf-8")
    disc_picture.cache_clear()
    return tmp_path


def disc(page: KioskPage) -> QImage:
    (shown,) = [shown for shown in page.window.widget.findChildren(Monogram) if shown.isVisible()]
    return shown.grab().toImage()


def test_a_folder_names_pictures_by_staff_number(folder: Path) -> None:
    assert find_photos(folder) == ((CLERK.number, str(folder / f"{CLERK.number}.png")), ("9999", str(folder / "9999.jpg")))
    assert find_photos(None) == ()


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_it_fills_a_disc_and_nothing_beside_it(qapp: QApplication, folder: Path, canvas: tuple[int, int]) -> None:
    with kiosk(terminal(s.Idle()), replace(DESKTOP, canvas=canvas), replace(FACTS, photos=find_photos(folder))) as page:
        shown = disc(page)
        side = shown.width()
        for x, y in ((side // 2, 3), (3, side // 2), (side - 4, side // 2), (side // 2, side // 2)):
            assert shown.pixelColor(QPoint(x, y)) == GREEN, (x, y)
        assert shown.pixelColor(1, 1) != GREEN


@pytest.mark.parametrize("photos", [(), (("9999", "gone.jpg"),), "broken"], ids=["none", "of somebody else", "broken"])
def test_without_one_there_is_a_monogram(
    qapp: QApplication, folder: Path, photos: tuple[tuple[str, str], ...] | str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = photos == "broken"
    given = ((CLERK.number, str(folder / "9999.jpg")),) if isinstance(photos, str) else photos
    with kiosk(terminal(s.Idle()), facts=replace(FACTS, photos=given)) as page:
        edge = disc(page).pixelColor(disc(page).width() // 2, 3)
    assert abs(edge.blue() - QColor(theme.LIGHT.monogram_top).blue()) < 40
    assert ("9999.jpg is not shown" in caplog.text) is broken


def test_nobody_and_no_other_screen_shows_it(folder: Path) -> None:
    facts = replace(FACTS, photos=find_photos(folder))
    nobody = derive_view(terminal(s.Idle(), on_duty=None), facts).body
    assert isinstance(nobody, IdleView)
    assert nobody.person.photo == ""
    for phase in (s.Paused(), s.OutOfOrder("storage"), s.StaffLogin(3)):
        assert str(folder) not in repr(derive_view(terminal(phase), facts))
