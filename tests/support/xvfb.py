"""A virtual screen of its own for a test: what is painted on it, a mouse, its cable, its size, and its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from Xlib.display import Display
from Xlib.ext import randr

from benchmarks.virtual_screen import SIZE, VirtualScreen, virtual_screen

DOTS_PER_MM = 4
MODE = "mode {:03}"
STEP = 9
"""Every so many pixels are looked at; a prime distance from the layout's grid of 8."""

_modes = count()


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

    def unplug(self) -> None:
        """The cable is pulled: the server has no screen that anything is shown on (RANDR)."""
        self._show(None)

    def plug(self, size: tuple[int, int]) -> None:
        """A screen of `size` is there, no larger than the server's memory, instead of what was there before."""
        self._show(None)
        root = self.display.screen().root
        root.xrandr_set_screen_size(*size, *(length // DOTS_PER_MM for length in size))
        self._show(size)

    def _show(self, size: tuple[int, int] | None) -> None:
        root = self.display.screen().root
        resources = root.xrandr_get_screen_resources()
        output, mode = resources.outputs[0], 0
        if size:
            mode = root.xrandr_create_mode(mode_line(size), MODE.format(next(_modes))).mode
            self.display.xrandr_add_output_mode(output, mode)
        outputs = [output] if size else []
        self.display.xrandr_set_crtc_config(resources.crtcs[0], resources.config_timestamp, 0, 0, mode, randr.Rotate_0, outputs)
        self.display.sync()

    def end(self) -> None:
        """The server ends, as when the session does or its cable is pulled for good."""
        self.server.server.kill()
        self.server.server.wait(10)

    def click(self, x: int, y: int) -> None:
        """Move the mouse there, press and release."""
        self.server.move(x, y)
        self.server.press()
        self.server.release()


def mode_line(size: tuple[int, int]) -> tuple[int, ...]:
    """A RANDR mode of this size; its other figures mean nothing without a cable."""
    width, height = size
    return (0, width, height, width * height, width, width, width, 0, height, height, height, len(MODE.format(0)), 0)


@contextmanager
def xvfb(size: tuple[int, int] = SIZE) -> Iterator[Screen]:
    """An X server on a free display, until the block ends; its screen can be plugged as something smaller."""
    with virtual_screen(size) as server:
        yield Screen(server)
