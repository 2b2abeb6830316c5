"""Regions side by side on one platform, catalogues version beside version, and imported years. Issue 4, points 1, 4 and 5."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.window import Window, uuid7

from central_platform import cli
from central_platform.calendars import working_calendar
from central_platform.database import open_database
from sync import wire
from terminal_app.application.documents import BadDocument, read_catalogue, read_policy
from terminal_app.domain.policy import Page, RegionPolicy
from terminal_app.domain.rating import ReasonCatalogue
from terminal_app.domain.signed import open_document
from terminal_app.regions.library import read_shipped

SHIPPED = read_shipped("reasons-2020.csv")
CLAIM = ("claim", "create", "--hall", "大厅", "--window", "3号", "--number", "A3")
PACK = """
id = "hainan"
version = "1"
base = "national"
name = {{ zh-CN = "海南省", en = "Hainan" }}
[rules.catalogue]
value = {{ id = "{catalogue}", version = "{version}" }}
source = "hainan 第一条"
zh-CN = "用自己的清单。"
en = "It has a list of its own."
"""


class Command:
    """`central-platform` in this process, on one database."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.db = sqlite_url(folder)
        self._captured = captured

    def __call__(self, *words: str, code: int = 0) -> str:
        """What it said, on either stream."""
        self._captured.readouterr()
        assert cli.main([*words, "--db", self.db]) == code, self._captured.readouterr()
        said = self._captured.readouterr()
        return said.out + said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return str(self.folder / name)

    def list(self) -> dict[str, dict[str, Any]]:
        """`catalogue list` by id and version."""
        return {f"{row['id']} {row['version']}": row for row in self.json("catalogue", "list")["catalogues"]}


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


def policy_of(window: Window, platform: RunningPlatform) -> RegionPolicy:
    return RegionPolicy.from_document(document(window, wire.POLICY))


def document(window: Window, path: str) -> dict[str, Any]:
    answer = window.get(path)
    assert answer.status_code == 200
    return dict(json.loads(answer.content)["body"])


# --- regions side by side ---------------------------------------------------------------------------------------------


def test_windows_of_one_platform_rate_by_the_rules_of_their_regions(command: Command) -> None:
    """The platform assigns a region per window (claim) and per device; without one it is the region of `serve`."""
    with running_platform(command.db) as platform:
        own = Window(platform.url).enroll(platform.claim())
        other = Window(platform.url).enroll(command.json(*CLAIM, "--region", "jiangsu")["claim"])
        assert (policy_of(own, platform).id, policy_of(other, platform).id) == ("taian", "jiangsu")
        assert policy_of(other, platform).page is Page.PLATFORM
        moved = command.json("device", "assign", own.device, "--region", "zhejiang")
        assert moved == {"device": own.device, "region": "zhejiang"}
        assert policy_of(own, platform).follow_ups == 1
        assert ReasonCatalogue.from_document(document(own, wire.CATALOGUE)).id == "reasons-2020"
    with running_platform(command.db) as again:
        assert {one["uuid"]: one["region"] for one in command.json("device", "list")["devices"]} == {
            own.device: "zhejiang",
            other.device: "jiangsu",
        }
        del again


