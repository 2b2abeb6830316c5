"""The printed form as a reader and a telephone see it. Issue 4, point 6; taian 二(三); xian-huyi 四(二); guangdong 第四条."""

import itertools
from collections.abc import Iterator

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from central_platform.form_number import number_of, shown
from central_platform.paper.sheet import FormFace, draw_forms
from central_platform.paper.words import LEVELS
from central_platform.pdf import find_font
from terminal_app.regions.library import load_catalogue, load_pack

REGIONS = ("xian-huyi", "taian")
LANGUAGES = ("zh-CN", "en")
NUMBERS = [number_of(2738194056), number_of(17)]
BASE = "https://pingjia.example.gov.cn"
DPI = 100
A4_POINTS = (595, 842)


def face_of(region: str, language: str) -> FormFace:
    pack = load_pack(region)
    form, catalogue = pack.rules["paper"].value, load_catalogue(pack)
    assert catalogue is not None
    reasons = {
        level: [(row["code"], row["texts"][language]) for row in catalogue["reasons"] if row["level"] == level]
        for level in (2, 1)
    }
    place, rules = "草堂街道便民服务中心 · 1号窗口", (f"{region} 2026.1", "reasons-2020 1")
    return FormFace(language, form["title"][language], form["note"][language], place, BASE, reasons, False, 2, rules)


@pytest.fixture(scope="module", params=[(region, language) for region in REGIONS for language in LANGUAGES], ids="-".join)
def printed(request: pytest.FixtureRequest) -> Iterator[tuple[FormFace, pypdfium2.PdfDocument]]:
    face = face_of(*request.param)
    document = pypdfium2.PdfDocument(draw_forms(face, NUMBERS, find_font()))
    yield face, document
    document.close()


def text_of(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_range())


def picture_of(page: pypdfium2.PdfPage) -> Image.Image:
    return page.render(scale=DPI / 72).to_pil().convert("L")


def test_each_form_is_a_page_of_a4_with_its_own_number_in_print_and_qr(
    printed: tuple[FormFace, pypdfium2.PdfDocument],
) -> None:
    _, document = printed
    assert len(document) == len(NUMBERS)
    for number, page in zip(NUMBERS, document, strict=True):
        assert tuple(map(round, page.get_size())) == A4_POINTS
        assert shown(number) in text_of(page)
        assert [found.text for found in zxingcpp.read_barcodes(picture_of(page))] == [f"{BASE}/p/{number}"]


def test_the_words_are_there(printed: tuple[FormFace, pypdfium2.PdfDocument]) -> None:
    """Five levels; the reasons of the two bad ones and of no other; title and note of the pack. Letters, not pictures."""
    face, document = printed
    text = "".join(text_of(document[0]).split())
    for part in (face.title, face.note, face.place, *LEVELS[face.language]):
        assert "".join(part.split()) in text
    for level in (1, 2):
        for code, reason in face.reasons[level]:
            assert code + "".join(reason.split()) in text
    assert "510" not in text.replace("-2020", "")


def test_the_five_levels_look_alike(printed: tuple[FormFace, pypdfium2.PdfDocument]) -> None:
    """Nobody steers: five boxes of one size at one height, black on white, from 1 to 5 as at the window; nothing is ticked."""
    _, document = printed
    page = document[0]
    red, green, blue = page.render(scale=1).to_pil().convert("RGB").split()
    assert red.tobytes() == green.tobytes() == blue.tobytes(), "no colour"
    boxes = [box for box in rectangles(page) if box[2] - box[0] > 80 and box[3] - box[1] > 80]
    assert len(boxes) == 5
    assert len({(round(right - left), round(bottom), round(top)) for left, bottom, right, top in boxes}) == 1
    gaps = {round(after[0] - before[2]) for before, after in itertools.pairwise(boxes)}
    assert len(gaps) == 1
    ticks = [box for box in rectangles(page) if 20 < box[2] - box[0] < 40]
    assert len(ticks) == 5 and len({round(box[1]) for box in ticks}) == 1
    picture = picture_of(page)
    assert {shade(picture, page, tick) for tick in ticks} == {255}, "empty"


def rectangles(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top of everything drawn, in points, from the left."""
    return sorted(found.get_bounds() for found in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH]))


def shade(picture: Image.Image, page: pypdfium2.PdfPage, box: tuple[float, float, float, float]) -> int:
    """The darkest point well inside the box."""
    left, bottom, right, top = (value * DPI / 72 for value in box)
    height = page.get_size()[1] * DPI / 72
    inside = picture.crop((round(left + 4), round(height - top + 4), round(right - 4), round(height - bottom - 4)))
    return int(inside.getextrema()[0])


def test_nothing_runs_over_the_edge_or_into_another(printed: tuple[FormFace, pypdfium2.PdfDocument]) -> None:
    """Every piece of text stays within the margins, and on lines of its own."""
    page = printed[1][0]
    width, height = page.get_size()
    texts = [found.get_bounds() for found in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])]
    assert texts
    for left, bottom, right, top in texts:
        assert 40 < left < right < width - 40 and 40 < bottom < top < height - 40
    clashes = [(one, other) for one in texts for other in texts if one < other and overlap(one, other)]
    assert clashes == []


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return min(one[2], other[2]) - max(one[0], other[0]) > 1 and min(one[3], other[3]) - max(one[1], other[1]) > 1


def test_a_pack_without_reasons_prints_none_and_one_person_has_one_line() -> None:
    face = face_of("taian", "zh-CN")
    bare = FormFace(face.language, face.title, face.note, face.place, BASE, {}, False, 1, face.rules)
    document = pypdfium2.PdfDocument(draw_forms(bare, NUMBERS[:1], find_font()))
    text = text_of(document[0])
    document.close()
    assert "原因" not in text and "第一次" in text and "第二次" not in text
