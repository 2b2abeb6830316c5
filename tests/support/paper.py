"""What a receipt printer does with ESC/POS bytes: a strip of paper as a picture, with the text that was printed on it.

Knows the commands that the product uses and no other: anything else raises, as it would print rubbish.
"""

import subprocess
from dataclasses import dataclass, field
from functools import lru_cache

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

WIDTH = 384
_LINE_DOTS = 30


@dataclass
class Paper:
    """`lines`: the text, each as (text, centred, large); `picture`: all of it as dots; `cut`: whether it was cut off."""

    lines: list[tuple[str, bool, bool]] = field(default_factory=list)
    picture: Image.Image = field(default_factory=lambda: Image.new("L", (WIDTH, 0), 255))
    cut: bool = False
    asked: int = 0

    @property
    def text(self) -> list[str]:
        return [text for text, _, _ in self.lines]

    @property
    def symbols(self) -> list[str]:
        """What a telephone reads off the paper."""
        return [code.text for code in zxingcpp.read_barcodes(self.picture)]

    def _append(self, strip: Image.Image, centred: bool) -> None:
        longer = Image.new("L", (WIDTH, self.picture.height + strip.height), 255)
        longer.paste(self.picture, (0, 0))
        longer.paste(strip, ((WIDTH - strip.width) // 2 if centred else 0, self.picture.height))
        self.picture = longer


def printed(data: bytes) -> Paper:
    """Let the printer have these bytes."""
    paper, at, centred, large, chinese = Paper(), 0, False, False, False
    while at < len(data):
        match data[at : at + 2]:
            case b"\x10\x04":
                assert data[at + 2] in (1, 2, 4)
                paper.asked, at = paper.asked + 1, at + 3
            case b"\x1b@":
                centred = large = chinese = False
                at += 2
            case b"\x1c&":
                chinese, at = True, at + 2
            case b"\x1ba":
                centred, at = data[at + 2] == 1, at + 3
            case b"\x1d!":
                large, at = data[at + 2] == 0x11, at + 3
            case b"\x1bd":
                at += 3
            case b"\x1dV":
                assert data[at + 2 : at + 4] == b"B\x00"
                paper.cut, at = True, at + 4
            case b"\x1dv":
                at = _raster(paper, data, at, centred)
            case _:
                assert data[at] not in (0x10, 0x1B, 0x1C, 0x1D), f"unknown command {data[at : at + 4]!r}"
                assert chinese, "Chinese text needs FS & before it"
                end = data.index(b"\n", at)
                text = data[at:end].decode("gb18030")
                assert all(ord(letter) >= 0x20 for letter in text)
                paper.lines.append((text, centred, large))
                paper._append(_written(text, large, centred), centred)
                at = end + 1
    return paper


def _raster(paper: Paper, data: bytes, at: int, centred: bool) -> int:
    assert data[at : at + 4] == b"\x1dv0\x00"
    width, height = int.from_bytes(data[at + 4 : at + 6], "little"), int.from_bytes(data[at + 6 : at + 8], "little")
    end = at + 8 + width * height
    assert len(data) >= end and width * 8 <= WIDTH
    dots = bytes(255 - byte for byte in data[at + 8 : end])
    paper._append(Image.frombytes("1", (width * 8, height), dots).convert("L"), centred)
    return end


def _written(text: str, large: bool, centred: bool) -> Image.Image:
    """A line as printers set it: cells of 24 dots for Chinese and 12 for the rest, the next row where the paper ends."""
    scale = 2 if large else 1
    rows: list[list[tuple[int, str]]] = [[]]
    right = 0
    for letter in text:
        width = scale * (12 if len(letter.encode("gb18030")) == 1 else 24)
        if right + width > WIDTH:
            rows.append([])
            right = 0
        rows[-1].append((right, letter))
        right += width
    strip = Image.new("L", (WIDTH, scale * _LINE_DOTS * len(rows)), 255)
    drawing = ImageDraw.Draw(strip)
    for number, row in enumerate(rows):
        indent = (WIDTH - right) // 2 if centred and number == len(rows) - 1 else 0
        for left, letter in row:
            drawing.text((indent + left, scale * _LINE_DOTS * number), letter, font=_font(scale * 24), fill=0)
    return strip


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    found = subprocess.run(["fc-match", "-f", "%{file}", ":lang=zh-cn"], capture_output=True, text=True, check=True).stdout
    return ImageFont.truetype(found, size)
