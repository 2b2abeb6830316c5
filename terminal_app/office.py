"""What administration shows and does: gathers the facts about the terminal, runs the self-test, prints its sheet. Implements
ports.Office and ports.View. It looks at parts and never changes one; it knows no rating.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from terminal_app.application.inside import Inside, SelfTest, examine, log_head, sheet
from terminal_app.domain.administration import Administration, Denial, Task
from terminal_app.domain.session import Terminal
from terminal_app.log_export import RecentLog, write_to_stick
from terminal_app.pin_gate import PinGate
from terminal_app.ports import Clock, DeviceBoard, Scheduler, StoreUnavailable, SyncStatus

LOOK_EVERY_MS = 1_000
SHEET_FILE = "self-test.txt"
TITLE = "自检单 Self-test"

log = logging.getLogger(__name__)


class Office:
    """Main thread, but for the self-test's own.

    `begun`: what stays as it is; the figures in it are looked up anew before anybody sees them. `tell` gets the facts while
    administration is open, None when it closes. `pin_of`: what is kept of a member's PIN, by staff number. `try_writing` raises
    StoreUnavailable. `print_sheet`: the title and lines for every printer that is there; how many there are. `recent_log`: what
    is written to `begun.stick`.
    """

    def __init__(
        self,
        begun: Inside,
        place: Sequence[str],
        board: DeviceBoard,
        gate: PinGate,
        pin_of: Callable[[str], str | None],
        try_writing: Callable[[], None],
        print_sheet: Callable[[str, Sequence[str]], int],
        recent_log: RecentLog,
        tell: Callable[[Inside | None], None],
        clock: Clock,
        scheduler: Scheduler,
        post: Callable[[Callable[[], None]], None],
        crashed: Callable[[BaseException], None],
    ) -> None:
        self._inside = begun
        self._place = place
        self._board = board
        self._gate = gate
        self._pin_of = pin_of
        self._try_writing = try_writing
        self._print_sheet = print_sheet
        self._recent_log = recent_log
        self._tell = tell
        self._clock = clock
        self._scheduler = scheduler
        self._post = post
        self._crashed = crashed
        self._open = False

    def show(self, state: Terminal) -> None:
        is_open = isinstance(state.phase, Administration)
        if is_open and not self._open:
            self._open = True
            self._look()
        elif self._open and not is_open:
            self._open = False
            self._inside = replace(self._inside, self_test=None, exported=None)
            self._tell(None)

    def delivery_changed(self, status: SyncStatus) -> None:
        self._change(delivery=status)

    def font_missing(self) -> None:
        self._change(font=False)

    def check_pin(self, number: str, pin: str, done: Callable[[Denial | None, int], None]) -> None:
        self._gate.check(self._pin_of(number), pin, done)

    def perform(self, task: Task) -> None:
        if task is Task.SELF_TEST and not self._inside.testing:
            self._change(testing=True)
            threading.Thread(target=self._test, args=(self._now(),), name="self-test", daemon=True).start()
        elif task is Task.SHEET and (test := self._inside.self_test):
            printed = self._print_sheet(TITLE, sheet(self._place, self._inside, test))
            self._change(self_test=replace(test, printed=printed))
        elif task is Task.EXPORT_LOG and self._inside.stick and not self._inside.exporting:
            self._change(exporting=True)
            threading.Thread(target=self._export, args=(self._now(),), name="export-log", daemon=True).start()

    # --- looking ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """The facts anew, for as long as somebody looks at them."""
        if self._open:
            self._scheduler.call_later(LOOK_EVERY_MS, self._look)
            self._inside = self._now()
            self._tell(self._inside)

    def _now(self) -> Inside:
        moment = self._clock.moment()
        return replace(
            self._inside,
            now_ms=moment.mono_ms,
            wall=moment.wall,
            quality=moment.quality,
            free_mib=_free_mib(self._inside.data_dir),
            devices=tuple(self._board.reports()),
        )

    def _change(self, **fields: object) -> None:
        self._inside = replace(self._inside, **fields)  # type: ignore[arg-type]
        if self._open:
            self._tell(self._inside)

    # --- the self-test's thread ---------------------------------------------------------------------------------

    def _test(self, inside: Inside) -> None:
        test: SelfTest | None = None
        try:
            write_ms = self._write_ms()
            test = SelfTest(inside.wall, examine(inside, write_ms))
            if write_ms is not None:
                test = replace(test, file=self._write_sheet(inside, test))
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._crashed(error)
        finally:
            self._post(partial(self._change, testing=False, self_test=test))

    def _export(self, inside: Inside) -> None:
        """On a thread of its own: a stick may take its time."""
        name = f"rating-terminal-{inside.device[:8]}-{inside.wall[:19].replace(':', '')}.log"
        written = ""
        try:
            write_to_stick(Path(inside.stick), name, (*log_head(self._place, inside), *self._recent_log.lines()))
            written = name
        except OSError as error:
            log.error("the log could not be written to %s: %s", inside.stick, error.strerror)
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._crashed(error)
        finally:
            self._post(partial(self._change, exporting=False, exported=written))

    def _write_ms(self) -> int | None:
        begun = self._clock.mono_ms()
        try:
            self._try_writing()
        except StoreUnavailable as error:
            log.error("self-test: nothing can be written: %s", error)
            return None
        return self._clock.mono_ms() - begun

    def _write_sheet(self, inside: Inside, test: SelfTest) -> str:
        file = Path(inside.data_dir) / SHEET_FILE
        lines = (TITLE, *sheet(self._place, inside, test), "")
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w", encoding="utf-8") as out:
                out.write("\n".join(lines))
        except OSError as error:
            log.error("the self-test's sheet could not be written to %s: %s", file, error.strerror)
            return ""
        return str(file)


def _free_mib(folder: str) -> int:
    """A folder that does not answer has room for nothing."""
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 0
