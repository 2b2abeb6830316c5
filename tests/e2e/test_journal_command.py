"""`rating-terminal journal list|verify|export` (issue 2, point 8): no level in a listing, tampering named, exports whole."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.commands import answered, ran
from support.counter import Counter, command
from support.platform import RunningPlatform

from central_platform.cli import main as central_platform_command
from terminal_app.domain.journal import Kind
from terminal_app.store.opening import DATABASE

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("english")


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
