"""Paper forms from printing to a rating that counts, on both databases. Issue 4, point 6; xian-huyi 四(四)1; taian 二(二)1."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.docket import Docket, ms
from support.platform import running_platform, sqlite_url

from central_platform import cli
from central_platform.database import Database, open_database
from central_platform.documents import publish_region, publish_staff
from central_platform.form_number import number_of, rating_id, shown
from central_platform.identity import load_identity
from central_platform.paper.entering import Entered, Entry, NotEntered, State, Written, confirm, enter, forms_with_state
from central_platform.paper.scans import Scan, open_scan
from central_platform.paper_forms import Printing, register
from central_platform.rules.listing import count_apart
from central_platform.rules.window_qr import PhoneRating, record_rating
from central_platform.schema import channel_ratings, paper_entries, paper_forms, paper_scans
from central_platform.times import china_day, now_ms

CASE = "2026HY000001"
PRINTED, DAY, NOW = "2026-10-08 08:00", "2026-10-09", "2026-10-12 09:00"
STAFF = [{"number": f"T-{one}", "name": "张三", "post": "", "role": "clerk", "cards": []} for one in (7, 8, 9)]
POOR = Written(2, DAY, CASE, None, ("209",))


class Town:
    """A town's office with forms and staff."""

    def __init__(self, database: Database, region: str = "xian-huyi", home: str | None = None) -> None:
        self.docket = Docket(database, home or region)
        self.database, self.region = database, region

        def prepare(connection: sa.Connection) -> None:
            identity = load_identity(connection)
            self.region = publish_region(connection, identity, region)
            publish_staff(connection, identity, STAFF)

        database.write(prepare)

    def printed(self, copies: int = 1, at: str = PRINTED) -> list[str]:
        printing = Printing(self.region, "zh-CN", "草堂街道便民服务中心", "1号窗口", ("reasons-2020", "1"))
        return self.database.write(lambda connection: register(connection, printing, copies, ms(at)))

    def _take(self, take: Any, number: str, by: str, written: Written, scan: Scan | None, now: str) -> Entered:
        entry = Entry(number, by, written, scan)
        return self.database.write(lambda connection: take(connection, load_identity(connection), entry, ms(now)))

    def enter(self, number: str, by: str = "T-7", written: Written = POOR, scan: Scan | None = None, now: str = NOW) -> Entered:
        return self._take(enter, number, by, written, scan, now)

    def confirm(self, number: str, by: str = "T-8", written: Written = POOR, now: str = NOW) -> Entered:
        return self._take(confirm, number, by, written, None, now)

    def counted(self, number: str, written: Written = POOR) -> None:
        assert self.enter(number, written=written).state is State.PENDING
        assert self.confirm(number, written=written).state is State.COUNTED

    def state(self, number: str) -> State:
        forms = self.database.read(forms_with_state)
        return next(state for form, state in forms if form.number == number)

    def count(self, table: sa.Table) -> int:
        return self.database.read(
            lambda connection: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        )


@pytest.fixture
def town(platform_db: str) -> Iterator[Town]:
    database = open_database(platform_db)
    yield Town(database)
    database.close()


def refused(act: Any) -> str:
    with pytest.raises(NotEntered) as refusal:
        act()
    return str(refusal.value)


# --- numbers ------------------------------------------------------------------------------------------------------------


def test_numbers_are_unique_and_registered(town: Town) -> None:
    """Also when the same ones are drawn again."""
    printing = Printing("xian-huyi", "en", "h", "w", ("reasons-2020", "1"))
    draws = iter([5, 5, 6, 5, 6, 7])

    def work(connection: sa.Connection) -> list[str]:
        return [
            *register(connection, printing, 2, 1, lambda _: next(draws)),
            *register(connection, printing, 1, 2, lambda _: next(draws)),
        ]

    assert town.database.write(work) == [number_of(5), number_of(6), number_of(7)]
    numbers = town.printed(50)
    assert len({*numbers}) == 50 and town.count(paper_forms) == 53


