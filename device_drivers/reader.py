"""One supervised thread per device: open, read, frame, decode, call back; reconnect; stop within a deadline.

Never looks into a payload, and never logs one: it may hold personal data. What a callback raises is the assembly's affair.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from device_drivers.framing import BadFrame
from device_drivers.masking import Glimpse
from device_drivers.spec import DeviceFrame, DriverSpec, Role
from device_drivers.transport import Line, LineError, LineReason, Outgoing, StopSignal, is_stable_address

log = logging.getLogger(__name__)

DeviceState = Literal["connecting", "connected", "missing", "busy", "failed"]

BACKOFF_S = (0.5, 1.0, 2.0, 5.0)
# A device that raves must not drown the window: at most 200 frames a second (the line's own buffers hold the rest back), and
# one word a second about bad ones.
_PACE_S = 0.005
_TELL_EVERY_S = 1.0
_STATE_OF_REASON: dict[LineReason, DeviceState] = {
    "missing": "missing",
    "busy": "busy",
    "denied": "failed",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What is known of a device, now.

    `state`: connecting (not open yet, or not any more because the reader was stopped), connected (the line is open), missing
    (nothing at the address, or unplugged), busy (held by another program), failed (anything else; `remedy` says what to do).
    `since_mono_s`: when it came into this state, `last_good_frame_mono_s`: both monotonic seconds of the reader's clock.
    `reconnects`: successful opens after the first. `last_bad`: why the last bad frame was refused. `last_bytes`: what was read
    for the last frame, good or bad, masked (masking.py); empty before the first.
    """

    name: str
    role: Role
    driver: str
    state: DeviceState = "connecting"
    since_mono_s: float = 0.0
    last_good_frame_mono_s: float | None = None
    frames: int = 0
    bad_frames: int = 0
    reconnects: int = 0
    remedy: str = ""
    last_bad: str = ""
    last_bytes: str = ""


class SupervisedReader:
    """Reads one device for as long as the terminal runs, whatever happens to its line.

    All callbacks run on the reader's thread: `on_frame` per good frame; `on_bad_frame` (device name, bad frame) when one was
    refused, at most once a second; `on_status` after every change of state; `on_error` with whatever a callback or the driver
    itself raised by mistake.
    `backoff`: seconds to wait before each further attempt to open; the last one repeats.
    """

    def __init__(
        self,
        spec: DriverSpec,
        address: str,
        on_frame: Callable[[DeviceFrame], None],
        *,
        name: str | None = None,
        on_error: Callable[[Exception], None] = lambda error: None,
        on_bad_frame: Callable[[str, BadFrame], None] = lambda device, bad: None,
        on_status: Callable[[DeviceStatus], None] = lambda status: None,
        clock: Callable[[], float] = time.monotonic,
        backoff: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._spec = spec
        self._address = address
        self._on_frame = on_frame
        self._on_error = on_error
        self._on_bad_frame = on_bad_frame
        self._on_status = on_status
        self._clock = clock
        self._backoff = tuple(backoff)
        self._stop = StopSignal()
        self._outgoing = Outgoing()
        self._opened = 0
        self._told_at: float | None = None
        self._glimpse = Glimpse(spec.binary)
        self._status = DeviceStatus(name or spec.name, spec.role, spec.name, since_mono_s=clock())
        self._thread = threading.Thread(target=self._run, name=f"reader-{self._status.name}", daemon=True)

    def start(self) -> None:
        """Start the thread; once."""
        if not is_stable_address(self._address):
            log.warning("%s: %s may name another device after a restart; use a by-id path", self._status.name, self._address)
        self._thread.start()

    def status(self) -> DeviceStatus:
        """The latest status; from any thread."""
        return self._status

    def write(self, data: bytes) -> bool:
        """Have this written soon, in order; from any thread, never waits. False: the line is not open, nothing is written.

        What was not written when a line was lost is never written to the next one.
        """
        if not data or self._status.state != "connected":
            return False
        self._outgoing.put(data)
        return True

    def stop(self, deadline_s: float) -> bool:
        """Close the line and end the thread; True if that was done within `deadline_s` seconds. No frame is delivered after."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                line = self._spec.open(self._address, self._spec.line)
            except LineError as error:
                self._lost(error)
            else:
                failures = 0
                self._serve(line)
            self._stop.wait(self._backoff[min(failures, len(self._backoff) - 1)])
            failures += 1
        self._set_state("connecting", "")

    def _serve(self, line: Line) -> None:
        try:
            self._opened += 1
            self._status = replace(self._status, reconnects=self._opened - 1)
            self._outgoing.take()
            self._set_state("connected", "")
            self._read(line)
        except LineError as error:
            self._lost(error)
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._set_state("failed", "Restart the terminal; if it stays, report the fault.")
            self._report(error)
        finally:
            self._close(line)

    def _close(self, line: Line) -> None:
        """Kernels may answer that the device of a file is gone; the file is closed all the same."""
        try:
            line.close()
        except OSError as error:
            log.info("%s: gone before its line was closed: %s", self._status.name, error.strerror)

    def _read(self, line: Line) -> None:
        framer = self._spec.framer()
        self._glimpse.begin(b"")
        while not self._stop.is_set():
            data = line.read(self._stop, self._spec.silence_s if framer.pending else None, self._outgoing)
            received_s = self._clock()
            if out := self._outgoing.take():
                line.write(out)
                if not data:
                    continue
            self._glimpse.add(data)
            frames = framer.feed(data) if data else framer.gap()
            for frame in frames:
                if self._stop.is_set():
                    return
                self._take(frame, received_s)
            if frames or not framer.pending:
                self._glimpse.begin(data if framer.pending else b"")

    def _take(self, frame: bytes | BadFrame, received_s: float) -> None:
        if isinstance(frame, BadFrame):
            self._refuse(frame)
            return
        payload = self._spec.decode(frame)
        if isinstance(payload, BadFrame):
            self._refuse(payload)
            return
        answer, received_ns = self._spec.answer(frame), round(received_s * 1e9)
        status = self._status
        self._status = replace(
            status, frames=status.frames + 1, last_good_frame_mono_s=received_s, last_bytes=self._glimpse.text()
        )
        self._call(lambda: self._on_frame(DeviceFrame(status.name, status.role, payload, received_ns, answer)))
        self._stop.wait(_PACE_S)

    def _refuse(self, bad: BadFrame) -> None:
        status = self._status = replace(
            self._status, bad_frames=self._status.bad_frames + 1, last_bad=bad.reason, last_bytes=self._glimpse.text()
        )
        now = self._clock()
        if self._told_at is not None and now - self._told_at < _TELL_EVERY_S:
            return
        self._told_at = now
        code = f" {bad.code.hex(' ')}" if bad.code else ""
        log.warning("%s: refused %d bytes (%s%s), %d so far", status.name, bad.size, bad.reason, code, status.bad_frames)
        self._call(lambda: self._on_bad_frame(status.name, bad))

    def _lost(self, error: LineError) -> None:
        self._set_state(_STATE_OF_REASON[error.reason], error.remedy)

    def _set_state(self, state: DeviceState, remedy: str) -> None:
        before = self._status
        if (state, remedy) == (before.state, before.remedy):
            return
        since_s = before.since_mono_s if state == before.state else self._clock()
        self._status = replace(before, state=state, since_mono_s=since_s, remedy=remedy)
        log.info("%s: %s at %s", self._status.name, state, self._address)
        self._call(lambda: self._on_status(self._status))

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._report(error)

    def _report(self, error: Exception) -> None:
        log.error("%s: a callback or the driver failed: %s", self._status.name, type(error).__name__)
        self._on_error(error)
