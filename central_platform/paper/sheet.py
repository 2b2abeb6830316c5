"""A paper form as a page of A4: five levels alike in size and ink, in the window's order; reasons where the pack offers them.

Draws; registers nothing and decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from central_platform.form_number import form_address, shown
from central_platform.paper.words import FORM, LEVELS
from central_platform.pdf import MARGIN, PAGE_HEIGHT, PAGE_WIDTH, Paper

_WIDTH = PAGE_WIDTH - 2 * MARGIN
_QR = 34.0
_GAP = 3.0
_QUIET = 4
"""Light squares around a QR symbol (ISO/IEC 18004)."""
_LEVELS_HEIGHT = 38.0
_FOOT = 52.0


@dataclass(frozen=True, slots=True)
class FormFace:
    """What is on the forms of one printing, beside the number. `reasons`: by level, lowest last, code and text.

    `title` and `note` are the pack's; `entries`: how many persons enter it; `rules`: policy and catalogue, with versions.
    """

    language: str
    title: str
    note: str
    place: str
    base: str
    reasons: Mapping[int, Sequence[tuple[str, str]]]
    reason_wanted: bool
    entries: int
    rules: tuple[str, str]


def draw_forms(face: FormFace, numbers: Sequence[str], font: Path) -> bytes:
    """A PDF with a page for each number."""
    paper = Paper(font, face.title)
    for number in numbers:
        paper.add_page()
        _draw(paper, face, number)
    return bytes(paper.output())


def _draw(paper: Paper, face: FormFace, number: str) -> None:
    words = FORM[face.language]
    y = _head(paper, face, number)
    y = paper.wrap_at(MARGIN, y, str(words["please"]), 13, _WIDTH) + 5
    y = _levels(paper, face.language, y) + 7
    y = _about(paper, face.language, y) + 7
    if face.reasons:
        _reasons(paper, face, y)
    _foot(paper, face)


def _head(paper: Paper, face: FormFace, number: str) -> float:
    words = FORM[face.language]
    beside = _WIDTH - _QR - 6
    y = paper.write_at(MARGIN, MARGIN, face.title, 22, width=beside)
    y = paper.write_at(MARGIN, y + 1, face.place, 13, width=beside)
    paper.write_at(MARGIN, y + 4, f"{words['number']}  {shown(number)}", 18, width=beside)
    left = MARGIN + _WIDTH - _QR
    paper.squares(left, MARGIN - 2, _QR, _symbol(form_address(face.base, number)))
    return paper.write_at(left, MARGIN + _QR - 3, str(words["phone"]), 10, width=_QR, align="C") + 4


def _symbol(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def _levels(paper: Paper, language: str, y: float) -> float:
    width = (_WIDTH - 4 * _GAP) / 5
    for level, word in enumerate(LEVELS[language], start=1):
        x = MARGIN + (level - 1) * (width + _GAP)
        paper.box(x, y, width, _LEVELS_HEIGHT)
        paper.box(x + width / 2 - 5, y + 4, 10, 10)
        paper.stars(x + width / 2, y + 17, level, 5.4)
        paper.write_at(x + 1, y + 24, word, 13, width=width - 2, align="C")
        paper.write_at(x + 1, y + 30.5, str(level), 12, width=width - 2, align="C")
    return y + _LEVELS_HEIGHT


def _about(paper: Paper, language: str, y: float) -> float:
    words = FORM[language]
    for label, told in ((words["case"], words["case_told"]), (words["day"], "")):
        paper.write_at(MARGIN, y, str(label), 12)
        paper.rule(MARGIN + 30, y + 6.4, 84)
        if told:
            paper.write_at(MARGIN + 118, y + 0.6, str(told), 10, width=_WIDTH - 118)
        else:
            paper.write_at(MARGIN + 44, y, str(words["day_blank"]), 12)
        y += 11
    return y - 4


def _reasons(paper: Paper, face: FormFace, y: float) -> None:
    words = FORM[face.language]
    named = str(words["or"]).join(f"{level} {LEVELS[face.language][level - 1]}" for level in sorted(face.reasons))
    told = str(words["reasons_wanted" if face.reason_wanted else "reasons"]).format(levels=named)
    top = paper.wrap_at(MARGIN, y, told, 12, _WIDTH) + 3
    room = PAGE_HEIGHT - MARGIN - _FOOT - top
    width = (_WIDTH - 6 * (len(face.reasons) - 1)) / len(face.reasons)
    size = paper.fitting([f"{code}  {text}" for rows in face.reasons.values() for code, text in rows], 10.5, width - 6)
    for column, level in enumerate(sorted(face.reasons)):
        rows = face.reasons[level]
        x, step = MARGIN + column * (width + 6), min(9.0, (room - 8) / max(len(rows), 1))
        below = paper.write_at(x, top, f"{level} {LEVELS[face.language][level - 1]}", 11) + 1
        for place, (code, text) in enumerate(rows):
            line = below + place * step
            paper.box(x, line + 1, 3.8, 3.8)
            paper.write_at(x + 6, line + 2.9 - paper.line_height(size) / 2, f"{code}  {text}", size)


def _foot(paper: Paper, face: FormFace) -> None:
    words = FORM[face.language]
    y = PAGE_HEIGHT - MARGIN - _FOOT + 6
    paper.rule(MARGIN, y, _WIDTH)
    y = paper.wrap_at(MARGIN, y + 3, str(words["private"]), 11, _WIDTH)
    y = paper.wrap_at(MARGIN, y + 1, face.note, 11, _WIDTH) + 4
    paper.write_at(MARGIN, y, str(words["office"]), 10, width=28)
    for place, which in enumerate(words["which"][: face.entries]):
        x = MARGIN + 32 + place * 72
        paper.write_at(x, y, str(words["entered"]).format(which=which), 10)
        paper.rule(x, y + 6, 66)
    policy, catalogue = face.rules
    paper.write_at(MARGIN, PAGE_HEIGHT - MARGIN - 5, str(words["rules"]).format(policy=policy, catalogue=catalogue), 8)
