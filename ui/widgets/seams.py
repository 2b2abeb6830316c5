"""Where a long Chinese name may part, so that no word is torn: Chinese has no blanks, and Qt parts it after any character.

The name of a matter is a row of words for what is done (登记, 备案, 许可证核发) and what it is done with. It parts where a
bracket opens or closes, after 、 and the dot in a person's name, after a word that is known here and after a conjunction.
Knows no widths but those it is told.
"""

import re
from collections.abc import Callable
from itertools import combinations, pairwise

_GOES_ON = "证书表单费金卡材人者员权项物地点日期号码类及与和或、）)"
"""What belongs to the word before it."""
_DONE = (
    "(?:许可证?|登记证?|资格证|备案|核发|换发|补发|核准|审批|审核|审查|审定|验收|检查|检验|检测|确认|认定|鉴定|设立|变更|注销|延续|撤销"
    "|办理|申请|申报|缴纳|提取|补贴|补助|津贴|转移|接续|公示|告知|承诺|设置|使用|安装|改造|建设|竣工|查询|信息|材料)"
    f"(?![{_GOES_ON}])(?=.)"
)
"""A word for what is done."""
_THING = (
    "(?:居民(?!身份)|职工|企业|单位|机构|人员|护士|教师|房屋|场所|设备|工程|用地|用品|化学品|食品|药品|出版物|货物(?!运输)|运输|车辆"
    "|保险金?|公积金|保障卡|津贴|发票|收入|身份证|驾驶证|通行证|护照|资格|业务|交易|演出|迁移|投靠|就医|执业|参保)"
    f"(?![{_GOES_ON}])(?=..)"
)
"""A word for whom or what it is done with."""
_MARK = r"(?<=[\u2e80-\uffff])(?=[（(])|(?<=[）)、])(?=.)|(?<=\w·)(?=\w)|(?<=[及与或])(?=..)"
_SHORTEST = 0.4
"""Of the longest line: a shorter one would be a lonely word."""
_LINES_MOST = 3


def seams(text: str) -> list[int]:
    """The places, in characters from the beginning, where the text may part."""
    words = (found.end() for kind in (_DONE, _THING) for found in re.finditer(kind, text))
    return sorted({found.start() for found in re.finditer(_MARK, text)} | set(words))


def parted(text: str, count: int, width_of: Callable[[str], float], most: float) -> list[str]:
    """`count` lines, none wider than `most`, that part at seams; none at all where that cannot be.

    Two lines part where the last bracket opens if they can. Else the narrowest are taken, none much shorter than another.
    """
    found: list[tuple[bool, float, list[str]]] = []
    for places in combinations(seams(text), count - 1) if 1 < count <= _LINES_MOST else ():
        lines = [text[begin:end].strip() for begin, end in pairwise((0, *places, len(text)))]
        widths = [width_of(line) for line in lines]
        even = min(widths) >= _SHORTEST * max(widths)
        bracket = count == 2 and lines[-1][:1] in ("（", "(")
        if max(widths) <= most and (bracket or even):
            found.append((not bracket, max(widths), lines))
    return min(found)[2] if found else []
