"""The screens look as docs/screens/ shows them. Issue 5, “Verification”.

Both are made coarse first, so that another version of the same font changes nothing, and a moved card or another colour does.
A change that is meant: `./dev screens docs/screens --optimised`, and look at every picture.
"""

from pathlib import Path

import pytest
from gallery.shots import Shot, draw, small_set
from PIL import Image, ImageChops, ImageStat
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from ui.theme import FONT_FAMILY

KEPT = Path(__file__).resolve().parents[2] / "docs" / "screens"
CELL_PX = 16
MEAN_TOLERANCE = 3.0
CELL_TOLERANCE = 90
KEPT_BYTES = 4_000_000


def coarse(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        size = (picture.width // CELL_PX, picture.height // CELL_PX)
        return picture.convert("RGB").resize(size, Image.Resampling.BOX)


def differences(one: Path, other: Path) -> tuple[float, int]:
    """Mean and greatest difference of the cells, of 255."""
    difference = ImageChops.difference(coarse(one), coarse(other)).convert("L")
    return ImageStat.Stat(difference).mean[0], difference.getextrema()[1]


def test_the_font_of_the_window_is_installed(qapp: QApplication) -> None:
    assert FONT_FAMILY in QFontDatabase.families(), "install fonts-noto-cjk"


def test_the_kept_pictures_are_the_small_set_and_small() -> None:
    assert {path.name for path in KEPT.glob("*.png")} == {shot.file for shot in small_set()}
    assert sum(path.stat().st_size for path in KEPT.iterdir()) < KEPT_BYTES


@pytest.mark.parametrize("shot", small_set(), ids=lambda shot: shot.file)
def test_a_screen_looks_as_it_is_kept(qapp: QApplication, tmp_path: Path, shot: Shot) -> None:
    assert list(draw([shot], tmp_path)) == [shot]
    mean, greatest = differences(tmp_path / shot.file, KEPT / shot.file)
    assert mean < MEAN_TOLERANCE, f"differs by {mean:.1f} on the whole"
    assert greatest < CELL_TOLERANCE, f"differs by {greatest} in one place"


def test_another_screen_is_told_apart() -> None:
    mean, greatest = differences(KEPT / "thanks-2_1280x800_normal_zh-CN.png", KEPT / "rate_1280x800_normal_zh-CN.png")
    assert mean >= MEAN_TOLERANCE
    assert greatest >= CELL_TOLERANCE