# --- two persons --------------------------------------------------------------------------------------------------------


def test_a_form_counts_once_two_persons_wrote_the_same(town: Town) -> None:
    """As a rating of the channel *paper*, apart from given ones at terminals; a bad one is answered like any other."""
    (number,) = town.printed()
    assert town.state(number) is State.PRINTED
    assert town.enter(shown(number)).state is State.PENDING
    assert (town.state(number), town.docket.others()) == (State.PENDING, [])
    assert town.confirm(number.replace("", " ")).state is State.COUNTED
    town.docket.settle(NOW)
    assert (town.state(number), town.docket.roles(CASE)) == (State.COUNTED, [(f"day {DAY}", "stands", 2)])
    (rating,) = town.docket.standing(CASE)["ratings"]
    assert (rating["channel"], rating["default"]) == ("paper", False)
    (listed,) = town.docket.others()
    assert (listed["id"], listed["channel"], listed["level"]) == (rating_id(number), "paper", 2)
    assert (listed["at"], listed["form"]) == (f"{DAY}T23:59:59.999+08:00", number)
    assert listed["reasons"] == ["209"]
    assert [one["rating"] for one in town.docket.duties(only_open=True)] == [rating_id(number)]
    assert town.database.read(count_apart)["others_linked"] == 1


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (Written(5, DAY, CASE), ("level", "reasons")),
        (Written(2, "2026-10-10", CASE, None, ("209",)), ("day",)),
        (Written(2, DAY, None, None, ("209",)), ("case",)),
        (Written(2, DAY, CASE, "2", ("209",)), ("visit",)),
        (Written(2, DAY, CASE, None, ("209", "214")), ("reasons",)),
    ],
)
def test_two_entries_that_differ_count_nothing_and_it_is_told(town: Town, other: Written, named: tuple[str, ...]) -> None:
    """Neither counts; both begin again; everything that was entered stays."""
    (number,) = town.printed()
    town.enter(number)
    assert town.confirm(number, written=other) == Entered(State.DIFFERS, named)
    assert (town.state(number), town.count(channel_ratings)) == (State.DIFFERS, 0)
    assert "begin with" in refused(lambda: town.confirm(number, "T-9"))
    town.counted(number)
    assert (town.count(paper_entries), [one["level"] for one in town.docket.others()]) == (4, [2])


def test_spelling_is_no_difference(town: Town) -> None:
    (number,) = town.printed()
    town.enter(number, written=Written(1, DAY, "2026hy000001", None, ("108", "115", "108")))
    assert town.confirm(number, written=Written(1, DAY, " 2026HY000001", None, ("115", "108"))).state is State.COUNTED


def test_what_is_refused_is_told_with_a_remedy_and_keeps_nothing(town: Town) -> None:
    number, other, used = town.printed(3)
    town.counted(used)
    town.enter(other)
    held = town.count(paper_entries)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    for says, act in (
        ("another person has to", lambda: town.confirm(other, "T-7")),
        ("paper confirm", lambda: town.enter(other, "T-9")),
        ("begin with", lambda: town.confirm(number)),
        ("counts once", lambda: town.enter(used)),
        ("counts once", lambda: town.confirm(used, "T-9")),
        ("staff import", lambda: town.enter(number, "T-1")),
        ("one of these is wrong", lambda: town.enter(wrong)),
        ("was printed here", lambda: town.enter(number_of(1))),
        ("write it as", lambda: town.enter(number, written=Written(2, "9.10.2026"))),
        ("when the form was printed", lambda: town.enter(number, written=Written(2, "2026-10-07"))),
        ("is not within", lambda: town.enter(number, written=Written(2, "2026-10-13"))),
        ("no reason 510 with level 2", lambda: town.enter(number, written=Written(2, DAY, None, None, ("209", "510")))),
        ("no reason 209 with level 5", lambda: town.enter(number, written=Written(5, DAY, None, None, ("209",)))),
        ("case number", lambda: town.enter(number, written=Written(2, DAY, "?"))),
        ("identity number", lambda: town.enter(number, written=Written(2, DAY, "11010519491231002X"))),
        ("level", lambda: town.enter(number, written=Written(6, DAY))),
    ):
        assert says in refused(act)
    assert (town.count(paper_entries), town.count(channel_ratings)) == (held, 1)


