"""The floor of a change of screen: a bare QStackedWidget with two painted pages. `python -m benchmarks.bare_pages DESCRIPTOR`

`turn` shows the other page. Tells `started`, and `page BEGUN` when the page was painted and handed to the screen.
"""

import sys
import time

from PySide6.QtCore import QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from benchmarks.bare_window import FONT, SIZE, BareStars
from benchmarks.remote import Remote


class BareThanks(QWidget):
    """A card with two lines."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor("#F6F7F9"))
        painter.setBrush(QColor("#FFFFFF"))
        painter.drawRoundedRect(self.rect().adjusted(60, 120, -60, -120), 16, 16)
        for size, text in ((40, "感谢您的评价"), (22, "您的评价已记录")):
            painter.setFont(QFont(FONT, size))
            painter.drawText(self.rect().translated(0, 0 if size == 40 else 80), Qt.AlignmentFlag.AlignCenter, text)


class BarePages(QStackedWidget):
    """Two pages, nothing else of the product."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.resize(*SIZE)
        self.addWidget(BareStars())
        self.addWidget(BareThanks())
        self._begun_ns = 0
        self._remote = Remote(descriptor, self, lambda name: QRect(), {"turn": self._turn})

    def _turn(self) -> None:
        self._begun_ns = time.monotonic_ns()
        self.setCurrentIndex(1 - self.currentIndex())

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest and self._begun_ns:
            self._remote.tell(f"page {self._begun_ns}")
            self._begun_ns = 0
        elif event.type() == QEvent.Type.Show:
            QTimer.singleShot(0, lambda: self._remote.tell("started"))
        return handled


def main(descriptor: int) -> int:
    app = QApplication(["bare"])
    pages = BarePages(descriptor)
    pages.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
