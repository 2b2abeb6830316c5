"""Text on the screen: wrapped, balanced and measured, so that nothing is ever cut off unseen."""

from functools import cache, lru_cache
from itertools import accumulate
from math import ceil

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QWidget

from terminal_app.domain.frozen import frozen
from ui import theme
from ui.look import Look, font
from ui.theme import Face
from ui.widgets.seams import parted, seams

BREAK = "\u200b"
FORCED = "\n"
DOT = "·"
_CACHE = 512


@frozen
class Block:
    """Text laid out for a width: its lines with the height of each line, in pixels. `elided`: words had to be left out."""

    lines: tuple[tuple[str, float], ...]
    font: QFont
    line_height: float
    ascent: float
    elided: bool = False

    @property
    def width(self) -> int:
        """Pixels that hold the widest line when it is laid out again."""
        return ceil(max((width for _, width in self.lines), default=0.0)) + 1

    @property
    def height(self) -> int:
        return round(self.line_height * len(self.lines) + 0.5) if self.lines else 0


@lru_cache(_CACHE)
def lay_out(
    text: str, pixels: int, bold: bool, width: int, spacing: float, balanced: bool, lines_max: int, smallest: int
) -> Block:
    """`text` wrapped to `width` in `lines_max` lines at most; sizes step down to `smallest` before one is torn or left out."""
    torn: Block | None = None
    for size in range(pixels, min(pixels, smallest) - 1, -1):
        block = _wrapped(text, font(size, bold), width, spacing, balanced)
        if len(block.lines) <= lines_max and block.width <= width + 1:
            if not _is_torn(text, block):
                return block
            torn = torn or block
    return torn or _elided(block, lines_max, width)


def _is_torn(text: str, block: Block) -> bool:
    """Whether a name that has seams, and no breaks of its own, parts elsewhere."""
    if len(block.lines) < 2 or BREAK in text:
        return False
    found = seams(text)
    return bool(found) and not set(accumulate(len(line) for line, _ in block.lines[:-1])) <= set(found)


def _wrapped(text: str, used: QFont, width: int, spacing: float, balanced: bool) -> Block:
    metrics = QFontMetricsF(used)
    wrap = _balanced if balanced else _lines
    parts = _parts(text, metrics, width)
    lines = _without_loose_dots([line for part in parts for line in wrap(part.strip(), used, metrics, width)])
    measured = tuple((line, metrics.horizontalAdvance(line)) for line in lines)
    height = used.pixelSize() * spacing
    centred = (height - metrics.ascent() - metrics.descent()) / 2 + metrics.ascent()
    ascent = min(centred, height - theme.DESCENDER * used.pixelSize())
    return Block(measured, used, height, ascent)


def _parts(text: str, metrics: QFontMetricsF, width: int) -> list[str]:
    """What begins on a line of its own: one part if it fits; else as the text allows by zero-width spaces."""
    plain = text.replace(BREAK, "")
    if FORCED in text:
        return plain.split(FORCED)
    if BREAK in text and metrics.horizontalAdvance(plain) > width:
        return _without_loose_dots([part.strip() for part in text.split(BREAK)])
    return [plain]


def _lines(text: str, used: QFont, metrics: QFontMetricsF, width: int) -> list[str]:
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    layout = QTextLayout(text, used)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return found


def _without_loose_dots(lines: list[str]) -> list[str]:
    """A dot between two facts parts them on one line; where the line ends it would stand alone."""
    bare = [line.removeprefix(f"{DOT} ").removesuffix(f" {DOT}") for line in lines]
    return [line for line in bare if line != DOT]


def _balanced(text: str, used: QFont, metrics: QFontMetricsF, width: int) -> list[str]:
    """The same number of lines with the narrowest width, so that no last line holds a lonely word."""
    lines = _lines(text, used, metrics, width)
    count = len(lines)
    if count < 2:
        return lines
    if parts := parted(text, count, metrics.horizontalAdvance, width):
        return parts
    low, high = round(metrics.horizontalAdvance(text) / count), width
    while high - low > 1:
        middle = (low + high) // 2
        if len(_lines(text, used, metrics, middle)) <= count:
            high = middle
        else:
            low = middle
    return _lines(text, used, metrics, high)


