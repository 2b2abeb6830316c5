"""A scanner in keyboard mode that types at a window: through Qt's own events, or through an X server's keyboard."""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

from device_drivers.input_events import EV_KEY, RECORD, typed

X_OFFSET = 8
PREFIX = "~~"
SCANNER = (
    f'[[devices]]\nname = "typing"\ndriver = "wedge_scanner"\naddress = "window"\nprefix = "{PREFIX}"\nended_by = "line_end"\n'
)


def strokes(text: str, layout: str = "us") -> Iterator[tuple[int, bool]]:
    """Key codes of Linux, and whether the key goes down, for a text and Enter."""
    records = typed(text, layout)
    for start in range(0, len(records), RECORD.size):
        _, _, kind, code, value = RECORD.unpack_from(records, start)
        if kind == EV_KEY:
            yield code, bool(value)


def send_key(
    window: QWindow,
    code: int,
    pressed: bool,
    text: str = "",
    key: int = Qt.Key.Key_unknown,
    repeat: bool = False,
    at_ms: int = 0,
) -> None:
    """A key event as the window system hands it over: `code` is of Linux, the rest what a layout or input method made of it."""
    kind = QEvent.Type.KeyPress if pressed else QEvent.Type.KeyRelease
    event = QKeyEvent(kind, int(key), Qt.KeyboardModifier.NoModifier, code + X_OFFSET, 0, 0, text, repeat, 1)
    event.setTimestamp(at_ms)
    QApplication.sendEvent(window, event)


def type_at(window: QWindow, text: str) -> None:
    for code, pressed in strokes(text):
        send_key(window, code, pressed)


def type_on(display: Display, text: str) -> None:
    """On the X server's own keyboard: whoever has the focus, or has grabbed it, gets it."""
    for code, pressed in strokes(text):
        xtest.fake_input(display, X.KeyPress if pressed else X.KeyRelease, code + X_OFFSET)
    display.sync()
