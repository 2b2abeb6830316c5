"""Listens to a kiosk from inside its process. What it tells:

`started`: the first idle screen is painted and the event loop is back to take input ·
`SCREEN DETAIL`: a picture is painted (ui.main_window, `on_painted`) ·
`durable TOUCHED BEGUN BYTES`: an entry is durable; when the last touch was handed to Qt, when the store began with the entry,
and the size of the line ·
`acked COUNT LAST`: the platform has answered for so many entries, the last of them at that place of the file.
"""

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QTimer

from benchmarks.remote import Remote
from terminal_app.assembly import Kiosk
from terminal_app.domain.journal import Draft, Entry
from terminal_app.ports import Verdict


class Ears:
    """Listens to one kiosk by standing in front of three of its methods."""

    def __init__(self, kiosk: Kiosk, descriptor: int) -> None:
        self._window = kiosk.window
        self._remote = Remote(descriptor, kiosk.window.widget, self._find)
        self._begin, self._append, self._settle = kiosk.begin, kiosk.store.journal.append, kiosk.store.outbox.settle
        kiosk.window.on_painted = lambda screen, detail: self._remote.tell(f"{screen} {detail}")
        listened: tuple[tuple[Any, str, Any], ...] = (
            (kiosk, "begin", self.begin),
            (kiosk.store.journal, "append", self.append),
            (kiosk.store.outbox, "settle", self.settle),
        )
        for part, method, ear in listened:
            setattr(part, method, ear)

    def begin(self) -> None:
        self._begin()
        QTimer.singleShot(0, self._window.widget, lambda: self._remote.tell("started"))

    def append(self, draft: Draft) -> Entry:
        begun_ns = time.monotonic_ns()
        entry = self._append(draft)
        durable_ns = time.monotonic_ns()
        self._remote.tell(f"durable {self._remote.touched_ns} {begun_ns} {len(entry.line)}", durable_ns)
        return entry

    def settle(self, verdicts: Sequence[Verdict], checkpoints: Sequence[bytes]) -> None:
        self._remote.tell(f"acked {len(verdicts)} {max((verdict.number for verdict in verdicts), default=0)}")
        self._settle(verdicts, checkpoints)

    def _find(self, name: str) -> QPoint:
        point = self._window.target_point(name)
        if point is None:
            raise LookupError(f"no {name} on screen {self._window.screen_name}")
        return self._window.widget.mapFromGlobal(point)
