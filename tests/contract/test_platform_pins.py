"""Administrators' PINs at the platform: given by number, kept as a hash in the roster, kept when a new staff file comes.

Source: issue 5, point 7; docs/platform.md.
"""

import io
import json
from pathlib import Path

import pytest
from support.platform import running_platform, sqlite_url
from support.window import Window

from central_platform.cli import main as run_platform
from sync import wire
from terminal_app.domain.pin import matches
from terminal_app.domain.signed import open_document
from terminal_app.domain.staff import StaffRoster

COLUMNS = "number,name,post,role,cards\n"
STAFF = COLUMNS + "0009,赵明远,信息管理岗,administrator,04AAAAAA\n0823,王慧敏,综合受理岗,clerk,04A1B2C3\n"
PIN = "280616"


@pytest.fixture
def db(tmp_path: Path) -> str:
    url = sqlite_url(tmp_path)
    import_staff(url, tmp_path, STAFF)
    return url


def import_staff(url: str, folder: Path, text: str) -> None:
    (folder / "staff.csv").write_text(text, "utf-8")
    assert run_platform(["staff", "import", str(folder / "staff.csv"), "--db", url]) == 0


def give_pin(url: str, number: str, pin: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
    return run_platform(["staff", "pin", number, "--stdin", "--db", url, "--json"])


def roster(url: str) -> StaffRoster:
    """As a terminal downloads it."""
    with running_platform(url) as platform:
        window = Window(platform.url).enroll(platform.claim())
        return StaffRoster.from_document(open_document(window.get(wire.STAFF).content, window.platform_key))


def test_a_terminal_gets_the_hash_of_a_pin_and_a_new_staff_file_takes_it_from_nobody(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert give_pin(db, "0009", PIN, monkeypatch) == 0
    said = capsys.readouterr().out
    assert json.loads(said) == {"number": "0009", "version": "2"}
    import_staff(db, tmp_path, STAFF + "0517,李建国,综合受理岗,clerk,\n")
    held = roster(db)
    assert list(held.pins) == ["0009"]
    assert matches(held.pins["0009"], PIN)
    assert held.version == "3"
    assert PIN not in held.pins["0009"]


def test_another_pin_replaces_the_first_and_whoever_is_no_administrator_any_more_loses_it(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pin in (PIN, "902468"):
        assert give_pin(db, "0009", pin, monkeypatch) == 0
    assert matches(roster(db).pins["0009"], "902468")
    import_staff(db, tmp_path, STAFF.replace("administrator", "clerk"))
    assert roster(db).pins == {}


@pytest.mark.parametrize(
    ("number", "pin", "said"),
    [
        ("0823", PIN, "no administrator has the number 0823"),
        ("9999", PIN, "no administrator has the number 9999"),
        ("0009", "1234", "6 to 12 digits"),
        ("0009", "111111", "the first that anybody tries"),
    ],
)
def test_what_is_refused_is_told_and_changes_nothing(
    db: str, number: str, pin: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert give_pin(db, number, pin, monkeypatch) == 1
    told = capsys.readouterr().err
    assert said in told and pin not in told
    assert roster(db).version == "1"


def test_two_pins_that_differ_are_refused(db: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """At a terminal it is asked for twice, and never shown."""
    typed = iter((PIN, "902468"))
    monkeypatch.setattr("central_platform.cli.getpass", lambda prompt: next(typed))
    assert run_platform(["staff", "pin", "0009", "--db", db]) == 1
    assert "differ" in capsys.readouterr().err
