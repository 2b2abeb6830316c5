"""Cases, other channels, defaults, duties and findings on a real platform and both databases. Issue 4, point 3."""

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from support.docket import Docket, listed_events, local
from support.platform import PlatformProcess, RunningPlatform, sqlite_url
from support.window import Window, opened, uuid7

from central_platform import cli, viewer
from central_platform.database import open_database
from central_platform.rules import listing
from central_platform.rules.running import Settling, rehearse, run_once
from central_platform.schema import channel_ratings
from central_platform.times import now_ms
from central_platform.viewer import create_token

CASE, OTHER = "2026TA000001", "2026TA000002"
DAY = "2026-10-09"


@pytest.fixture
def docket(request: pytest.FixtureRequest, platform_db: str) -> Iterator[Docket]:
    """In the region that the test's parameter names, else in taian."""
    database = open_database(platform_db)
    yield Docket(database, getattr(request, "param", "taian"))
    database.close()


def finished(case: str = CASE, **more: str) -> dict[str, str]:
    said = {"case": case, "as_of": DAY, "kind": "immediate", "received_at": f"{DAY} 09:00", "finished_at": f"{DAY} 10:00"}
    return said | more


def sms(name: str, level: int = 5, at: str = f"{DAY} 12:00", case: str | None = CASE, **more: Any) -> dict[str, Any]:
    return {"id": name, "channel": "sms", "level": level, "at": at, "case": case, **more}


# --- default ratings ----------------------------------------------------------------------------------------------------


def test_taian_reminds_and_then_enters_a_default(docket: Docket) -> None:
    """taian 二(四)4, on time: the reminder as an event that is kept until acknowledged, the default at its own moment."""
    assert docket.cases(finished()) == ["accepted"]
    assert docket.settle("2026-10-10 23:59").reminders == 0
    assert [(one["what"], local(one["at"])) for one in docket.standing(CASE)["coming"]] == [("reminder", "2026-10-11 00:00")]
    assert docket.settle("2026-10-11 00:05").reminders == 1
    (event,) = docket.events()
    assert (event["kind"], event["case"], event["source"], local(event["due_at"])) == (
        *("reminder", CASE, "taian 二(四)4"),
        "2026-10-11 00:00",
    )
    assert docket.settle("2026-10-16 23:59").defaults == 0
    assert docket.settle("2026-10-20 08:00").defaults == 1
    (made,) = docket.defaults()
    assert (made["default"], made["level"], local(made["at"]), made["withdrawn"]) == (True, 4, "2026-10-17 00:00", False)
    assert docket.roles(CASE) == [("case", "stands", 4)]


@pytest.mark.parametrize("docket", ["guangdong"], indirect=True)
def test_guangdong_enters_a_default_for_each_service(docket: Docket) -> None:
    """guangdong 第七条, made late and twice: its time is the deadline's, and there is one."""
    docket.cases(finished(visit="1"), finished(visit="2", received_at="2026-10-12 09:00"), finished(OTHER))
    docket.ratings(sms("s1", case=OTHER))
    assert docket.settle("2026-10-17 00:00").defaults == 1
    assert docket.settle("2026-11-30 00:00").defaults == 1
    assert docket.settle("2026-12-30 00:00").defaults == 0
    assert [(one["unit"], one["level"], local(one["at"])) for one in docket.defaults()] == [
        ("visit 1", 3, "2026-10-17 00:00"),
        ("visit 2", 3, "2026-10-20 00:00"),
    ]
    assert docket.events() == []


@pytest.mark.parametrize("docket", ["zhejiang", "xian-huyi", "jiangsu"], indirect=True)
def test_no_other_region_has_defaults(docket: Docket) -> None:
    """Product rule 1: where nothing is laid down, nobody's silence becomes a rating."""
    docket.cases(finished())
    done = docket.settle("2027-10-17 00:00")
    assert (done.defaults, done.reminders) == (0, 0)