def _elided(block: Block, lines_max: int, width: int) -> Block:
    kept = list(block.lines[:lines_max])
    metrics = QFontMetricsF(block.font)
    rest = " ".join(line for line, _ in block.lines[lines_max - 1 :])
    last = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
    kept[-1] = (last, metrics.horizontalAdvance(last))
    return Block(tuple(kept), block.font, block.line_height, block.ascent, elided=True)


def draw(painter: QPainter, block: Block, room: QRect, align: Qt.AlignmentFlag) -> None:
    """Paint a block into `room` with the painter's pen; vertically centred unless AlignTop is set."""
    across, down = _shares(align)
    painter.setFont(block.font)
    start, space = room.left(), room.width()
    top = room.top() + (room.height() - block.line_height * len(block.lines)) * down + block.ascent
    for index, (line, width) in enumerate(block.lines):
        painter.drawText(QPointF(start + (space - width) * across, round(top + index * block.line_height)), line)


@cache
def _shares(align: Qt.AlignmentFlag) -> tuple[float, float]:
    """Which part of the spare room is left of a line, and above a block. Qt's flags are slow to take apart."""
    right, centre = bool(align & Qt.AlignmentFlag.AlignRight), bool(align & Qt.AlignmentFlag.AlignHCenter)
    return 0.5 if centre else float(right), 0.0 if align & Qt.AlignmentFlag.AlignTop else 0.5


class Words(QLabel):
    """One block of text in one face; a label for tools. Setters repaint only when something changed."""

    def __init__(
        self,
        parent: QWidget,
        face: Face,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        *,
        balanced: bool = False,
        lines_max: int = theme.TEXT_LINES_MAX,
        shrinks: bool = False,
        spacing: float = theme.LINE_SPACING,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._face = face
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._align = align
        self._balanced = balanced
        self._lines_max = lines_max
        self._shrinks = shrinks
        self._spacing = spacing
        self._look: Look | None = None
        self._text = ""
        self._blocks: dict[int, Block] = {}

    @property
    def text(self) -> str:  # type: ignore[override]
        return self._text

    def say(self, text: str, look: Look) -> None:
        """Show `text` in this look; an empty text hides the widget."""
        if text != self._text or look != self._look:
            self._text, self._look = text, look
            self._blocks.clear()
            self.setAccessibleName(text.replace(BREAK, ""))
            self.update()
        self.setVisible(bool(text))

    def wear(self, face: Face) -> None:
        """Another face."""
        if face != self._face:
            self._face = face
            self._blocks.clear()
            self.update()

    def align(self, align: Qt.AlignmentFlag) -> None:
        if align != self._align:
            self._align = align
            self.update()

    def block(self, width: int) -> Block:
        """The text laid out for a width in pixels; worked out once for each text and look."""
        if width not in self._blocks:
            self._blocks[width] = self._block(width)
        return self._blocks[width]

    def _block(self, width: int) -> Block:
        look = self._look
        assert look is not None, "say() comes first"
        pixels = look.font_px(self._face)
        body = look.px(theme.LARGE_BODY_DP if look.large else theme.BODY_DP)
        smallest = max(body, round(pixels * theme.SMALLEST_SHRINK)) if self._shrinks else pixels
        return lay_out(self._text, pixels, self._face.bold, width, self._spacing, self._balanced, self._lines_max, smallest)

    def height_for(self, width: int) -> int:
        return self.block(width).height if self._text else 0

    def width_for(self, width: int) -> int:
        """Pixels that the widest line takes when `width` are to be had."""
        return min(width, self.block(width).width) if self._text else 0

    def fits(self) -> bool:
        """Whether every word is inside the widget."""
        block = self.block(self.width())
        return not block.elided and block.height <= self.height() and block.width <= self.width() + 1

    def place(self, room: QRect) -> None:
        if room != self.geometry():
            self.setGeometry(room)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._look is None:
            return
        with QPainter(self) as painter:
            painter.setPen(self._look.color(self._face.ink))
            draw(painter, self.block(self.width()), self.rect(), self._align)
