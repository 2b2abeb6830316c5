"""What is typed at the window, as key codes of Linux: for a scanner in keyboard mode whose input device cannot be read.

It passes keys on and knows neither what they mean nor who types them. Nothing that it passes on can rate: keys choose only
where they come from the keypad's own device.
"""

import logging
from typing import Protocol

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent

from ui.surface import Surface

X_OFFSET = 8
"""Key codes of X, which Wayland has taken over, are those of Linux and 8 (xkeyboard-config, keycodes/evdev)."""
HELD_MS = 150
"""A window system repeats a key that is held for longer; no scanner takes so long for two equal characters."""

log = logging.getLogger(__name__)


class KeyLine(Protocol):
    """Where keys go."""

    def put(self, code: int, pressed: bool) -> None:
        """A key of Linux's codes went down or up."""
        ...

    def spoil(self) -> None:
        """Something is missing, or came that nobody typed."""
        ...


class TypedKeys:
    """Every key of this application's, by the code of its place on the keyboard: no layout and no input method has a say.

    `alone`: the window system is asked to give all keys to this window, whichever has the focus. Main thread, once the window
    is on the screen.
    """

    def __init__(self, surface: Surface, line: KeyLine, *, alone: bool) -> None:
        self._line = line
        self._pressed_ms: dict[int, int] = {}
        self._has_warned = False
        surface.typed = self._typed
        if alone and not surface.windowHandle().setKeyboardGrabEnabled(True):
            log.warning("the window system gives keys to the active window alone; a scan is lost while another one is active")

    def _typed(self, event: QKeyEvent) -> None:
        code = event.nativeScanCode() - X_OFFSET
        if code <= 0:
            self._warn()
            return
        pressed = event.type() == QEvent.Type.KeyPress
        if pressed and self._is_held(code, event):
            self._line.spoil()
        else:
            self._line.put(code, pressed)

    def _is_held(self, code: int, event: QKeyEvent) -> bool:
        """Whether nobody pressed it again. Qt takes two presses within a millisecond for a repetition, too (QXcbKeyboard)."""
        before = self._pressed_ms.get(code)
        self._pressed_ms[code] = event.timestamp()
        return event.isAutoRepeat() and (before is None or event.timestamp() - before > HELD_MS)

    def _warn(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            log.warning("the window system tells no key codes; a scanner needs an input device of its own here")
