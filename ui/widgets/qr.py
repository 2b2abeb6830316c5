"""A QR symbol from its matrix, each module the same whole number of pixels.

Its quiet zone is the white card around it, which is wider than four modules; on a dark card it brings its own.
"""

from functools import lru_cache

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui import theme
from ui.bridge import Once
from ui.look import Look
from ui.widgets.drawing import fill

Matrix = tuple[tuple[bool, ...], ...]
_SYMBOLS = 8
_PIXELS_LEAST = 3
_LONG = 106
"""A longer address gets the weaker correction, so that its modules stay large; a screen has no creases."""


@lru_cache(_SYMBOLS)
def matrix(url: str) -> Matrix:
    """The modules of a symbol with error correction M, or L for a long address, without quiet zone (ISO/IEC 18004)."""
    from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M  # heavy: comes after the first frame
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_L if len(url) > _LONG else ERROR_CORRECT_M, border=0)
    code.add_data(url)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def brings_quiet(look: Look) -> bool:
    """Whether a code has to bring the white around it, because what it stands on is dark."""
    return look.palette.card != look.palette.qr_paper


class Qr(QLabel):
    """The first paint of a new address leaves the place blank. The symbol follows when the event loop was back: building it
    holds the main thread for some milliseconds, and whoever touched the new screen goes first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._url = ""
        self._matrix: Matrix | None = None
        self._look: Look | None = None
        self._next = Once(self, self.make)
        self._painted = Once(self, lambda: self._next.start(0))

    def show_url(self, url: str, spoken: str, look: Look) -> None:
        if url != self._url:
            self._url, self._matrix = url, None
            self.update()
        if look != self._look:
            self._look = look
            self.update()
        self.setAccessibleName(spoken)
        self.setVisible(bool(url))

    def place(self, room: QRect) -> None:
        if room != self.geometry():
            self.setGeometry(room)

    @Slot()
    def make(self) -> None:
        """Build the symbol; from then on it is painted."""
        if self._url and self._matrix is None:
            self._matrix = matrix(self._url)
            self.update()

    def fits(self) -> bool:
        """Whether a telephone can read it: whole pixels for each module, and enough of them."""
        return self.module_px() >= _PIXELS_LEAST

    def module_px(self) -> int:
        """Whole pixels that a module has here; 0: none."""
        assert self._look is not None, "show_url() comes first"
        quiet = 2 * theme.QR_QUIET if brings_quiet(self._look) else 0
        return self.width() // (len(matrix(self._url)) + quiet)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None or not self._url:
            return
        with QPainter(self) as painter:
            fill(painter, self.rect(), look.color("qr_paper"))
            if self._matrix is not None:
                self._draw(painter, self._matrix, look)
            else:
                self._painted.start(0)

    def _draw(self, painter: QPainter, modules: Matrix, look: Look) -> None:
        pixels = max(1, self.module_px())
        start = (self.width() - pixels * len(modules)) // 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("qr"))
        for y, row in enumerate(modules):
            for x, dark in enumerate(row):
                if dark:
                    painter.drawRect(start + x * pixels, start + y * pixels, pixels, pixels)
