"""The monthly report: figures counted by hand, and the same ones on the screen, as xlsx and as PDF.

Issue 4, point 6; xian-huyi 五(一): every unit, the current month's data, before the 30th. Never mixed: product rule 1.
"""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
import requests
from support.docket import Docket, ms
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.recorded_month import MONTH, record_month

from central_platform import cli
from central_platform.database import Database, open_database
from central_platform.documents import publish_staff
from central_platform.identity import load_identity
from central_platform.month import Month
from central_platform.paper.entering import Entry, Written, confirm, enter
from central_platform.paper_forms import Printing, register
from central_platform.reports import making
from central_platform.reports.figures import MonthFigures, Source, read_month, read_report
from central_platform.rules.window_qr import PhoneRating, record_rating

HALL, TOWN = "政务服务中心", "草堂街道便民服务中心"
NAME = {"zh-CN": "鄠邑区", "en": "Huyi"}
NOW = "2026-11-21 00:00"
STAFF = [{"number": number, "name": "张三", "post": "", "role": "clerk", "cards": []} for number in ("T-7", "T-8")]


def fill(docket: Docket, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded month, three paper forms of which two were entered, and one that was scanned as well."""
    record_month(docket, monkeypatch)
    printing = Printing(region, "zh-CN", TOWN, "1号窗口", ("reasons-2020", "1"))

    def work(connection: Any) -> None:
        identity = load_identity(connection)
        publish_staff(connection, identity, STAFF)
        bad, free, _ = register(connection, printing, 3, ms("2026-10-09 08:00"))
        for number, written in ((bad, Written(2, "2026-10-10", "HY-PAPER-1")), (free, Written(5, "2026-10-11"))):
            for take, by in ((enter, "T-7"), (confirm, "T-8")):
                take(connection, identity, Entry(number, by, written), ms("2026-10-12 09:00"))
        record_rating(connection, PhoneRating("b" * 22, 5, None, (), "", None, free), ms("2026-10-11 10:00"))

    docket.database.write(work)
    docket.settle(NOW)


@pytest.fixture
def taian(platform_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    database = open_database(platform_db)
    fill(Docket(database, "taian"), "taian", monkeypatch)
    yield database
    database.close()


def figures_of(database: Database, region: str, month: str = MONTH) -> MonthFigures:
    return database.read(lambda connection: read_month(connection, region, Month.named(month), ms(NOW)))


def told(figures: MonthFigures, source: Source) -> list[tuple[Any, ...]]:
    """(hall or channel, linked, levels 5 to 1, cases, follow-ups, later, not counted, rectified) of each line."""
    return [
        (
            *(line.name, line.linked, [line.levels[level] for level in (5, 4, 3, 2, 1)]),
            *(line.cases, line.follow_ups, line.later, line.not_counted, line.rectified),
        )
        for line in figures.lines[source]
    ]


def test_what_each_rating_counts_as_by_hand(taian: Database) -> None:
    """Terminals: a visit (2, put right), a batch of three (4), a chain of two (1), and a second rating of the visit, as taian
    has no follow-up. Elsewhere: of the online case the first rating stands (taian 二(四)1: once), one withdrew a default,
    one belongs to no case, one was found mistaken (taian 二(五)3), one was rated by telephone from a form that counts by
    itself. On paper: one of a case, one of none. Default (taian 二(四)4): one stands, one was withdrawn."""
    figures = figures_of(taian, "taian")
    assert told(figures, Source.TERMINAL) == [(HALL, True, [0, 1, 0, 1, 1], 6, 0, 1, 0, 1)]
    assert told(figures, Source.PAPER) == [
        (TOWN, True, [0, 0, 0, 1, 0], 1, 0, 0, 0, 0),
        (TOWN, False, [1, 0, 0, 0, 0], 0, 0, 0, 0, 0),
    ]
    assert told(figures, Source.OTHER) == [
        ("app", True, [0, 0, 0, 0, 0], 0, 0, 1, 0, 0),
        ("sms", True, [2, 0, 0, 0, 0], 2, 0, 0, 1, 0),
        ("hotline_12345", False, [0, 0, 0, 0, 1], 0, 0, 0, 0, 0),
        ("window_qr", False, [0, 0, 0, 0, 0], 0, 0, 1, 0, 0),
    ]
    assert told(figures, Source.DEFAULT) == [("", True, [0, 1, 0, 0, 0], 1, 0, 0, 0, 0)]
    total = figures.total(Source.TERMINAL)
    assert (total.total, total.bad(figures.bad_at_most), total.satisfaction(figures.bad_at_most)) == (3, 2, 1 / 3)
    assert (figures.whole, figures.unseen) == (True, 0)


def test_another_month_and_another_region_have_their_units_and_no_ratings(taian: Database) -> None:
    """Every unit reports, whether it was rated or not."""
    other = figures_of(taian, "taian", "2026-11")
    assert [(line.name, line.total) for source in Source for line in other.lines[source]] == [(HALL, 0), (TOWN, 0), ("", 0)]
    assert not other.whole


@pytest.mark.parametrize(("at", "month"), [("2026-09-30 23:59", "2026-09"), ("2026-10-01 00:00", "2026-10")])
def test_a_rating_is_of_the_month_in_which_it_was_given_in_china(platform_db: str, at: str, month: str) -> None:
    database = open_database(platform_db)
    docket = Docket(database, "xian-huyi")
    docket.ratings({"id": "s", "channel": "sms", "level": 4, "at": at, "case": "HY-00001"})
    docket.settle(NOW)
    counts = {name: figures_of(database, "xian-huyi", name).total(Source.OTHER).total for name in ("2026-09", "2026-10")}
    assert {name for name, count in counts.items() if count} == {month}
    database.close()


def test_what_nobody_looked_at_yet_counts_and_is_told(platform_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(platform_db)
    docket = Docket(database, "xian-huyi")
    docket.ratings({"id": "s", "channel": "sms", "level": 4, "at": "2026-10-09", "case": "HY-00001"})
    figures = figures_of(database, "xian-huyi")
    assert (figures.total(Source.OTHER).total, figures.unseen) == (1, 1)
    docket.settle(NOW)
    assert figures_of(database, "xian-huyi").unseen == 0
    database.close()


@pytest.mark.parametrize(
    ("month", "now", "due", "whole"),
    [
        ("2026-10", "2026-10-28 17:00", "2026-10-29", [False, True]),
        ("2026-10", "2026-11-21 00:00", "2026-10-29", [True, True]),
        ("2027-02", "2027-02-28 12:00", "2027-02-28", [False, True]),
        ("2028-02", "2028-02-29 12:00", "2028-02-29", [False, True]),
    ],
)
def test_the_day_of_the_report_february_and_the_unfinished_month(
    tmp_path: Path, month: str, now: str, due: str, whole: list[bool]
) -> None:
    """xian-huyi 五(一); February on its last day, the month so far and the one before as a whole: the product's rules."""
    database = open_database(sqlite_url(tmp_path))
    Docket(database, "xian-huyi")
    found = database.read(lambda connection: read_report(connection, "xian-huyi", NAME, Month.named(month), ms(now)))
    assert (str(found.due), found.source) == (due, "xian-huyi 五(一)")
    assert [figures.month.name for figures in found.months] == [month, Month.named(month).before().name]
    assert [figures.whole for figures in found.months] == whole
    database.close()


# --- the same figures everywhere ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path_factory.mktemp("report"))) as running, pytest.MonkeyPatch.context() as patched:
        fill(Docket(running.database, "xian-huyi"), "xian-huyi", patched)
        yield running


def get(platform: RunningPlatform, path: str, token: str | None = None, **asked: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {platform.viewer_token if token is None else token}"}
    return requests.get(f"{platform.url}/report{path}", params=asked, headers=headers, timeout=30)


Rows = dict[str, list[list[str]]]
"""By month, the rows with every cell as people read it."""


def of_screen(answer: bytes) -> Rows:
    return {table["month"].split()[0]: [row["cells"] for row in table["rows"]] for table in json.loads(answer)["tables"]}


def of_xlsx(answer: bytes) -> Rows:
    found: Rows = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(answer)):
        rows = [list(row) for row in sheet.iter_rows() if row[0].value is not None]
        head = next(place for place, row in enumerate(rows) if row[1].value is not None)
        found[sheet.title.split()[0]] = [read_cells(row) for row in rows[head + 1 :]]
    return found


def read_cells(row: list[Any]) -> list[str]:
    """A part's heading stands alone; nothing to show is an empty cell."""
    if row[5].value is None:
        return [row[0].value]
    assert all(isinstance(cell.value, (int, float, type(None))) for cell in row[1:]), "numbers are numbers"
    return [row[0].value, *(read_cell(cell) for cell in row[1:])]


def read_cell(cell: Any) -> str:
    if cell.value is None:
        return "–"
    return f"{cell.value:.1%}" if "%" in cell.number_format else str(cell.value)


def text_of_pdf(answer: bytes) -> str:
    document = pypdfium2.PdfDocument(answer)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_screen_xlsx_and_pdf_say_the_same(platform: RunningPlatform, language: str) -> None:
    """Issue 4, point 6: from the same query as the screen."""
    asked = {"month": MONTH, "region": "xian-huyi", "lang": language}
    screen = of_screen(get(platform, "/monthly", **asked).content)
    assert [*screen] == ["2026-10", "2026-09"]
    assert [HALL, "0", "1", "0", "1", "1", "3", "33.3%", "2", "1", "6", "0", "1", "0"] in screen[MONTH]
    assert of_xlsx(get(platform, "/monthly.xlsx", **asked).content) == screen
    written = text_of_pdf(get(platform, "/monthly.pdf", **asked).content)
    at = 0
    for rows in screen.values():
        for cells in rows:
            at = written.index(" ".join(" ".join(cells).split()), at) + 1


def test_the_command_writes_what_the_screen_shows(
    platform: RunningPlatform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And changes nothing: it may not."""
    words = ("report", "monthly", "--month", MONTH, "--region", "xian-huyi", "--db", platform.db_url)
    shown = get(platform, "/monthly", month=MONTH, lang="zh-CN").json()
    assert cli.main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [table["rows"] for table in said["tables"]] == [table["rows"] for table in shown["tables"]]
    for ending, read in (("xlsx", of_xlsx), ("pdf", text_of_pdf)):
        file = tmp_path / f"report.{ending}"
        assert cli.main([*words, "-o", str(file)]) == 0
        assert str(file) in capsys.readouterr().out
        assert_says(read, file.read_bytes(), shown)
    assert cli.main(list(words)) == 0
    assert f"{HALL}\t0\t1\t0\t1\t1\t3\t33.3%" in capsys.readouterr().out


def assert_says(read: Callable[[bytes], Any], content: bytes, shown: dict[str, Any]) -> None:
    found = read(content)
    rows = shown["tables"][0]["rows"]
    if isinstance(found, dict):
        assert found[MONTH] == [row["cells"] for row in rows]
    else:
        assert all(" ".join(row["cells"]) in found for row in rows)


def test_only_who_may_see_ratings_sees_the_report(platform: RunningPlatform) -> None:
    for path, status in (("", 401), ("/monthly", 401), ("/monthly.xlsx", 401), ("/monthly.pdf", 401)):
        assert get(platform, path, token="wrong").status_code == status
        assert get(platform, path).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"month": "2026-13"}, 400), ({"month": "2099-01"}, 404), ({"region": "nowhere"}, 404), ({"month": "2026-1"}, 400)],
)
def test_what_is_no_report_is_told(platform: RunningPlatform, asked: dict[str, str], status: int) -> None:
    answer = get(platform, "/monthly", **asked)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--month", "2026-13"), "a month is written as"),
        (("--month", "2099-01"), "yet to come"),
        (("--region", "nowhere"), "no policy of the region nowhere"),
        (("-o", "report.doc"), "must end in .xlsx or .pdf"),
        (("-o", "/nowhere/report.pdf"), "cannot be written"),
    ],
)
def test_the_command_says_what_is_wrong(
    platform: RunningPlatform, more: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(["report", "monthly", "--db", platform.db_url, *more])
    except SystemExit as end:
        code = int(str(end.code))
    assert code in (1, 2)
    assert says in capsys.readouterr().err


def test_a_region_without_the_clause_has_figures_and_no_day(tmp_path: Path) -> None:
    """Only xian-huyi asks for a report; whoever wants the figures of another region has them."""
    database = open_database(sqlite_url(tmp_path))
    Docket(database, "guangdong")
    report = database.read(lambda connection: making.make_report(connection, None, Month.named(MONTH), "en", ms(NOW)))
    database.close()
    assert len(report.tables) == 1 and not any("handed in" in note for note in report.notes)


def test_what_somebody_named_is_never_a_formula(tmp_path: Path) -> None:
    """A hall's name from outside is text in the workbook."""
    from central_platform.reports.tables import Report, Row, RowKind, Table
    from central_platform.reports.xlsx import write_xlsx

    rows = (Row(RowKind.LINE, ('=HYPERLINK("http://x","y")', 1)), Row(RowKind.LINE, ("http://x", None)))
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(Report("t", (), (Table("2026-10", (), ("a", "b"), rows),)))))
    cells = [cell for row in book["2026-10"].iter_rows() for cell in row if cell.value is not None]
    assert [cell.data_type for cell in cells] == ["s"] * 3 + ["s", "n", "s"]
    assert [cell.hyperlink for cell in cells] == [None] * 6
