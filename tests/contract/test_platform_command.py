"""The command `central-platform`: output, exit codes, restart, and ends that are clean. Issue, “Commands”."""

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import requests
from support.platform import PlatformProcess, running_platform, sqlite_url
from support.postgres import PostgresServer
from support.window import Window

from central_platform import cli, staff_file
from sync import wire
from terminal_app.domain.enrolment import Claim
from terminal_app.domain.signed import open_document
from terminal_app.domain.staff import StaffRoster

COMMANDS = [
    ("serve",), ("import",), ("claim", "create"), ("staff", "import"),
    ("device", "list"), ("device", "revoke"), ("device", "reinstate"), ("viewer-token",), ("verify",),
    ("paper", "form"), ("paper", "enter"), ("paper", "confirm"), ("paper", "list"), ("paper", "scan"), ("report", "monthly"),
]  # fmt: skip
CLAIM = ("claim", "create", "--hall", "大厅", "--window", "3号", "--number", "A3")


def run(*words: str) -> int:
    """The command in this process; its exit code."""
    try:
        return cli.main(words)
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_has_an_example_and_the_exit_codes(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """issue: each has --help with an example, exit codes documented."""
    assert run(*words, "--help") == 0
    text = capsys.readouterr().out
    assert f"example: central-platform {' '.join(words)}" in text
    assert "exit codes: 0 done" in text


def test_the_bare_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert "usage: central-platform" in capsys.readouterr().err


def test_the_module_runs_and_says_what_is_missing() -> None:
    """`python -m central_platform`; without its libraries it names the remedy."""
    good = subprocess.run([sys.executable, "-m", "central_platform", "--help"], capture_output=True, text=True, timeout=30)
    assert good.returncode == 0
    code = "import sys; sys.modules['sqlalchemy']=None; from central_platform.__main__ import main; sys.exit(main())"
    bare = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert bare.returncode == 3
    assert "pip install 'rating-terminal[platform]'" in bare.stderr
    assert "Traceback" not in bare.stderr


def test_a_claim_is_printed_alone_or_as_json(platform_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*CLAIM, "--db", platform_db) == 0
    text = capsys.readouterr().out
    assert re.fullmatch(r"(?:[A-Z2-7]{4}-){12}[A-Z2-7]{4}\n", text)
    assert run(*CLAIM, "--db", platform_db, "--json", "--valid-hours", "1") == 0
    value = json.loads(capsys.readouterr().out)
    assert Claim.parse(value["claim"]).fingerprint == Claim.parse(text).fingerprint
    assert value["expires_at"].endswith("+00:00")


@pytest.mark.parametrize("wrong", [("--valid-hours", "0"), ("--valid-hours", "x"), ("--hall",)])
def test_a_wrong_claim_is_wrong_usage(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    assert run(*CLAIM, "--db", sqlite_url(tmp_path), *wrong) == 2


def test_devices_are_listed_revoked_and_reinstated(platform_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    with running_platform(platform_db) as platform:
        window = Window(platform.url).enroll(platform.claim(hall="大厅", name="3号"))
        assert run("device", "list", "--db", platform_db, "--json") == 0
        (listed,) = json.loads(capsys.readouterr().out)["devices"]
        assert (listed["uuid"], listed["hall"], listed["revoked_at"]) == (window.device, "大厅", None)
        assert run("device", "revoke", window.device, "--db", platform_db) == 0
        assert window.get(wire.POLICY).status_code == 403
        assert run("device", "list", "--db", platform_db) == 0
        assert f"{window.device}  revoked  大厅  3号" in capsys.readouterr().out
        assert run("device", "reinstate", window.device, "--db", platform_db, "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"device": window.device, "state": "active"}
        assert window.get(wire.POLICY).status_code == 200
        assert run("device", "revoke", "nobody", "--db", platform_db) == 1
        assert "device list" in capsys.readouterr().err


def test_a_new_viewer_token_ends_the_old_one(platform_db: str, capsys: pytest.CaptureFixture[str]) -> None:
    with running_platform(platform_db) as platform:
        url = f"{platform.url}{wire.API}/ratings"

        def status(token: str) -> int:
            return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code

        assert run("viewer-token", "--db", platform_db) == 0
        token = capsys.readouterr().out.strip()
        assert (status(token), status(platform.viewer_token)) == (200, 401)


COLUMNS = "number,name,post,role,cards\n"
GOOD_STAFF = COLUMNS + "T-7,张三,受理,clerk,04a1b2c3 04A1B2C3D4E5F6\nT-1,李四,,administrator,\n\nT-9,王五,,,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_staff_are_imported_from_what_people_write(
    platform_db: str, tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue: staff import; card UIDs canonical (device protocols: upper-case hex of the raw bytes)."""
    file = tmp_path / "staff.csv"
    file.write_bytes(GOOD_STAFF.encode(encoding))
    assert run("staff", "import", str(file), "--db", platform_db, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"version": "1", "changed": True, "members": 3, "cards": 2}
    assert run("staff", "import", str(file), "--db", platform_db) == 0
    assert capsys.readouterr().out == "3 members with 2 cards; roster 1 was in force already\n"
    with running_platform(platform_db) as platform:
        window = Window(platform.url).enroll(platform.claim())
        document = open_document(window.get(wire.STAFF).content, window.platform_key)
    roster = StaffRoster.from_document(document)
    assert {uid: member.name for uid, member in roster.by_card.items()} == {"04A1B2C3": "张三", "04A1B2C3D4E5F6": "张三"}


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "line 1: the columns must be number,name,post,role,cards"),
        ("number;name;post;role;cards\n", "line 1: the columns must be"),
        (COLUMNS + "T-7,张三,受理\n", "line 2: 3 columns instead of 5"),
        (COLUMNS + ",张三,受理,clerk,\n", "line 2: number is empty"),
        (COLUMNS + "T-7,,受理,clerk,\n", "line 2: name is empty"),
        (COLUMNS + "T-7,张三,受理,boss,\n", "line 2: role must be clerk or administrator"),
        (COLUMNS + "T-7,张三,,clerk,\nT-7,李四,,clerk,\n", "line 3: number T-7 stands on line 2 already"),
        (
            "number,name,post,role,cards\nT-7,张三,,clerk,04A1B2C3\nT-8,李四,,clerk,04a1b2c3\n",
            "line 3: card 04A1B2C3 stands on line 2",
        ),
        (COLUMNS + "T-7,张三,,clerk,04A1B2\n", "line 2: card 04A1B2 is not 8, 14 or 20 hex digits"),
        (COLUMNS + "T-7,张三,,clerk,XYXYXYXY\n", "line 2: card XYXYXYXY is not 8, 14 or 20 hex digits"),
        (COLUMNS + "T-7,张三,,clerk,08A1B2C3\n", "line 2: card 08A1B2C3 is a random number"),
        (COLUMNS + 'T-7,"张\n三",,clerk,\nT-8,,,clerk,\n', "line 4: name is empty"),
    ],
)
def test_a_flawed_staff_file_changes_nothing_and_names_the_lines(
    tmp_path: Path, text: str, flaw: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue: validated with line numbers; device protocols: random UIDs (first byte 08) are refused."""
    file = tmp_path / "staff.csv"
    file.write_text(text, encoding="utf-8")
    assert run("staff", "import", str(file), "--db", sqlite_url(tmp_path)) == 1
    assert flaw in capsys.readouterr().err
    assert not (tmp_path / "platform.sqlite").exists()


def test_all_flaws_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(COLUMNS + ",,,boss,1\nT-8,,,clerk,\n", encoding="utf-8")
    with pytest.raises(staff_file.StaffFileRefused) as refused:
        staff_file.read_staff(str(file))
    assert len(str(refused.value).splitlines()) == 5


@pytest.mark.parametrize("content", [None, b"\xff\xff\xff"])
def test_a_staff_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "staff.csv"
    if content is not None:
        file.write_bytes(content)
    assert run("staff", "import", str(file), "--db", sqlite_url(tmp_path)) == 1
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "--db is no database address"),
        ("mysql://host/name", "--db"),
        ("sqlite://", "--db needs a file"),
        ("sqlite:///:memory:", "--db needs a file"),
        ("sqlite:////proc/no/where/platform.sqlite", "cannot create"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot open the database"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_with_a_remedy(url: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """issue: a clear message; never a traceback."""
    assert run(*CLAIM, "--db", url) == 3
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("words", [("verify",), ("device", "list")])
def test_looking_at_a_database_does_not_make_one(
    tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--db", sqlite_url(tmp_path)) == 3
    assert "there is no database at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "platform.sqlite"
    file.write_bytes(b"not a database at all, but long enough to look like something")
    assert run("verify", "--db", sqlite_url(tmp_path)) == 3
    assert "cannot open the database" in capsys.readouterr().err
    assert file.read_bytes().startswith(b"not a database")


def test_a_database_of_a_newer_build_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """issue, bad input: a database from a newer build."""
    assert run(*CLAIM, "--db", sqlite_url(tmp_path)) == 0
    with sqlite3.connect(tmp_path / "platform.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert run("verify", "--db", sqlite_url(tmp_path)) == 3
    assert "a newer build wrote it" in capsys.readouterr().err


def test_the_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    """It holds the platform's signing key."""
    assert run(*CLAIM, "--db", f"sqlite:///{tmp_path}/inner/platform.sqlite") == 0
    assert stat.S_IMODE((tmp_path / "inner" / "platform.sqlite").stat().st_mode) == 0o600


def test_an_unknown_region_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("serve", "--db", sqlite_url(tmp_path), "--port", "0", "--region", "atlantis") == 2
    assert "taian" in capsys.readouterr().err


def test_a_busy_port_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """issue: port busy → clear error."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--db", sqlite_url(tmp_path), "--port", str(port)) == 3
    error = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1 port {port}: another program listens there" in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_it_cleanly_even_with_an_open_stream(tmp_path: Path, number: signal.Signals) -> None:
    """issue: Ctrl-C leaves nothing running and nothing broken."""
    with PlatformProcess(sqlite_url(tmp_path)) as process:
        assert process.ready["database"] == "sqlite"
        assert process.ready["live"] == f"{process.url}/?token={process.ready['viewer_token']}"
        headers = {"Authorization": f"Bearer {process.ready['viewer_token']}"}
        with requests.get(process.url + "/live", headers=headers, stream=True, timeout=10) as stream:
            lines = stream.iter_lines(chunk_size=1)
            assert next(lines) == b"retry: 1000"
            assert process.stop(number, within_s=5) == 0
            assert all(b"rating" not in line for line in lines if line.startswith(b"event: r") and line != b"event: reasons")
    leftover = [path.name for path in tmp_path.iterdir()]
    assert leftover == ["platform.sqlite"]


def test_what_was_answered_survives_a_kill(platform_db: str) -> None:
    """architecture §4.6: an acknowledged entry is durable; identity, devices and token outlive the process."""
    with PlatformProcess(platform_db) as first:
        claim = subprocess.run(
            [sys.executable, "-m", "central_platform", *CLAIM, "--db", platform_db],
            capture_output=True, text=True, timeout=30, check=True, env={**os.environ, "PYTHONUTF8": "1"},
        ).stdout.strip()  # fmt: skip
        window = Window(first.url).enroll(claim)
        chain = window.chain()
        sent = chain.session(5)
        before = window.send(sent)
        token = first.ready["viewer_token"]
        first.kill()
    with PlatformProcess(platform_db) as second:
        assert second.ready["viewer_token"] is None
        again = Window(second.url, window.key)
        again.device, again.platform_key = window.device, window.platform_key
        after = again.send(sent)
        assert [one["status"] for one in after["results"]] == ["duplicate"] * 3
        heads = [open_document(one["checkpoints"][0].encode(), window.platform_key) for one in (before, after)]
        assert [head["seq"] for head in heads] == [3, 3]
        assert again.statuses(chain.session(4, case="2026TA000002")) == ["accepted"] * 3
        answer = requests.get(f"{second.url}/v1/ratings", headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert [item["level"] for item in answer.json()["items"]] == [5, 4]
        assert second.stop() == 0


def test_the_log_tells_no_secrets(tmp_path: Path) -> None:
    """architecture §10: no case numbers, names, levels or tokens in a log."""
    with PlatformProcess(sqlite_url(tmp_path)) as process:
        with running_platform(sqlite_url(tmp_path)) as beside:
            claim = beside.claim()
        window = Window(process.url).enroll(claim)
        window.send(window.chain().session(1, case="2026TA424242"))
        requests.get(process.url + "/", params={"token": "secret-token"}, timeout=10)
        window.post(wire.ENTRIES, b"{broken")
        process.process.send_signal(signal.SIGTERM)
        _, log = process.process.communicate(timeout=10)
    for secret in ("2026TA424242", "居民身份证办理", "secret-token", claim, claim[:9], window.device, "T-7", "level"):
        assert secret not in log


def test_a_locked_database_is_answered_with_try_again(tmp_path: Path) -> None:
    """wire: 5xx with Retry-After; nothing is stored and nothing lost. issue, bad input: a database locked."""
    with running_platform(sqlite_url(tmp_path)) as platform:
        window = Window(platform.url).enroll(platform.claim())
        sent = window.chain().session(5)
        other = sqlite3.connect(tmp_path / "platform.sqlite", isolation_level=None, timeout=0)
        other.execute("BEGIN IMMEDIATE")
        try:
            answer = window.post(wire.ENTRIES, wire.entries_payload([entry.line for entry in sent]))
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:rating-terminal:problem:storage-busy")
            assert int(answer.headers["Retry-After"]) >= 1
        finally:
            other.rollback()
            other.close()
        assert window.statuses(sent) == ["accepted"] * 3


def test_a_database_that_goes_away_and_comes_back(postgres: PostgresServer) -> None:
    """issue: PostgreSQL; a server that restarts costs a retry, one that is gone is told as 503 and by /healthz."""
    name = postgres.create(template=postgres.template)

    def administer(*statements: str) -> None:
        with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    drop_connections = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with running_platform(postgres.url_of(name)) as platform:
        window = Window(platform.url).enroll(platform.claim())
        chain = window.chain()
        administer(drop_connections)
        assert window.statuses(chain.session(5)) == ["accepted"] * 3
        sent = chain.session(4, case="2026TA000002")
        administer(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", drop_connections)
        body = wire.entries_payload([entry.line for entry in sent])
        assert window.post(wire.ENTRIES, body).status_code == 503
        assert requests.get(platform.url + "/healthz", timeout=10).status_code == 503
        assert requests.get(platform.url + "/metrics", timeout=10).status_code == 200
        administer(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert requests.get(platform.url + "/healthz", timeout=10).status_code == 200
        assert window.statuses(sent) == ["accepted"] * 3
