"""The five regions' rules, clause by clause. What is expected here is written by hand from the regions' table, and cites it."""

from datetime import date
from typing import Any

import pytest

from terminal_app.domain.platform_policy import (
    DefaultRating,
    Duty,
    DutyName,
    Findings,
    MonthlyReport,
    PlatformPolicy,
)
from terminal_app.domain.policy import After, BatchRule, ChainRule, Once, Page, RatingPoint, RegionPolicy, Situation
from terminal_app.domain.rating import Level
from terminal_app.domain.terms import ClockStart, Counting, DayEnd, Term, Unit
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document

REGIONS = ("zhejiang", "xian-huyi", "guangdong", "jiangsu", "taian")


def document(region: str) -> dict[str, Any]:
    return policy_document(load_pack(region))


def window(region: str) -> RegionPolicy:
    return RegionPolicy.from_document(document(region))


def platform(region: str) -> PlatformPolicy:
    return PlatformPolicy.from_document(document(region))


def within(count: int, unit: Unit) -> Term:
    return Term(count, unit, Counting.WITHIN, DayEnd.OFFICE_HOURS)


AT_ONCE = within(0, Unit.IMMEDIATELY)
BODY, PERSON, HOTLINE = ("body",), ("named_person",), ("hotline_12345",)
GIVEN, RECTIFIED, TOLD, FILED = ClockStart.RATING_RECEIVED, ClockStart.RECTIFIED, ClockStart.STAFF_TOLD, ClockStart.APPEAL_FILED


# --- common ground --------------------------------------------------------------------------------------------------

SAYS_LEVELS = {"xian-huyi": "四(二)", "guangdong": "第七条", "jiangsu": "三(七)", "taian": "二(三)"}


@pytest.mark.parametrize("region", REGIONS)
def test_five_levels_by_these_names(region: str) -> None:
    """xian-huyi 四(二); guangdong 第七条; jiangsu 三(七); taian 二(三); zhejiang names none."""
    levels = load_pack(region).rules["levels"]
    assert levels.value == ["非常不满意", "不满意", "基本满意", "满意", "非常满意"]
    assert levels.source == (f"{region} {SAYS_LEVELS[region]}" if region in SAYS_LEVELS else "common ground")


@pytest.mark.parametrize(
    ("region", "source"),
    [
        ("xian-huyi", "xian-huyi 四(二)"),
        ("taian", "taian 二(三)"),
        *((region, "product default") for region in ("zhejiang", "guangdong", "jiangsu")),
    ],
)
def test_two_levels_are_bad(region: str, source: str) -> None:
    """taian 二(三): three stars and more are good; xian-huyi 四(二): the last two are bad. The others do not say."""
    assert [window(region).is_bad(level) for level in sorted(Level)] == [True, True, False, False, False]
    assert document(region)["sources"]["bad_at_most"] == source


@pytest.mark.parametrize("region", REGIONS)
def test_no_list_of_reasons_is_cited_as_a_regions_annex(region: str) -> None:
    """Common ground: the lists themselves are not at hand; the list in national use is never cited as an annex."""
    policy = window(region)
    assert (policy.catalogue_id, policy.catalogue_version) == ("reasons-2020", "1")
    assert document(region)["sources"]["catalogue"] == "product default"


@pytest.mark.parametrize("region", REGIONS)
def test_nobody_is_made_to_give_a_reason_and_good_ratings_are_not_followed_by_questions(region: str) -> None:
    """taian 二(三) for taian; the others do not say, and the product does the same. No region needs a reason."""
    policy = window(region)
    assert (policy.reasons_required, policy.reasons_after_good, policy.reasons_after_bad) == (False, False, True)
    for rule in ("reasons_after_good", "reasons_after_bad"):
        assert document(region)["sources"][rule] == ("taian 二(三)" if region == "taian" else "product default")


# --- the table, row by row -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "page", "source"),
    [
        ("zhejiang", Page.NATIVE, "product default"),
        ("xian-huyi", Page.PLATFORM, "xian-huyi 四(三), 四(四)1"),
        ("guangdong", Page.NATIVE, "product default"),
        ("jiangsu", Page.PLATFORM, "jiangsu 三(五)"),
        ("taian", Page.NATIVE, "product default"),
    ],
)
def test_whose_rating_page(region: str, page: Page, source: str) -> None:
    assert (window(region).page, document(region)["sources"]["page"]) == (page, source)


