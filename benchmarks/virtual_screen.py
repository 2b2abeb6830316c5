"""An X server that draws into memory, a pointer that is real to its clients (XTEST), and its frame buffer as a file."""

import contextlib
import mmap
import os
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

from terminal_app.demo.stage import StageError, end

SIZE = (1280, 800)
LEFT_BUTTON = 1
_WORD = 4
_HEADER_WORDS = 20
"""XWDFile.h: words of four bytes, the most significant first; these of them are looked at."""
_HEADER_SIZE, _BYTES_PER_LINE, _COLOURS = 0, 12, 19
_COLOUR_SIZE = 12


class VirtualScreen:
    """A running X server without a window manager. `name` is what DISPLAY says; `server` is its process."""

    def __init__(self, name: str, server: "subprocess.Popen[bytes]", buffer: Path) -> None:
        self.name = name
        self.server = server
        self.display = Display(name)
        with buffer.open("rb") as file:
            self._buffer = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        words = struct.unpack_from(f">{_HEADER_WORDS}I", self._buffer)
        self._start = words[_HEADER_SIZE] + words[_COLOURS] * _COLOUR_SIZE
        self._line = words[_BYTES_PER_LINE]

    @property
    def environment(self) -> dict[str, str]:
        """What makes a Qt program draw here."""
        return {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def pixel(self, x: int, y: int) -> bytes:
        """What is in the frame buffer now: four bytes."""
        at = self._start + y * self._line + x * _WORD
        return self._buffer[at : at + _WORD]

    def move(self, x: int, y: int) -> None:
        """The pointer, as a mouse moves it."""
        xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        self.display.sync()

    def press(self) -> int:
        """The left button goes down where the pointer is. Returns when (ns, CLOCK_MONOTONIC)."""
        xtest.fake_input(self.display, X.ButtonPress, LEFT_BUTTON)
        at_ns = time.monotonic_ns()
        self.display.flush()
        return at_ns

    def release(self) -> None:
        xtest.fake_input(self.display, X.ButtonRelease, LEFT_BUTTON)
        self.display.sync()

    def close(self) -> None:
        """Harmless when the server has ended."""
        self._buffer.close()
        with contextlib.suppress(ConnectionClosedError):
            self.display.close()


@contextmanager
def virtual_screen(size: tuple[int, int] = SIZE) -> Iterator[VirtualScreen]:
    """An X server on a free display, until the block ends. Raises StageError where there is none to start."""
    with tempfile.TemporaryDirectory(prefix="rating-screen-") as folder:
        reading, writing = os.pipe()
        area = f"{size[0]}x{size[1]}x24"
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", area, "-fbdir", folder, "-nolisten", "tcp", "-noreset"]
        with os.fdopen(reading) as told:
            try:
                server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL, start_new_session=True)
            except FileNotFoundError:
                raise StageError("there is no Xvfb: apt-get install xvfb") from None
            finally:
                os.close(writing)
            try:
                number = told.readline().strip()
                if not number:
                    raise StageError(f"Xvfb did not start with {area}")
                screen = VirtualScreen(f":{number}", server, Path(folder) / "Xvfb_screen0")
                try:
                    yield screen
                finally:
                    screen.close()
            finally:
                end(server)
