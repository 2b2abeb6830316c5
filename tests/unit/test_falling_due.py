"""When reminders, default ratings and duties fall due, region by region. Expected by hand from the regions' table.

In 2026 the days from 1 to 7 October are off, and Saturday the 10th is a working day.
"""

import pytest
from support.docket import law, local, ms

from central_platform.rules.duties import duties_of
from central_platform.rules.falling_due import falling_due
from central_platform.rules.known_case import KnownCase, Service
from terminal_app.domain.policy import Situation
from terminal_app.regions.working_days import shipped_calendar

CALENDAR = shipped_calendar()
FIRST, SECOND = Service("1", ms("2026-10-01 09:00"), "2026-10-01"), Service("2", ms("2026-10-09 09:00"), "2026-10-09")


def case(finished: str | None, *services: Service, situation: Situation = Situation.IN_VISITS) -> KnownCase:
    return KnownCase(None, situation, ms(finished) if finished else None, services)


def due(
    region: str, known: KnownCase | None, rated: frozenset[str] = frozenset(), reminded: dict[str, int] | None = None
) -> list[tuple[str, int | None, str, bool]]:
    found = falling_due(known, law(region), CALENDAR, rated, reminded or {})
    return [(one.unit, one.level, local(one.moment), one.provisional) for one in found]


@pytest.mark.parametrize(
    ("known", "rated", "expected"),
    [
        # each service by itself; seven whole calendar days, holidays or not
        (
            case(None, FIRST, SECOND),
            (),
            [("visit 1", 3, "2026-10-09 00:00", False), ("visit 2", 3, "2026-10-17 00:00", False)],
        ),
        (case(None, FIRST, SECOND), ("visit 2",), [("visit 1", 3, "2026-10-09 00:00", False)]),
        # finished or not is not asked
        (case("2026-10-09 15:00", FIRST), (), [("visit 1", 3, "2026-10-09 00:00", False)]),
        # no service was received, as far as is known
        (case("2026-10-09 15:00"), (), []),
        (None, (), []),
    ],
)
def test_guangdong_7(known: KnownCase | None, rated: tuple[str, ...], expected: list[object]) -> None:
    """guangdong 第七条: 7 calendar days after receiving the service → 3."""
    assert due("guangdong", known, frozenset(rated)) == expected


@pytest.mark.parametrize(
    ("known", "rated", "reminded", "expected"),
    [
        # one whole working day after Friday the 9th: Saturday the 10th is one
        (case("2026-10-09 10:00", SECOND), (), None, [("case", None, "2026-10-11 00:00", False)]),
        # more than four working days since the reminder: the 12th to the 16th are five
        (case("2026-10-09 10:00", SECOND), (), "2026-10-11 00:05", [("case", 4, "2026-10-17 00:00", False)]),
        # a reminder that went out late gives the citizen the same time
        (case("2026-10-09 10:00", SECOND), (), "2026-10-14 12:00", [("case", 4, "2026-10-22 00:00", False)]),
        # any rating of the case, of whichever visit
        (case("2026-10-09 10:00", SECOND), ("visit 1",), None, []),
        # an unfinished case gets none
        (case(None, FIRST, SECOND), (), None, []),
        (None, (), None, []),
        # the holidays of 2027 are not known: 暂定
        (case("2026-12-31 10:00"), (), None, [("case", None, "2027-01-02 00:00", True)]),
    ],
)
def test_taian_2_4_4(known: KnownCase | None, rated: tuple[str, ...], reminded: str | None, expected: list[object]) -> None:
    """taian 二(四)4: finished cases only; an SMS when 1 working day passed, 4 when more than 4 passed since then."""
    assert due("taian", known, frozenset(rated), {"case": ms(reminded)} if reminded else None) == expected


@pytest.mark.parametrize("region", ["zhejiang", "xian-huyi", "jiangsu"])
def test_other_regions_have_no_default(region: str) -> None:
    """zhejiang, xian-huyi, jiangsu: nothing is laid down; product rule 1."""
    assert due(region, case("2026-10-09 10:00", FIRST, SECOND)) == []


RECEIVED = "2026-10-09 10:00"
STEPS = {"rectification": "2026-10-12 11:00", "staff_told": "2026-10-12 09:00", "appeal": "2026-10-14 09:00"}


