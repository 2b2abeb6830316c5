"""Touches the kiosk's own window from inside its process, as fingers and mice would, and reports what it painted.

Only the demonstration and the benchmarks may import this; an import contract keeps it out of `run`.
"""

import json
import socket

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QSocketNotifier, Qt, QTimer, Slot
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest

from terminal_app.assembly import Kiosk
from terminal_app.domain import session as s
from terminal_app.domain.turn import current_session
from ui.widgets.control import Control

CONTACT_MS = 40
LOOK_EVERY_MS = 20


class Injection(QObject):
    """Reads `{"touch": name}` lines from the control socket, an inherited descriptor; writes one line per painted screen.

    Ends the kiosk with whoever holds the other end: one that was killed leaves none behind.
    """

    def __init__(self, kiosk: Kiosk, control: int) -> None:
        super().__init__(kiosk.window.widget)
        self._kiosk = kiosk
        self._window = kiosk.window
        self._device: QPointingDevice | None = None
        self._touches = 0
        self._socket = socket.socket(fileno=control)
        self._buffer = b""
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._window.on_painted = self._painted

    @Slot()
    def _read(self) -> None:
        try:
            data = self._socket.recv(4096)
        except ConnectionResetError:
            data = b""
        if not data:
            self._notifier.setEnabled(False)
            QCoreApplication.exit()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._touch(json.loads(line)["touch"])

    def _touch(self, name: str) -> None:
        """A finger and a mouse in turn, once the screen takes contacts: press, and release after a human's shortest contact."""
        if not self._window.takes_input:
            QTimer.singleShot(LOOK_EVERY_MS, self, lambda: self._touch(name))
            return
        point = self._window.target_point(name)
        if point is None:
            return
        self._touches += 1
        at = self._window.widget.mapFromGlobal(point)
        press, release = (self._finger_down, self._finger_up) if self._touches % 2 else (self._mouse_down, self._mouse_up)
        press(at)
        QTimer.singleShot(CONTACT_MS, self, lambda: release(at))

    def _finger_down(self, at: QPoint) -> None:
        self._device = self._device or QTest.createTouchDevice()
        QTest.touchEvent(self._window.widget.windowHandle(), self._device).press(0, at).commit()

    def _finger_up(self, at: QPoint) -> None:
        assert self._device is not None, "a finger goes down first"
        QTest.touchEvent(self._window.widget.windowHandle(), self._device).release(0, at).commit()

    def _mouse_down(self, at: QPoint) -> None:
        QTest.mousePress(self._window.widget.windowHandle(), Qt.MouseButton.LeftButton, pos=at)

    def _mouse_up(self, at: QPoint) -> None:
        QTest.mouseRelease(self._window.widget.windowHandle(), Qt.MouseButton.LeftButton, pos=at)

    @staticmethod
    def _place(control: Control) -> tuple[int, int, int, int]:
        """Where a finger counts: left, top, width and height on the screen."""
        room = control.target()
        corner = control.mapToGlobal(room.topLeft())
        return corner.x(), corner.y(), room.width(), room.height()

    def _painted(self, screen: str, detail: object) -> None:
        """What the window shows now, and for which case: the state below it is of the same turn of the event loop."""
        state = self._kiosk.controller.state
        session = current_session(state.phase)
        report = {
            "screen": screen,
            "on_duty": state.on_duty.number if state.on_duty else None,
            "session": session.id if session else None,
            "case": session.ticket.first.number if session else None,
            "stars": int(session.star) if session and session.star else 0,
            "reasons": list(session.toggled) if session else [],
            "notice": state.notice.what if state.notice else None,
            "extended": session.extended if session else False,
            "preferences": [state.large_print, state.high_contrast, state.language],
            "problems": [problem.what for problem in self._kiosk.facts.problems],
            "targets": {control.objectName(): self._place(control) for control in self._window.controls()},
        }
        if not isinstance(state.phase, s.Recording):
            self._socket.sendall(json.dumps(report).encode() + b"\n")
