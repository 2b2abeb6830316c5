"""Keys that a window was given, as a line: for a scanner in keyboard mode where no input device can be read.

The window puts in key codes of linux/input-event-codes.h; whoever opens the line reads input events, as from a device. What is
put in while nobody reads is lost. It knows no characters, and no window.
"""

import contextlib
import os

from device_drivers.input_events import EV_KEY, EV_SYN, RECORD, SYN_DROPPED
from device_drivers.input_line import EventLine
from device_drivers.transport import Line, LineSettings

_CHUNK = 65536


class WindowKeys:
    """A pipe from the window to one reader."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)

    def put(self, code: int, pressed: bool) -> None:
        """A key went down or up; from any thread, never waits. A pipe that nobody empties takes no more."""
        self._write(EV_KEY, code, int(pressed))

    def spoil(self) -> None:
        """What is being typed is not what somebody typed: no scan comes of it."""
        self._write(EV_SYN, SYN_DROPPED, 0)

    def _write(self, kind: int, code: int, value: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._write_end, RECORD.pack(0, 0, kind, code, value))

    def open(self, address: str, settings: LineSettings) -> Line:
        """What is put in from now on."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read_end, _CHUNK):
                pass
        return EventLine(address, os.dup(self._read_end))

    def __del__(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)
