"""The theme in Qt's terms for one canvas: fonts, colours and lengths in pixels. Knows nothing of what is shown."""

from dataclasses import dataclass, field
from functools import cache

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont

from ui import theme
from ui.theme import Face, Palette

LONG_DP, SHORT_DP = 1280, 800


@dataclass(frozen=True, slots=True)
class Look:
    """How everything is drawn now. `scale`: pixels per dp; a canvas is always at least as large as the reference in dp."""

    width: int
    height: int
    large: bool = False
    palette: Palette = theme.LIGHT

    portrait: bool = field(init=False)
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        portrait = self.height > self.width
        across, down = (SHORT_DP, LONG_DP) if portrait else (LONG_DP, SHORT_DP)
        object.__setattr__(self, "portrait", portrait)
        object.__setattr__(self, "scale", min(self.width / across, self.height / down))

    @property
    def canvas(self) -> QRect:
        return QRect(0, 0, self.width, self.height)

    def px(self, dp: float) -> int:
        """Whole pixels of a length; never nothing for what is not nothing."""
        return max(1, round(dp * self.scale)) if dp > 0 else 0

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
