"""Pulled plugs and full disks, on real files and real processes; design §4.6, §7."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.store_kit import entries_in, open_enrolled, open_folder

from terminal_app.domain.journal import Entry, Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.domain.rating import Outcome

ROOT = Path(__file__).parents[2]

RATE = """
import sys
from pathlib import Path
from support.store_kit import IDS, closed, open_folder, opened, star

store = open_folder(Path(sys.argv[1]))
print("open", flush=True)
for number in range(10_000):
    session = IDS.uuid7()
    for draft in (opened(session, f"{session}"), star(session, 1), star(session, 4), closed(session)):
        print(store.journal.append(draft).id, flush=True)
"""
"""A window that rates for ever and says which entries are durable."""

DIE_AT = """
import os, signal, sys
from pathlib import Path
from support.store_kit import IDS, closed, open_folder, opened, star

store = open_folder(Path(sys.argv[1]))
left = int(sys.argv[2])

def count(statement):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

store._connection.set_trace_callback(count)
session = IDS.uuid7()
for draft in (opened(session, "A"), star(session, 2), closed(session)):
    print(store.journal.append(draft).id, flush=True)
"""
"""A window that is killed before its nth statement."""

FILL_UP = """
import json, os, sys
from pathlib import Path
from support.store_kit import IDS, entries_in, open_enrolled, opened, star
from terminal_app.domain.proof import verify_chain
from terminal_app.store.errors import StoreError

folder = Path(sys.argv[1])
store = open_enrolled(folder / "data")
session = IDS.uuid7()
store.journal.append(opened(session, "A"))
store._tidy()
with open(folder / "ballast", "wb", buffering=0) as ballast:
    try:
        while True:
            ballast.write(bytes(4096))
    except OSError:
        pass
held, after_release, reason = store._reserve.held, 0, None
while reason is None:
    try:
        store.journal.append(star(session))
        after_release += not store._reserve.held
        if store.journal.head.seq % 32 == 0 and after_release < 600:
            store._tidy()
    except StoreError as error:
        reason = error.reason
at_failure = store.journal.head.seq
(folder / "ballast").unlink()
store.journal.append(star(session))
store._tidy()
found = list(verify_chain(entries_in(store), store.key.public))
print(json.dumps({
    "held": held, "after_release": after_release, "reason": reason, "findings": len(found),
    "went_on": store.journal.head.seq - at_failure, "held_again": store._reserve.held,
}))
store.stop()
"""
"""A window whose disk is full; the folder is a small file system of its own."""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}


def expect_whole(folder: Path, confirmed: list[str]) -> None:
    """Everything confirmed is there, at most one more entry, every session closed once, the chain whole."""
    before = entries_in(folder)
    store = open_folder(folder)
    assert store.salvaged is None
    kept = entries_in(store)
    assert list(verify_chain(kept, store.key.public)) == []
    ids = [entry.id for entry in before]
    assert ids[: len(confirmed)] == confirmed
    assert len(ids) <= len(confirmed) + 1
    assert store.outbox.pending() == len(kept), "what is durable waits for delivery"
    check_sessions(kept)
    store.stop()


def check_sessions(kept: list[Entry]) -> None:
    for session in {entry.session for entry in kept if entry.session}:
        kinds = [entry.kind for entry in kept if entry.session == session]
        assert kinds.count(Kind.SESSION_OPENED) == kinds.count(Kind.SESSION_CLOSED) == 1
        last = [entry for entry in kept if entry.session == session][-1]
        starred = Kind.STAR_CHOSEN in kinds
        assert last.data["outcome"] == (Outcome.RATED if starred else Outcome.INTERRUPTED)


def test_killed_at_any_moment_everything_confirmed_is_there_once(tmp_path: Path) -> None:
    """Design §4.6: a power cut anywhere, the same path after restart."""
    chance = random.Random(11)
    open_enrolled(tmp_path).stop()
    for _ in range(5):
        confirmed = [entry.id for entry in entries_in(tmp_path)]
        command = [sys.executable, "-c", RATE, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as window:
            assert window.stdout is not None
            assert window.stdout.readline() == "open\n"
            confirmed += [window.stdout.readline().strip() for _ in range(chance.randrange(1, 40))]
            window.send_signal(signal.SIGKILL)
            confirmed += window.stdout.read().split()
        expect_whole(tmp_path, confirmed)


@pytest.mark.parametrize("statement", range(1, 14))
def test_killed_between_two_statements_nothing_is_half_written(tmp_path: Path, statement: int) -> None:
    """Design §7: the entry, that it waits, and that its case is rated are one transaction."""
    open_enrolled(tmp_path).stop()
    confirmed = [entry.id for entry in entries_in(tmp_path)]
    command = [sys.executable, "-c", DIE_AT, str(tmp_path), str(statement)]
    died = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    expect_whole(tmp_path, confirmed + died.stdout.split())
    store = open_folder(tmp_path)
    starred = Kind.STAR_CHOSEN in [entry.kind for entry in entries_in(store)]
    assert bool(store.journal.rated_before(["A|d2026-11-21"])) == starred
    store.stop()


def test_a_full_disk_takes_the_reserve_and_then_fails_without_harm(tmp_path: Path) -> None:
    """Design §7: a reserve file is released when the disk is full; never ratings. On a small file system of its own."""
    mount = 'mount -t tmpfs -o size=16m,mode=0755 tmpfs "$1" && exec "$2" -c "$3" "$1"'
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command = [*unshare, "sh", "-c", mount, "sh", str(tmp_path), sys.executable, FILL_UP]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["held"]
    assert told["reason"] == "disk_full"
    assert told["after_release"] > 600, "the reserve carries a day's ratings"
    assert (told["findings"], told["went_on"], told["held_again"]) == (0, 1, True)
