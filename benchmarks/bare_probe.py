"""The bare window as a process: `python -m benchmarks.bare_probe DESCRIPTOR`. Tells what the kiosk's probe tells."""

import sys

from PySide6.QtCore import QEvent, QRect, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from benchmarks.bare_window import BareStars, card_rect
from benchmarks.remote import Remote


class ProbedStars(BareStars):
    """Tells of each picture once it has been painted and handed to the screen."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._remote = Remote(descriptor, self, _room)
        self._started = False

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest:
            self._remote.tell(f"rate pressed:star-{self.pressed + 1}" if self.pressed >= 0 else "rate released")
        return handled

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._started:
            self._started = True
            QTimer.singleShot(0, lambda: self._remote.tell("started"))


def _room(name: str) -> QRect:
    return card_rect(int(name.removeprefix("star-")) - 1).toAlignedRect()


def main(descriptor: int) -> int:
    app = QApplication(["bare"])
    window = ProbedStars(descriptor)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
