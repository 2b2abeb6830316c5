"""A virtual screen of its own for a test: what is painted on it, and a mouse."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

WIDTH, HEIGHT = 1280, 800
STEP = 9
"""Every so many pixels are looked at; a prime distance from the layout's grid of 8."""


@dataclass(frozen=True)
class Screen:
    """A running X server without a window manager."""

    name: str
    display: Display
    server: "subprocess.Popen[bytes]"

    def colours(self) -> int:
        """How many different colours are on the screen."""
        image = self.display.screen().root.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF)
        return len({image.data[at : at + 4] for at in range(0, len(image.data), 4 * STEP)})

    def end(self) -> None:
        """The server ends, as when the session does or its cable is pulled for good."""
        self.server.kill()
        self.server.wait(10)

    def click(self, x: int, y: int) -> None:
        """Move the mouse there, press and release."""
        xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self.display, X.ButtonPress, 1)
        xtest.fake_input(self.display, X.ButtonRelease, 1)
        self.display.sync()


@contextmanager
def xvfb() -> Iterator[Screen]:
    """An X server on a free display, until the block ends."""
    reading, writing = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start: apt-get install xvfb"
        display = Display(f":{number}")
        try:
            yield Screen(f":{number}", display, server)
        finally:
            with contextlib.suppress(ConnectionClosedError):
                display.close()
    finally:
        server.terminate()
        server.wait(10)
