"""What the next contact shows, of whatever kind it is: a terminal set back or cloned, a platform restored (docs/trust.md).

No entry is waiting in any of these but where it says so: the sender asks for the heads of all its chains whenever it looks for
documents, and before it delivers.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.sending import Chosen
from support.store_kit import IDS, accept, entries_in, rate
from support.window import Window

from central_platform.alarms import GAP_MS, Alarm, list_alarms
from central_platform.schema import entries
from central_platform.times import now_ms
from central_platform.verification import verify
from sync.client import PlatformClient
from sync.downloads import Downloads
from sync.enrolment import enroll
from sync.worker import PassResult, SyncWorker
from terminal_app.commands.store_access import told_alarms
from terminal_app.domain.checkpoint import heads_by_chain
from terminal_app.domain.journal import Draft, Entry, Kind, read_entry, write_entry
from terminal_app.domain.proof import verify_chain
from terminal_app.ports import Verdict
from terminal_app.store.opening import DATABASE, Store, open_store
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path)) as running:
        yield running


def opened(folder: Path) -> Store:
    return open_store(folder, SystemClock(), IDS, app_version="0.1.0")


def enrolled(platform: RunningPlatform, folder: Path) -> Store:
    store = opened(folder)
    client = PlatformClient(platform.url, store.key.private)
    enroll(client, platform.claim(), store.documents)
    client.close()
    store.begin()
    return store


def contact(platform: RunningPlatform, store: Store) -> PassResult:
    """A sender starts, as after switching on, and does one pass."""
    assert store.enrolment is not None
    client = PlatformClient(platform.url, store.key.private)
    downloads = Downloads(client, store.documents, store.enrolment.platform_key)
    worker = SyncWorker(store.outbox, client, SystemClock(), heads=client, downloads=downloads, chance=Chosen(0), pause_s=0)
    done = worker.run_pass()
    while store.outbox.pending():
        done = worker.run_pass()
    client.close()
    assert done.trouble is None
    return done


def alarms_at(platform: RunningPlatform) -> list[Alarm]:
    return platform.database.read(list_alarms)


def alarms_of(store: Store) -> set[str]:
    with JournalReader(store.path) as reader:
        return set(reader.alarms())


def held_by(platform: RunningPlatform) -> set[bytes]:
    with platform.database.connect() as connection:
        return {bytes(row[0]) for row in connection.exec_driver_sql("SELECT line FROM entries")}


def lines_in(store: Store) -> set[bytes]:
    return {entry.line for entry in entries_in(store)}


def findings(platform: RunningPlatform) -> set[str]:
    with platform.database.connect() as connection:
        return {one.what for one in verify(connection).findings}


def test_nothing_is_wrong_in_everyday_life(platform: RunningPlatform, tmp_path: Path) -> None:
    store = enrolled(platform, tmp_path / "data")
    for number in range(3):
        rate(store, f"CASE-{number}")
        contact(platform, store)
    assert (alarms_at(platform), alarms_of(store), findings(platform)) == ([], set(), set())
    store.stop()


def test_a_terminal_set_back_to_an_old_image_leaves_its_chain_before_it_forks(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    """docs/trust.md: whoever sets a disk back; the platform says so, the administrator is told, and nothing is lost."""
    store = enrolled(platform, tmp_path / "data")
    rate(store, "CASE-1")
    contact(platform, store)
    store.stop()
    shutil.copytree(tmp_path / "data", tmp_path / "image")
    store = opened(tmp_path / "data")
    kept = store.journal.head
    assert kept is not None
    rate(store, "CASE-2")
    contact(platform, store)
    lost = lines_in(store)
    store.stop()

    back = opened(tmp_path / "image")
    contact(platform, back)
    started = entries_in(back)[-1]
    assert (started.kind, started.data["previous"]["seq"]) == (Kind.CHAIN_STARTED, kept.seq)
    assert alarms_at(platform) == [Alarm("set_back", kept.device, kept.chain, kept.seq + 1)]
    assert alarms_of(back) == {"chain_left"}
    with JournalReader(back.path) as reader:
        ((told, remedy),) = told_alarms(reader.alarms())
    assert "further" in told and "revoke" in remedy
    assert held_by(platform) == lost | lines_in(back)
    assert findings(platform) == set(), "no fork: the chain was left in time"
    rate(back, "CASE-3")
    contact(platform, back)
    assert entries_in(back)[-1].chain == started.chain, "told once, and the new chain goes on"
    back.stop()


def test_a_cloned_terminal_forks_the_chain_and_the_later_one_starts_a_new_one(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    """Design §9; issue 3, point 3: both go on without network, then both deliver."""
    first = enrolled(platform, tmp_path / "data")
    rate(first, "CASE-1")
    contact(platform, first)
    first.stop()
    shutil.copytree(tmp_path / "data", tmp_path / "clone")
    first, second = opened(tmp_path / "data"), opened(tmp_path / "clone")
    base = first.journal.head
    assert base is not None
    rate(first, "CASE-2", 1)
    rate(second, "CASE-3", 5)
    contact(platform, first)
    contact(platform, second)
    assert {entry.chain for entry in entries_in(first)} == {base.chain}
    assert entries_in(second)[-1].kind == Kind.CHAIN_STARTED and entries_in(second)[-1].chain != base.chain
    assert alarms_at(platform)[0] == Alarm("fork", base.device, base.chain, base.seq + 1)
    assert alarms_of(second) == {"chain_left"}
    assert held_by(platform) == lines_in(first) | lines_in(second), "both are kept"
    assert sorted(item["level"] for item in platform.ratings()) == [1, 3, 5]
    assert "fork" in findings(platform)
    first.stop()
    second.stop()


@pytest.mark.parametrize("chains", [1, 2, 3])
def test_a_platform_restored_from_a_backup_is_filled_again_without_a_new_entry(tmp_path: Path, chains: int) -> None:
    """Issue 3, point 3: old chains, and chains that the backup never knew, are refilled too."""
    (tmp_path / "backup").mkdir()
    with running_platform(sqlite_url(tmp_path)) as platform:
        store = enrolled(platform, tmp_path / "data")
        rate(store, "CASE-1")
        contact(platform, store)
    shutil.copy(tmp_path / "platform.sqlite", tmp_path / "backup" / "platform.sqlite")
    with running_platform(sqlite_url(tmp_path)) as platform:
        for number in range(chains):
            if number:
                store.journal.start_chain()
            rate(store, f"CASE-{number + 2}")
        contact(platform, store)
        assert alarms_of(store) == set()
    assert store.outbox.pending() == 0
    with running_platform(sqlite_url(tmp_path / "backup")) as restored:
        assert held_by(restored) < lines_in(store)
        contact(restored, store)
        assert held_by(restored) == lines_in(store)
        assert alarms_of(store) == {"platform_lost_entries"}
        assert findings(restored) == set()
        contact(restored, store)
        assert store.outbox.pending() == 0
        assert store.enrolment is not None
        (told,) = alarms_at(restored)
        assert (told.what, told.device) == ("lost", store.enrolment.device), "the terminal tells whoever looks at the platform"
    store.stop()


def test_what_a_terminal_keeps_in_quarantine_is_told_at_the_platform_until_it_is_accepted(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    """docs/platform.md, “Alarms”: the platform alone does not remember what it refused."""
    store = enrolled(platform, tmp_path / "data")
    numbers = [item.number for item in store.outbox.pick(9)]
    store.outbox.settle([Verdict(number, "refused", "unreadable") for number in numbers], ())
    contact(platform, store)
    assert [(one.what, one.count) for one in alarms_at(platform)] == [("quarantined", len(numbers))]
    store.requeue()
    contact(platform, store)
    contact(platform, store)
    assert alarms_at(platform) == []
    store.stop()


def test_a_gap_is_an_alarm_after_a_day(platform: RunningPlatform) -> None:
    """The newest entries go first: what is missing in between may be on its way for hours."""
    window = Window(platform.url).enroll(platform.claim())
    chain = window.chain()
    opened, star, closed = chain.session(3)
    window.send([opened, closed])
    assert alarms_at(platform) == []
    old = sa.update(entries).values(received_at=now_ms() - GAP_MS)
    platform.database.write(lambda connection: connection.execute(old))
    (told,) = alarms_at(platform)
    assert (told.what, told.chain, told.seq) == ("gap", star.chain, star.seq)
    window.send([star])
    assert alarms_at(platform) == []


def test_counter_signed_entries_rewritten_with_the_key_are_noticed_and_the_platforms_copy_stays(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    """docs/trust.md: root on the terminal has the key; what the platform holds contradicts the new chain."""
    store = enrolled(platform, tmp_path / "data")
    true = rate(store, "CASE-1", 1)
    contact(platform, store)
    head, key = store.journal.head, store.key
    assert head is not None
    store.stop()
    rewritten = rewrite(tmp_path / "data", true[1], key.sign)
    back = opened(tmp_path / "data")
    assert entries_in(back)[-1].hash == rewritten[-1].hash != head.hash
    assert list(verify_chain(entries_in(back), key.public)) == [], "with the key the file itself looks whole"
    with JournalReader(back.path) as reader:
        heads, _ = heads_by_chain(reader.checkpoints(), back.enrolment.platform_key if back.enrolment else b"")
    assert {one.what for one in verify_chain(entries_in(back), key.public, heads)} == {"rewritten"}
    contact(platform, back)
    assert alarms_at(platform) == [Alarm("set_back", head.device, head.chain, head.seq)]
    assert alarms_of(back) == {"chain_left"}
    assert {entry.line for entry in true} <= held_by(platform)
    assert [item["level"] for item in platform.ratings()] == [1]
    back.stop()


def rewrite(folder: Path, star: Entry, sign: Callable[[bytes], bytes]) -> list[Entry]:
    """What root does: five stars instead, and everything after it chained and signed anew, in the database itself."""
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    entries = [read_entry(line) for (line,) in connection.execute("SELECT line FROM entries ORDER BY n")]
    before = entries[star.seq - 2].head
    changed = []
    for entry in entries[star.seq - 1 :]:
        data = {**entry.data, "level": 5} if entry.id == star.id else entry.data
        changed.append(write_entry(Draft(Kind(entry.kind), entry.session, data), entry.id, before, entry.moment, sign))
        before = changed[-1].head
        row = (bytes.fromhex(before.hash), changed[-1].line, entry.seq)
        connection.execute("UPDATE entries SET hash = ?, line = ? WHERE seq = ?", row)
    connection.close()
    return changed


def test_acknowledgements_that_somebody_else_gave_are_found_out(platform: RunningPlatform, tmp_path: Path) -> None:
    """docs/trust.md: an answer is protected by TLS only; a head is signed, and does not lie."""
    store = enrolled(platform, tmp_path / "data")
    rate(store, "CASE-1")
    store.outbox.settle(accept(store.outbox.pick(500)), [])
    assert store.outbox.pending() == 0
    contact(platform, store)
    assert held_by(platform) == lines_in(store)
    assert alarms_of(store) == {"platform_lost_entries"}
    store.stop()


def test_an_old_head_is_ignored_and_takes_no_evidence_away(platform: RunningPlatform, tmp_path: Path) -> None:
    """docs/trust.md: the network replays what the platform signed once."""
    store = enrolled(platform, tmp_path / "data")
    rate(store, "CASE-1")
    contact(platform, store)
    with JournalReader(store.path) as reader:
        (old,) = reader.checkpoints()
    rate(store, "CASE-2")
    contact(platform, store)
    with JournalReader(store.path) as reader:
        kept = list(reader.checkpoints())
    store.outbox.settle((), [old])
    with JournalReader(store.path) as reader:
        assert list(reader.checkpoints()) == kept != [old]
    assert (store.outbox.pending(), alarms_of(store)) == (0, set())
    store.stop()


def test_a_data_folder_that_was_deleted_leaves_a_chain_that_stopped(platform: RunningPlatform, tmp_path: Path) -> None:
    """docs/trust.md: not a proof: another device at the same window, and a chain that goes on nowhere."""
    store = enrolled(platform, tmp_path / "data")
    rate(store, "CASE-1")
    contact(platform, store)
    stopped = lines_in(store)
    store.stop()
    shutil.rmtree(tmp_path / "data")
    assert not (tmp_path / "data" / DATABASE).exists()
    fresh = enrolled(platform, tmp_path / "data")
    rate(fresh, "CASE-2")
    contact(platform, fresh)
    assert held_by(platform) == stopped | lines_in(fresh), "what had been delivered is still there"
    devices = {entry.device for entry in entries_in(fresh)}
    with platform.database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT uuid, number FROM devices").all()
    assert len(rows) == 2 and {row.number for row in rows} == {"A03"} and devices < {row.uuid for row in rows}
    assert alarms_at(platform) == []
    fresh.stop()
