"""The window's own code: readable by telephones on every canvas, on light and on dark ground. Issue 5, points 1 and 6."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.scanning import read_symbols
from support.window_samples import CANVASES, FACTS, terminal

from terminal_app.config import LONGEST_RATING_URL
from terminal_app.domain import session as s
from ui.widgets.qr import Qr

WHERE: dict[str, s.Phase] = {"idle": s.Idle(), "paused": s.Paused(), "out-of-order": s.OutOfOrder("internal")}
SHORT = FACTS.rating_url or ""
LONGEST = "https://rate.example.gov.cn/".ljust(LONGEST_RATING_URL, "x")


def code_of(page: KioskPage) -> Qr:
    for _ in range(3):
        page.settle()
    (code,) = [code for code in page.window.widget.findChildren(Qr) if code.isVisible()]
    return code


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("ground", ["light", "dark", "high-contrast"])
@pytest.mark.parametrize("url", [SHORT, LONGEST], ids=["short", "longest"])
def test_a_telephone_reads_the_window_s_code(qapp: QApplication, canvas: tuple[int, int], ground: str, url: str) -> None:
    """At least three whole pixels for each module."""
    facts = replace(FACTS, rating_url=url, dark_idle=ground == "dark", high_contrast=ground == "high-contrast")
    with kiosk(terminal(s.Idle()), replace(DESKTOP, canvas=canvas), facts) as page:
        for name, phase in WHERE.items():
            page.show(terminal(phase))
            code = code_of(page)
            assert code.fits() and code.parentWidget().rect().contains(code.geometry()), name
            assert read_symbols(page.window.widget) == [url], name
