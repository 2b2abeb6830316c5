"""Working days and deadlines: by hand from the regions' clauses and the calendar of 2026, and by an independent count."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terminal_app.domain.terms import Counting, DayEnd, Term, Unit
from terminal_app.domain.working_days import CHINA, Deadline, WorkingCalendar, Year, deadline
from terminal_app.regions.pack import PackError
from terminal_app.regions.working_days import read_years, shipped_calendar, write_years
from tools.working_days import build

CALENDAR = shipped_calendar()
OFFICE_ENDS = 17 * 60 + 30
KNOWN = st.dates(date(2004, 1, 1), date(2026, 10, 31))
MINUTES = st.integers(0, 1439)
EVER = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def over(start: str, term: Term) -> str:
    found = deadline(at(start), term, CALENDAR, OFFICE_ENDS)
    return found.moment.strftime("%Y-%m-%d %H:%M") + (" provisional" if found.provisional else "")


def working(count: int, counting: Counting = Counting.WITHIN, ends: DayEnd = DayEnd.OFFICE_HOURS) -> Term:
    return Term(count, Unit.WORKING_DAYS, counting, ends)


SAME_DAY = Term(0, Unit.SAME_DAY, Counting.WITHIN, DayEnd.OFFICE_HOURS)
AT_ONCE = Term(0, Unit.IMMEDIATELY, Counting.WITHIN, DayEnd.OFFICE_HOURS)


@pytest.mark.parametrize(
    ("clause", "start", "term", "expected"),
    [
        # 2026: 1 to 7 October off, Saturday 10 October at work; 30 September is a Wednesday.
        ("taian 二(四)4, reminder", "2026-09-29 10:00", working(1, Counting.AFTER, DayEnd.MIDNIGHT), "2026-10-01 00:00"),
        ("taian 二(四)4, default", "2026-10-01 09:00", working(4, Counting.MORE_THAN, DayEnd.MIDNIGHT), "2026-10-14 00:00"),
        ("the same, were it after 4", "2026-10-01 09:00", working(4, Counting.AFTER, DayEnd.MIDNIGHT), "2026-10-13 00:00"),
        ("guangdong 第七条", "2026-09-30 16:00", Term(7, Unit.CALENDAR_DAYS, Counting.AFTER), "2026-10-08 00:00"),
        ("guangdong 第七条, into 2027", "2026-12-30 16:00", Term(7, Unit.CALENDAR_DAYS, Counting.AFTER), "2027-01-07 00:00"),
        ("zhejiang 三(二), called back", "2026-09-30 17:29", SAME_DAY, "2026-09-30 17:30"),
        ("zhejiang 三(二), after hours", "2026-09-30 17:31", SAME_DAY, "2026-10-08 17:30"),
        ("zhejiang 三(二), on a holiday", "2026-10-03 11:00", SAME_DAY, "2026-10-08 17:30"),
        ("zhejiang 三(二), on a Saturday at work", "2026-10-10 11:00", SAME_DAY, "2026-10-10 17:30"),
        ("zhejiang 三(二), arranged", "2026-09-30 10:00", working(1), "2026-10-08 17:30"),
        ("zhejiang 三(三), result told", "2026-11-02 10:00", working(15), "2026-11-23 17:30"),
        ("zhejiang 三(三), beyond what is known", "2026-12-11 10:00", working(15), "2027-01-01 17:30 provisional"),
        # 2026: 16 to 20 and 23 February off, Saturday 14 February at work.
        ("xian-huyi 四(六), else 5 working days", "2026-02-13 09:00", working(5), "2026-02-27 17:30"),
        ("xian-huyi 四(六), at once", "2026-02-18 22:10", AT_ONCE, "2026-02-18 22:10"),
        ("taian 二(五)2, return visit", "2026-04-30 15:00", working(5), "2026-05-11 17:30"),
        ("taian 二(五)3, appeal", "2026-11-20 17:00", working(3), "2026-11-25 17:30"),
        ("on the last known day", "2026-12-31 10:00", working(1), "2027-01-01 17:30 provisional"),
        ("the same day, until midnight", "2026-10-03 11:00", Term(0, Unit.SAME_DAY), "2026-10-04 00:00"),
    ],
)
def test_terms_by_hand(clause: str, start: str, term: Term, expected: str) -> None:
    assert over(start, term) == expected, clause


def test_a_start_is_read_in_chinas_time() -> None:
    """2026-11-20 is a Friday; 20:00 UTC is Saturday in China."""
    start = datetime.fromisoformat("2026-11-20T20:00:00+00:00")
    assert deadline(start, SAME_DAY, CALENDAR, OFFICE_ENDS).moment == at("2026-11-23 17:30")


def test_the_shipped_table_is_that_of_the_library_day_by_day() -> None:
    day = date(2004, 1, 1)
    while day < date(2027, 1, 1):
        assert CALENDAR.knows(day)
        assert CALENDAR.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    assert not CALENDAR.knows(date(2003, 12, 31)) and not CALENDAR.knows(date(2027, 1, 1))


def test_the_shipped_table_is_what_the_tool_builds() -> None:
    """`./dev calendar`; a release of the library that knows 2027 shows here."""
    assert read_years(build(), "built") == read_years(write_years(read_years(build(), "built")), "again")
    assert WorkingCalendar.from_document({"years": read_years(build(), "built")}) == CALENDAR


@given(KNOWN, st.integers(1, 40), st.sampled_from([Counting.WITHIN, Counting.AFTER]), st.integers(0, 1439))
def test_working_days_by_an_independent_count(day: date, count: int, counting: Counting, minute: int) -> None:
    """The library lists the working days between two dates; the last one is the day of the deadline."""
    start = at(f"{day} 00:00") + timedelta(minutes=minute)
    found = deadline(start, working(count, counting), CALENDAR, OFFICE_ENDS)
    last = found.moment.date()
    counted = chinese_calendar.get_workdays(day + timedelta(days=1), last)
    assert (len(counted), counted[-1]) == (count, last)
    assert found == Deadline(at(f"{last} 17:30"), provisional=False)


@given(KNOWN, st.integers(0, 30), st.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]), st.sampled_from(DayEnd))
def test_more_than_n_is_after_n_and_one(day: date, count: int, unit: Unit, ends: DayEnd) -> None:
    start = at(f"{day} 10:00")
    more = deadline(start, Term(count, unit, Counting.MORE_THAN, ends), CALENDAR, OFFICE_ENDS)
    assert more == deadline(start, Term(count + 1, unit, Counting.AFTER, ends), CALENDAR, OFFICE_ENDS)
    if count:
        assert more.moment > deadline(start, Term(count, unit, Counting.AFTER, ends), CALENDAR, OFFICE_ENDS).moment


@given(EVER, st.integers(0, 60), st.sampled_from(Unit), st.sampled_from(Counting), st.sampled_from(DayEnd), MINUTES)
def test_a_later_start_is_never_over_earlier_and_no_term_is_over_before_it_starts(
    day: date, count: int, unit: Unit, counting: Counting, ends: DayEnd, minute: int
) -> None:
    term = Term(count, unit, counting, ends)
    start = at(f"{day} 00:00") + timedelta(minutes=minute)
    first, second = (deadline(moment, term, CALENDAR, OFFICE_ENDS) for moment in (start, start + timedelta(hours=7)))
    if count or unit is not Unit.CALENDAR_DAYS:
        assert start <= first.moment
    assert first.moment <= second.moment


@given(EVER, st.integers(1, 60))
@example(date(2026, 12, 31), 1)
@example(date(2027, 1, 1), 15)
@example(date.today(), 15)  # whatever today is
@example(date.today() + timedelta(days=400), 5)
def test_an_unknown_year_is_counted_and_told(day: date, count: int) -> None:
    """Never an exception, never silent (regions, Working days): it passes on 2026-12-31 and on any later day."""
    found = deadline(at(f"{day} 10:00"), working(count), CALENDAR, OFFICE_ENDS)
    looked_at = [day + timedelta(days=n) for n in range(1, (found.moment.date() - day).days + 1)]
    assert found.provisional is not all(map(CALENDAR.knows, looked_at))
    if not any(map(CALENDAR.knows, looked_at)):
        assert sum(one.weekday() < 5 for one in looked_at) == count


def test_an_imported_year_is_not_provisional_any_more() -> None:
    start = at("2026-12-11 10:00")
    off = frozenset({date(2027, 1, 1)})
    calendar = CALENDAR.with_years({2027: Year(off, frozenset({date(2027, 1, 3)}), "the State Council's notice")})
    assert deadline(start, working(15), calendar, OFFICE_ENDS) == Deadline(at("2027-01-03 17:30"), provisional=False)


HEADER = "year,off,work,source"


@pytest.mark.parametrize(
    ("lines", "key", "allowed"),
    [
        (["year,off,work"], "line 1", HEADER),
        ([HEADER, "2027,01-01"], "line 2", "4 columns"),
        ([HEADER, "27,,,s"], "line 2: year", "2000 to 2099"),
        ([HEADER, "2027,,, "], "line 2: source", "who says so"),
        ([HEADER, "2027,01-02,,s"], "line 2: off", "Monday to Friday in 2027"),
        ([HEADER, "2027,,01-01,s"], "line 2: work", "Saturday or Sunday in 2027"),
        ([HEADER, "2027,02-30,,s"], "line 2: off", "mm-dd"),
        ([HEADER, "2027,W05-1,,s"], "line 2: off", "mm-dd"),
        ([HEADER, "2027,,,s", "2027,,,s"], "line 3: year", "no other line"),
    ],
)
def test_a_malformed_table_names_file_line_and_what_is_allowed(lines: list[str], key: str, allowed: str) -> None:
    with pytest.raises(PackError) as caught:
        read_years("\n".join(lines), "c.csv")
    assert str(caught.value).startswith(f"c.csv: {key}: ")
    assert allowed in str(caught.value)
