"""“用手机补充” on the reasons screen: a code that telephones read, and nothing that chooses. Issue 5, point 6."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.scanning import read_symbols
from support.window_samples import CANVASES, FACTS, PASS, await_reasons, terminal

from terminal_app.domain import session as s
from terminal_app.domain.words_pass import pass_url
from ui.view_state import derive_view
from ui.views import PHONE, PhoneView, ReasonsView
from ui.widgets.phone import PhoneCard
from ui.widgets.qr import Qr

LONGEST_BASE = "https://haochaping.zwfw.taian.gov.cn:8443"


def symbols(page: KioskPage) -> list[str]:
    for _ in range(3):
        page.settle()
    return read_symbols(page.window.widget)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize(("language", "large"), [("zh-CN", False), ("en", True)])
def test_a_telephone_reads_the_code(qapp: QApplication, canvas: tuple[int, int], language: str, large: bool) -> None:
    """At least three whole pixels for each module, also in large print; once asked for, in the reasons' place."""
    state = replace(terminal(await_reasons(2, ("208",))), language=language, large_print=large)
    with kiosk(state, replace(DESKTOP, canvas=canvas), replace(FACTS, receipt_base=LONGEST_BASE)) as page:
        assert symbols(page) == []
        page.clock.now += 1_000
        page.tap(PHONE)
        assert symbols(page) == [pass_url(LONGEST_BASE, PASS)]
        (card,) = page.window.widget.findChildren(PhoneCard)
        (symbol,) = card.findChildren(Qr)
        assert symbol.fits() and card.rect().contains(symbol.geometry())
        assert not [name for name in page.names if name.startswith("reason-")]


def test_it_chooses_nothing_and_the_reasons_come_back(qapp: QApplication) -> None:
    """Words are an addition: the rating is submitted, skipped and changed as before, and marks stay."""
    with kiosk(terminal(await_reasons(2, ("208",)))) as page:
        page.clock.now += 1_000
        before = page.names
        page.tap(PHONE)
        assert {"submit", "skip", "change", PHONE} <= set(page.names)
        page.clock.now += 1_000
        page.tap(PHONE)
        assert page.names == before
        assert set(map(type, page.events)) == {s.ScreenTouched}


def test_the_code_is_gone_with_its_session(qapp: QApplication) -> None:
    """ui, principle 4: nothing remains for the next person."""
    with kiosk(terminal(await_reasons(2))) as page:
        page.clock.now += 1_000
        page.tap(PHONE)
        assert symbols(page)
        page.show(terminal(s.Idle()))
        page.show(terminal(await_reasons(1)))
        assert symbols(page) == []


def test_it_is_the_same_for_every_bad_level_and_absent_without_a_pass() -> None:
    views = {phone_of(await_reasons(star)) for star in (1, 2)}
    assert len(views) == 1 and None not in views
    assert phone_of(await_reasons(2, words_pass=None)) is None
    assert PASS not in repr(terminal(await_reasons(2))), "the state never tells it"


def phone_of(phase: s.AwaitReasons) -> PhoneView | None:
    body = derive_view(terminal(phase), FACTS).body
    assert isinstance(body, ReasonsView)
    return body.phone
