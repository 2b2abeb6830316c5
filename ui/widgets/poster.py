"""One poster of the hall: a text on a quiet ground, or a picture as large as its room. It cannot be touched."""

import logging
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.layout import centred, inset
from ui.look import Look
from ui.posters import Poster
from ui.theme import Size
from ui.widgets.surface import draw_round
from ui.widgets.words import Words

_PICTURES = 2

log = logging.getLogger(__name__)


@lru_cache(_PICTURES)
def picture(path: str) -> QPixmap:
    """The picture of a file; empty when it is none, which is logged."""
    loaded = QPixmap(path)
    if loaded.isNull():
        log.warning("poster %s is not shown: it is no picture", path.rpartition("/")[2])
    return loaded


class PosterBoard(QWidget):
    """Shows one poster."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = Words(self, theme.BODY, Qt.AlignmentFlag.AlignHCenter, balanced=True, lines_max=theme.POSTER_LINES_MAX)
        self._poster = Poster()
        self._look: Look | None = None

    def show_poster(self, poster: Poster, look: Look) -> bool:
        """Whether there is something to show."""
        self._poster, self._look = poster, look
        self._words.say(poster.text, look)
        self.update()
        return bool(poster.text) or not picture(poster.picture).isNull()

    def height_in(self, width: int, look: Look) -> int:
        """Least height in pixels: of the text with its ground, or what a picture wants to be seen at all."""
        if self._poster.picture:
            return look.px(Size.poster_least)
        return self._words.height_for(width - 2 * look.px(Size.gap_m)) + 2 * look.px(Size.gap_s)

    def arrange(self, room: QRect, look: Look) -> None:
        self.setGeometry(room)
        self._words.place(inset(self.rect(), look.px(Size.gap_m), look.px(Size.gap_s)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        if look is None:
            return
        with QPainter(self) as painter:
            if self._poster.picture:
                self._paint_picture(painter, picture(self._poster.picture))
            else:
                draw_round(painter, QRectF(self.rect()), look.px(Size.radius), look.color("wash"))

    def _paint_picture(self, painter: QPainter, shown: QPixmap) -> None:
        if shown.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = QSize(shown.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawPixmap(centred(self.rect(), size), shown)
