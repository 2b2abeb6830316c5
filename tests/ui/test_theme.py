"""Contrast of every pair of colours (WCAG 2.1, 1.4.3 and 1.4.11; regions.md, elder-friendly design), and one theme module."""

import ast
import re
from pathlib import Path

import pytest
from support.colours import contrast

from ui import theme
from ui.theme import Face, Palette

UI = Path(__file__).resolve().parents[2] / "ui"
DRAWING = sorted([*(UI / "screens").glob("*.py"), *(UI / "widgets").glob("*.py"), UI / "layout.py", UI / "main_window.py"])
PALETTES = theme.THEMES
LARGEST_PLAIN_NUMBER = 5


def test_contrast_as_the_standard_computes_it() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("pair", theme.TEXT_PAIRS, ids="-on-".join)
def test_text_has_a_contrast_of_at_least_four_and_a_half(palette: Palette, pair: tuple[str, str]) -> None:
    assert contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) >= 4.5


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("pair", theme.SHAPE_PAIRS, ids="-on-".join)
def test_shapes_that_mean_something_have_a_contrast_of_at_least_three(palette: Palette, pair: tuple[str, str]) -> None:
    assert contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) >= 3


def test_every_ink_of_a_face_is_checked_on_some_ground() -> None:
    inks = {face.ink for face in vars(theme).values() if isinstance(face, Face)}
    assert inks <= {ink for ink, _ in theme.TEXT_PAIRS}


@pytest.mark.parametrize("name", [name for name, face in vars(theme).items() if isinstance(face, Face)])
@pytest.mark.parametrize("portrait", [False, True])
def test_no_text_is_smaller_than_the_standard_allows(name: str, portrait: bool) -> None:
    face: Face = getattr(theme, name)
    assert face.size(large=False, portrait=portrait) >= theme.BODY_DP
    assert face.size(large=True, portrait=portrait) >= theme.LARGE_BODY_DP
    assert face.size(large=True, portrait=portrait) >= face.size(large=False, portrait=portrait)


def test_line_spacing() -> None:
    assert min(theme.LINE_SPACING, theme.TIGHT_LINE_SPACING) >= 1.3


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.name)
def test_no_colour_size_or_font_outside_the_theme(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.fullmatch(r"#[0-9A-Fa-f]{3,8}", node.value), node.value
            assert theme.FONT_FAMILY not in node.value
        if isinstance(node, ast.Call) and path.name != "main_window.py":
            numbers = [argument for argument in ast.walk(node) if isinstance(argument, ast.Constant)]
            sizes = [one.value for one in numbers if isinstance(one.value, int | float) and not isinstance(one.value, bool)]
            assert all(abs(size) <= LARGEST_PLAIN_NUMBER for size in sizes), ast.unparse(node)