def test_a_form_without_a_case_is_listed_apart_and_answered(town: Town) -> None:
    """docs/rules.md: a rating without a case number has no place in any case."""
    (number,) = town.printed()
    town.counted(number, Written(1, DAY))
    town.docket.settle(NOW)
    assert [one["linked"] for one in town.docket.others()] == [False]
    assert [one["region"] for one in town.docket.duties(only_open=True)] == ["xian-huyi"]


def test_a_form_follows_its_own_regions_rules(platform_db: str) -> None:
    """A town's forms on a platform whose own rules are another region's."""
    database = open_database(platform_db)
    town = Town(database, "xian-huyi", home="zhejiang")
    first, second = town.printed(2)
    town.counted(first)
    town.counted(second, Written(2, DAY))
    town.docket.settle(NOW)
    assert town.docket.standing(CASE)["region"] == "xian-huyi"
    assert {one["region"] for one in town.docket.duties()} == {"xian-huyi"}
    database.close()


ACTS = st.lists(st.tuples(st.booleans(), st.sampled_from(["T-7", "T-8"]), st.sampled_from([1, 5])), max_size=8)


@pytest.fixture(scope="module")
def lasting_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    database = open_database(sqlite_url(tmp_path_factory.mktemp("town")))
    yield Town(database)
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_no_way_of_entering_makes_a_rating_that_two_persons_did_not_write(
    lasting_town: Town, acts: list[tuple[bool, str, int]]
) -> None:
    """Product rule 1: it counts exactly when somebody else wrote the same right after, and then nothing more is taken."""
    (number,) = lasting_town.printed()
    first, counted = None, None
    for is_first, by, level in acts:
        written = Written(level, DAY)
        may = counted is None and ((first is None) if is_first else (first is not None and first[0] != by))
        try:
            done = (lasting_town.enter if is_first else lasting_town.confirm)(number, by, written)
        except NotEntered:
            assert not may
            continue
        assert may
        if is_first:
            first = (by, level)
        else:
            assert first is not None
            counted = level if first[1] == level else None
            assert (done.state is State.COUNTED) == (counted is not None)
            first = None
    held = [one["level"] for one in lasting_town.docket.others() if one["id"] == rating_id(number)]
    assert held == ([counted] if counted is not None else [])


# --- with the scan ------------------------------------------------------------------------------------------------------

PACK = """
id = "hill-town"
version = "1"
base = "xian-huyi"
name = { zh-CN = "山镇", en = "Hill Town" }
[rules.paper]
source = "product default"
zh-CN = "扫描件随附。"
en = "With the scan."
[rules.paper.value]
entry = "scan_attached"
title = { zh-CN = "评价表", en = "Rating form" }
note = { zh-CN = "扫描。", en = "It is scanned." }
"""


def test_where_the_pack_asks_for_the_scan_one_person_and_the_scan_are_enough(platform_db: str, tmp_path: Path) -> None:
    """The scan is kept sealed: the database does not show what somebody wrote beside the boxes."""
    (tmp_path / "hill-town.toml").write_text(PACK, encoding="utf-8")
    database = open_database(platform_db)
    town = Town(database, str(tmp_path / "hill-town.toml"), home="taian")
    (number,) = town.printed()
    scan = Scan("image/png", b"\x89PNG\r\n\x1a\n" + b"a picture of a form" * 9)
    assert "--scan" in refused(lambda: town.enter(number))
    assert town.count(paper_entries) == 0
    assert town.enter(number, scan=scan).state is State.COUNTED
    sealed = database.read(lambda connection: bytes(connection.execute(sa.select(paper_scans.c.sealed)).scalar_one()))
    assert b"a picture" not in sealed
    opened = database.read(lambda connection: open_scan(connection, load_identity(connection), number))
    assert (opened.media, opened.content) == (scan.media, scan.content)
    database.close()