@pytest.mark.parametrize(
    ("region", "what", "clause"),
    [
        ("zhejiang", ["all_steps"], "二(二)"),
        ("xian-huyi", ["all_matters"], "四(一)"),
        ("guangdong", ["listed_matters"], "第三条"),
        ("jiangsu", ["setting_up", "online_launch", "case_service", "licence_sharing", "result_delivery"], "三(六)"),
        ("taian", ["services", "windows", "staff"], "二(一)"),
    ],
)
def test_what_can_be_rated(region: str, what: list[str], clause: str) -> None:
    assert platform(region).declared["rateable"] == what
    assert document(region)["sources"]["rateable"] == f"{region} {clause}"


CASE, SERVICE = Once.PER_CASE, Once.PER_SERVICE


@pytest.mark.parametrize(
    ("region", "online", "self_service", "on_the_spot", "in_visits", "source"),
    [
        # taian 二(四)1: wholly online, self-service, 即办件 on the spot: once, after completion; else after each visit.
        (
            "taian",
            (CASE, After.COMPLETION),
            (CASE, After.COMPLETION),
            (CASE, After.COMPLETION),
            (SERVICE, After.SERVICE),
            "taian 二(四)1",
        ),
        # xian-huyi 四(四): 一次一评 at the window and self-service, 一事一评 online.
        ("xian-huyi", (CASE, After.SERVICE), *[(SERVICE, After.SERVICE)] * 3, "xian-huyi 四(四)"),
        # guangdong 第八条: once per service.
        ("guangdong", *[(SERVICE, After.SERVICE)] * 4, "guangdong 第八条"),
        # zhejiang and jiangsu do not say: one service is one chance.
        ("zhejiang", *[(SERVICE, After.SERVICE)] * 4, "common ground"),
        ("jiangsu", *[(SERVICE, After.SERVICE)] * 4, "common ground"),
    ],
)
def test_how_often(region: str, online: Any, self_service: Any, on_the_spot: Any, in_visits: Any, source: str) -> None:
    assert window(region).rating_points == {
        Situation.ONLINE: RatingPoint(*online),
        Situation.SELF_SERVICE: RatingPoint(*self_service),
        Situation.ON_THE_SPOT: RatingPoint(*on_the_spot),
        Situation.IN_VISITS: RatingPoint(*in_visits),
    }
    assert document(region)["sources"]["rating_points"] == source


@pytest.mark.parametrize("region", REGIONS)
def test_a_batch_gets_one_rating(region: str) -> None:
    """taian 二(四)2: two or more cases of one matter in one submission: one rating, applied to all. The others do not say."""
    assert window(region).batch == BatchRule(at_least=2, same_matter=True)
    assert document(region)["sources"]["batch"] == ("taian 二(四)2" if region == "taian" else "product default")


@pytest.mark.parametrize("region", REGIONS)
def test_a_chain_is_rated_overall_or_a_single_one_alone(region: str) -> None:
    """taian 二(四)3: after completion. The others do not say; in jiangsu 二(三) “一件事” is a topic of analysis only."""
    after = After.COMPLETION if region == "taian" else After.SERVICE
    assert window(region).chain == ChainRule(overall=True, single=True, after=after)
    assert document(region)["sources"]["chain"] == ("taian 二(四)3" if region == "taian" else "product default")
    assert ("one_thing_topic" in platform(region).declared["analysis"]) == (region == "jiangsu")


@pytest.mark.parametrize("region", REGIONS)
def test_one_follow_up_rating_after_rectification(region: str) -> None:
    """zhejiang 三(三); the others have none."""
    expected = 1 if region == "zhejiang" else 0
    assert (window(region).follow_ups, platform(region).follow_ups) == (expected, expected)


def test_nobody_rated_in_guangdong() -> None:
    """guangdong 第七条: 7 calendar days after receiving the service → 3."""
    assert platform("guangdong").default_rating == DefaultRating(
        Level.FAIRLY_SATISFIED,
        ClockStart.SERVICE_RECEIVED,
        Term(7, Unit.CALENDAR_DAYS, Counting.AFTER, DayEnd.MIDNIGHT),
        reminder=None,
    )


