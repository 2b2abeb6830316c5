"""What may take space on a terminal's disk, in which order it is given up, and that ten years of it come to rest.

Issue 3, point 6; design §7 (“logs → media → telemetry → never ratings”, a reserve for ratings), §8 (retention).
"""

import base64
import configparser
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.store_kit import deliver, entries_in, head_of, open_enrolled, open_folder, rate

from benchmarks import ten_years
from terminal_app.cli import run_command
from terminal_app.store.errors import FolderUnusable
from terminal_app.store.reserve import RESERVE_BYTES, Reserve

ROOT = Path(__file__).parents[2]
MEGABYTE = 1 << 20

START_ON_A_FULL_DISK = """
import sys
from pathlib import Path
from support.store_kit import open_enrolled, open_folder, opened, star, IDS
from terminal_app.store.errors import FolderUnusable

def fill():
    with open(folder / "ballast", "ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass

folder = Path(sys.argv[1])
store = open_enrolled(folder / "data")
session = IDS.uuid7()
store.journal.append(opened(session, "A"))
store.journal.append(star(session))
store.stop()
fill()
store = open_folder(folder / "data")
print(store.recovered.closed, store.journal.head.seq, store._reserve.held)
store.stop()
fill()
try:
    open_folder(folder / "data")
except FolderUnusable as error:
    print(error)
"""
"""A terminal whose disk filled up while it was off; the folder is a small file system of its own."""


def test_a_start_on_a_full_disk_takes_the_reserve_and_closes_what_was_open(tmp_path: Path) -> None:
    """A dark window rates nobody: the reserve is for a start, too. Without even that, the message says what to do."""
    mount = 'mount -t tmpfs -o size=12m,mode=0755 tmpfs "$1" && exec "$2" -c "$3" "$1"'
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command = [*unshare, "sh", "-c", mount, "sh", str(tmp_path), sys.executable, START_ON_A_FULL_DISK]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    started, refused = done.stdout.splitlines()
    assert "Outcome.RATED" in started
    assert started.endswith(" 4 False"), "the open session has its end, in the space of the reserve"
    assert refused.startswith(f"data folder {tmp_path}/data: ")
    assert "disk" in refused


def test_a_lock_that_cannot_be_made_is_the_disks_trouble_and_has_a_remedy(tmp_path: Path) -> None:
    """As on a disk that has gone read-only, where the lock is the first file that a start touches."""
    (tmp_path / "lock").mkdir()
    with pytest.raises(FolderUnusable, match="check the disk"):
        open_folder(tmp_path)


def test_a_reserve_that_cannot_be_removed_is_told_and_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A disk may be full and read-only at once."""
    reserve = Reserve(tmp_path)
    (tmp_path / "reserve").mkdir()
    assert not reserve.release()
    assert not reserve.hold()
    assert "cannot be removed" in caplog.text


def test_the_data_folder_holds_ratings_and_the_reserve_and_nothing_else(tmp_path: Path) -> None:
    """There is nothing to give up before a rating there: no log, no media, no telemetry."""
    store = open_enrolled(tmp_path)
    for number in range(20):
        rate(store, f"CASE-{number}")
    store._tidy()
    beside = {"journal.sqlite3", "journal.sqlite3-shm", "journal.sqlite3-wal", "device.key", "lock", "reserve"}
    assert {path.name for path in tmp_path.iterdir()} == beside
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= RESERVE_BYTES, "real blocks, not a hole"
    store.stop()


def test_the_log_is_capped_where_it_is_kept() -> None:
    """The terminal logs to stderr alone; the service manager keeps it, apart from the system's, in at most 64 MB."""
    unit = (ROOT / "docs" / "rating-terminal.service").read_text("utf-8")
    assert "LogNamespace=rating-terminal\n" in unit
    journald = configparser.ConfigParser()
    journald.optionxform = str  # type: ignore[assignment, method-assign]
    journald.read_string((ROOT / "docs" / "rating-terminal-journald.conf").read_text("utf-8"))
    assert journald["Journal"]["SystemMaxUse"] == "64M"
    assert journald["Journal"]["SystemKeepFree"] == "512M", "and makes room before ratings have to"


def test_a_pruned_journal_says_from_which_head_it_was_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The platform's counter-signature stands for what is gone; a citizen's case stays known as rated."""
    store = open_enrolled(tmp_path)
    rate(store, "OLD")
    deliver(store, "2026-01-05T09:00:00.000+08:00")
    old = head_of(store)
    rate(store, "NEW")
    deliver(store)
    assert store.prune() == old.seq
    assert store.journal.rated_before(["OLD|d2026-11-21"])
    key = base64.urlsafe_b64encode(store.key.public).decode().rstrip("=")
    store.stop()
    assert run_command(["journal", "verify", str(store.path), "--public-key", key]) == 0
    told = capsys.readouterr().out
    assert f"pruned: chain {old.chain}, checked from the platform's head at {old.seq} of 2026-01-05T01:00:00+00:00" in told
    assert "3 entries in 1 chains" in told
    assert "whole and unaltered" in told


def test_years_come_to_rest_without_vacuum(caplog: pytest.LogCaptureFixture) -> None:
    """`./dev bench ten_years` in small: four years at a hundredth of its window, the second with its long outage.

    After the longest outage the file never grows again; what is pruned makes room for what comes.
    """
    caplog.set_level(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="rating-years-", dir=ten_years.memory()) as name:
        lived = list(ten_years.BusyWindow(Path(name) / "data", per_day=2).years(4))
        kept = entries_in(Path(name) / "data")
    first, longest, third, last = lived
    assert longest.waiting > 3 * first.waiting, "the second year had the longest outage"
    assert all(year.pruned for year in lived)
    assert abs(last.rows - third.rows) < 20, "as many as its last 180 days have"
    assert last.file <= 1.03 * longest.file, "only the hashes of rated cases are more"
    assert last.file - last.free < 0.75 * longest.file, "and a good part of it is free"
    assert kept[0].seq > 1, "the beginning of the chain is gone"
    assert [entry.seq for entry in kept] == list(range(kept[0].seq, kept[-1].seq + 1)), "and nothing but the beginning"
    oldest = ten_years.at(kept[0])
    assert (ten_years.at(kept[-1]) - oldest).days >= 179, "nothing younger than the platform's backup window is gone"
    assert max(year.log for year in lived) < 16 * MEGABYTE
    assert len(caplog.text) < 100_000, "four years of log"
