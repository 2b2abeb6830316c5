"""Keys typed at the window, by Qt's own events: no layout, input method or focus has a say (issue 6, point 3)."""

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.typing_at_window import send_key, strokes, type_at
from support.window_samples import await_reasons, await_stars, samples, terminal

from ui.typed_keys import TypedKeys

Q, A = 16, 30
EACH_SCREEN = {name.partition("-")[0]: name for name in samples()}.values()


@pytest.fixture
def page(qapp: QApplication) -> Iterator[KioskPage]:
    with kiosk(terminal(await_stars())) as opened:
        yield opened


class Heard:
    """Implements ui.typed_keys.KeyLine."""

    def __init__(self) -> None:
        self.keys: list[tuple[int, bool] | str] = []

    def put(self, code: int, pressed: bool) -> None:
        self.keys.append((code, pressed))

    def spoil(self) -> None:
        self.keys.append("spoiled")


def listened(page: KioskPage) -> list[tuple[int, bool] | str]:
    heard = Heard()
    TypedKeys(page.window.widget, heard, alone=False)
    return heard.keys


def test_keys_come_by_their_place_whatever_a_layout_makes_of_them(page: KioskPage) -> None:
    heard = listened(page)
    window = page.window.widget.windowHandle()
    send_key(window, Q, True, text="a", key=Qt.Key.Key_A)
    send_key(window, Q, False, text="a", key=Qt.Key.Key_A)
    send_key(window, A, True, text="中", key=Qt.Key.Key_unknown)
    send_key(window, A, False)
    assert heard == [(Q, True), (Q, False), (A, True), (A, False)]


def test_a_key_that_is_held_spoils_what_is_typed(page: KioskPage) -> None:
    """Two equal characters within a millisecond are two, though Qt calls the second a repetition: `0000` came as `0`. But where
    a scanner stops within a key, the window system types on, and another case's number would come of it."""
    heard = listened(page)
    window = page.window.widget.windowHandle()
    for at_ms, repeat in ((1_000, False), (1_001, True), (1_009, True), (1_660, True), (1_700, True)):
        send_key(window, A, True, repeat=repeat, at_ms=at_ms)
        send_key(window, A, False, repeat=repeat, at_ms=at_ms)
    released = (A, False)
    assert heard == [*[(A, True), released] * 3, "spoiled", released, (A, True), released]


@pytest.mark.parametrize("phase", [await_stars(), await_reasons()], ids=["stars", "reasons"])
def test_whatever_is_typed_chooses_nothing(qapp: QApplication, phase: object) -> None:
    """ADR 14: a key rates from its own device alone."""
    with kiosk(terminal(phase)) as page:  # type: ignore[arg-type]
        heard = listened(page)
        page.clock.now += 1_000
        type_at(page.window.widget.windowHandle(), "12345 ")
        assert heard == list(strokes("12345 "))
        assert page.events == []


@pytest.mark.parametrize("name", EACH_SCREEN)
def test_no_part_of_any_screen_takes_a_key_for_itself(qapp: QApplication, name: str) -> None:
    """The application's one window gets every key: nothing in it can have the focus, or an input method."""
    sample = samples()[name]
    with kiosk(sample.state, DESKTOP, sample.facts) as page:
        heard = listened(page)
        parts = [page.window.widget, *page.window.widget.findChildren(QWidget)]
        assert {part.focusPolicy() for part in parts} == {Qt.FocusPolicy.NoFocus}
        assert not any(part.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled) for part in parts)
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape):
            send_key(page.window.widget.windowHandle(), A, True, key=key)
        assert heard == [(A, True)] * 4


def test_a_window_system_without_key_codes_is_told_once(page: KioskPage, caplog: pytest.LogCaptureFixture) -> None:
    heard = listened(page)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            send_key(page.window.widget.windowHandle(), -8, True, text="5")
    assert heard == []
    assert caplog.text.count("tells no key codes") == 1
    assert "5" not in caplog.messages[0]