def test_an_unfinished_case_gets_none_and_a_late_finish_is_counted_from_the_finish(docket: Docket) -> None:
    """taian 二(四)4: finished cases only."""
    docket.cases({"case": CASE, "as_of": DAY, "kind": "committed", "received_at": DAY})
    assert docket.settle("2026-11-30 00:00").reminders == 0
    docket.cases({"case": CASE, "as_of": "2026-11-30", "finished_at": "2026-11-30 10:00"})
    assert docket.settle("2026-12-01 10:00").reminders == 0
    assert docket.settle("2026-12-02 00:00").reminders == 1


@pytest.mark.parametrize("at", ["2026-10-10 12:00", "2026-11-20 12:00"])
def test_a_given_rating_withdraws_a_default_and_keeps_it(docket: Docket, at: str) -> None:
    """A given rating always beats a default, with an earlier or a later time."""
    docket.cases(finished())
    docket.settle("2026-10-11 00:05")
    docket.settle("2026-10-17 00:00")
    docket.ratings(sms("s1", 1, at))
    assert docket.settle("2026-11-21 00:00").withdrawn == 1
    assert docket.roles(CASE) == [("case", "stands", 1), ("case", "withdrawn", 4)]
    assert [one["withdrawn"] for one in docket.defaults()] == [True]
    assert docket.settle("2026-12-21 00:00").withdrawn == 0


def test_whoever_rated_is_neither_reminded_nor_given_a_default(docket: Docket) -> None:
    docket.ratings(sms("s1"))
    docket.cases(finished())
    done = docket.settle("2027-01-01 00:00")
    assert (done.reminders, done.defaults, docket.events()) == (0, 0, [])


# --- other channels -----------------------------------------------------------------------------------------------------


def test_every_order_of_arrival_ends_the_same(docket: Docket) -> None:
    """Issue 4: the same case in two channels ends the same whatever the order of arrival."""
    ends = []
    for place, order in enumerate(itertools.permutations("abc")):
        case = f"2026TA00010{place}"
        told = {
            "a": lambda case=case, place=place: docket.ratings(sms(f"a{place}", 2, f"{DAY} 11:00", case)),
            "b": lambda case=case, place=place: docket.ratings(sms(f"b{place}", 5, f"{DAY} 12:00", case, visit="1")),
            "c": lambda case=case: docket.cases(finished(case)),
        }
        for step in order:
            assert told[step]() == ["accepted"]
            docket.settle("2026-10-09 13:00")
        ends.append([(one["id"][0], one["unit"], one["role"], one["marks"]) for one in docket.standing(case)["ratings"]])
    assert ends == [[("a", "case", "stands", []), ("b", "case", "later", ["already_rated"])]] * 6


def test_a_rating_comes_in_once_and_is_never_replaced(docket: Docket) -> None:
    assert docket.ratings(sms("s1"), sms("s1"), sms("s1", 1)) == ["accepted", "duplicate", "id_taken"]
    assert [(one["id"], one["level"]) for one in docket.others()] == [("s1", 5)]


def test_an_unlinked_phone_rating_is_apart(docket: Docket) -> None:
    """It never blocks or replaces another; a bad one is answered all the same."""
    docket.cases(finished())
    docket.ratings(sms("p1", 1, case=None) | {"channel": "phone"}, sms("s1"))
    docket.settle("2026-10-10 00:00")
    assert docket.roles(CASE) == [("case", "stands", 5)]
    assert {one["id"]: one["linked"] for one in docket.others()} == {"p1": False, "s1": True}
    assert [one["rating"] for one in docket.duties(only_open=True)] == ["p1"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"case": "11010519491231002X", "as_of": DAY}, "identity_number"),
        ({"case": CASE, "as_of": DAY, "matter_name": "王 11010519491231002X"}, "identity_number"),
        ({"case": "甲", "as_of": DAY}, "case_number"),
        ({"case": CASE, "as_of": "yesterday!"}, "time"),
        ({"case": CASE, "as_of": "1970-01-01"}, "time"),
        ({"case": CASE, "as_of": DAY, "kind": "other"}, "unreadable"),
        ({"case": CASE, "as_of": DAY, "rater": "x"}, "unreadable"),
        ({"case": CASE, "as_of": DAY, "region": "atlantis"}, "unknown_region"),
        (None, "unreadable"),
    ],
)
def test_what_cannot_be_a_statement_is_refused_by_itself(docket: Docket, row: Any, code: str) -> None:
    assert docket.cases(row, finished()) == [code, "accepted"]