def test_an_unknown_region_or_device_changes_nothing(command: Command) -> None:
    with running_platform(command.db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        assert "there is no region 'atlantis'" in command("device", "assign", window.device, "--region", "atlantis", code=2)
        assert "there is no region 'atlantis'" in command(*CLAIM, "--region", "atlantis", code=2)
        assert "there is no device nobody" in command("device", "assign", "nobody", "--region", "taian", code=1)
        assert policy_of(window, platform).id == "taian"


def test_a_sixth_region_with_a_list_of_its_own(command: Command) -> None:
    """A sixth is a file, not a release: its catalogue is imported, its pack is assigned."""
    pack = command.file("hainan.toml", PACK.format(catalogue="reasons-hainan", version="7"))
    with running_platform(command.db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        missing = command("device", "assign", window.device, "--region", pack, code=2)
        assert "names the catalogue reasons-hainan 7, which is not held here" in missing
        own = command.file("own.csv", "code,level,core,text,text_en\n108,1,1,甲,A\n")
        command("catalogue", "import", own, "--id", "reasons-hainan", "--version", "7")
        command("device", "assign", window.device, "--region", pack)
        assert policy_of(window, platform).id == "hainan"
        (reason,) = ReasonCatalogue.from_document(document(window, wire.CATALOGUE)).reasons
        assert reason.texts == {"zh-CN": "甲", "en": "A"}


# --- catalogues -------------------------------------------------------------------------------------------------------


def without(*codes: str) -> str:
    head, *rows = SHIPPED.splitlines()
    return "\n".join([head, *(row for row in rows if row.split(",")[0] not in codes)]) + "\n"


def test_versions_stand_side_by_side_until_they_are_retired(command: Command) -> None:
    with running_platform(command.db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        second = command.file("second.csv", without("108") + "116,1,1,新,New\n")
        told = command.json("catalogue", "import", second, "--id", "reasons-2020", "--version", "2")
        assert told == {"id": "reasons-2020", "version": "2", "reasons": 40, "new": True}
        assert command.json("catalogue", "import", second, "--id", "reasons-2020", "--version", "2")["new"] is False
        held = command.list()
        assert {name: (row["state"], row["regions"]) for name, row in held.items()} == {
            "reasons-2020 1": ("in force", ["taian"]),
            "reasons-2020 2": ("in force", []),
        }
        assert marks(window, "108", "116", "199") == [[], [], ["unknown_reason"]]
        assert "is what taian rates by" in command("catalogue", "retire", "reasons-2020", "--version", "1", code=1)
        command("catalogue", "retire", "reasons-2020", "--version", "2")
        assert command.list()["reasons-2020 2"]["state"] == "retired"
        assert marks(window, "108", "116", "199") == [[], ["retired_reason"], ["unknown_reason"]]


def marks(window: Window, *codes: str) -> list[list[str]]:
    """The objections to reasons of level 1, which are stored in any case."""
    sent = [
        window.chain().write("reason_toggled", {"level": 1, "code": code, "text": "x", "on": True}, uuid7()) for code in codes
    ]
    results = [window.send([entry])["results"][0] for entry in sent]
    assert [one["status"] for one in results] == ["accepted"] * len(codes)
    return [one["marks"] for one in results]


def test_a_retired_reason_is_marked_and_its_code_never_comes_back(command: Command) -> None:
    with running_platform(command.db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        assert marks(window, "108", "109") == [[], []]
        assert command.json("catalogue", "retire", "reasons-2020", "--reason", "108")["changed"] is True
        assert command.json("catalogue", "retire", "reasons-2020", "--reason", "108")["changed"] is False
        assert marks(window, "108", "109") == [["retired_reason"], []]
        assert command.list()["reasons-2020 1"]["retired_reasons"] == ["108"]
        again = command.file("again.csv", SHIPPED)
        said = command("catalogue", "import", again, "--id", "reasons-2020", "--version", "2", code=1)
        assert "code: '108' is not allowed; allowed: a code that was never retired" in said
        assert "there is no catalogue reasons-2020 with a reason 999" in command(
            "catalogue", "retire", "reasons-2020", "--reason", "999", code=1
        )


@pytest.mark.parametrize(
    ("text", "version", "message"),
    [
        (without("108"), "1", "reasons-2020 1 is held with other reasons, and a version never changes"),
        (
            SHIPPED.replace("多头跑窗口和部门", "别的意思"),
            "2",
            "line 39: code: '113' is not allowed; allowed: a code of its own",
        ),
        (SHIPPED.replace("214,2,", "214,1,"), "2", "line 33: code: '214' is not allowed; allowed: a code of its own"),
        (
            SHIPPED + "108,1,1,重复,Twice\n",
            "2",
            "line 42: code: '108' is not allowed; allowed: a code that stands on no other line",
        ),
        (SHIPPED + "116,1,1,,Empty\n", "2", "line 42: text: '' is not allowed; allowed: some text"),
        (SHIPPED + "116,6,1,甲,A\n", "2", "line 42: level: '6' is not allowed; allowed: 1, 2, 3, 4, 5"),
        ("code,level\n", "2", "line 1: 'code,level' is not allowed"),
    ],
)
def test_what_is_refused_changes_nothing(command: Command, text: str, version: str, message: str) -> None:
    """Issue 4, point 5: duplicates, wrong level, empty, reused code."""
    with running_platform(command.db):
        before = command.list()
        file = command.file("list.csv", text)
        assert message in command("catalogue", "import", file, "--id", "reasons-2020", "--version", version, code=1)
        assert command.list() == before


def test_a_site_can_add_no_reason(command: Command) -> None:
    """Lists are managed centrally: what the platform's key did not sign is not taken, and a code of one's own is marked."""
    with running_platform(command.db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        line = window.get(wire.CATALOGUE).content
        key = platform.database.write(cli.load_identity).public_key
        assert len(read_catalogue(line, key).reasons) == 40
        held = open_document(line, key)
        assert held["reasons"][0]["code"] == "510"
        added = line.replace(b'"code":"510"', b'"code":"599"')
        assert added != line
        with pytest.raises(BadDocument):
            read_catalogue(added, key)
        with pytest.raises(BadDocument):
            read_policy(line, key)
        assert marks(window, "599") == [["unknown_reason"]]


# --- years ------------------------------------------------------------------------------------------------------------


def test_further_years_are_imported(command: Command) -> None:
    """Issue 4, point 4: importable years, provisional beyond."""
    rows = "2027,01-01,01-03,notice of 2026\n"
    file = command.file("2027.csv", f"year,off,work,source\n{rows}")
    assert command.json("calendar", "import", file) == {"changed": [2027]}
    assert command.json("calendar", "import", file) == {"changed": []}
    assert "2027  1 days off, 1 weekend days at work  notice of 2026" in command("calendar", "show")
    database = open_database(command.db)
    calendar = database.read(working_calendar)
    database.close()
    assert calendar.knows(date(2027, 1, 1)) and calendar.knows(date(2004, 1, 1)) and not calendar.knows(date(2028, 1, 1))
    assert not calendar.is_working(date(2027, 1, 1)) and calendar.is_working(date(2027, 1, 3))
    bad = command.file("bad.csv", f"year,off,work,source\n{rows}{rows}")
    assert "line 3: year: 2027 is not allowed" in command("calendar", "import", bad, code=1)
    assert "cannot be read" in command("calendar", "import", str(command.folder / "none.csv"), code=1)


@pytest.mark.parametrize(
    "words",
    [
        ("catalogue", "import"),
        ("catalogue", "list"),
        ("catalogue", "retire"),
        ("calendar", "import"),
        ("calendar", "show"),
        ("device", "assign"),
    ],
)
def test_every_help_has_an_example(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    assert f"example: central-platform {' '.join(words)}" in capsys.readouterr().out


def test_rules_that_have_ended_are_warned_of_and_apply(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """guangdong 第二十一条: whoever chooses the pack after its half year hears so, and may."""
    place = ["--hall", "h", "--window", "w", "--number", "1", "--db", sqlite_url(tmp_path)]
    for region, warned in (("guangdong", True), ("taian", False)):
        assert cli.main(["claim", "create", *place, "--region", region]) == 0
        assert ("warning: the rules of guangdong ended on 2020-02-15" in capsys.readouterr().err) is warned
