"""Bad input from the disk (issue 2), with the real kiosk: a clear message with a remedy, an unbroken screen, no star lost.

What the store does in each case is tested in tests/unit; here it is what the terminal makes of it.
"""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import Counter, OpenKiosk, SeparateKiosk, fresh_case, kiosk_at, wait_until
from support.platform import RunningPlatform

from terminal_app.domain.journal import Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.store.keys import load_key
from terminal_app.store.opening import DATABASE
from terminal_app.store.schema import SCHEMA_VERSION


def start(at: Counter, *before: str) -> "subprocess.CompletedProcess[str]":
    """`rating-terminal run` in a process of its own, which is expected to give up at once."""
    run = [*before, sys.executable, "-m", "terminal_app", "run", "--config", str(at.config)]
    return subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)


def expect_refusal(done: "subprocess.CompletedProcess[str]", at: Counter, *words: str) -> None:
    """Exit code 3 and one message that names the data folder and the remedy."""
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert f"rating-terminal: data folder {at.data}: " in done.stderr
    for text in words:
        assert text in done.stderr


def levels(platform: RunningPlatform, cases: list[str]) -> list[int]:
    """What the platform holds for these cases, in their order."""
    held = {rating["cases"][0]: rating["level"] for rating in platform.ratings()}
    return [held[case] for case in cases if case in held]


# --- refused at start ---------------------------------------------------------------------------------------------------


def test_a_database_of_a_newer_build_is_left_alone(at: Counter) -> None:
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    before = (at.data / DATABASE).read_bytes()
    expect_refusal(start(at), at, f"schema {SCHEMA_VERSION + 1}", "install the newer build")
    assert (at.data / DATABASE).read_bytes() == before


