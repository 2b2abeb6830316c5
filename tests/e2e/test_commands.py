"""The commands of issue 2, point 8: an example in each help, documented exit codes, JSON for programs, a remedy per trouble."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from PySide6.QtWidgets import QApplication
from support.counter import Counter, Done, OpenKiosk, command, counter, fresh_case, kiosk_at, wait_until
from support.fault_server import FaultServer, Reply, make_certificate, problem, result, results
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.published import signed
from support.store_kit import enrolment_line

from central_platform.cli import main as central_platform_command
from terminal_app.commands.doctor import _transport
from terminal_app.commands.shared import is_chinese
from terminal_app.config import load
from terminal_app.domain.journal import Kind
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document
from terminal_app.store.opening import DATABASE
from terminal_app.store.schema import SCHEMA_VERSION
from terminal_app.store.unmendable import note_unmendable

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "run",
    "demo",
    "enroll",
    "doctor",
    "journal",
    "journal list",
    "journal verify",
    "journal export",
    "outbox",
    "outbox list",
    "outbox requeue",
    "devices",
    "devices scan",
    "devices test",
    "devices status",
    "devices watch",
    "devices record",
    "simulate",
    "simulate keypad",
    "simulate replay",
    "region",
    "region list",
    "region show",
    "region explain",
    "region diff",
    "region validate",
)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory, platform: RunningPlatform, qapp: QApplication) -> Iterator[Counter]:
    """A counter whose terminal has taken a bad rating with a reason, delivered it, and stands still."""
    with counter(tmp_path_factory.mktemp("rated") / "counter") as at:
        at.configure(platform.url)
        at.enroll(platform)
        with kiosk_at(at) as kiosk:
            kiosk.present(fresh_case())
            kiosk.tap("star-1")
            kiosk.wait_for("reasons")
            kiosk.tap("reason-108")
            kiosk.tap("submit")
            kiosk.wait_for("thanks")
        yield at


def ran(done: Done, code: int = 0) -> Done:
    assert done.code == code, (done.code, done.err, done.out)
    assert "Traceback" not in done.err + done.out
    return done


def answered(done: Done, code: int = 0) -> Any:
    """The one JSON object that a command printed."""
    return json.loads(ran(done, code).out)


# --- help ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_parses_and_the_exit_codes(name: str) -> None:
    """Issue 2, commands: each has `--help` with an example, exit codes documented."""
    text = ran(command(*name.split(), "--help")).out
    example = text.partition("example:\n")[2]
    assert f"rating-terminal {name}" in example
    for code in ("0 done", "1 done, with findings", "2 wrong use", "3 something needed is not available"):
        assert code in text


def test_help_lists_every_command() -> None:
    listed = set(re.findall(r"^    (\w+) ", command("--help").out, re.MULTILINE))
    assert listed == {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("journal",),
        ("outbox", "delete"),
        ("enroll",),
        ("journal", "list", "--last", "many"),
        ("demo", "--headless", "--ratings", "-1"),
        ("outbox", "requeue", "all"),
    ],
)
def test_wrong_use_is_2(words: tuple[str, ...]) -> None:
    assert "usage: rating-terminal" in ran(command(*words), 2).err


@pytest.mark.parametrize("name", ["run", "enroll --claim x", "doctor", "journal list", "journal export x", "outbox list"])
def test_a_configuration_that_is_not_there_is_2(name: str, tmp_path: Path) -> None:
    done = ran(command(*name.split(), "--config", tmp_path / "none.toml"), 2)
    assert "no such file" in done.err
    assert "docs/terminal.example.toml" in done.err


@pytest.mark.parametrize(
    "name", ["journal list", "journal verify", "journal export x", "outbox list", "outbox requeue", "doctor"]
)
def test_nothing_is_made_where_there_is_nothing(name: str, bare_counter: Counter) -> None:
    """A slip in data_dir must not leave an empty terminal behind."""
    bare_counter.configure("http://127.0.0.1:9")
    done = ran(command(*name.split(), "--config", bare_counter.config), 1 if name == "doctor" else 3)
    assert str(bare_counter.data) in done.err + done.out
    assert not bare_counter.data.exists()


# --- enroll -------------------------------------------------------------------------------------------------------------


def enroll(at: Counter, claim: str, *words: str) -> Done:
    return command("enroll", "--config", at.config, "--claim", claim, *words)


def test_enrolment_says_which_window_this_is_now(bare_counter: Counter, platform: RunningPlatform) -> None:
    bare_counter.configure(platform.url)
    claim = platform.claim(hall="泰安市政务服务中心", name="不动产登记", number="12")
    told = answered(enroll(bare_counter, claim, "--json"))
    assert (told["hall"], told["window"], told["number"], told["region"]) == ("泰安市政务服务中心", "不动产登记", "12", "taian")
    assert re.fullmatch(r"[0-9a-f-]{36}", told["device"])
    again = answered(enroll(bare_counter, claim, "--json"))
    assert again == told, "the same claim with the same key gives the same answer again"


def claim_of_a_platform_elsewhere(platform: RunningPlatform, folder: Path) -> str:
    with running_platform(sqlite_url(folder)) as elsewhere:
        return elsewhere.claim()


def claim_used_by_another(platform: RunningPlatform, folder: Path) -> str:
    claim = platform.claim()
    with counter(folder / "other") as other:
        other.configure(platform.url)
        assert enroll(other, claim).code == 0
    return claim


CLAIMS: dict[str, tuple[Callable[[RunningPlatform, Path], str], int, str]] = {
    "mistyped": (lambda platform, folder: platform.claim()[:-1] + "!", 2, "mistyped or cut off. Check it"),
    "empty": (lambda platform, folder: "", 2, "mistyped or cut off"),
    "of another platform": (claim_of_a_platform_elsewhere, 3, "Check the claim and the platform's address"),
    "expired": (lambda platform, folder: platform.claim(valid_ms=-1), 3, "has expired. Ask the platform's administrator"),
    "used": (claim_used_by_another, 3, "Another terminal has used this claim. Ask for a new one"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_that_does_not_work_is_explained(
    name: str, bare_counter: Counter, platform: RunningPlatform, tmp_path: Path
) -> None:
    bare_counter.configure(platform.url)
    make, code, remedy = CLAIMS[name]
    done = ran(enroll(bare_counter, make(platform, tmp_path)), code)
    assert remedy in done.err
    assert done.out == ""
    assert enroll(bare_counter, platform.claim()).code == 0, "a good claim works after a bad one"


def test_another_claim_for_an_enrolled_terminal_is_explained(at: Counter, platform: RunningPlatform) -> None:
    assert "enrolled with another claim before" in ran(enroll(at, platform.claim()), 3).err


def test_a_platform_that_is_not_there_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    bare_counter.configure("http://127.0.0.1:9")
    done = ran(enroll(bare_counter, platform.claim()), 3)
    assert "cannot be reached. Check the network and the platform's address. (no_connection)" in done.err


def test_a_platform_that_somebody_else_plays_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    """Design §9: the claim carries the fingerprint of the platform's key."""
    with FaultServer(Reply(200, enrolment_line())) as impostor:
        bare_counter.configure(impostor.url)
        done = ran(enroll(bare_counter, platform.claim()), 3)
    assert len(impostor.received) == 1
    assert "somebody may be impersonating the platform: report it." in done.err


