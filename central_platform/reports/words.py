"""The words of a report in Chinese and English."""

WORDS = {
    "zh-CN": {
        "title": "{region} 政务服务评价月报",
        "month": "{month}",
        "so_far": "截至 {until}（北京时间），本月未结束",
        "whole": "全月数据",
        "due": "应于 {due} 前（含当日）报送，依据 {source}",
        "rules": "规则 {region} {policy}；{bad} 级及以下为差评；按评价时间归月",
        "unseen": "其中 {count} 份评价平台尚未核对是否重复，暂按有效计入",
        "apart": "评价人作出的评价、纸质评价、其他渠道评价和默认评价分别统计，不相加。满意率为合计中非差评的比例。",
        "columns": (
            *("单位或渠道", "非常满意", "满意", "基本满意", "不满意", "非常不满意", "合计", "满意率", "差评", "已整改"),
            *("办件", "追评", "重复评价", "认定不计入"),
        ),
        "terminal": "窗口终端评价（评价人作出）",
        "paper": "纸质评价（单列）",
        "other": "其他渠道评价（单列）",
        "default": "默认评价（单列，无人评价时由平台记入，不是评价人作出）",
        "total": "合计",
        "unlinked": "{name}（未关联，不入合计）",
        "nobody": "默认评价",
        "channels": {
            "phone": "电话", "sms": "短信", "hotline_12345": "12345热线", "app": "手机应用", "self_service": "自助终端",
            "window_qr": "窗口二维码", "paper": "纸质",
        },
        "page": "第 {page} 页",
    },
    "en": {
        "title": "Monthly report of ratings, {region}",
        "month": "{month}",
        "so_far": "As of {until} (China), the month is not over",
        "whole": "The whole month",
        "due": "To be handed in by {due} at the latest ({source})",
        "rules": "Rules {region} {policy}; level {bad} and below are bad; by the time of the rating",
        "unseen": "{count} of the ratings have not been checked for being second ones yet, and count as given",
        "apart": "Ratings given at terminals, on paper, by other channels, and defaults are counted apart and never added up. "
        "Satisfied: the share of ratings in the total that are not bad.",
        "columns": (
            *("Hall or channel", "Very good", "Good", "Fair", "Poor", "Very poor", "Total", "Satisfied", "Bad", "Put right"),
            *("Cases", "Follow-ups", "Repeated", "Not counted"),
        ),
        "terminal": "Given at windows",
        "paper": "On paper, apart",
        "other": "By other channels, apart",
        "default": "Defaults, apart: entered by the platform where nobody rated, given by nobody",
        "total": "Total",
        "unlinked": "{name} (no case, in no total)",
        "nobody": "Defaults",
        "channels": {
            "phone": "telephone", "sms": "SMS", "hotline_12345": "hotline 12345", "app": "app", "self_service": "self-service",
            "window_qr": "QR at the window", "paper": "paper",
        },
        "page": "Page {page}",
    },
}  # fmt: skip
