"""`central-platform import`: journals carried here as files. Issue 3, Build 5: idempotent with a later upload."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.platform import RunningPlatform, sqlite_url
from support.window import Chain, Window, uuid7

from central_platform import cli, journal_import
from central_platform.database import open_database
from central_platform.devices import set_revoked
from central_platform.verification import verify
from sync import wire
from terminal_app.domain.journal import Entry

DEADLINE_S = 60


@pytest.fixture
def window(platform: RunningPlatform) -> Window:
    return Window(platform.url).enroll(platform.claim())


def month(window: Window, sessions: int = 40) -> list[Entry]:
    """A journal of sessions with all levels, changes of mind, time-outs, and a case that is rated twice."""
    chain = window.chain()
    journal = [chain.write("chain_started", {"app": "1", "previous": None})]
    for n in range(sessions):
        journal += chain.session(*((), (n % 5 + 1,), (5, 1))[n % 3], case=f"2026TA{n // 2:06d}")
    return journal


def exported(folder: Path, *lines: bytes, name: str = "journal.ndjson") -> str:
    file = folder / name
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(file)


def lines_of(journal: list[Entry]) -> list[bytes]:
    return [entry.line for entry in journal]


def imported(platform: RunningPlatform, capsys: pytest.CaptureFixture[str], *files: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, summary and what was said on standard error."""
    capsys.readouterr()
    code = cli.main(["import", *files, "--db", platform.db_url, "--json"])
    out, error = capsys.readouterr()
    return code, json.loads(out), error


def held(platform: RunningPlatform) -> tuple[list[Any], list[Any]]:
    """The tables of entries and of ratings, but for when what arrived: time of receipt and revision."""
    entries = "SELECT e.id, uuid, chain, seq, prev, hash, session, marks, line FROM entries e " \
        "JOIN chains c ON c.id = chain_id JOIN devices d ON d.id = e.device_id ORDER BY e.id"  # fmt: skip
    ratings = "SELECT session, uuid, standing, rated_before, document FROM ratings JOIN devices ON devices.id = device_id"

    def work(connection: sa.Connection) -> tuple[list[Any], list[Any]]:
        rows = connection.execute(sa.text(ratings + " ORDER BY session")).all()
        said = [(*row[:4], json.loads(row.document) | {"received_at": None}) for row in rows]
        return [tuple(row) for row in connection.execute(sa.text(entries))], said

    assert platform.database.read(verify).findings == []
    return platform.database.read(work)


