"""The citizen's receipt on the thanks screen: readable by telephones, the same after every level. issue 3, point 3."""

from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.window_samples import CANVASES, FACTS, LANGUAGES, PASS, STAR_HASH, TOKEN, session, terminal, thanks

from terminal_app.domain import session as s
from terminal_app.domain.receipt import receipt_hash, receipt_url, short_code
from ui.view_state import derive_view
from ui.views import ReceiptView, ThanksView
from ui.widgets.qr import Qr
from ui.widgets.receipt import ReceiptCard

LONGEST_BASE = "https://haochaping.zwfw.taian.gov.cn:8443"
LEVELS = (1, 2, 3, 4, 5)


def symbols(page: KioskPage) -> list[str]:
    """What a telephone reads from the window as it is painted."""
    for _ in range(3):
        page.settle()
    picture = page.window.widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    size = (picture.width(), picture.height())
    grey = Image.frombuffer("L", size, bytes(picture.constBits()), "raw", "L", picture.bytesPerLine(), 1)
    return [code.text for code in zxingcpp.read_barcodes(grey)]


def card_of(page: KioskPage) -> ReceiptCard:
    return next(card for card in page.window.widget.findChildren(ReceiptCard) if card.isVisible())


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
def test_a_telephone_reads_the_receipt(qapp: QApplication, canvas: tuple[int, int], language: str, large: bool) -> None:
    """UI, “Sizes”: whole pixels for each module, at least three, and four modules of quiet around the symbol."""
    state = replace(terminal(thanks(2)), language=language, large_print=large)
    facts = replace(FACTS, receipt_base=LONGEST_BASE)
    with kiosk(state, replace(DESKTOP, canvas=canvas), facts) as page:
        assert symbols(page) == [receipt_url(LONGEST_BASE, TOKEN, STAR_HASH, PASS)]
        (symbol,) = card_of(page).findChildren(Qr)
        assert symbol.fits()
        room = symbol.parentWidget().rect().contains(symbol.geometry())
        assert room and symbol.width() == symbol.height()


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_the_receipt_is_the_same_after_every_level(qapp: QApplication, canvas: tuple[int, int]) -> None:
    """UI, principle 1."""
    seen: set[tuple[object, ...]] = set()
    with kiosk(terminal(s.Idle()), replace(DESKTOP, canvas=canvas)) as page:
        for level in LEVELS:
            page.show(terminal(thanks(level)))
            for _ in range(3):
                page.settle()
            card = card_of(page)
            at = QRect(card.mapTo(page.window.widget, card.rect().topLeft()), card.size())
            image = card.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            seen.add((at.getRect(), bytes(image.constBits())))
    assert len(seen) == 1


def test_words_and_code_are_the_same_after_every_level() -> None:
    views = {receipt_of(thanks(level)) for level in LEVELS}
    (view,) = views
    assert view is not None
    assert (view.url, view.code) == (
        receipt_url("https://rating.example.gov.cn", TOKEN, STAR_HASH, PASS),
        short_code(receipt_hash(TOKEN)),
    )


@pytest.mark.parametrize("missing", [{"token": None}, {"star_hash": None}])
def test_without_a_receipt_there_is_no_card(missing: dict[str, object]) -> None:
    given = {"token": TOKEN, "star_hash": STAR_HASH, "submitted": True} | missing
    assert receipt_of(s.Thanks(session(star=2, **given), 3, 1_000)) is None


def receipt_of(phase: s.Thanks) -> ReceiptView | None:
    body = derive_view(terminal(phase), FACTS).body
    assert isinstance(body, ThanksView)
    return body.receipt


def test_no_other_screen_shows_the_receipt(qapp: QApplication) -> None:
    """It belongs to the citizen: it is gone with the session."""
    with kiosk(terminal(thanks(5))) as page:
        assert card_of(page).isVisible()
        page.show(terminal(s.Idle()))
        assert [text for text in symbols(page) if "/r/" in text] == []
