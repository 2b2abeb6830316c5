"""A line that is an open file and no serial port: an input device, a pipe, the file of a USB printer. Opens nothing itself."""

import os

from device_drivers.transport import LineError, Outgoing, StopSignal, has_arrived

_CHUNK = 4096


class FileLine:
    """What such lines have in common; `remedy` is told when the file is gone (LineError)."""

    remedy: str | None = None

    def __init__(self, address: str, descriptor: int) -> None:
        self._address = address
        self._descriptor = descriptor

    def read(self, stop: StopSignal, timeout_s: float | None, outgoing: Outgoing | None = None) -> bytes:
        """As `Line.read`."""
        try:
            if not has_arrived(self._descriptor, stop, timeout_s, outgoing):
                return b""
            data = os.read(self._descriptor, _CHUNK)
        except OSError as error:
            raise self._gone() from error
        if not data:
            self._at_end(stop)
        return data

    def close(self) -> None:
        """Give the device back to the kernel, which ends a grab as well."""
        os.close(self._descriptor)

    def _at_end(self, stop: StopSignal) -> None:
        """The file said that something had arrived, and there was nothing: nobody is at its other end any more."""
        raise self._gone()

    def _gone(self) -> LineError:
        return LineError("missing", self._address, self.remedy)
