"""A4 pages as PDF with Chinese text: finds a font, embeds what is used of it, and offers the few marks that our papers need.

Lengths are millimetres from the top left, sizes of letters points. Never knows what is on a page.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from math import cos, pi, sin
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError
from fpdf import FPDF

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_NAMES = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "SourceHanSansSC-Regular.otf"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf"),
)
_SIMPLIFIED = (" SC", "WenQuanYi")
_PROBE = "评价满意"
_FAMILY = "text"
_LINE = 1.45
_POINT = 25.4 / 72
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 210.0, 297.0, 18.0


class NoFont(Exception):
    """Chinese cannot be written; the message names what was looked for and the remedy."""


def find_font(named: str | None = None) -> Path:
    """The font file that was named, else the first known one on this machine. Raises NoFont."""
    found = Path(named) if named is not None else next(_installed(), None)
    if found is not None:
        _face(found)
        return found
    raise NoFont("no Chinese font is installed here; as root: apt-get install fonts-noto-cjk. Or name a file with --font.")


def _installed() -> Iterator[Path]:
    files = [path for folder in _FOLDERS for path in Path(folder).expanduser().rglob("*.[ot]t[cf]")]
    return (path for name in _NAMES for path in files if path.name == name)


@cache
def _face(path: Path) -> int:
    """Which face of the file writes simplified Chinese."""
    try:
        with path.open("rb") as file:
            faces = TTCollection(file, lazy=True).fonts if path.suffix.lower() == ".ttc" else [TTFont(file, lazy=True)]
            simplified_first = sorted(range(len(faces)), key=lambda place: not _is_simplified(faces[place]))
            able = (place for place in simplified_first if {*map(ord, _PROBE)} <= {*(faces[place].getBestCmap() or ())})
            found = next(able, None)
    except OSError as error:
        raise NoFont(f"the font {path} cannot be read: {error.strerror or 'no font'}.") from None
    except TTLibError:
        raise NoFont(f"{path} is no OpenType or TrueType font.") from None
    if found is None:
        raise NoFont(f"the font {path} has no Chinese letters; name another with --font.")
    return found


def _is_simplified(face: TTFont) -> bool:
    return any(word in str(face["name"].getDebugName(1)) for word in _SIMPLIFIED)


class Paper(FPDF):
    """Pages to draw on, one after another."""

    def __init__(self, font: Path, title: str, *, landscape: bool = False) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        self.set_title(title)
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.add_font(_FAMILY, fname=str(font), collection_font_number=_face(font))
        self.set_font(_FAMILY, size=11)

    def line_height(self, size: float) -> float:
        """Of text of this size."""
        return size * _POINT * _LINE

    def fitting(self, texts: Sequence[str], size: float, width: float) -> float:
        """The size, at most `size`, in which each of these texts fits into `width`."""
        self.set_font(_FAMILY, size=size)
        return size * min(1.0, width / max(map(self.get_string_width, texts), default=width))

    def write_at(self, x: float, y: float, text: str, size: float, *, width: float = 0, align: str = "L") -> float:
        """One line, made smaller until it fits into `width` (0: as long as it is); where it ends below."""
        self.set_font(_FAMILY, size=self.fitting([text], size, width) if width else size)
        self.set_xy(x, y)
        self.cell(width or None, self.line_height(size), text, align=align)
        return y + self.line_height(size)

    def wrap_at(self, x: float, y: float, text: str, size: float, width: float) -> float:
        """Lines within `width`; where they end below."""
        self.set_font(_FAMILY, size=size)
        self.set_xy(x, y)
        self.multi_cell(width, self.line_height(size), text, align="L")
        return float(self.get_y())

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """An empty box."""
        self.set_line_width(0.3)
        self.rect(x, y, width, height)

    def rule(self, x: float, y: float, width: float) -> None:
        """A line to write on, or between parts."""
        self.set_line_width(0.2)
        self.line(x, y, x + width, y)

    def stars(self, centre: float, y: float, count: int, width: float) -> None:
        """So many empty stars side by side, each `width` wide."""
        self.set_line_width(0.25)
        for place in range(count):
            middle = centre + (place - (count - 1) / 2) * width
            self.polygon(_star(middle, y + width / 2, width * 0.46))

    def squares(self, x: float, y: float, width: float, rows: list[list[bool]]) -> None:
        """A symbol of dark and light squares."""
        side = width / len(rows)
        with self.local_context():
            self.set_fill_color(0)
            for down, row in enumerate(rows):
                for across, dark in enumerate(row):
                    if dark:
                        self.rect(x + across * side, y + down * side, side, side, style="F")


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    turns = [(step * pi / 5 - pi / 2, radius if step % 2 == 0 else radius * 0.42) for step in range(10)]
    return [(x + length * cos(turn), y + length * sin(turn)) for turn, length in turns]