def test_nobody_rated_in_taian() -> None:
    """taian 二(四)4: finished; SMS when 1 working day passed; more than 4 working days since the reminder → 4."""
    assert platform("taian").default_rating == DefaultRating(
        Level.SATISFIED,
        ClockStart.CASE_FINISHED,
        Term(4, Unit.WORKING_DAYS, Counting.MORE_THAN, DayEnd.MIDNIGHT),
        reminder=Term(1, Unit.WORKING_DAYS, Counting.AFTER, DayEnd.MIDNIGHT),
    )


@pytest.mark.parametrize("region", ["zhejiang", "xian-huyi", "jiangsu"])
def test_nobody_rated_elsewhere(region: str) -> None:
    """No default where the document names none; product rule 1."""
    assert platform(region).default_rating is None
    assert document(region)["sources"]["default_rating"] == "product rule 1"


@pytest.mark.parametrize(
    ("region", "name", "duty", "clause"),
    [
        # First contact.
        ("zhejiang", DutyName.CONTACT, Duty(BODY, GIVEN, within(0, Unit.SAME_DAY)), "三(二)"),
        ("zhejiang", DutyName.CALL_BACK, Duty(BODY, GIVEN, within(1, Unit.WORKING_DAYS)), "三(二)"),
        ("xian-huyi", DutyName.CONTACT, Duty(PERSON, GIVEN, AT_ONCE), "四(六)"),
        ("guangdong", DutyName.CONTACT, Duty((*HOTLINE, *BODY), GIVEN), "第五条, 第十三条"),
        ("jiangsu", DutyName.CONTACT, Duty(HOTLINE, GIVEN), "三(九), 五(十三), 五(十五)"),
        ("taian", DutyName.CONTACT, Duty(PERSON, GIVEN, AT_ONCE), "二(五)1"),
        # Rectification, and its result.
        ("zhejiang", DutyName.RECTIFICATION, Duty(BODY, GIVEN, overdue="warning"), "三(三)"),
        ("zhejiang", DutyName.RESULT_TOLD, Duty(BODY, GIVEN, within(15, Unit.WORKING_DAYS)), "三(三)"),
        ("xian-huyi", DutyName.RECTIFICATION, Duty(BODY, GIVEN, within(5, Unit.WORKING_DAYS), True, True), "四(六)"),
        ("xian-huyi", DutyName.RESULT_TOLD, Duty(BODY, RECTIFIED), "四(六)"),
        ("guangdong", DutyName.RECTIFICATION, Duty(BODY, GIVEN), "第十三条"),
        ("jiangsu", DutyName.RECTIFICATION, Duty(("departments_and_cities",), GIVEN), "五(十三), 五(十四), 五(十五)"),
        ("taian", DutyName.RECTIFICATION, Duty(BODY, GIVEN, overdue="interview"), "二(五)2"),
        # Return visit.
        ("zhejiang", DutyName.RETURN_VISIT, Duty(HOTLINE, RECTIFIED), "三(二)"),
        ("xian-huyi", DutyName.RETURN_VISIT, Duty((*PERSON, "sms"), RECTIFIED), "四(七)"),
        ("jiangsu", DutyName.RETURN_VISIT, Duty(HOTLINE, RECTIFIED), "三(九)"),
        ("taian", DutyName.RETURN_VISIT, Duty(BODY, RECTIFIED, within(5, Unit.WORKING_DAYS)), "二(五)2"),
        # Appeal by staff.
        ("zhejiang", DutyName.APPEAL, Duty(HOTLINE, TOLD), "三(二)"),
        (
            "guangdong",
            DutyName.APPEAL,
            Duty(("own_body_to_same_level_authority", "county_authority_below_county"), TOLD),
            "第十四条",
        ),
        ("taian", DutyName.APPEAL, Duty(("managing_body",), TOLD, within(3, Unit.WORKING_DAYS)), "二(五)3"),
        ("taian", DutyName.APPEAL_DECISION, Duty(("managing_body",), FILED, within(3, Unit.WORKING_DAYS)), "二(五)3"),
    ],
)
def test_duties(region: str, name: DutyName, duty: Duty, clause: str) -> None:
    assert platform(region).duties[name] == duty
    assert document(region)["sources"][name] == f"{region} {clause}"


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("zhejiang", {"contact", "call_back_arranged", "rectification", "result_told", "return_visit", "appeal"}),
        ("xian-huyi", {"contact", "rectification", "result_told", "return_visit"}),
        ("guangdong", {"contact", "rectification", "appeal"}),
        ("jiangsu", {"contact", "rectification", "return_visit"}),
        ("taian", {"contact", "rectification", "return_visit", "appeal", "appeal_decision"}),
    ],
)
def test_no_duty_beyond_the_table(region: str, names: set[str]) -> None:
    assert set(platform(region).duties) == names


