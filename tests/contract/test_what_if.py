"""A recorded month under other regions' rules. Issue 4, point 7: expectations counted by hand from docs of the regions."""

import csv
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from support.docket import Docket
from support.platform import sqlite_url
from support.recorded_month import MONTH, record_month

from central_platform import cli
from central_platform.database import open_database, open_for_reading
from central_platform.rules import listing
from central_platform.schema import metadata

AS_OF = "2026-11-22T00:00:00+08:00"


@pytest.fixture
def docket(platform_db: str) -> Iterator[Docket]:
    database = open_database(platform_db)
    yield Docket(database, "taian")
    database.close()


@pytest.fixture
def month(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return record_month(docket, monkeypatch)


def what_if(url: str, *words: str, regions: str = "zhejiang,guangdong") -> list[str]:
    return ["what-if", "--from", regions, "--month", MONTH, "--at", AS_OF, "--db", url, *words]


def replayed(url: str, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert cli.main(what_if(url, "--json")) == 0
    answer = json.loads(capsys.readouterr().out)
    return {one["name"] or "in force": one for one in answer["rules"]}


def test_satisfaction_participation_and_defaults_by_hand(
    month: dict[str, str], platform_db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands under each region's rules, case by case:

    an online case rated after each of its two services: once by taian 二(四)1, each service by zhejiang and guangdong 第八条;
    a follow-up: zhejiang 三(三) counts it beside the first, taian and guangdong have none, and their windows do not offer it;
    a batch of three and a chain of two: each case is rated (taian 二(四)2, 3), whichever the rules;
    a mistaken rating: not counted in taian 二(五)3 and guangdong 第十四条; zhejiang says nothing, so it counts;
    nobody rated: taian 二(四)4 makes 4 of a finished case, guangdong 第七条 makes 3 of each service, one of them of a case's
    second visit; each has one more that a later given rating withdrew; zhejiang has none;
    a rating that is linked to no case is one of the nine given, and has a place in none.
    """
    found = replayed(platform_db, capsys)
    assert found["in force"]["regions"] == ["taian"]
    figures = ("ratings", "stands", "good", "bad", "follow_ups", "later", "not_counted", "not_offered")
    assert {name: one["given"] for name, one in found.items()} == {
        "in force": dict(zip(figures, (9, 8, 5, 3, 0, 2, 1, 1), strict=True)),
        "zhejiang": dict(zip(figures, (9, 10, 5, 5, 1, 0, 0, 0), strict=True)),
        "guangdong": dict(zip(figures, (9, 9, 5, 4, 0, 1, 1, 1), strict=True)),
    }
    none = {"reminders": 0, "defaults": 0, "defaults_good": 0, "withdrawn": 0, "coming": 0}
    assert {name: one["chances"] for name, one in found.items()} == {
        "in force": none | {"chances": 11, "rated": 9, "reminders": 2, "defaults": 1, "defaults_good": 1, "withdrawn": 1},
        "zhejiang": none | {"chances": 12, "rated": 10},
        "guangdong": none | {"chances": 12, "rated": 10, "defaults": 2, "defaults_good": 2, "withdrawn": 1},
    }
    shares = ("satisfaction", "satisfaction_with_defaults", "participation")
    assert {name: [one[share] for share in shares] for name, one in found.items()} == {
        "in force": [5 / 8, 6 / 9, 9 / 11],
        "zhejiang": [5 / 10, 5 / 10, 10 / 12],
        "guangdong": [5 / 9, 7 / 11, 10 / 12],
    }


def test_deadlines_by_hand(month: dict[str, str], platform_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Duties of the month's bad ratings; the mistaken one is answered only where it counts.

    zhejiang 三(二): called back on the day of entry, by 17:30 (product default), after hours on the next working day;
    zhejiang 三(三): 15 working days from 12 October end on 2 November; taian 二(五)2: 5 working days from 14 to 21 October.
    """
    found = replayed(platform_db, capsys)

    def due(rules: str, duty: str) -> dict[str, tuple[str, str | None]]:
        names = {rating: name for name, rating in month.items()}
        of_duty = [one for one in found[rules]["deadlines"] if one["duty"] == duty]
        return {names[one["rating"]]: (one["state"], one["deadline"]) for one in of_duty}

    assert due("in force", "return_visit") == {
        "visit": ("late", "2026-10-21T17:30:00+08:00"),
        **dict.fromkeys(("online-2", "chain", "unlinked"), ("waiting", None)),
    }
    assert set(due("in force", "appeal").values()) == {("waiting", None)}
    assert {state for state, _ in due("in force", "contact").values()} == {"done", "open"}
    assert due("zhejiang", "contact") == {
        "visit": ("done", "2026-10-12T17:30:00+08:00"),
        "online-2": ("late", "2026-10-14T17:30:00+08:00"),
        "chain": ("late", "2026-10-20T17:30:00+08:00"),
        "unlinked": ("late", "2026-10-22T17:30:00+08:00"),
        "mistaken": ("late", "2026-10-22T17:30:00+08:00"),
    }
    assert due("zhejiang", "result_told")["visit"] == ("late", "2026-11-02T17:30:00+08:00")
    contact = found["zhejiang"]["duties"]["contact"]
    assert [contact[name] for name in ("owed", "done", "late", "open")] == [5, 1, 4, 0]
    assert (contact["first"], contact["last"]) == ("2026-10-12T17:30:00+08:00", "2026-10-22T17:30:00+08:00")
    assert "return_visit" not in found["guangdong"]["duties"]


def test_under_the_rules_in_force_the_replay_is_what_really_happened(
    docket: Docket, month: dict[str, str], platform_db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The docket's own standings, defaults and duties, which were settled on time, say the same."""
    found = replayed(platform_db, capsys)["in force"]
    placed = [one for item in docket.page(listing.standings_after) for one in item["ratings"] if not one["default"]]
    roles = [one["role"] for one in placed]
    assert [found["given"][name] for name in ("stands", "later", "not_counted", "follow_ups")] == [
        roles.count(role) for role in ("stands", "later", "not_counted", "follow_up")
    ]
    made = [one["withdrawn"] for one in docket.defaults()]
    assert (found["chances"]["defaults"], found["chances"]["withdrawn"]) == (made.count(False), made.count(True))
    owed = {(item["rating"], one["duty"], one["deadline"] is None) for item in docket.duties() for one in item["duties"]}
    assert {(one["rating"], one["duty"], one["deadline"] is None) for one in found["deadlines"]} == owed


def test_before_its_time_nothing_is_made_and_what_is_to_come_is_told(
    month: dict[str, str], platform_db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Product rule 1: on 16 October the default of taian 二(四)4 and those of guangdong 第七条 are still to come."""
    words = what_if(platform_db, "--json")
    words[words.index(AS_OF)] = "2026-10-16T12:00:00+08:00"
    assert cli.main(words) == 0
    in_force, zhejiang, guangdong = (one["chances"] for one in json.loads(capsys.readouterr().out)["rules"])
    assert (in_force["reminders"], in_force["defaults"], in_force["coming"]) == (2, 0, 2)
    assert (zhejiang["defaults"], zhejiang["coming"]) == (0, 0)
    assert (guangdong["defaults"], guangdong["coming"]) == (0, 5)


# --- it cannot write ----------------------------------------------------------------------------------------------------


def test_the_database_refuses_every_change(platform_db: str) -> None:
    """Each table, by each way of changing it, on a database that was opened for reading."""
    database = open_for_reading(platform_db)
    try:
        for table in metadata.sorted_tables:
            for statement in (
                sa.delete(table),
                sa.update(table).values({table.c[0].name: None}),
                sa.text(f"DROP TABLE {table}"),
            ):
                with pytest.raises(DBAPIError, match=r"read-?only"):
                    database.write(lambda connection, statement=statement: connection.execute(statement))
    finally:
        database.close()


def test_not_a_byte_of_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = sqlite_url(tmp_path)
    database = open_database(url)
    record_month(Docket(database, "taian"), monkeypatch)
    database.close()
    file = tmp_path / "platform.sqlite"
    before = hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns
    chart = tmp_path / "elsewhere"
    chart.mkdir()
    assert cli.main(what_if(url, "-o", str(chart / "c.html"))) == 0
    assert (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns) == before


def test_a_database_of_another_build_is_not_brought_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = sqlite_url(tmp_path)
    database = open_database(url)
    database.write(lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'")))
    database.close()
    assert cli.main(what_if(url)) == 3
    assert "has schema 0001, and this build reads" in capsys.readouterr().err


# --- how it is told -----------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = sqlite_url(tmp_path)
    database = open_database(url)
    record_month(Docket(database, "taian"), monkeypatch)
    database.close()
    return url


def test_a_table_rows_and_a_chart_say_the_same(recorded: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    svg, page = tmp_path / "c.svg", tmp_path / "c.html"
    assert cli.main(what_if(recorded, "-o", str(svg))) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split("  ")[-1] == "guangdong" and "in force: taian" in table[0]
    assert "62.5 %" in next(line for line in table if line.startswith("shares: satisfaction "))
    assert cli.main(what_if(recorded, "--csv", "-o", str(page))) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {"rules": "zhejiang", "group": "given", "figure": "follow ups", "value": "1"} in rows
    drawn = [text.text for text in ET.parse(svg).iter("{http://www.w3.org/2000/svg}text")]
    shares = [row["value"] for row in rows if row["group"] == "shares"]
    assert len(shares) == 9 and set(shares) <= set(drawn)
    assert all(value in page.read_text("utf-8") for value in shares)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "atlantis"), 2, "there is no region 'atlantis'; there are:"),
        (("--month", "2026-13"), 2, "a month is written as 2026-10"),
        (("--at", "yesterday"), 2, "must be a time with offset"),
        (("-o", "chart.png"), 2, "ends neither with .svg nor with .html"),
        (("-o", "/nowhere/chart.svg"), 1, "cannot be written"),
        (("--db", "sqlite:////nowhere/p.sqlite"), 3, "there is no database at"),
    ],
)
def test_what_is_wrong_is_named(recorded: str, words: tuple[str, ...], code: int, said: str, capsys: Any) -> None:
    try:
        assert cli.main([*what_if(recorded), *words]) == code
    except SystemExit as ended:
        assert ended.code == code
    assert said in capsys.readouterr().err


def test_a_pack_in_a_file_is_replayed_too(recorded: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sixth region is a file: a draft can be tried on a month before it is in force."""
    draft = tmp_path / "draft.toml"
    draft.write_text(
        'id = "draft"\nversion = "1"\nbase = "national"\nname = { zh-CN = "试行", en = "Draft" }\n'
        '[rules.bad_at_most]\nvalue = 1\nsource = "product default"\nzh-CN = "仅一星为差评。"\nen = "Only one star is bad."\n',
        "utf-8",
    )
    assert cli.main(what_if(recorded, "--json", regions=str(draft))) == 0
    _, found = json.loads(capsys.readouterr().out)["rules"]
    assert (found["name"], found["given"]["good"], found["given"]["bad"]) == ("draft", 6, 4)


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["what-if", "--help"])
    assert "example: central-platform what-if" in capsys.readouterr().out