def test_an_address_where_something_else_answers_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    with FaultServer(Reply(200, b"<html>It works!</html>")) as other:
        bare_counter.configure(other.url)
        assert (
            "does not send an enrolment record. Check the platform's address."
            in ran(enroll(bare_counter, platform.claim()), 3).err
        )


def test_a_platform_in_trouble_is_named_with_its_answer(bare_counter: Counter, platform: RunningPlatform) -> None:
    with FaultServer(Reply(503)) as ill:
        bare_counter.configure(ill.url)
        assert "Try again later. (http_503)" in ran(enroll(bare_counter, platform.claim()), 3).err


def test_a_certificate_that_is_not_trusted_is_explained(
    bare_counter: Counter, platform: RunningPlatform, tmp_path: Path
) -> None:
    with FaultServer(certificate=make_certificate(tmp_path, "self")) as server:
        bare_counter.configure(server.url)
        assert "Check this machine's clock and the ca_file setting." in ran(enroll(bare_counter, platform.claim()), 3).err
        assert server.received == []


def test_an_enrolment_that_was_cut_off_says_so_and_can_be_repeated(bare_counter: Counter, platform: RunningPlatform) -> None:
    """Issue 2: enrolment is complete when pack, catalogue and roster are stored."""
    claim = platform.claim()
    bare_counter.configure(platform.url)
    assert enroll(bare_counter, claim).code == 0
    with sqlite3.connect(bare_counter.data / DATABASE) as database:
        database.execute("DELETE FROM documents WHERE kind = 'catalogue'")
    database.close()
    assert enroll(bare_counter, claim).code == 0
    assert {row["state"] for row in findings(bare_counter) if row["name"] == "enrolment"} == {"ok"}