@pytest.mark.parametrize(
    ("region", "findings", "source"),
    [
        ("zhejiang", Findings(), "product default"),
        ("xian-huyi", Findings(counted=False, reported_upward=True), "xian-huyi 四(六)"),
        ("guangdong", Findings(counted=False), "guangdong 第十四条"),
        ("jiangsu", Findings(), "jiangsu 二(二)"),
        ("taian", Findings(counted=False, confirmed_by="managing_body", credit_record=True), "taian 二(五)3"),
    ],
)
def test_mistaken_and_malicious_ratings(region: str, findings: Findings, source: str) -> None:
    assert platform(region).findings == findings
    assert document(region)["sources"]["findings"] == source


@pytest.mark.parametrize("region", REGIONS)
def test_real_name(region: str) -> None:
    """guangdong 第十一条."""
    assert window(region).real_name == (region == "guangdong")


@pytest.mark.parametrize(
    ("region", "paper", "source"),
    [
        ("zhejiang", None, "product default"),
        ("xian-huyi", ("two_persons", "monthly"), "xian-huyi 四(四)1"),
        ("guangdong", None, "product default"),
        ("jiangsu", None, "product default"),
        ("taian", ("two_persons", "coverage_and_satisfaction"), "taian 二(二)1, 三(一)"),
    ],
)
def test_no_connection(region: str, paper: tuple[str, str] | None, source: str) -> None:
    """The documents name paper; that two persons enter it, and the words on it, are ours."""
    found = platform(region).paper
    assert ((found.entry, found.figures) if found else None) == paper
    assert document(region)["sources"]["paper"] == source
    assert found is None or [{*texts} for texts in (found.title, found.note)] == [{"zh-CN", "en"}] * 2


def test_monthly_report() -> None:
    """xian-huyi 五(一): every unit, the current month's data, before the 30th. Nobody else has one."""
    report = platform("xian-huyi").report
    assert report == MonthlyReport(30, "last_day", "so_far_then_whole")
    assert [platform(region).report for region in REGIONS if region != "xian-huyi"] == [None] * 4
    assert report.due(2026, 10) == date(2026, 10, 29)
    assert report.due(2027, 2) == date(2027, 2, 28)
    assert report.due(2028, 2) == date(2028, 2, 29)
    assert MonthlyReport(30, "day_before", "so_far").due(2027, 2) == date(2027, 2, 27)


