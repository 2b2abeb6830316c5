"""The far end of a probe's line: does what the measuring process says to a window, and tells it what happened when.

Runs inside the probed processes. Lines out are `nanoseconds words`; lines in are `press NAME`, `release`, `slip`, `where NAME`,
which is answered with `where LEFT TOP WIDTH HEIGHT` in pixels of the screen, and what a process can besides. All
times are CLOCK_MONOTONIC, which processes share. QtTest is imported with the first touch, so that a start is not measured with
it.
"""

import os
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QObject, QPoint, QRect, QSocketNotifier, Slot
from PySide6.QtGui import QPointingDevice
from PySide6.QtWidgets import QWidget

SLIPPED_TO = QPoint(4, 4)
"""A place of the window where nothing can be chosen."""


class Remote(QObject):
    """`find` says where a named target is, in the window's pixels; `acts` are further commands of one word.

    `touched_ns`: when the last touch was handed to Qt.
    """

    def __init__(
        self,
        descriptor: int,
        window: QWidget,
        find: Callable[[str], QRect],
        acts: Mapping[str, Callable[[], None]] = MappingProxyType({}),
    ) -> None:
        super().__init__(window)
        self._descriptor = descriptor
        self._window = window
        self._find = find
        self._acts = acts
        self._at = SLIPPED_TO
        self._device: QPointingDevice | None = None
        self.touched_ns = 0
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._obey)

    def tell(self, words: str, at_ns: int | None = None) -> None:
        """Tell that something happened, now or at `at_ns`. Any thread."""
        os.write(self._descriptor, b"%d %s\n" % (at_ns or time.monotonic_ns(), words.encode()))

    @Slot()
    def _obey(self) -> None:
        """What was said since the last look, in order; each command came whole."""
        said = os.read(self._descriptor, 256).decode()
        if not said:
            self._notifier.setEnabled(False)
        for command in said.splitlines():
            self._do(command.split())

    def _do(self, words: list[str]) -> None:
        if words[0] == "press":
            self._press(self._find(words[1]).center())
        elif words[0] == "where":
            room = self._find(words[1])
            corner = self._window.mapToGlobal(room.topLeft())
            self.tell(f"where {corner.x()} {corner.y()} {room.width()} {room.height()}")
        elif words[0] in self._acts:
            self._acts[words[0]]()
        else:
            self._release(self._at if words[0] == "release" else SLIPPED_TO)

    def _press(self, at: QPoint) -> None:
        from PySide6.QtTest import QTest

        self._device = self._device or QTest.createTouchDevice()
        self._at = at
        event = QTest.touchEvent(self._window.windowHandle(), self._device).press(0, at)
        self.touched_ns = time.monotonic_ns()
        event.commit()

    def _release(self, at: QPoint) -> None:
        from PySide6.QtTest import QTest

        assert self._device is not None, "press comes first"
        event = QTest.touchEvent(self._window.windowHandle(), self._device).release(0, at)
        self.touched_ns = time.monotonic_ns()
        event.commit()