def test_enrolment_while_the_kiosk_runs_is_refused(kiosk: OpenKiosk, platform: RunningPlatform) -> None:
    done = ran(enroll(kiosk.counter, platform.claim()), 3)
    assert "stop the kiosk first" in done.err


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_MESSAGES": "zh_TW"}, True),
        ({}, False),
    ],
)
def test_messages_are_in_the_language_of_the_console(
    variables: dict[str, str], chinese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether that language is installed or not."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_chinese() == chinese


# --- doctor -------------------------------------------------------------------------------------------------------------


def findings(at: Counter) -> list[dict[str, str]]:
    done = command("doctor", "--config", at.config, "--json")
    assert done.code in (0, 1), done.err
    rows: list[dict[str, str]] = json.loads(done.out)["findings"]
    assert all(row["remedy"] for row in rows if row["state"] != "ok"), "a remedy per finding"
    assert done.code == (0 if all(row["state"] == "ok" for row in rows) else 1)
    return rows


def finding(at: Counter, name: str) -> dict[str, str]:
    (row,) = [row for row in findings(at) if row["name"] == name]
    return row


def test_doctor_looks_at_everything(rated: Counter) -> None:
    rows = {row["name"]: row["state"] for row in findings(rated)}
    looked_at = ["configuration", "store", "enrolment", "disk", "clock", "platform"]
    looked_at += ["device ticket-line", "device scanner", "device card-reader", "font", "display"]
    assert list(rows) == looked_at
    assert all(rows[name] == "ok" for name in ("configuration", "store", "enrolment", "platform", "device scanner", "display"))
    text = command("doctor", "--config", rated.config).out.splitlines()
    assert len(text) == len(looked_at)


def broken(name: str, at: Counter) -> None:
    """Break one thing."""
    device = at.scanner.device
    match name:
        case "no data folder":
            shutil.rmtree(at.data)
        case "newer build":
            set_version(at, SCHEMA_VERSION + 1)
        case "empty database":
            for file in at.data.glob(f"{DATABASE}*"):
                file.unlink()
            (at.data / DATABASE).touch()
        case "no database":
            (at.data / DATABASE).write_bytes(b"This is not a database. " * 99)
        case "unmendable":
            note_unmendable(at.data / DATABASE, "0.1.0")
        case "not enrolled":
            with sqlite3.connect(at.data / DATABASE) as database:
                database.execute("DELETE FROM documents")
            database.close()
        case "platform down":
            at.configure("http://127.0.0.1:9")
        case "device missing":
            device.unplug()
        case "no devices":
            at.config.write_text(at.config.read_text("utf-8").partition("[[devices]]")[0], "utf-8")


def set_version(at: Counter, version: int) -> None:
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()


BREAKAGES = {
    "no data folder": ("store", "fail", "enrol this terminal"),
    "newer build": ("store", "fail", "install the newer build again"),
    "empty database": ("store", "fail", "start the terminal once"),
    "no database": ("store", "fail", "sets a damaged file aside"),
    "unmendable": ("store", "fail", "lies in set-aside"),
    "not enrolled": ("enrolment", "fail", "rating-terminal enroll --claim"),
    "platform down": ("platform", "fail", "check network and address"),
    "device missing": ("device scanner", "fail", "Connect the device"),
    "no devices": ("devices", "fail", "docs/devices.md"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_doctor_finds_what_is_broken(name: str, at: Counter) -> None:
    broken(name, at)
    where, state, remedy = BREAKAGES[name]
    found = finding(at, where)
    assert found["state"] == state
    assert remedy in found["remedy"]


def test_doctor_finds_a_busy_port(at: Counter) -> None:
    with serial.Serial(at.scanner.device.address, exclusive=True):
        found = finding(at, "device scanner")
    assert (found["state"], "Stop it" in found["remedy"]) == ("warn", True)


def test_doctor_warns_of_an_address_that_changes(at: Counter, tmp_path: Path) -> None:
    pty = os.path.realpath(at.scanner.device.address)
    at.config.write_text(at.config.read_text("utf-8").replace(at.scanner.device.address, pty), "utf-8")
    found = finding(at, "device scanner")
    assert (found["state"], "by-id" in found["remedy"]) == ("warn", True)


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (503, "fail"), (404, "fail")])
def test_doctor_asks_the_platform(status: int, state: str, at: Counter) -> None:
    with FaultServer(Reply(status)) as server:
        at.configure(server.url)
        assert finding(at, "platform")["state"] == state


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://platform.invalid", True),
        ("http://10.255.255.1:8080", True),
        ("https://platform.invalid", False),
        ("http://127.0.0.1:1", False),
        ("http://localhost:1", False),
        ("http://[::1]:1", False),
    ],
)
def test_doctor_warns_of_a_platform_that_is_reached_in_the_clear(url: str, warned: bool, at: Counter) -> None:
    """docs/trust.md: the network; a loopback address never leaves the machine."""
    at.configure(url)
    assert [finding.state for finding in _transport(load(at.config))] == ["warn"] * warned


