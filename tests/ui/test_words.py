"""Laying out words: nothing is cut by its own line, breaks stand where they may, sizes shrink before words are left out."""

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.look import font
from ui.theme import Face
from ui.widgets.words import BREAK, Block, lay_out

DRAINS = "城镇污水排入排水管网许可证核发及排水户内部排水设施变更备案"
TALLEST_AND_LONGEST = "gjpqy国È（）"
FACES = {name: face for name, face in vars(theme).items() if isinstance(face, Face)}


def lines(block: Block) -> list[str]:
    return [line for line, _ in block.lines]


@pytest.mark.parametrize("face", FACES.values(), ids=FACES)
@pytest.mark.parametrize("spacing", [theme.LINE_SPACING, theme.TIGHT_LINE_SPACING])
def test_ink_stays_inside_its_line(qapp: QApplication, face: Face, spacing: float) -> None:
    for pixels in {round(face.normal * scale) for scale in (0.75, 1, 1.35)} | {face.large}:
        block = lay_out(TALLEST_AND_LONGEST, pixels, face.bold, 5_000, spacing, False, 1, pixels)
        ink = QFontMetricsF(font(pixels, face.bold)).tightBoundingRect(TALLEST_AND_LONGEST)
        assert block.ascent + ink.top() >= -1
        assert block.ascent + ink.bottom() <= block.line_height + 1


def test_a_balanced_text_leaves_no_lonely_word(qapp: QApplication) -> None:
    text = "评价完全自愿，窗口端不显示您的选择"
    plain = lay_out(text, 20, False, 320, 1.3, False, 3, 20)
    balanced = lay_out(text, 20, False, 320, 1.3, True, 3, 20)
    assert len(lines(plain)[-1]) == 1
    assert [len(line) for line in lines(balanced)] in ([8, 9], [9, 8])
    assert "".join(lines(balanced)) == text


@pytest.mark.parametrize(
    ("text", "dp_wide", "broken"),
    [
        ("食品经营许可（餐饮服务经营者新办）", 300, ["食品经营许可", "（餐饮服务经营者新办）"]),
        ("食品经营许可（餐饮服务经营者新办）", 400, ["食品经营许可（餐饮服务经营者新办）"]),
        ("食品经营许可（餐饮服务经营者新办）", 200, ["食品经营许可（餐饮", "服务经营者新办）"]),
    ],
)
def test_a_name_parts_where_its_bracket_opens_if_both_halves_fit(
    qapp: QApplication, text: str, dp_wide: int, broken: list[str]
) -> None:
    """Design ui.md, “Always say where we are”: a name is not torn inside its bracket, and never takes a line more for it."""
    assert lines(lay_out(text, 20, False, dp_wide, 1.3, True, 2, 20)) == broken


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (f"{DRAINS}(含分期建设项目)", ["城镇污水排入排水管网许可证核发及", "排水户内部排水设施变更备案(含分期建设项目)"]),
        (DRAINS, ["城镇污水排入排水管网许可证", "核发及排水户内部排水设施变更备案"]),
        ("公众聚集场所投入使用、营业前消防安全检查", ["公众聚集场所投入使用、", "营业前消防安全检查"]),
        ("建设工程竣工验收消防备案抽查复验", ["建设工程竣工验收", "消防备案抽查复验"]),
        ("阿卜杜热西提·买买提", ["阿卜杜热西提·", "买买提"]),
        ("劳动能力鉴定费", ["劳动能力", "鉴定费"]),
        ("同样内容的证明材料被要求多次提交", ["同样内容的证明材料", "被要求多次提交"]),
        ("承诺在线收取申报材料实际无法收取", ["承诺在线收取申报材料", "实际无法收取"]),
        ("城镇职工基本医疗保险参保登记", ["城镇职工", "基本医疗保险参保登记"]),
        ("企业职工基本养老保险关系转移接续", ["企业职工基本养老保险", "关系转移接续"]),
        ("最低生活保障对象认定、保障金给付", ["最低生活保障对象认定、", "保障金给付"]),
        ("内地居民往来港澳通行证签发", ["内地居民", "往来港澳通行证签发"]),
        ("民办非企业单位成立登记", ["民办非企业单位", "成立登记"]),
        ("公共场所卫生许可证延续", ["公共场所", "卫生许可证延续"]),
        ("道路货物运输经营许可", ["道路货物运输", "经营许可"]),
        ("居民身份证换领", ["居民身份证", "换领"]),
        ("失业保险金申领", ["失业保险金", "申领"]),
    ],
)
def test_a_name_in_two_lines_parts_between_its_words(qapp: QApplication, text: str, whole: list[str]) -> None:
    """Design ui.md, “Always say where we are”. Where no word is known to end, the lines are of like length."""
    widest = max(QFontMetricsF(font(20, False)).horizontalAdvance(line) for line in whole)
    assert lines(lay_out(text, 20, False, round(widest) + 1, 1.3, True, 2, 20)) == whole


def test_a_name_gets_smaller_before_a_word_is_torn_where_it_may(qapp: QApplication) -> None:
    room = round(QFontMetricsF(font(18, True)).horizontalAdvance("排水户内部排水设施变更备案(含分期建设项目)")) + 1
    torn = lay_out(f"{DRAINS}(含分期建设项目)", 20, True, room, 1.3, True, 2, 20)
    assert not any(line.endswith("及") for line in lines(torn))
    whole = lay_out(f"{DRAINS}(含分期建设项目)", 20, True, room, 1.3, True, 2, 15)
    assert lines(whole)[0].endswith("及") and whole.font.pixelSize() == 18


def test_a_hint_is_a_break_only_where_one_is_needed(qapp: QApplication) -> None:
    text = f"非常{BREAK}不满意"
    assert lines(lay_out(text, 20, False, 200, 1.3, False, 2, 20)) == ["非常不满意"]
    assert lines(lay_out(text, 20, False, 90, 1.3, False, 2, 20)) == ["非常", "不满意"]


def test_sizes_step_down_before_words_are_left_out(qapp: QApplication) -> None:
    text = "城镇污水排入排水管网许可证核发"
    shrunk = lay_out(text, 34, True, 430, 1.3, False, 1, 24)
    assert not shrunk.elided
    assert 24 <= shrunk.font.pixelSize() < 34
    cut = lay_out(text, 34, True, 200, 1.3, False, 1, 24)
    assert cut.elided
    assert cut.width <= 201
    assert lines(cut)[0].endswith("…")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("综合受理岗 · 政务服务专员", ["综合受理岗", "政务服务专员"]),
        (f"承办 王慧敏 ·{BREAK} 工号 0823", ["承办 王慧敏", "工号 0823"]),
        ("阿卜杜热西提·买买提", ["阿卜杜热西", "提·买买提"]),
    ],
)
def test_a_dot_between_two_facts_stands_at_no_end_of_a_line(qapp: QApplication, text: str, broken: list[str]) -> None:
    """Issue 5, “Done when”: it parts what stands on one line. A dot within a name stays."""
    metrics = QFontMetricsF(font(20, False))
    width = round(max(metrics.horizontalAdvance(line) for line in broken)) + 2
    assert lines(lay_out(text, 20, False, width + 20, 1.3, True, 9, 20)) == broken
    assert lines(lay_out(text, 20, False, 2000, 1.3, False, 9, 20)) == [text.replace(BREAK, "")]