# --- terminals, batches, duties, findings -------------------------------------------------------------------------------


def batch(window: Window, level: int, *cases: str) -> str:
    """A rating of several cases at a window; its session."""
    chain, session = window.chain(), uuid7()
    data = opened(cases[0])
    data["ticket"] |= {"cases": [data["ticket"]["cases"][0] | {"number": case} for case in cases], "grouping": "batch"}
    lines = [
        chain.write("session_opened", data | {"covered": list(cases)}, session),
        chain.write("star_chosen", {"level": level, "offset_ms": 900, "source": "touch"}, session),
        chain.write("session_closed", {"outcome": "rated", "submitted": False}, session),
    ]
    assert window.statuses(lines) == ["accepted"] * 3
    return session


def read(platform: RunningPlatform, path: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{platform.url}/v1/{path}", headers={"Authorization": f"Bearer {platform.viewer_token}"}, timeout=10)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_batch_is_expanded_to_its_cases_while_the_rating_stays_one(platform: RunningPlatform) -> None:
    """taian 二(四)2: one rating, applied to all; counts are conserved, and a rating alone before it keeps its case."""
    window = Window(platform.url).enroll(platform.claim())
    alone = window.chain().session(5, case=CASE)
    window.send(alone)
    session = batch(window, 1, CASE, OTHER, "2026TA000003")
    run_once(platform.database)
    placed = [one | {"case": item["case"]} for item in read(platform, "standings") for one in item["ratings"]]
    of_batch = [one for one in placed if one["id"] == session]
    assert len(of_batch) == 3 and {one["covers"] for one in of_batch} == {3}
    assert sorted((one["case"], one["role"]) for one in of_batch) == [
        (CASE, "later"),
        (OTHER, "stands"),
        ("2026TA000003", "stands"),
    ]
    assert sum(1 / one["covers"] for one in placed) == pytest.approx(len(platform.ratings()))
    assert [one["rating"] for one in read(platform, "duties")] == [session]


def test_duties_are_told_recorded_and_end(platform: RunningPlatform, capsys: pytest.CaptureFixture[str]) -> None:
    """taian 二(五)1 to 3: due at once; recorded steps start the next terms; a finding ends it and deletes nothing."""
    window = Window(platform.url).enroll(platform.claim())
    session = batch(window, 2, CASE)

    def command(*words: str) -> Any:
        capsys.readouterr()
        assert cli.main([*words, "--db", platform.db_url, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    def duties() -> dict[str, dict[str, Any]]:
        command("defaults", "run")
        (item,) = read(platform, "duties")
        return {one["duty"]: one for one in item["duties"]}

    assert [name for name, one in duties().items() if one["open"]] == ["contact", "rectification"]
    assert command("duty", "record", session, "contact")["new"] is True
    assert command("duty", "record", session, "contact")["new"] is False
    command("duty", "record", session, "rectification")
    owed = duties()
    assert owed["contact"]["done_at"] is not None and owed["return_visit"]["deadline"] is not None
    assert [name for name, one in owed.items() if one["open"]] == ["return_visit"]
    found = ("finding", "record", session, "--confirmed-by", "管理机构")
    assert command(*found, "--kind", "malicious")["new"] is True
    assert duties() == {}
    assert [one["role"] for item in read(platform, "standings") for one in item["ratings"]] == ["not_counted"]
    command(*found, "--kind", "valid")
    assert "return_visit" in duties()
    assert [one["level"] for one in platform.ratings()] == [2], "the rating itself stays as it is"
    assert [one["kind"] for one in listed_events(platform.database)] == ["duty_due"]


def test_integration_by_token(platform: RunningPlatform) -> None:
    """Business systems have a token of their own, which opens nothing else; events wait until they are acknowledged."""
    name = viewer.INTEGRATION
    token = platform.database.write(lambda connection: create_token(connection, replace=True, name=name))

    def ask(method: str, path: str, token: str | None, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, f"{platform.url}/v1/{path}", json=body, headers=headers, timeout=10)

    for path, body in (("cases", {"cases": []}), ("channel-ratings", {"ratings": []}), ("events/acknowledged", {"ids": []})):
        assert [ask("POST", path, who, body).status_code for who in (None, platform.viewer_token, token)] == [401, 401, 200]
    assert [ask("GET", "events", who).status_code for who in (None, platform.viewer_token, token)] == [401, 401, 200]
    for path in ("standings", "duties", "ratings/defaults", "ratings/others"):
        assert [ask("GET", path, who).status_code for who in (None, token, platform.viewer_token)] == [401, 401, 200]
    answer = ask("POST", "cases", token, {"cases": [finished(), 7]}).json()["results"]
    assert [one["status"] for one in answer] == ["accepted", "refused"]
    ask("POST", "channel-ratings", token, {"ratings": [sms("s1", 1)]})
    run_once(platform.database)
    (event,) = ask("GET", "events", token).json()["items"]
    assert (event["kind"], event["rating"], event["duty"]) == ("duty_due", "s1", "contact")
    assert ask("POST", "events/acknowledged", token, {"ids": [event["id"]]}).json() == {"acknowledged": 1}
    assert ask("POST", "events/acknowledged", token, {"ids": [event["id"]]}).json() == {"acknowledged": 0}
    assert ask("GET", "events", token).json()["items"] == []


# --- the command --------------------------------------------------------------------------------------------------------


def test_a_rehearsal_keeps_nothing_and_nothing_is_made_ahead_of_time(
    docket: Docket, platform_db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    docket.cases(finished())
    assert rehearse(docket.database, now_ms()).reminders == 1
    assert docket.events() == []
    run = ["defaults", "run", "--at", "2099-01-01T00:00:00+08:00", "--db", platform_db]
    assert cli.main(run) == 1
    assert "no rating is made before its time" in capsys.readouterr().err
    assert cli.main([*run, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] is False
    assert docket.events() == []


def test_files_are_taken_in_as_often_as_one_likes(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    url = sqlite_url(tmp_path)
    open_database(url).close()
    (tmp_path / "c.csv").write_text(f"case,as_of,finished_at\n{CASE},{DAY},\n坏,{DAY},\n", "utf-8")
    (tmp_path / "r.ndjson").write_text(json.dumps(sms("s1")) + "\n{broken\n", "utf-8")
    for verb, file in (("case", "c.csv"), ("rating", "r.ndjson")):
        for status in ("accepted", "duplicate"):
            assert cli.main([verb, "import", str(tmp_path / file), "--db", url, "--json"]) == 1
            said = capsys.readouterr()
            assert json.loads(said.out) == {"accepted": 0, "duplicate": 0, "refused": 1} | {status: 1}
            assert f"{file}:{3 if verb == 'case' else 2}: " in said.err
    assert cli.main(["case", "import", str(tmp_path / "none.csv"), "--db", url]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert cli.main(["defaults", "run", "--db", url]) == 1
    assert "knows no region yet" in capsys.readouterr().err
    assert cli.main(["finding", "record", "nobody", "--kind", "mistaken", "--confirmed-by", "x", "--db", url]) == 1
    assert "there is no given rating with this id" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("case", "import"),
        ("rating", "import"),
        ("defaults", "run"),
        ("finding", "record"),
        ("duty", "record"),
        ("integration-token",),
    ],
)
def test_every_help_has_an_example(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    assert f"example: central-platform {' '.join(words)}" in capsys.readouterr().out


def test_the_server_settles_by_itself(platform_db: str) -> None:
    """A default or an event needs no command: `serve` looks every few seconds."""
    with PlatformProcess(platform_db) as process:
        database = open_database(platform_db)
        try:
            docket = Docket(database, "taian")
            docket.ratings(sms("s1", 1))
            assert wait_for(lambda: [one["kind"] for one in docket.events()]) == ["duty_due"]
            assert process.stop() == 0
        finally:
            database.close()


def wait_for(look: Any) -> Any:
    end = time.monotonic() + 20
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_what_looks_at_what_fell_due_goes_on_after_a_fault(docket: Docket, caplog: pytest.LogCaptureFixture) -> None:
    """A row that nothing here wrote ends a pass, not all that come after it; the log says where, and nothing of the row."""
    docket.ratings(sms("s1"))
    held = sa.update(channel_ratings)
    whole = docket.database.read(lambda connection: connection.execute(sa.select(channel_ratings.c.document)).scalar_one())
    docket.database.write(lambda connection: connection.execute(held.values(document="unreadable-by-anybody")))
    with Settling(docket.database, after_bug_s=0.05):
        assert wait_for(lambda: "internal error" in caplog.text)
        docket.database.write(lambda connection: connection.execute(held.values(document=whole)))
        assert wait_for(lambda: [one["case"] for one in docket.page(listing.standings_after)]) == [CASE]
    assert "unreadable-by-anybody" not in caplog.text


# --- what other channels tell beside the level --------------------------------------------------------------------------


def test_reasons_from_other_channels_are_the_catalogues(docket: Docket) -> None:
    """guangdong 第五条: reasons are set centrally. A code of the level is kept with the text that it has; no other is taken."""
    rows = (
        sms("s1", 1, reasons=["108", "109", "108"]),
        sms("s1", 1, reasons=["108", "109", "108"]),
        sms("s1", 1, reasons=["109"]),
        sms("s2", 1, reasons=["208"]),
        sms("s3", 1, reasons=["999"]),
        sms("s4", 1, reasons="108 109"),
    )
    assert docket.ratings(*rows) == ["accepted", "duplicate", "id_taken", "unknown_reason", "unknown_reason", "accepted"]
    assert [(one["id"], one["reasons"], one["words"]) for one in docket.others()] == [
        ("s1", ["108", "109"], False),
        ("s4", ["108", "109"], False),
    ]


def test_words_from_other_channels_are_sealed(
    docket: Docket, platform_db: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """guangdong 第十一条, taian 三(一): the rater's words are listed nowhere, and opened by command alone."""
    secret = "窗口排队两个小时"
    assert docket.ratings(sms("s1", 1, text=secret), sms("s1", 1, text=secret), sms("s1", 1, text="别的")) == [
        *("accepted", "duplicate", "id_taken")
    ]
    assert docket.ratings(sms("s2", 1, text="身份证11010519491231002X")) == ["identity_number"]
    (listed,) = docket.others()
    assert listed["words"] is True and secret not in json.dumps(listed, ensure_ascii=False)
    stored = docket.database.read(lambda connection: connection.execute(sa.select(channel_ratings.c.document)).scalar_one())
    assert secret not in stored and json.loads(stored)["sealed"]
    capsys.readouterr()
    assert cli.main(["person", "open", "s1", "--db", platform_db, "--json"]) == 0
    assert [one["text"] for one in json.loads(capsys.readouterr().out)["words"]] == [secret]
    assert secret not in caplog.text


def test_an_imported_file_may_carry_reasons_and_words(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    url = sqlite_url(tmp_path)
    database = open_database(url)
    docket = Docket(database, "taian")
    (tmp_path / "r.csv").write_text(
        f"id,channel,level,at,case,reasons,text\n"
        f"h1,hotline_12345,1,{DAY} 12:00,{CASE},108 109,排队太久\nh2,sms,5,{DAY} 12:00,,,\n",
        "utf-8",
    )
    assert cli.main(["rating", "import", str(tmp_path / "r.csv"), "--db", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] == 2
    assert [(one["reasons"], one["words"]) for one in docket.others()] == [(["108", "109"], True), ([], False)]
    database.close()
