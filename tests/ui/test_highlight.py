"""What the keypad's Enter would choose is seen at once, whatever it stands on. Issue 5, point 2, “visible focus”.

WCAG 2.2, 2.4.13: a ring two dp wide, in which each pixel has a contrast of three to what it was.
"""

from collections import Counter
from dataclasses import replace

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from support.colours import contrast
from support.kiosk_page import DESKTOP, kiosk
from support.window_samples import samples

from ui.look import Look
from ui.theme import Size
from ui.widgets.control import Control

SCREENS = ("idle", "rate-changing", "reasons-2", "rate-cases-many", "rate-scope", "pin", "thanks-2", "administration-overview")
RING_DP = 2
LEAST_CONTRAST = 3.0


def picture(control: Control) -> QImage:
    return control.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def stands_out(before: QImage, after: QImage) -> int:
    """How many pixels have another colour, far enough from the one they had."""
    pairs = Counter(zip(memoryview(before.constBits()).cast("I"), memoryview(after.constBits()).cast("I"), strict=True))
    return sum(count for pair, count in pairs.items() if contrast(*map(code, pair)) >= LEAST_CONTRAST)


def code(colour: int) -> str:
    return f"#{colour & 0xFFFFFF:06X}"


@pytest.mark.parametrize("high_contrast", [False, True])
@pytest.mark.parametrize("name", SCREENS)
def test_each_control_shows_that_it_is_the_one(qapp: QApplication, name: str, high_contrast: bool) -> None:
    canvas = (1280, 800)
    scale = Look(*canvas).scale
    state = replace(samples()[name].state, high_contrast=high_contrast)
    with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
        controls = page.window.controls()
        assert controls
        for control in controls:
            before = picture(control)
            control.highlight(True)
            width, height = (length - 2 * Size.stroke_focus * scale for length in (control.width(), control.height()))
            ring = 2 * (width + height) * RING_DP * scale
            assert stands_out(before, picture(control)) >= ring, control.objectName()
