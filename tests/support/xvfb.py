"""A virtual screen of its own for a test: what is painted on it, a mouse, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from Xlib.display import Display

from benchmarks.virtual_screen import SIZE, VirtualScreen, virtual_screen

STEP = 9
"""Every so many pixels are looked at; a prime distance from the layout's grid of 8."""


@dataclass(frozen=True)
class Screen:
    """A running X server without a window manager."""

    server: VirtualScreen

    @property
    def name(self) -> str:
        return self.server.name

    @property
    def display(self) -> Display:
        return self.server.display

    def colours(self) -> int:
        """How many different colours are on the screen."""
        width, height = SIZE
        return len({self.server.pixel(at % width, at // width) for at in range(0, width * height, STEP)})

    def end(self) -> None:
        """The server ends, as when the session does or its cable is pulled for good."""
        self.server.server.kill()
        self.server.server.wait(10)

    def click(self, x: int, y: int) -> None:
        """Move the mouse there, press and release."""
        self.server.move(x, y)
        self.server.press()
        self.server.release()


@contextmanager
def xvfb() -> Iterator[Screen]:
    """An X server on a free display, until the block ends."""
    with virtual_screen() as server:
        yield Screen(server)