@pytest.mark.parametrize(
    ("region", "duty", "deadline", "clause"),
    [
        ("zhejiang", "contact", "2026-10-09 17:30", "zhejiang 三(二)"),
        ("zhejiang", "call_back_arranged", "2026-10-10 17:30", "zhejiang 三(二)"),
        ("zhejiang", "rectification", None, "zhejiang 三(三)"),
        ("zhejiang", "result_told", "2026-10-29 17:30", "zhejiang 三(三)"),
        ("zhejiang", "return_visit", None, "zhejiang 三(二)"),
        ("zhejiang", "appeal", None, "zhejiang 三(二)"),
        ("xian-huyi", "contact", RECEIVED, "xian-huyi 四(六)"),
        ("xian-huyi", "rectification", "2026-10-15 17:30", "xian-huyi 四(六)"),
        ("xian-huyi", "result_told", None, "xian-huyi 四(六)"),
        ("xian-huyi", "return_visit", None, "xian-huyi 四(七)"),
        ("guangdong", "contact", None, "guangdong 第五条, 第十三条"),
        ("guangdong", "rectification", None, "guangdong 第十三条"),
        ("guangdong", "appeal", None, "guangdong 第十四条"),
        ("jiangsu", "contact", None, "jiangsu 三(九), 五(十三), 五(十五)"),
        ("jiangsu", "return_visit", None, "jiangsu 三(九)"),
        ("taian", "contact", RECEIVED, "taian 二(五)1"),
        ("taian", "rectification", None, "taian 二(五)2"),
        ("taian", "return_visit", "2026-10-19 17:30", "taian 二(五)2"),
        ("taian", "appeal", "2026-10-15 17:30", "taian 二(五)3"),
        ("taian", "appeal_decision", "2026-10-19 17:30", "taian 二(五)3"),
    ],
)
def test_what_is_owed_after_a_bad_rating(region: str, duty: str, deadline: str | None, clause: str) -> None:
    """Rating received on Friday the 9th; put right, told and appealed against on the 12th and 14th."""
    owed = duties_of(law(region), ms(RECEIVED), {name: ms(at) for name, at in STEPS.items()}, CALENDAR)
    (one,) = [one for one in owed if one.name == duty]
    assert (local(one.deadline) if one.deadline else None, one.source, one.provisional) == (deadline, clause, False)


def test_what_has_not_started_has_no_deadline_and_is_not_open() -> None:
    """taian 二(五)2, 二(五)3: from the rectification on, from when staff were told, from the appeal."""
    owed = {one.name: one for one in duties_of(law("taian"), ms(RECEIVED), {}, CALENDAR)}
    assert [name for name, one in owed.items() if one.is_open] == ["contact", "rectification"]
    assert {one.deadline for name, one in owed.items() if name not in {"contact"}} == {None}


@pytest.mark.parametrize(
    ("region", "duty", "steps", "now", "is_open", "overdue"),
    [
        ("zhejiang", "contact", {}, "2026-10-09 17:29", True, False),
        ("zhejiang", "contact", {}, "2026-10-09 17:30", True, True),
        ("zhejiang", "contact", {"contact": "2026-10-09 16:00"}, "2026-10-20 10:00", False, False),
        ("zhejiang", "contact", {"contact": "2026-10-10 16:00"}, "2026-10-20 10:00", False, True),
        # at once is due, never late
        ("taian", "contact", {}, "2026-10-20 10:00", True, False),
        # an appeal is a right: not making one is not late
        ("taian", "appeal", {"staff_told": "2026-10-12 09:00"}, "2026-10-30 10:00", False, False),
    ],
)
def test_late_or_open(region: str, duty: str, steps: dict[str, str], now: str, is_open: bool, overdue: bool) -> None:
    owed = duties_of(law(region), ms(RECEIVED), {name: ms(at) for name, at in steps.items()}, CALENDAR)
    (one,) = [one for one in owed if one.name == duty]
    assert (one.is_open, one.is_overdue(ms(now))) == (is_open, overdue)


def test_a_deadline_in_a_year_that_nobody_told_is_provisional() -> None:
    """Working days: where a year is unknown the deadline is marked 暂定."""
    owed = duties_of(law("xian-huyi"), ms("2026-12-30 10:00"), {}, CALENDAR)
    assert [one.provisional for one in owed if one.name == "rectification"] == [True]