# --- between channels ---------------------------------------------------------------------------------------------------


def test_every_order_of_arrival_ends_the_same(town: Town) -> None:
    """Issue 4: the same case in two channels ends the same whatever the order of arrival."""
    ends = []
    for place, order in enumerate(itertools.permutations("psc")):
        case = f"2026HY00010{place}"
        (number,) = town.printed()
        sms = {"id": f"s{place}", "channel": "sms", "level": 5, "at": f"{DAY} 12:00", "case": case}
        said = {"case": case, "as_of": DAY, "kind": "immediate", "received_at": f"{DAY} 09:00"}
        told = {
            "p": lambda number=number, case=case: town.counted(number, Written(2, DAY, case)),
            "s": lambda sms=sms: town.docket.ratings(sms),
            "c": lambda said=said: town.docket.cases(said),
        }
        for step in order:
            told[step]()
            town.docket.settle("2026-10-12 10:00")
        ends.append([(one["channel"], one["unit"], one["role"], one["marks"]) for one in town.docket.standing(case)["ratings"]])
    day = f"day {DAY}"
    assert ends == [[("sms", day, "stands", []), ("paper", day, "later", ["already_rated"])]] * 6


@pytest.mark.parametrize(("day", "first"), [("2026-10-08", "paper"), ("2026-10-09", "sms")])
def test_a_form_is_given_when_its_day_ends(town: Town, day: str, first: str) -> None:
    """A form names no time, so that a rating with one on the same day was earlier."""
    (number,) = town.printed()
    town.docket.ratings({"id": "s", "channel": "sms", "level": 5, "at": f"{DAY} 23:30", "case": CASE, "visit": "1"})
    town.counted(number, Written(1, day, CASE, "1"))
    town.docket.settle(NOW)
    assert town.docket.standing(CASE)["ratings"][0]["channel"] == first


def test_there_is_no_other_door(town: Town) -> None:
    """No business system and no file brings a rating on paper in past the two persons."""
    row = {"id": rating_id(number_of(1)), "channel": "paper", "level": 5, "at": DAY, "case": CASE}
    assert town.docket.ratings(row, row | {"id": "p1"}) == ["unreadable"] * 2
    assert town.docket.others() == []


# --- the page and the command -------------------------------------------------------------------------------------------


def test_a_forms_qr_leads_to_the_telephones_page_by_the_forms_own_rules(platform_db: str) -> None:
    """It shows nothing of what the form says, and a number that is nobody's leads to no page."""
    with running_platform(platform_db) as platform:
        town = Town(platform.database, "xian-huyi", home="taian")
        fresh, used = town.printed(2)
        town.counted(used)

        def page(number: str) -> requests.Response:
            return requests.get(f"{platform.url}/p/{number}", headers={"Accept-Language": "en"}, timeout=10)

        first, second = page(fresh), page(used)
        assert (first.status_code, first.url) == (200, f"{platform.url}/w?form={fresh}")
        assert shown(fresh) in first.text
        once = re.compile(r'name="once" value="[^"]*"')
        assert once.sub("", second.text) == once.sub("", first.text).replace(shown(fresh), shown(used)).replace(fresh, used)
        assert [page(text).status_code for text in (number_of(1), "nonsense", fresh[:-1])] == [404] * 3
        assert "There is no such form" in page("nonsense").text


