"""The place where the kiosk runs: started by the crowd's thread, killed from any other."""

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from terminal_app.demo.kiosk_process import KioskGone, KioskProcess
from terminal_app.demo.stage import StageError

START_S = 60.0
RETRY_S = 0.3
LOOK_EVERY_S = 0.05


def directly(start: int) -> Sequence[str]:
    """No tracer around any start."""
    return ()


class KioskSeat:
    """`under(n)`: the command that runs the n-th start, from 1; strace only with `-D`, which leaves the kiosk the child.

    `starts` counts, `deaths` has the numbers of the starts that SIGKILL ended.
    `may_refuse_to_start`: it may end by itself at a start, as with an unusable disk, and is then started again.
    """

    def __init__(self, config: Path, folder: Path, devices_are_open: Callable[[], bool], note: Callable[[str], None]) -> None:
        self.config = config
        self._folder = folder
        self._devices_are_open = devices_are_open
        self._note = note
        self.under: Callable[[int], Sequence[str]] = directly
        self.may_refuse_to_start = False
        self._abandoned = False
        self.starts = 0
        self.deaths: list[int] = []
        self.process: KioskProcess | None = None

    def start(self) -> KioskProcess:
        """Until its first screen is there, however often it is killed meanwhile. Raises StageError."""
        self.stop()
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and not self._abandoned:
            self.starts += 1
            self._note(f"start {self.starts} of the kiosk")
            self._devices_are_open()  # sees that nobody has them open now
            self.process = KioskProcess(self.config, self._folder, self.under(self.starts))
            try:
                if self.process.wait(lambda report: "screen" in report, deadline - time.monotonic()) is not None:
                    self._wait_for_devices(self.process)
                    return self.process
            except KioskGone:
                self.explain_end()
        raise StageError(f"the kiosk did not start: {self.last_words}")

    def _wait_for_devices(self, process: KioskProcess) -> None:
        deadline = time.monotonic() + START_S
        while not self._devices_are_open():
            process.wait(lambda _: False, LOOK_EVERY_S)
            if time.monotonic() > deadline:
                raise StageError(f"the terminal did not open its devices: {self.last_words}")

    def explain_end(self) -> None:
        """After KioskGone: return if that may be. Raises StageError when it ended by itself."""
        assert self.process is not None
        code = self.process.child.wait(START_S)
        self._note(f"the kiosk is gone: {code}")
        self.process.stop()
        if code == -signal.SIGKILL:
            self.deaths.append(self.starts)
            return
        if not self.may_refuse_to_start:
            raise StageError(f"the kiosk ended by itself with {code}: {self.last_words}")
        time.sleep(RETRY_S)

    @property
    def last_words(self) -> str:
        return (self._folder / "terminal.log").read_text("utf-8", "replace").strip()[-800:]

    def kill(self) -> bool:
        """SIGKILL from any thread, and wait; whether there was a process to kill. The crowd notices."""
        process = self.process
        if process is None or process.child.poll() is not None:
            return False
        self._note("SIGKILL to the kiosk")
        process.child.kill()
        process.child.wait()
        return True

    def abandon(self) -> None:
        """The run is over: it is killed, and no start succeeds any more, which ends the crowd as well. From any thread."""
        self._abandoned = True
        self.kill()

    def stop(self) -> None:
        """SIGTERM, and wait. Harmless when it does not run. By the thread that starts it."""
        if self.process is not None:
            self.process.stop()
            self.process = None