@pytest.mark.parametrize(
    ("region", "rule", "value", "source"),
    [
        ("xian-huyi", "qr", ["window"], "xian-huyi 四(四)1"),
        ("guangdong", "qr", ["window"], "guangdong 第十条"),
        ("jiangsu", "qr", ["managed"], "jiangsu 二(二)"),
        ("taian", "qr", ["window", "explanation", "receipt"], "taian 二(二)1"),
        ("zhejiang", "invitation", ["smart"], "zhejiang 三(一)"),
        ("xian-huyi", "invitation", ["guided"], "xian-huyi 四(四)2"),
        ("guangdong", "invitation", ["online_prompt", "hotline_voice_or_sms"], "guangdong 第九条, 第十条"),
        ("jiangsu", "invitation", ["return_call"], "jiangsu 二(一)"),
        ("taian", "invitation", ["receipt", "sms_when_finished", "reminder"], "taian 二(二)1, 二(二)4, 二(四)4"),
        ("zhejiang", "channels", ["sms", "hotline_12345", "apps", "self_service"], "zhejiang 二(一)"),
        ("xian-huyi", "channels", ["sms"], "xian-huyi 三"),
        ("guangdong", "channels", ["hotline_12345", "self_service"], "guangdong 第八条, 第十条"),
        ("jiangsu", "channels", ["sms", "hotline_12345"], "jiangsu 二(一), 三(九)"),
        (
            "taian",
            "channels",
            ["sms", "apps", "telephone_sample", "hotline_12345", "letters", "opinion_book"],
            "taian 二(二)4, 二(二)5, 二(二)6",
        ),
        ("guangdong", "misconduct", "competent_authority", "guangdong 第十八条"),
        ("taian", "misconduct", "competent_authority", "taian 三(三)"),
        ("taian", "gaming", "investigated", "taian 三(三)"),
        ("zhejiang", "publication", "real_time", "zhejiang 二(四)"),
        ("guangdong", "publication", "regular", "guangdong 第十五条"),
        ("jiangsu", "publication", "unspecified", "jiangsu 五(十三)"),
        ("taian", "publication", "regular", "taian 三(二)"),
        ("zhejiang", "upstream", {"to": ["national_platform"], "data_back": False}, "zhejiang 二(三)"),
        ("xian-huyi", "upstream", {"to": ["city_system"], "data_back": False}, "xian-huyi 四(三)"),
        ("guangdong", "upstream", {"to": ["province_system"], "data_back": True}, "guangdong 第十二条"),
        ("jiangsu", "upstream", {"to": ["national_platform"], "data_back": True}, "jiangsu 二(四)"),
        ("taian", "upstream", {"to": ["province_system"], "data_back": False}, "taian 二(二)2"),
        ("zhejiang", "analysis", ["problems_and_typical_cases", "summaries"], "zhejiang 二(四), 四(二)"),
        ("xian-huyi", "analysis", ["summaries", "clusters"], "xian-huyi 四(五), 五(四)"),
        ("guangdong", "analysis", ["low_ranked_staff"], "guangdong 第十七条"),
        ("jiangsu", "analysis", ["clusters", "portraits", "one_thing_topic"], "jiangsu 二(三)"),
        (
            "taian",
            "analysis",
            ["difficulty_and_volume", "bad_ratings_classified", "low_ranked_staff"],
            "taian 三(二), 三(三)",
        ),
    ],
)
def test_what_later_work_acts_on_is_declared(region: str, rule: str, value: Any, source: str) -> None:
    assert platform(region).declared[rule] == value
    assert document(region)["sources"][rule] == source


@pytest.mark.parametrize(
    ("region", "title", "dated", "since", "until"),
    [
        ("zhejiang", "浙政办函〔2019〕65号", "2019-10-08", date(2019, 10, 8), None),
        ("xian-huyi", "鄠邑区政务服务“好差评”制度建设实施方案", "2020-07-09", date(2020, 7, 9), None),
        ("guangdong", "粤办函〔2019〕274号", "2019-08-09", date(2019, 8, 16), date(2020, 2, 15)),
        ("jiangsu", "省平台实施方案通知", "2019-09-09", date(2019, 9, 9), None),
        ("taian", "泰政办发〔2020〕5号", "2020-07-24", date(2020, 7, 24), None),
    ],
)
def test_documents_and_their_time(region: str, title: str, dated: str, since: date, until: date | None) -> None:
    """The list of documents; guangdong 第二十一条: on trial for half a year from 2019-08-16."""
    assert load_pack(region).document == {"title": title, "dated": dated}
    policy = platform(region)
    assert (policy.valid_from, policy.valid_to) == (since, until)


def test_who_succeeds_the_guangdong_document_is_not_verified() -> None:
    """Beyond the five documents: said to be 粤办函〔2020〕21号."""
    assert platform("guangdong").superseded_by == "粤办函〔2020〕21号 (said to be; not verified)"


# --- the thanks screen ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "promised"),
    [
        ("zhejiang", [("三(二)", "当日回访"), ("三(三)", "15个工作日内按原渠道告知"), ("三(三)", "追评一次")]),
        ("xian-huyi", [("四(六)", "立即由专人回访核实"), ("四(六)", "5个工作日内整改")]),
        ("guangdong", [("第十三条", "责任单位回应并整改")]),
        ("jiangsu", [("三(九)", "12345督办差评并回访")]),
        ("taian", [("二(五)1", "专人负责、即时响应"), ("二(五)2", "5个工作日内回访")]),
    ],
)
def test_only_what_the_document_says_is_promised(region: str, promised: list[tuple[str, str]]) -> None:
    found = window(region).after_bad
    assert [promise.source for promise in found] == [f"{region} {clause}" for clause, _ in promised]
    assert all(text in promise.texts["zh-CN"] for promise, (_, text) in zip(found, promised, strict=True))
    assert not any("202" in text for promise in found for text in promise.texts.values())