def test_a_rating_by_telephone_blocks_no_form(platform_db: str) -> None:
    """Whoever holds a form could scan it first, a clerk too; so what two persons read off the paper counts all the same."""
    with running_platform(platform_db) as platform:
        town = Town(platform.database)
        (number,) = town.printed()
        telephone = PhoneRating("a" * 22, 5, CASE, (), "", None, number)
        platform.database.write(lambda connection: record_rating(connection, telephone, ms(f"{DAY} 10:00")))
        town.docket.cases({"case": CASE, "as_of": DAY, "received_at": f"{DAY} 09:00"})
        town.counted(number)
        town.docket.settle(NOW)
        assert [(one["channel"], one["role"]) for one in town.docket.standing(CASE)["ratings"]] == [
            ("paper", "stands"),
            ("window_qr", "later"),
        ]


def run(*words: str) -> int:
    return cli.main(words)


def test_the_command_from_form_to_rating(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed, entered, differing, entered again, confirmed; the list tells where forms stand and nothing of what they say."""
    url, pdf = sqlite_url(tmp_path), tmp_path / "forms.pdf"
    database = open_database(url)
    Town(database)
    database.close()
    about = ("--hall", "草堂街道便民服务中心", "--window", "1号窗口", "--public-url", "https://p.example/", "--db", url)
    assert run("paper", "form", "--region", "xian-huyi", "--copies", "2", *about, "-o", str(pdf), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert pdf.read_bytes().startswith(b"%PDF-") and len(printed["numbers"]) == 2
    number = printed["numbers"][0]
    said = ("--level", "2", "--reason", "209", "--day", china_day(now_ms()), "--db", url, "--json")
    assert run("paper", "enter", number, "--by", "T-7", *said) == 0
    assert run("paper", "list", "--db", url, "--json") == 0
    first, listed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["state"], listed["counts"]["pending"]) == ("pending", 1)
    assert {name for row in listed["forms"] for name in row} == {"number", "state", "region", "hall", "window"}
    assert run("paper", "confirm", number, "--by", "T-8", *said, "--reason", "108") == 1
    assert json.loads(capsys.readouterr().out)["differing"] == ["reasons"]
    assert run("paper", "enter", number, "--by", "T-8", *said) == 0
    assert run("paper", "confirm", number, "--by", "T-7", *said) == 0
    assert run("paper", "confirm", number, "--by", "T-7", *said) == 1
    assert "counts once" in capsys.readouterr().err
    assert run("paper", "list", "--state", "counted", "--db", url) == 0
    assert shown(number) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--region", "zhejiang"), "no paper form (product default)"),
        (("--region", "nowhere"), "there is no region"),
        (("--region", "taian", "-o", "/nowhere/f.pdf"), "cannot be written"),
        (("--region", "taian", "--font", "/nowhere/f.ttc"), "cannot be read"),
        (("--region", "taian", "--font", __file__), "is no OpenType"),
    ],
)
def test_no_number_is_registered_for_what_cannot_be_printed(
    tmp_path: Path, more: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite_url(tmp_path)
    words = ("--hall", "h", "--window", "w", "--public-url", "https://p.example", "--db", url)
    assert run("paper", "form", *words, "-o", str(tmp_path / "f.pdf"), *more) != 0
    assert says in capsys.readouterr().err
    assert run("paper", "list", "--db", url, "--json") == 0
    assert json.loads(capsys.readouterr().out)["forms"] == []


@pytest.mark.parametrize("content", [b"", b"GIF89a", None])
def test_what_is_no_scan_is_named(tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    url, file = sqlite_url(tmp_path), tmp_path / "scan"
    database = open_database(url)
    (number,) = Town(database).printed()
    database.close()
    if content is not None:
        file.write_bytes(content)
    assert run("paper", "enter", number, "--by", "T-7", "--level", "2", "--day", DAY, "--scan", str(file), "--db", url) == 1
    assert str(file) in capsys.readouterr().err
    assert run("paper", "scan", number, "-o", str(tmp_path / "out"), "--db", url) == 1
    assert "no scan" in capsys.readouterr().err
