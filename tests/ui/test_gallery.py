"""`./dev screens`: pictures with a page over them. Issue 5, “Verification”."""

import re
from pathlib import Path

import pytest
from gallery import __main__ as gallery
from gallery.shots import MODES, all_shots, small_set
from PIL import Image
from PySide6.QtWidgets import QApplication
from support.window_samples import CANVASES, LANGUAGES, samples


def test_every_screen_is_drawn_on_every_canvas_in_every_mode_and_language() -> None:
    shots = all_shots()
    assert len({shot.file for shot in shots}) == len(shots)
    assert {(shot.name, shot.canvas, shot.mode, shot.language) for shot in shots} == {
        (name, canvas, mode, language) for name in samples() for canvas in CANVASES for mode in MODES for language in LANGUAGES
    }


def test_the_small_set_holds_each_screen_once_per_canvas() -> None:
    """A sample of each screen that a citizen or staff can see."""
    shots = small_set()
    assert len({(shot.name, shot.canvas) for shot in shots}) == len(shots)
    screens = {name.split("-")[0] for name in samples()} - {"locked", "unenrolled"}
    assert screens == {shot.name.split("-")[0] for shot in shots}


def test_page_and_pictures(qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "folder"
    assert gallery.main([str(folder), "--only", "login", "--optimised"]) == 0
    assert "4 pictures" in capsys.readouterr().out
    page = (folder / "index.html").read_text("utf-8")
    linked = set(re.findall(r'(?:src|href)="([^"#]+)"', page))
    assert linked == {path.name for path in folder.glob("*.png")}
    sizes = set()
    for file in linked:
        with Image.open(folder / file) as picture:
            sizes.add(picture.size)
            assert picture.mode == "P"
    assert sizes == set(CANVASES)


def test_a_run_for_one_screen_leaves_the_others_and_keeps_them_on_the_page(qapp: QApplication, tmp_path: Path) -> None:
    """As for docs/screens: one screen is drawn anew, the page still shows all, in the same order."""
    assert gallery.main([str(tmp_path), "--only", "login", "--only", "paused", "--optimised"]) == 0
    whole, other = (tmp_path / "index.html").read_text("utf-8"), (tmp_path / "paused_1280x800_normal_zh-CN.png").read_bytes()
    login = tmp_path / "login_1280x800_normal_zh-CN.png"
    login.write_bytes(b"an old picture")
    assert gallery.main([str(tmp_path), "--only", "login", "--optimised"]) == 0
    assert (tmp_path / "index.html").read_text("utf-8") == whole
    assert (tmp_path / "paused_1280x800_normal_zh-CN.png").read_bytes() == other
    assert login.read_bytes() != b"an old picture"


def test_an_unknown_name_is_told_with_those_that_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gallery.main([str(tmp_path), "--only", "nothing"]) == 2
    assert "rate-batch" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert gallery.main([str(tmp_path / "file" / "in"), "--only", "login"]) == 1
    assert "can be written" in capsys.readouterr().err
