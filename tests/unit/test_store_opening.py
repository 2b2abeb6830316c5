"""Opening a data folder: one instance, private, refused with a remedy, quick when all is well; design §7, issue 2.

“Bad input” below is that part of issue 2.
"""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from support.store_kit import (
    IDS,
    HandClock,
    closed,
    enrolment_line,
    entries_in,
    head_of,
    open_enrolled,
    open_folder,
    opened,
    rate,
    star,
)

from terminal_app.application.documents import ENROLMENT
from terminal_app.domain.proof import verify_chain
from terminal_app.store import journal_store, keys, schema
from terminal_app.store.errors import FolderUnusable, InstanceRunning, KeyUnusable, NewerDatabase, StoreOpenError
from terminal_app.store.opening import DATABASE

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run_python(code: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Code in a process of its own, with the product and the tests' helpers on its path."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


# --- a folder of its own ------------------------------------------------------------------------------------------------


def test_the_data_folder_and_the_key_are_private(tmp_path: Path) -> None:
    """Design §7: data folder 0700, owned by a service user."""
    folder = tmp_path / "var" / "terminal"
    store = open_enrolled(folder)
    assert (mode(folder), mode(folder / "device.key")) == (0o700, 0o600)
    store.stop()
    folder.chmod(0o755)
    store = open_folder(folder)
    assert mode(folder) == 0o700
    store.stop()


def test_the_key_is_made_once(tmp_path: Path) -> None:
    store = open_folder(tmp_path)
    public = store.key.public
    assert len(public) == 32
    store.stop()
    store = open_folder(tmp_path)
    assert store.key.public == public
    store.stop()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b"short"), "damaged"),
    ],
)
def test_an_enrolled_terminal_does_not_make_up_a_new_key(tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    """Design §9: the platform knows this key; entries signed by another one would be refused."""
    store = open_enrolled(tmp_path)
    store.stop()
    damage(tmp_path / "device.key")
    with pytest.raises(KeyUnusable, match=words) as raised:
        open_folder(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert "enrol this terminal again" in str(raised.value)


def test_a_key_that_was_cut_off_while_written_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "device.new").write_bytes(b"half")
    assert len(keys.load_or_create_key(tmp_path).public) == 32
    assert not (tmp_path / "device.new").exists()


def test_the_reserve_is_held_from_the_start(tmp_path: Path) -> None:
    """Design §7: a reserve file of real blocks."""
    store = open_folder(tmp_path)
    reserve = (tmp_path / "reserve").stat()
    assert reserve.st_size == 4 << 20
    assert reserve.st_blocks * 512 >= reserve.st_size
    store.stop()


# --- one instance -------------------------------------------------------------------------------------------------------


def test_a_second_instance_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    """Bad input: second instance on the same data."""
    store = open_enrolled(tmp_path)
    with pytest.raises(InstanceRunning) as raised:
        open_folder(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert str(os.getpid()) in str(raised.value)
    assert "stop that one" in str(raised.value)
    rate(store)
    store.stop()
    open_folder(tmp_path).stop()


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    """Design §6: one sender per data folder."""
    code = (
        "import sys; from pathlib import Path; from support.store_kit import open_folder; open_folder(Path(sys.argv[1])).stop()"
    )
    store = open_enrolled(tmp_path)
    refused = run_python(code, tmp_path)
    assert "InstanceRunning" in refused.stderr
    store.stop()
    assert run_python(code, tmp_path).returncode == 0


def test_a_refused_opening_gives_the_lock_back(tmp_path: Path) -> None:
    open_enrolled(tmp_path).stop()
    key = (tmp_path / "device.key").rename(tmp_path / "elsewhere")
    with pytest.raises(KeyUnusable):
        open_folder(tmp_path)
    key.rename(tmp_path / "device.key")
    open_folder(tmp_path).stop()


# --- what cannot be opened ----------------------------------------------------------------------------------------------


def test_a_newer_build_s_database_is_refused_untouched(tmp_path: Path) -> None:
    """Design §7: refuse a database that a newer build wrote."""
    open_enrolled(tmp_path).stop()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION + 1}")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(NewerDatabase, match="install the newer build") as raised:
        open_folder(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert (tmp_path / DATABASE).read_bytes() == before


AS_NOBODY = """
import os, sys
from pathlib import Path
from support.store_kit import open_folder
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
open_folder(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("which", ["folder", "file"])
def test_a_read_only_folder_or_file_is_refused_with_a_remedy(which: str) -> None:
    """Bad input: a database that is read-only. As an ordinary user: root may write everything."""
    base = Path(tempfile.mkdtemp())
    folder = base / "data"
    try:
        open_enrolled(folder).stop()
        if os.geteuid() == 0:
            for path in (base, folder, *folder.iterdir()):
                os.chown(path, 65534, 65534)
        ((folder / DATABASE) if which == "file" else folder).chmod(0o400 if which == "file" else 0o500)
        refused = run_python(AS_NOBODY, folder)
    finally:
        folder.chmod(0o700)
        shutil.rmtree(base)
    assert f"data folder {folder}" in refused.stderr
    assert "FolderUnusable" in refused.stderr
    assert "cannot be written; make it and its files belong to" in refused.stderr


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(FolderUnusable, match="cannot be used"):
        open_folder(tmp_path / "data")


def test_a_database_held_by_another_program_is_refused_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad input: a database that is locked."""
    monkeypatch.setattr("terminal_app.store.connection.BUSY_TIMEOUT_MS", 20)
    open_enrolled(tmp_path).stop()
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreOpenError, match="no other program holds the file"):
        open_folder(tmp_path)
    other.execute("ROLLBACK")
    other.close()
    open_folder(tmp_path).stop()


# --- identity -----------------------------------------------------------------------------------------------------------


def test_an_unusable_enrolment_counts_as_none(tmp_path: Path) -> None:
    store = open_folder(tmp_path)
    store.documents.put(ENROLMENT, "", enrolment_line()[:-5])
    store.begin()
    assert store.enrolment is None
    assert store.recovered is None
    store.stop()


def test_enrolment_as_another_device_starts_a_chain_that_names_the_old_one(tmp_path: Path) -> None:
    """Design §9: a journal is identified by (device, chain)."""
    store = open_enrolled(tmp_path)
    old = rate(store)[-1]
    store.documents.put(ENROLMENT, "", enrolment_line(device=IDS.uuid7()))
    store.stop()
    store = open_folder(tmp_path)
    last = entries_in(store)[-1]
    assert (last.kind, last.seq, last.device != old.device) == ("chain_started", 1, True)
    assert last.data["previous"] == {"chain": old.chain, "seq": old.seq, "hash": old.hash}
    assert list(verify_chain(entries_in(store), store.key.public)) == []
    store.stop()


# --- quickly ------------------------------------------------------------------------------------------------------------


def test_a_clean_stop_is_known_as_one(tmp_path: Path) -> None:
    """Design §7: the file is checked before the first rating only after an unclean stop."""
    store = open_enrolled(tmp_path)
    assert not store.unclean
    rate(store)
    store.stop()
    store = open_folder(tmp_path)
    assert not store.unclean
    copy = tmp_path.parent / "pulled-plug"
    rate(store)
    shutil.copytree(tmp_path, copy)
    store.stop()
    pulled = open_folder(copy)
    assert pulled.unclean
    assert entries_in(pulled) == entries_in(tmp_path)
    pulled.stop()


def test_a_current_database_opens_without_the_heavy_library(tmp_path: Path) -> None:
    """Design §7: sqlite-utils' import is a third of a bare start."""
    store = open_enrolled(tmp_path)
    rate(store)
    store.stop()
    code = """
import sys
from pathlib import Path
from support.store_kit import open_folder, rate
store = open_folder(Path(sys.argv[1]))
rate(store)
store.stop()
print("sqlite_utils" in sys.modules)
"""
    assert run_python(code, tmp_path).stdout.strip() == "False"


def _grow(store_folder: Path, entries: int) -> None:
    """Rows that look like acknowledged ones, straight into the file, below a head that is real."""
    connection = sqlite3.connect(store_folder / DATABASE)
    kinds = "CASE n % 3 WHEN 0 THEN 'session_opened' WHEN 1 THEN 'star_chosen' ELSE 'session_closed' END"
    connection.execute(
        f"""INSERT INTO entries(id, chain, seq, session, kind, hash, line)
        WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {entries - 1})
        SELECT randomblob(16), x'00', n, CAST('session' || (n / 3) AS BLOB), {kinds}, randomblob(32), zeroblob(600)
        FROM numbers"""
    )
    connection.commit()
    connection.close()


def test_opening_does_not_look_at_the_entries_of_years(tmp_path: Path) -> None:
    """Design §7 and issue 2, cold_start: as many steps of SQLite's machine for 30,000 entries as for none."""
    few, many = (_steps_of_a_start(tmp_path / str(entries), entries) for entries in (30, 30_000))
    assert few == pytest.approx(many, abs=5)


def _steps_of_a_start(folder: Path, entries: int) -> int:
    """Tens of virtual machine instructions for what a start and the first tap ask of a file with this many entries."""
    open_enrolled(folder).stop()
    _grow(folder, entries)
    store = open_folder(folder)
    rate(store)
    store.journal.append(opened(IDS.uuid7(), "A"))
    counted: list[int] = []
    store._connection.set_progress_handler(lambda: counted.append(1), 10)
    store.journal.begin(head_of(store).device)
    store.journal.recover()
    store.journal.rated_before(["A|d2026-11-21"])
    store.journal.append(star(IDS.uuid7()))
    store._connection.set_progress_handler(None, 0)
    store.stop()
    return len(counted)


def test_a_tap_is_two_statements_in_one_transaction(tmp_path: Path) -> None:
    """Design §7; the first star of a session also registers its cases."""
    store = open_enrolled(tmp_path)
    session = IDS.uuid7()
    store.journal.append(opened(session, "A"))
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    for _ in range(2):
        store.journal.append(star(session))
    store._connection.set_trace_callback(None)
    own = [statement for statement, _ in groupby(text.split("(")[0] for text in seen)]  # a trigger repeats its statement
    first = ["BEGIN IMMEDIATE", "INSERT INTO entries", "INSERT INTO outbox", "INSERT OR IGNORE INTO rated_cases", "COMMIT"]
    assert own == [*first, "BEGIN IMMEDIATE", "INSERT INTO entries", "INSERT INTO outbox", "COMMIT"]
    store.stop()


def test_the_day_is_the_local_one(tmp_path: Path) -> None:
    """Design §5: the same case on the same day, by the window's own calendar."""
    clock = HandClock("2026-11-21T00:30:00.000+08:00")
    store = open_enrolled(tmp_path, clock)
    session = IDS.uuid7()
    store.journal.append(opened(session, "A"))
    clock.wall = "2026-11-22T00:00:01.000+08:00"
    store.journal.append(star(session))
    store.journal.append(closed(session))
    asked = ["A|d2026-11-20", "A|d2026-11-21", "A|d2026-11-22"]
    assert store.journal.rated_before(asked) == {"A|d2026-11-21"}, "the day on which the ticket was read"
    assert journal_store.local_day(clock.local_time()) == "2026-11-22"
    store.stop()
