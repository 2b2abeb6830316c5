"""What stands on every paper form and on its page, in Chinese and English. What a region says of its own is in its pack."""

LEVELS = {
    "zh-CN": ("非常不满意", "不满意", "基本满意", "满意", "非常满意"),
    "en": ("Very poor", "Poor", "Fair", "Good", "Very good"),
}
"""From 1 to 5, as the window words them."""

FORM = {
    "zh-CN": {
        "number": "表号",
        "phone": "或用手机评价",
        "please": "请您评价本次服务。评价自愿、如实，任何人不得强迫、干扰或引导。请只在一个方框内打勾。",
        "case": "办件编号",
        "case_told": "见办件回执，可以不填",
        "day": "填写日期",
        "day_blank": "        年      月      日",
        "reasons": "如果选择了 {levels}，可以勾选原因，也可以不选：",
        "reasons_wanted": "如果选择了 {levels}，请勾选至少一个原因：",
        "or": " 或 ",
        "private": "请不要填写姓名、电话和身份证号。填好后请对折，投入评价箱。",
        "office": "工作人员录入",
        "entered": "第{which}次  工号                 日期                ",
        "which": ("一", "二"),
        "rules": "规则 {policy}　指标 {catalogue}",
    },
    "en": {
        "number": "Form",
        "phone": "or rate by phone",
        "please": "Please rate this service. Rating is voluntary and should be true; nobody may force, disturb or steer it. "
        "Please tick one box only.",
        "case": "Case number",
        "case_told": "on your case receipt; may be left empty",
        "day": "Date",
        "day_blank": "year            month         day",
        "reasons": "If you ticked {levels}, you may tick reasons as well, or none:",
        "reasons_wanted": "If you ticked {levels}, please tick one reason at least:",
        "or": " or ",
        "private": "Please do not write your name, telephone or identity number. Fold the form and put it into the rating box.",
        "office": "Entered by staff",
        "entered": "{which}  staff no.                 date                ",
        "which": ("First", "Second"),
        "rules": "Rules {policy}   reasons {catalogue}",
    },
}

PAGE = {
    "zh-CN": {
        "brand": "好差评 · 纸质评价表",
        "title": "纸质评价表",
        "other_name": "English",
        "headline": "没有这张评价表",
        "line": "请核对表号，共十二位数字。如果是扫码打开的，请向窗口另要一张。",
        "footer": "本页不含个人信息，也不显示任何人的评价。",
    },
    "en": {
        "brand": "Rating on paper",
        "title": "Rating form",
        "other_name": "中文",
        "headline": "There is no such form",
        "line": "Please check its number of twelve digits. If you scanned it, please ask the window for another form.",
        "footer": "This page holds nothing personal and shows nobody's rating.",
    },
}
"""Where the number of an address is no form's."""
