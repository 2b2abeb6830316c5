"""Plays utterances through a program of the system, on a thread of its own: one at a time, a new one ends the old.

The program reads samples from its standard input, so that neither its command line nor a file name says what is spoken.
Missing, failing, hanging or killed, it is told of once and disturbs nothing else. No Qt; the window never waits for it.
"""

import contextlib
import logging
import os
import select
import shutil
import subprocess
import time
import traceback
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

from ui.voice.recordings import Recordings, read
from ui.voice.script import Utterance
from ui.voice.wav import RATE, BadRecording, samples

HANG_S: Final = 5.0
"""A player that takes no sample, or does not end after the last, for so long hangs."""
REAP_S: Final = 2.0
"""A killed process that is still there hangs in the kernel."""

SAMPLE_BYTES: Final = 2
_PROBLEMS: Final[Mapping[str, str | None]] = {"asked": None, "exited": "failed", "": "silent"}
"""By what came instead of an end: what is wrong with the player."""

log = logging.getLogger(__name__)


PLAYERS: Final[Sequence[tuple[str, ...]]] = (
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE)),
    ("paplay", "--raw", "--format=s16le", "--channels=1", f"--rate={RATE}"),
)
"""What plays samples from its standard input, and where it comes from: alsa-utils, pulseaudio-utils."""


def system_player() -> tuple[str, ...]:
    """The first of PLAYERS that is installed, else the first."""
    return next((command for command in PLAYERS if shutil.which(command[0])), PLAYERS[0])


class Spoken(NamedTuple):
    """An utterance in a language."""

    language: str
    utterance: Utterance


class Player:
    """`command` gets signed 16-bit samples, one channel, at wav.RATE. `gain`: 0 to 1. `told` gets a problem, on this thread:
    `missing`, `failed`, `silent`, and empty once it works again. `ended`: how many utterances ended, in whatever way."""

    def __init__(self, command: Sequence[str], gain: float, recordings: Recordings, told: Callable[[str], None]) -> None:
        self._command = list(command)
        self._gain = gain
        self._recordings = recordings
        self._told = told
        self._problem = ""
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._next: Spoken | None = None
        self._ending = False
        self._bad: set[Path] = set()
        self._stuck: subprocess.Popen[bytes] | None = None
        self.ended = 0
        self._thread = Thread(target=self._run, name="voice", daemon=True)

    # --- any thread ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def say(self, language: str, utterance: Utterance) -> None:
        """Say this now, instead of what is being said; nothing: be quiet. Never waits."""
        self._next = Spoken(language, utterance)
        os.eventfd_write(self._wake, 1)

    def stop(self, deadline_s: float) -> bool:
        """Be quiet and end; whether it ended in time."""
        self._ending = True
        if self._thread.is_alive():
            os.eventfd_write(self._wake, 1)
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    # --- the voice's own thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._ending:
                select.select([self._wake], [], [])
                self._calm()
                spoken, self._next = self._next, None
                if spoken and spoken.utterance and not self._ending:
                    self._tell(self._play(spoken))
                    self.ended += 1
        except Exception as error:  # noqa: BLE001 - a bug in here ends the voice, and nothing else
            log.critical("the voice ended: %s at\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            self._told("failed")

    def _calm(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)

    def _tell(self, problem: str | None) -> None:
        if problem is not None and problem != self._problem:
            self._problem = problem
            if problem:
                log.warning("nothing can be heard: the player %s is %s", self._command[0], problem)
            else:
                log.info("the player works again")
            self._told(problem)

    def _play(self, spoken: Spoken) -> str | None:
        """Say it. Returns the problem, empty when there was none, None when it was cut short."""
        if self._stuck and self._stuck.poll() is None:
            return "silent"
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return "missing"
        assert process.stdin is not None
        exited = os.pidfd_open(process.pid)
        try:
            os.set_blocking(process.stdin.fileno(), False)
            return self._feed(process, process.stdin.fileno(), exited, spoken)
        finally:
            os.close(exited)
            self._end(process)

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill what has not ended by itself; one that cannot be killed is not joined by another."""
        process.kill()
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(REAP_S)
        except subprocess.TimeoutExpired:
            self._stuck = process

    def _feed(self, process: "subprocess.Popen[bytes]", pipe: int, exited: int, spoken: Spoken) -> str | None:
        end = time.monotonic()
        for block in self._sound(spoken):
            end += len(block) / (SAMPLE_BYTES * RATE)
            came = self._pour(block, exited, pipe)
            if came != "pipe":
                return _PROBLEMS[came]
        assert process.stdin is not None
        process.stdin.close()
        came = self._wait(max(0.0, end - time.monotonic()) + HANG_S, exited)
        return ("failed" if process.wait() else "") if came == "exited" else _PROBLEMS[came]

    def _pour(self, block: bytes, exited: int, pipe: int) -> str:
        """Hand samples over. Returns `pipe` once all are taken, else what came first."""
        left, came = memoryview(block), "pipe"
        while left and came == "pipe":
            came = self._wait(HANG_S, exited, pipe)
            if came == "pipe":
                try:
                    left = left[os.write(pipe, left) :]
                except BrokenPipeError:
                    came = "exited"
        return came

    def _wait(self, seconds: float, exited: int, pipe: int | None = None) -> str:
        """What comes first: `asked` for something else, the process `exited`, `pipe` takes bytes; empty: nothing did."""
        able, writable, _ = select.select([self._wake, exited], [pipe] if pipe is not None else [], [], seconds)
        if self._wake in able:
            return "asked"
        if exited in able:
            return "exited"
        return "pipe" if writable else ""

    def _sound(self, spoken: Spoken) -> Iterator[bytes]:
        """The samples, as loud as is set. What cannot be played is left out and logged once, without saying which it was."""
        for file in self._recordings.of(spoken.language, spoken.utterance):
            try:
                for block in samples(read(file)):
                    yield array("h", [int(sample * self._gain) for sample in block]).tobytes()
            except (OSError, BadRecording) as error:
                if file not in self._bad:
                    self._bad.add(file)
                    why = error if isinstance(error, BadRecording) else error.strerror
                    log.error("a recording cannot be played (%s); `rating-terminal doctor` names it", why)
