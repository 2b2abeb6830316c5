"""Texts and pictures of the hall: only while idle, gone the moment a ticket is read. Design ui.md, principle 5 and “Idle”."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.screen_survey import picture
from support.window_samples import CANVASES, FACTS, session, terminal

from terminal_app.domain import session as s
from ui.posters import LONGEST_TEXT, Poster, read_posters
from ui.view_state import derive_view
from ui.views import IdleView
from ui.widgets.poster import PosterBoard

TEXT = "企业开办“一件事”专区已移至二楼 A 区"
IDLE = terminal(s.Idle())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "1.txt").write_text(f"{TEXT}\n", "utf-8")
    image = QImage(1200, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("#1D4E9E"))
    assert image.save(str(tmp_path / "2.png"))
    yield tmp_path


def test_a_folder_is_read_by_name_and_what_cannot_be_shown_is_logged(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "3.txt").write_bytes(b"\xff\xfe\x00")
    (folder / "4.txt").write_text("字" * (LONGEST_TEXT + 1), "utf-8")
    (folder / "notes.odt").write_text("", "utf-8")
    assert read_posters(folder) == (Poster(text=TEXT), Poster(picture=str(folder / "2.png")))
    assert "3.txt" in caplog.text
    assert "4.txt" in caplog.text
    assert read_posters(None) == ()


def board(page: KioskPage) -> PosterBoard:
    return page.window.widget.findChildren(PosterBoard)[0]


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_steps_and_posters_take_turns_by_the_minute(qapp: QApplication, folder: Path, canvas: tuple[int, int]) -> None:
    with kiosk(IDLE, replace(DESKTOP, canvas=canvas), replace(FACTS, posters=read_posters(folder))) as page:
        for minute, shown in ((33, False), (34, True), (35, True), (36, False)):
            page.clock.wall = f"2026-11-21T10:{minute}:00.000+08:00"
            page.window._tell_time()
            page.settle()
            assert board(page).isVisible() is shown, minute
            assert all(part.fits for part in picture(page, f"idle {minute}", large=False).items)


def test_they_are_gone_the_moment_a_ticket_is_read_and_stand_on_no_other_screen() -> None:
    facts = replace(FACTS, posters=(Poster(text=TEXT),))
    reading = derive_view(terminal(s.Recording(session(), 4, "opened", s.Idle())), facts).body
    assert isinstance(reading, IdleView)
    assert reading.posters == ()
    for phase in (s.Paused(), s.OutOfOrder("storage"), s.StaffLogin(3)):
        assert TEXT not in repr(derive_view(terminal(phase), facts))


def test_what_is_no_picture_leaves_the_steps_where_they_are(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with kiosk(IDLE, facts=replace(FACTS, posters=read_posters(tmp_path))) as page:
        page.clock.wall = "2026-11-21T10:33:00.000+08:00"
        page.window._tell_time()
        page.settle()
        assert not board(page).isVisible()
