"""The floor of a window system: a program on bare Xlib that fills a card while it is pressed. Nothing of Qt, nothing of ours.

`python -m benchmarks.bare_x_client DESCRIPTOR LEFT TOP WIDTH HEIGHT …`: four numbers for each card. Tells `started`.
"""

import ctypes
import os
import struct
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

SIZE = (1280, 800)
PAPER, CARD, PRESSED = 0xF6F7F9, 0xFFFFFF, 0xE8EFF9
_BUTTON_PRESS, _BUTTON_RELEASE, _EXPOSE = 4, 5, 12
_MASK = 1 << 2 | 1 << 3 | 1 << 15
_EVENT_SIZE = 192
_POINT_AT = 64
"""Where x and y stand in an XButtonEvent of 64-bit Linux (Xlib.h)."""


class Card(NamedTuple):
    """Pixels of the window."""

    left: int
    top: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


class BareXClient:
    """One window with cards."""

    def __init__(self, cards: Sequence[Card]) -> None:
        xlib = ctypes.CDLL("libX11.so.6")
        xlib.XOpenDisplay.restype = xlib.XCreateGC.restype = ctypes.c_void_p
        xlib.XDefaultRootWindow.restype = xlib.XCreateSimpleWindow.restype = ctypes.c_ulong
        display = ctypes.c_void_p(xlib.XOpenDisplay(None))
        root = ctypes.c_ulong(xlib.XDefaultRootWindow(display))
        paper = ctypes.c_ulong(PAPER)
        window = ctypes.c_ulong(xlib.XCreateSimpleWindow(display, root, 0, 0, *SIZE, 0, ctypes.c_ulong(0), paper))
        xlib.XSelectInput(display, window, ctypes.c_long(_MASK))
        xlib.XMapWindow(display, window)
        context = ctypes.c_void_p(xlib.XCreateGC(display, window, ctypes.c_ulong(0), None))
        self._xlib, self._display, self._window, self._context = xlib, display, window, context
        self._cards = cards
        self._pressed: Card | None = None

    def run(self, descriptor: int) -> None:
        """Until it is killed."""
        event = ctypes.create_string_buffer(_EVENT_SIZE)
        is_told = False
        while True:
            self._xlib.XNextEvent(self._display, event)
            self._handle(*struct.unpack_from("=i", event), *struct.unpack_from("=ii", event, _POINT_AT))
            self._xlib.XFlush(self._display)
            if not is_told:
                is_told = True
                os.write(descriptor, b"%d started\n" % time.monotonic_ns())

    def _handle(self, kind: int, x: int, y: int) -> None:
        if kind == _EXPOSE:
            for card in self._cards:
                self._fill(card, CARD)
        elif kind == _BUTTON_PRESS:
            self._pressed = next((card for card in self._cards if card.contains(x, y)), None)
            if self._pressed:
                self._fill(self._pressed, PRESSED)
        elif kind == _BUTTON_RELEASE and self._pressed:
            self._fill(self._pressed, CARD)
            self._pressed = None

    def _fill(self, card: Card, colour: int) -> None:
        self._xlib.XSetForeground(self._display, self._context, ctypes.c_ulong(colour))
        self._xlib.XFillRectangle(self._display, self._window, self._context, *card)


def main(descriptor: int, numbers: Sequence[int]) -> int:
    cards = [Card(*numbers[at : at + 4]) for at in range(0, len(numbers), 4)]
    BareXClient(cards).run(descriptor)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), [int(word) for word in sys.argv[2:]]))