def test_doctor_finds_a_wrong_certificate(at: Counter, tmp_path: Path) -> None:
    with FaultServer(certificate=make_certificate(tmp_path, "self")) as server:
        at.configure(server.url)
        assert "platform.ca_file" in finding(at, "platform")["remedy"]


@pytest.mark.parametrize(("display", "words"), [("", "no display"), (":977", "does not answer")])
def test_doctor_finds_a_missing_display(display: str, words: str, at: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    found = finding(at, "display")
    assert (found["state"], words in found["message"]) == ("warn", True)


def test_doctor_finds_a_missing_font(at: Counter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert finding(at, "font") == {
        "name": "font",
        "state": "fail",
        "message": "no font with Chinese characters",
        "remedy": "apt-get install fonts-noto-cjk",
    }


def test_doctor_counts_what_is_quarantined(at: Counter, qapp: QApplication) -> None:
    quarantine(at)
    found = finding(at, "store")
    assert (found["state"], "1 quarantined" in found["message"]) == ("warn", True)
    assert "outbox requeue" in found["remedy"]


def test_doctor_runs_beside_the_kiosk(kiosk: OpenKiosk) -> None:
    rows = {row["name"]: row["state"] for row in findings(kiosk.counter)}
    assert rows["store"] == "ok"
    assert rows["device scanner"] == "warn", "the kiosk holds it"


# --- journal ------------------------------------------------------------------------------------------------------------

SECRETS = ('"level"', "reason-108", '"108"', "审批条件", '"reasons"', '"star"')


def test_a_listing_shows_neither_level_nor_reason(rated: Counter) -> None:
    """Design §7: levels and reasons appear in no CLI output without administrator rights."""
    text = ran(command("journal", "list", "--config", rated.config)).out
    rows = answered(command("journal", "list", "--config", rated.config, "--json"))["entries"]
    assert [row["kind"] for row in rows] == [entry.kind for entry in rated.entries()]
    assert all(set(row) == {"seq", "wall", "kind", "id", "session", "chain"} for row in rows)
    for secret in SECRETS:
        assert secret not in text + json.dumps(rows, ensure_ascii=False)
    assert all(row["id"] in text for row in rows)


def test_a_listing_can_be_short(rated: Counter) -> None:
    rows = answered(command("journal", "list", "--last", "2", "--config", rated.config, "--json"))["entries"]
    assert [row["seq"] for row in rows] == [entry.seq for entry in rated.entries()[-2:]]


def test_the_journal_verifies(rated: Counter) -> None:
    told = answered(command("journal", "verify", "--config", rated.config, "--json"))
    assert (told["entries"], told["chains"]) == (len(rated.entries()), 1)
    assert (told["first"], told["findings"], told["remarks"], told["counts"]) == (None, [], [], {})
    assert told["heads"] > 0, "the platform has counter-signed what it holds"
    assert "whole and unaltered" in ran(command("journal", "verify", "--config", rated.config)).out


@pytest.fixture
def exported(rated: Counter, tmp_path: Path) -> Path:
    file = tmp_path / "journal.ndjson"
    assert answered(command("journal", "export", file, "--config", rated.config, "--json"))["file"] == str(file)
    return file


def test_an_export_is_every_line_and_private(rated: Counter, exported: Path) -> None:
    """The enrolment and the platform's heads before the entries: what a third person needs to check them."""
    lines = exported.read_bytes().splitlines()
    entries = [entry.line for entry in rated.entries()]
    assert lines[-len(entries) :] == entries
    types = [json.loads(line)["body"]["type"] for line in lines[: -len(entries)]]
    assert types[0] == "enrolment" and set(types[1:]) == {"checkpoint"}
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600
    assert list(exported.parent.glob("*.part")) == []


Tampering = Callable[[list[bytes]], list[bytes]]


def entries_only(file: Path) -> list[bytes]:
    return [line for line in file.read_bytes().splitlines() if b'"type":"' not in line]


def raised(lines: list[bytes]) -> list[bytes]:
    """One star becomes five."""
    return [line.replace(b'"level":1,"offset_ms"', b'"level":5,"offset_ms"') for line in lines]


TAMPERINGS: dict[str, tuple[Tampering, tuple[str, int, bool]]] = {
    "one star becomes five": (raised, ("bad_signature", 3, True)),
    "an entry is taken out": (lambda lines: lines[:2] + lines[3:], ("gap", 3, False)),
    "two entries change places": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], ("reordered", 3, True)),
    "an entry is there twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], ("repeated", 3, True)),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_verify_names_what_was_tampered_with(name: str, rated: Counter, exported: Path) -> None:
    """The entry, or the place of one that is not there."""
    tamper, (what, seq, there) = TAMPERINGS[name]
    entry = rated.entries()[2]
    assert (entry.seq, entry.kind) == (3, Kind.STAR_CHOSEN)
    exported.write_bytes(b"".join(line + b"\n" for line in tamper(entries_only(exported))))
    told = answered(command("journal", "verify", exported, "--config", rated.config, "--json"), 1)
    found = {"what": what, "chain": entry.chain, "seq": seq, "id": entry.id if there else None}
    assert found in told["findings"]
    text = ran(command("journal", "verify", exported, "--config", rated.config), 1).out
    assert f"{what}: chain {entry.chain}, place {seq}{f', entry {entry.id}' if there else ''}\n" in text


def test_verify_names_the_line_that_is_no_entry(rated: Counter, exported: Path) -> None:
    lines = entries_only(exported)
    exported.write_bytes(b"\n".join([*lines[:2], lines[2][:40], *lines[3:]]))
    told = answered(command("journal", "verify", exported, "--config", rated.config, "--json"), 1)
    assert {"what": "unreadable", "line": 3} in told["findings"]
    assert "unreadable: line 3" in ran(command("journal", "verify", exported, "--config", rated.config), 1).out


def test_verify_needs_no_terminal_where_the_key_is_given(
    rated: Counter, exported: Path, platform: RunningPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    """README: anyone with the device's public key can check a journal; the platform lists the keys."""
    assert central_platform_command(["device", "list", "--db", platform.db_url, "--json"]) == 0
    devices = {row["uuid"]: row["public_key"] for row in json.loads(capsys.readouterr().out)["devices"]}
    key = devices[rated.entries()[0].device]
    done = command("journal", "verify", exported, "--public-key", key, "--config", "/nowhere/terminal.toml", "--json")
    assert answered(done)["findings"] == []


def test_verify_with_another_key_finds_every_entry(rated: Counter, exported: Path) -> None:
    done = command("journal", "verify", exported, "--public-key", "A" * 43, "--json")
    assert answered(done, 1)["counts"] == {"bad_signature": len(rated.entries())}


def test_verify_looks_into_another_terminals_database(rated: Counter, tmp_path: Path) -> None:
    """Issue 3, point 3: FILE is a terminal's database or an exported journal; its key lies beside it or is given."""
    done = command("journal", "verify", rated.data / DATABASE, "--config", "/nowhere/terminal.toml", "--json")
    assert (answered(done)["findings"], answered(done)["heads"] > 0) == ([], True)
    alone = shutil.copy(rated.data / DATABASE, tmp_path)
    assert "--public-key" in ran(command("journal", "verify", alone, "--config", "/nowhere/terminal.toml"), 3).err


def test_verify_checks_the_platforms_heads(rated: Counter, exported: Path) -> None:
    """docs/trust.md: a head by another key vouches for nothing; one beyond the end shows what was cut off."""
    done = command("journal", "verify", exported, "--platform-key", "A" * 43, "--config", rated.config, "--json")
    assert answered(done, 1)["first"]["what"] == "unsigned_head"
    lines = exported.read_bytes().splitlines(keepends=True)
    heads = [body for line in lines if (body := json.loads(line)["body"]).get("type") == "checkpoint"]
    kept = [line for line in lines if json.loads(line)["body"].get("seq", 0) < heads[-1]["seq"] or b'"type":"' in line]
    exported.write_bytes(b"".join(kept))
    told = answered(command("journal", "verify", exported, "--config", rated.config, "--json"), 1)
    assert told["first"] == {"what": "missing_end", "chain": heads[-1]["chain"], "seq": heads[-1]["seq"], "id": None}


@pytest.mark.parametrize("content", [b"", b"hello\n", b'{"a": 1}\n', b"\x00" * 100])
def test_verify_says_so_where_a_file_is_no_journal(content: bytes, rated: Counter, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(content)
    assert (
        "neither a terminal's database nor an exported journal"
        in ran(command("journal", "verify", wrong, "--config", rated.config), 2).err
    )


@pytest.mark.parametrize("target", ["/nowhere/journal.ndjson", "/proc/journal.ndjson", "/dev"])
def test_an_export_that_cannot_be_written_leaves_nothing(target: str, rated: Counter) -> None:
    done = ran(command("journal", "export", target, "--config", rated.config), 3)
    assert f"{target} cannot be written" in done.err


FULL_DISK = """
mount -t tmpfs -o size=4k tmpfs "$0" && echo before > "$0/journal.ndjson" && "$@"
echo "code $?"
ls "$0"
cat "$0/journal.ndjson"
"""


def test_an_export_is_whole_or_not_there(rated: Counter, tmp_path: Path) -> None:
    """What was there before stays until the new file is complete; here the disk is full before that."""
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c", FULL_DISK, str(tmp_path)]
    export = [
        sys.executable,
        "-m",
        "terminal_app",
        "journal",
        "export",
        f"{tmp_path}/journal.ndjson",
        "--config",
        str(rated.config),
    ]
    done = subprocess.run([*unshare, *export], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.split() == ["code", "3", "journal.ndjson", "before"]
    assert f"{tmp_path}/journal.ndjson cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_export_to_a_pipe_that_closes_is_quiet(rated: Counter) -> None:
    line = f"{sys.executable} -m terminal_app journal export - --config {rated.config} | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == '{"sig":"' + done.stdout[8:10]
    assert done.stderr == ""


def test_a_damaged_line_does_not_hide_the_others(at: Counter, qapp: QApplication) -> None:
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute("DROP TRIGGER entries_never_change")
        database.execute("UPDATE entries SET line = x'7b7d'")
    database.close()
    rows = answered(command("journal", "list", "--config", at.config, "--json"))["entries"]
    assert [row["kind"] for row in rows] == ["unreadable"]


@pytest.mark.parametrize("name", ["journal list", "journal verify", "journal export x", "outbox list"])
def test_a_folder_of_somebody_else_is_explained(name: str, at: Counter) -> None:
    """An administrator who is not the service user; root gives up its right to read everything."""
    at.data.chmod(0)
    give_up = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    words = [*give_up, sys.executable, "-m", "terminal_app", *name.split(), "--config", str(at.config)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    at.data.chmod(0o700)
    assert done.returncode == 3
    assert "the user that runs the terminal" in done.stderr
    assert "Traceback" not in done.stderr


# --- outbox -------------------------------------------------------------------------------------------------------------


def quarantine(at: Counter) -> str:
    """Let a platform refuse the first entry; its id."""
    with FaultServer(lambda request: results([result(0, request.ids[0], "refused", "bad_signature")])) as server:
        at.configure(server.url)
        server.route("/v1/documents", problem(503, "busy"))
        with kiosk_at(at):
            server.wait_for(lambda: bool(server.batches()))
        return server.batches()[0][0]


def test_the_outbox_shows_what_was_refused_and_offers_it_again(at: Counter, qapp: QApplication) -> None:
    entry = quarantine(at)
    told = answered(command("outbox", "list", "--config", at.config, "--json"))
    (row,) = told["entries"]
    assert (row["id"], row["state"], row["reason"], row["kind"]) == (entry, "quarantined", "bad_signature", "chain_started")
    assert (told["total"], told["pending"], told["quarantined"]) == (1, 0, 1)
    assert entry in ran(command("outbox", "list", "--config", at.config)).out
    assert answered(command("outbox", "requeue", entry, "--config", at.config, "--json")) == {"requeued": 1}
    (row,) = answered(command("outbox", "list", "--config", at.config, "--json"))["entries"]
    assert row["state"] == "pending"


def test_requeue_takes_all_or_those_that_are_named(at: Counter, qapp: QApplication) -> None:
    entry, stranger = quarantine(at), "018f3c1e-0000-7000-8000-000000000001"
    done = command("outbox", "requeue", stranger, "--config", at.config, "--json")
    assert answered(done, 1) == {"requeued": 0}
    assert answered(command("outbox", "requeue", entry.upper(), stranger, "--config", at.config, "--json"), 1) == {
        "requeued": 1
    }
    assert answered(command("outbox", "requeue", "--config", at.config, "--json")) == {"requeued": 0}


def test_requeue_while_the_kiosk_runs_is_refused(kiosk: OpenKiosk) -> None:
    assert "stop the kiosk first" in ran(command("outbox", "requeue", "--config", kiosk.counter.config), 3).err


def test_the_outbox_of_a_delivered_journal_is_empty(rated: Counter, platform: RunningPlatform, qapp: QApplication) -> None:
    with kiosk_at(rated):
        wait_until(lambda: rated.counts().pending == 0, "all is delivered")
    told = answered(command("outbox", "list", "--config", rated.config, "--json"))
    assert (told["entries"], told["total"]) == ([], len(rated.entries()))


def test_doctor_warns_of_rules_that_have_ended(at: Counter) -> None:
    """guangdong 第二十一条: on trial for half a year. The window goes on by them, and is not made to stop."""
    policy = signed(policy_document(load_pack("guangdong")))
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute("INSERT OR REPLACE INTO documents(kind, etag, line) VALUES ('policy', 'x', ?)", (policy,))
    database.close()
    found = finding(at, "region")
    assert found["state"] == "warn"
    assert "the rules of guangdong ended on 2020-02-15" in found["message"]
    assert "device assign" in found["remedy"]