def test_a_locked_database_is_refused(at: Counter) -> None:
    other = sqlite3.connect(at.data / DATABASE, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        expect_refusal(start(at), at, "no other program holds the file")
    finally:
        other.close()


READ_ONLY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root may write whatever is read-only, unless it gives that right away."""


def test_a_read_only_data_folder_is_refused(at: Counter) -> None:
    (at.data / DATABASE).chmod(0o400)
    expect_refusal(start(at, *READ_ONLY), at, f"{DATABASE} cannot be written", "the user that runs the terminal")


def test_a_folder_on_a_read_only_disk_is_refused(bare_counter: Counter) -> None:
    bare_counter.folder.chmod(0o500)
    bare_counter.configure("http://127.0.0.1:9")
    expect_refusal(start(bare_counter, *READ_ONLY), bare_counter, "Permission denied", "the user that runs the terminal")
    bare_counter.folder.chmod(0o700)


def test_a_second_instance_is_refused_and_the_first_goes_on(kiosk: OpenKiosk) -> None:
    kiosk.present(case := fresh_case())
    expect_refusal(start(kiosk.counter), kiosk.counter, f"process {os.getpid()}", "stop that one")
    kiosk.tap("star-3")
    kiosk.wait_for("thanks")
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


def test_a_lost_key_is_not_replaced_in_secret(at: Counter) -> None:
    (at.data / "device.key").unlink()
    expect_refusal(start(at), at, "device.key is missing", "enrol this terminal again")


def test_a_folder_that_is_a_file_is_refused(bare_counter: Counter) -> None:
    bare_counter.configure("http://127.0.0.1:9")
    bare_counter.data.write_text("not a folder")
    expect_refusal(start(bare_counter), bare_counter, "cannot be used")


# --- a damaged file -----------------------------------------------------------------------------------------------------


def test_a_corrupt_database_is_set_aside_and_what_can_be_read_is_delivered(
    at: Counter, platform: RunningPlatform, qapp: QApplication
) -> None:
    """Design §7: set aside whole, a fresh one started, salvaged entries keep their bytes, the administrator is told."""
    at.configure("http://127.0.0.1:9")
    with kiosk_at(at) as kiosk:
        cases = [kiosk.rate(level) for level in (3, 4, 5)]
    written = at.entries()
    damage(at.data / DATABASE)
    at.configure(platform.url)
    with kiosk_at(at) as kiosk:
        assert kiosk.shown == "nobody"
        (aside,) = (at.data / "set-aside").iterdir()
        assert (aside / DATABASE).exists()
        assert kiosk.problems == {str(aside): "damage"}
        kiosk.log_in()
        at.lay_card()
        kiosk.wait_for("menu")
        assert "评价文件曾经损坏" in kiosk.words
        kiosk.tap("menu-close")
        cases.append(kiosk.rate(4))
        wait_until(lambda: at.counts().pending == 0, "everything readable and the new rating are delivered")
    kept = at.entries()
    assert {entry.id for entry in written} <= {entry.id for entry in kept}
    assert levels(platform, cases) == [3, 4, 5, 4]


def damage(path: Path) -> None:
    """Overwrite the root page of an index: the file opens, and is found out only when it is checked."""
    with sqlite3.connect(path) as database:
        size = database.execute("PRAGMA page_size").fetchone()[0]
        page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox_pending'").fetchone()[0]
    database.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))


def test_a_file_that_is_no_database_is_set_aside_and_the_terminal_says_what_to_do(at: Counter, qapp: QApplication) -> None:
    (at.data / DATABASE).write_bytes(b"This is not a database. " * 999)
    with kiosk_at(at) as kiosk:
        assert kiosk.shown == "out_of_order"
        assert "本评价设备尚未启用" in kiosk.words
        assert [problem.what for problem in kiosk.kiosk.facts.problems] == ["damage"]


# --- trouble while rating -----------------------------------------------------------------------------------------------


def test_a_file_that_another_program_locks_while_rating(kiosk: OpenKiosk) -> None:
    """Out of order for as long as it lasts, and back by itself; what was confirmed is there, what was not is nowhere."""
    confirmed = kiosk.rate(4)
    kiosk.tap("finish")
    kiosk.wait_for("nobody")
    other = sqlite3.connect(kiosk.counter.data / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    lost = fresh_case()
    kiosk.counter.send_ticket(lost)
    kiosk.wait_for("out_of_order")
    assert "评价设备暂时无法使用" in kiosk.words
    assert "不影响您办理业务" in kiosk.words
    other.execute("ROLLBACK")
    other.close()
    kiosk.wait_for("nobody")
    assert kiosk.counter.kinds(lost) == []
    kiosk.rate(5, lost)
    assert kiosk.counter.kinds(confirmed)[1:] == [Kind.STAR_CHOSEN, Kind.SESSION_CLOSED]
    assert list(verify_chain(kiosk.counter.entries(), load_key(kiosk.counter.data).public)) == []


SMALL_DISK = """#!/bin/sh
# A Python whose data folder lies on a small file system of its own.
exec unshare --mount {user} sh -c '
    cp -a "$0" "$0.seed" && mount -t tmpfs -o size=12m,mode=0700 tmpfs "$0" && cp -a "$0.seed/." "$0" && exec "$@"
' '{data}' '{python}' "$@"
"""


@contextlib.contextmanager
def on_a_small_disk(at: Counter, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SeparateKiosk, Path]]:
    """The kiosk as a process whose data folder is a file system of 12 MB, and that folder as it is seen from here."""
    python = at.folder / "python-with-a-small-disk"
    user = "" if os.geteuid() == 0 else "--map-root-user"
    python.write_text(SMALL_DISK.format(user=user, data=at.data, python=sys.executable))
    python.chmod(0o700)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        kiosk = SeparateKiosk(at)
    try:
        yield kiosk, Path(f"/proc/{kiosk.process.child.pid}/root{at.data}")
    finally:
        kiosk.process.stop()


def fill(disk: Path) -> None:
    """Take all the space there is."""
    with (disk / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(4096))


def is_rated(kiosk: SeparateKiosk, case: str) -> bool:
    """A citizen's visit; whether the screen has confirmed the star, or the window is out of order."""
    kiosk.counter.send_ticket(case)
    kiosk.wait_for(lambda report: report["screen"] == "out_of_order" or report["case"] == case, f"stars for {case}")
    kiosk.touch("star-4")
    kiosk.wait_for_screen("thanks", "out_of_order")
    return bool(kiosk.last["screen"] == "thanks")


def test_a_full_disk_puts_the_window_out_of_order_until_there_is_space_again(
    at: Counter, platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design §7: the reserve carries ratings on; then Out of order, back by itself; no star that was confirmed is lost."""
    with on_a_small_disk(at, monkeypatch) as (kiosk, disk):
        at.wait_until_open()
        assert (disk / "reserve").exists()
        fill(disk)
        confirmed = []
        while is_rated(kiosk, case := fresh_case()):
            confirmed.append(case)
            if not (disk / "reserve").exists():
                fill(disk)
        assert confirmed, "the reserve carried at least one rating"
        (disk / "ballast").unlink()
        kiosk.wait_for_screen("nobody")
        confirmed.append(fresh_case())
        assert is_rated(kiosk, confirmed[-1])
        kiosk.wait_until(lambda: len(levels(platform, confirmed)) == len(confirmed), "all that were confirmed have arrived")
    assert "disk_full" in kiosk.log
    assert "Traceback" not in kiosk.log