def test_a_journal_on_a_stick_and_an_upload_end_the_same(
    platform: RunningPlatform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 3, Build 5: import then upload, upload then import, twice, half and half: always the same tables."""
    ends = []
    window = Window(platform.url).enroll(platform.claim())
    journal = month(window)
    file, half = (
        exported(tmp_path, *lines_of(journal)),
        exported(tmp_path, *lines_of(journal[: len(journal) // 2]), name="half"),
    )
    count = len(journal)
    stars = sum(1 for n in range(40) if n % 3)
    ways: list[list[tuple[str, int]]] = [
        [("upload", count)],
        [("import", count), ("upload", 0), ("import", 0)],
        [("upload", count), ("import", 0)],
        [("half", count // 2), ("upload", count - count // 2), ("import", 0)],
    ]
    for way in ways:
        for step, new in way:
            if step == "upload":
                answers = window.send(journal)["results"]
                assert [one["status"] for one in answers].count("accepted") == new
            else:
                code, summary, _ = imported(platform, capsys, half if step == "half" else file)
                assert (code, summary["accepted"], summary["refused"], summary["complete"]) == (0, new, {}, True)
                assert summary["duplicate"] == summary["lines"] - new
                assert step == "half" or summary["ratings"] == stars
        ends.append(held(platform))
        assert len(ends[-1][0]) == count
        forget(platform)
    assert ends[1:] == ends[:1] * (len(ways) - 1)


def forget(platform: RunningPlatform) -> None:
    """Take all entries out of the database again."""

    def work(connection: sa.Connection) -> None:
        for table in ("rating_keys", "ratings", "entries", "chains"):
            connection.execute(sa.text(f"DELETE FROM {table}"))

    platform.database.write(work)


def test_import_says_what_is_new_and_the_viewers_see_it(
    platform: RunningPlatform, window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 3: the live page shows what was imported, within seconds, though another process took it in."""
    chain = window.chain()
    window.send(chain.session(3, case="2026TA000001"))
    journal = chain.session(4, case="2026TA000002") + chain.session(case="2026TA000003") + chain.session(1, case="2026TA000004")
    file = exported(tmp_path, *lines_of(journal))
    headers = {"Authorization": f"Bearer {platform.viewer_token}"}
    with requests.get(platform.url + "/live", headers=headers, stream=True, timeout=10) as stream:
        events = stream.iter_lines(chunk_size=1)
        levels: list[int | None] = [next_level(events)]
        code, summary, _ = imported(platform, capsys, file)
        assert (code, summary["ratings"], summary["new_ratings"]) == (0, 3, 2)
        levels += [next_level(events) for _ in range(3)]
    assert levels[0] == 3
    assert set(levels[1:]) == {4, None, 1}
    code, summary, _ = imported(platform, capsys, file, file)
    assert (code, summary["ratings"], summary["new_ratings"], summary["duplicate"]) == (0, 3, 0, 2 * len(journal))


def next_level(events: Any) -> int | None:
    for line in events:
        if line.startswith(b"data: {") and b'"session"' in line:
            return json.loads(line.removeprefix(b"data: "))["level"]
    raise AssertionError("the stream ended")


def test_bad_lines_are_kept_out_with_their_numbers_and_nothing_else_is_lost(
    platform: RunningPlatform, window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 3, Build 5 and “bad input”: each refused line is named; all good ones around them are stored."""
    chain = window.chain()
    good = chain.session(4) + chain.session(2, case="2026TA000002")
    stranger = Chain(uuid7(), Ed25519PrivateKey.generate()).session(5)
    forged = Chain(window.device, Ed25519PrivateKey.generate()).session(5)
    other = window.chain().write("paused", {}, entry_id=good[0].id)
    nul = b'{"sig":"x","body":{"device":"' + rb"\u0000" * 36 + b'"}}'
    rows = [
        (good[0].line, None),
        (b"", None),
        (b"\x00\xff nonsense", "unreadable"),
        (stranger[0].line, "unknown_device"),
        (good[1].line + b"\r", None),
        (forged[0].line, "bad_signature"),
        (b"x" * (3 * wire.BATCH_BYTES + 7), "unreadable"),
        (good[2].line, None),
        (good[2].line.replace(b'"submitted":false', b'"submitted":true'), "bad_signature"),
        (good[3].line[:-20], "unreadable"),
        (nul, "unreadable"),
        (b"  " + good[3].line, None),
        (other.line, "id_taken"),
        (b'{"body":' * 3000, "unreadable"),
        (b"null", "unreadable"),
        *((entry.line, None) for entry in good[4:]),
    ]
    file = tmp_path / "bad.ndjson"
    file.write_bytes(b"\n".join(line for line, _ in rows) + b"\n" + good[0].line[:100])
    expected = [(number, code) for number, (_, code) in enumerate(rows, 1) if code] + [(len(rows) + 1, "unreadable")]
    code, summary, error = imported(platform, capsys, str(file))
    assert code == 1
    assert [(flaw["line"], flaw["code"]) for flaw in summary["flaws"]] == expected
    assert [line for line in error.splitlines() if "kept out" in line] == [
        f"{file}:{at}: {why}, kept out" for at, why in expected
    ]
    assert (summary["accepted"], summary["duplicate"]) == (len(good), 0)
    assert sum(summary["refused"].values()) == len(expected)
    assert [row[-1] for row in held(platform)[0]] == [entry.line for entry in sorted(good, key=lambda one: one.id)]


def test_several_devices_in_several_files_and_on_standard_input(
    platform: RunningPlatform, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line goes to the device that it names; a file that is not there stops none of the others."""
    windows = [Window(platform.url).enroll(platform.claim(number=f"A{n}")) for n in range(2)]
    journals = [month(window, 4) for window in windows]
    mixed = [line for pair in zip(*map(lines_of, journals), strict=True) for line in pair]
    file = exported(tmp_path, *mixed[:20])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n".join(mixed))))
    code, summary, error = imported(platform, capsys, str(tmp_path / "absent"), file, str(tmp_path), "-")
    assert (code, summary["accepted"], summary["duplicate"], summary["complete"]) == (1, len(mixed), 20, False)
    assert "absent cannot be read to its end: No such file or directory" in error
    assert len(held(platform)[0]) == len(mixed)


def test_a_revoked_devices_journal_is_stored_with_the_mark(
    platform: RunningPlatform, window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """wire: a revoked device's entries are stored all the same; also when carried."""
    platform.database.write(lambda connection: set_revoked(connection, window.device, 1))
    code, summary, _ = imported(platform, capsys, exported(tmp_path, *lines_of(window.chain().session(3))))
    assert (code, summary["accepted"]) == (0, 3)
    assert {row[7] for row in held(platform)[0]} == {"revoked_device"}


def test_an_import_that_is_killed_is_simply_repeated(
    platform: RunningPlatform, window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 3: interrupted in the middle (SIGKILL) and repeated; then uploaded: one copy of everything."""
    journal = month(window, 560)
    assert len(journal) > 3 * wire.BATCH_ENTRIES
    command = [sys.executable, "-m", "central_platform", "import", "-", "--db", platform.db_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"".join(entry.line + b"\n" for entry in journal[:1300]))
        process.stdin.flush()
        wait_until(lambda: count_entries(platform) >= 2 * wire.BATCH_ENTRIES)
        process.send_signal(signal.SIGKILL)
    kept = count_entries(platform)
    assert kept % wire.BATCH_ENTRIES == 0
    code, summary, _ = imported(platform, capsys, exported(tmp_path, *lines_of(journal)))
    assert (code, summary["duplicate"], summary["accepted"]) == (0, kept, len(journal) - kept)
    end = held(platform)
    assert len(end[0]) == len(journal)
    assert set(window.statuses(journal[:500])) == {"duplicate"}
    assert held(platform) == end


def count_entries(platform: RunningPlatform) -> int:
    return platform.database.read(lambda connection: connection.execute(sa.text("SELECT count(*) FROM entries")).scalar_one())


def wait_until(condition: Any) -> None:
    """Ask again and again, for the other process cannot be listened to."""
    asked = threading.Event()
    for _ in range(DEADLINE_S * 50):
        if condition():
            return
        asked.wait(0.02)
    raise AssertionError("what was waited for did not come")


def test_a_file_without_line_ends_is_read_in_bounded_memory() -> None:
    """issue 3: streaming, in bounded memory, whatever the file holds; only REPORTED flaws are kept."""

    class Endless(io.RawIOBase):
        left = 64 * wire.BATCH_BYTES
        asked = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None and 0 < size <= wire.BATCH_BYTES
            given = min(size, self.left)
            self.left -= given
            return b"y" * given

    assert list(journal_import.lines_of(Endless())) == [journal_import.Line(1, None)]  # type: ignore[arg-type]


def test_a_thousand_flaws_are_counted_and_the_first_are_named(
    platform: RunningPlatform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, summary, error = imported(platform, capsys, exported(tmp_path, *[b"?"] * 6000))
    assert (code, summary["refused"], len(summary["flaws"])) == (1, {"unreadable": 6000}, journal_import.REPORTED)
    assert error.count("kept out") == journal_import.REPORTED
    assert "5000 lines …" in error


def test_a_summary_for_people(
    platform: RunningPlatform, window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(tmp_path, *lines_of(window.chain().session(3)), b"?")
    assert cli.main(["import", file, "--db", platform.db_url]) == 1
    out = capsys.readouterr().out
    assert (
        out == "4 lines: 3 accepted, 0 held already, 1 kept out (1 unreadable); ratings of these windows: 1, of them new: 1\n"
    )


def test_an_import_makes_no_database_and_no_region(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = exported(tmp_path, b"?")
    assert cli.main(["import", file, "--db", sqlite_url(tmp_path)]) == 3
    assert "there is no database at" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["journal.ndjson"]


def test_an_import_puts_no_document_in_force(platform_db: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The region is the serving platform's choice."""
    assert cli.main(["import", exported(tmp_path, b"?"), "--db", platform_db]) == 1
    database = open_database(platform_db)
    count = database.read(lambda connection: connection.execute(sa.text("SELECT count(*) FROM documents")).scalar_one())
    database.close()
    assert count == 0
