"""The theme in Qt's terms for one canvas: fonts, colours and lengths in pixels. Knows nothing of what is shown."""

from functools import cache

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont

from ui import theme
from ui.theme import Face, Palette, Size

LONG_DP, SHORT_DP = 1280, 800


class Look:
    """How everything is drawn now. `scale`: pixels per dp; a canvas is always at least as large as the reference in dp."""

    __slots__ = ("_key", "_pixels", "height", "large", "palette", "portrait", "scale", "width")

    def __init__(self, width: int, height: int, large: bool = False, palette: Palette = theme.LIGHT) -> None:
        self.width = width
        self.height = height
        self.large = large
        self.palette = palette
        self.portrait = height > width
        across, down = (SHORT_DP, LONG_DP) if self.portrait else (LONG_DP, SHORT_DP)
        self.scale = min(width / across, height / down)
        self._key = (width, height, large, palette)
        self._pixels: dict[float, int] = {}

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Look) and self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def canvas(self) -> QRect:
        return QRect(0, 0, self.width, self.height)

    def px(self, dp: float) -> int:
        """Whole pixels of a length; never nothing for what is not nothing. A change of screen asks two hundred times."""
        pixels = self._pixels.get(dp)
        if pixels is None:
            pixels = self._pixels[dp] = max(1, round(dp * self.scale)) if dp > 0 else 0
        return pixels

    @property
    def hair(self) -> int:
        """Pixels of a thin line. In high contrast nothing but lines parts a thing from its ground: they are bolder."""
        return self.px(Size.stroke if self.palette is theme.HIGH_CONTRAST else Size.hair)

    def font_px(self, face: Face) -> int:
        return self.px(face.size(large=self.large, portrait=self.portrait))

    def font(self, face: Face) -> QFont:
        return font(self.font_px(face), face.bold)

    def color(self, field: str) -> QColor:
        return color(getattr(self.palette, field))


@cache
def font(pixels: int, bold: bool) -> QFont:
    """The window's font at a size in pixels."""
    made = QFont(theme.FONT_FAMILY)
    made.setPixelSize(pixels)
    made.setBold(bold)
    return made


@cache
def color(code: str) -> QColor:
    """The colour of #rrggbb."""
    return QColor(code)


def has_chinese_font() -> bool:
    """Whether any installed font can write simplified Chinese."""
    from PySide6.QtGui import QFontDatabase  # its many names are for after the first picture

    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
