"""A damaged database: set aside whole, salvaged byte for byte, a fresh chain that names the last head; design §7 and §9."""

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.store_kit import (
    IDS,
    HandClock,
    accept,
    closed,
    deliver,
    entries_in,
    head_of,
    open_enrolled,
    open_folder,
    opened,
    rate,
    star,
    window,
)

from terminal_app.domain.journal import Entry, Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.domain.rating import Outcome
from terminal_app.ports import Ids
from terminal_app.store import salvage, unmendable
from terminal_app.store.errors import FolderUnusable, StoreError
from terminal_app.store.opening import DATABASE, Store, open_store
from terminal_app.store.reading import JournalReader

SESSIONS = 40
WAL = f"{DATABASE}-wal"
PAGE = 4096


@pytest.fixture(scope="module")
def plugged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Entry]]:
    """The folder of a terminal whose plug was pulled: a delivered past in the file, one open session in the log."""
    live = tmp_path_factory.mktemp("live")
    pulled = tmp_path_factory.mktemp("pulled") / "data"
    store = open_enrolled(live)
    for number in range(SESSIONS):
        rate(store, f"CASE-{number}")
    deliver(store)
    store._tidy()
    session = IDS.uuid7()
    store.journal.append(opened(session, "OPEN"))
    store.journal.append(star(session, 1))
    written = entries_in(store)
    shutil.copytree(live, pulled)
    store.stop()
    return pulled, written


def damaged_copy(
    plugged: tuple[Path, list[Entry]], folder: Path, damage: Callable[[bytearray], None], file: str = DATABASE
) -> bytes:
    """A copy of the folder with a damaged file; the damaged bytes."""
    shutil.copytree(plugged[0], folder, dirs_exist_ok=True)
    content = bytearray((folder / file).read_bytes())
    damage(content)
    (folder / file).write_bytes(content)
    return bytes(content)


def overwrite(at: int, length: int, seed: int = 1) -> Callable[[bytearray], None]:
    def damage(content: bytearray) -> None:
        content[at : at + length] = random.Random(seed).randbytes(length)

    return damage


def truncate(pages: int) -> Callable[[bytearray], None]:
    def damage(content: bytearray) -> None:
        del content[len(content) - pages * PAGE :]

    return damage


def page_of(folder: Path, what: str) -> int:
    """The root page of a table or index."""
    connection = sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (what,)).fetchone()
    connection.close()
    return int(page)


def expect_usable(store: Store, written: list[Entry]) -> list[Entry]:
    """Whatever was damaged: what is there is as it was written, a new chain follows, and ratings go on. The salvaged ones."""
    kept = entries_in(store)
    ours = {entry.line for entry in written}
    salvaged = [entry for entry in kept if entry.line in ours]
    later = [entry for entry in kept if entry.line not in ours]
    assert [entry.seq for entry in later] == list(range(1, len(later) + 1))
    assert {entry.chain for entry in later}.isdisjoint({entry.chain for entry in written})
    assert later[0].kind == "chain_started"
    last = salvaged[-1] if salvaged else None
    assert later[0].data["previous"] == (last and {"chain": last.chain, "seq": last.seq, "hash": last.hash})
    assert {finding.what for finding in verify_chain(kept, store.key.public)} <= {"gap"}
    rate(store, "NEXT")
    assert store.journal.rated_before(["NEXT|d2026-11-21"])
    return salvaged


def test_an_unclean_stop_without_damage_loses_nothing(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    shutil.copytree(plugged[0], tmp_path, dirs_exist_ok=True)
    store = open_folder(tmp_path)
    assert (store.unclean, store.salvaged) == (True, None)
    assert entries_in(store)[:-1] == plugged[1]
    assert store.recovered is not None
    assert [outcome for _, outcome in store.recovered.closed] == [Outcome.RATED]
    store.stop()


def test_a_damaged_index_costs_no_entry(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Design §7: set aside whole; salvaged entries keep their bytes and their chain; the administrator is told."""
    at = (page_of(plugged[0], "entries_closed") - 1) * PAGE
    damaged = damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    log = (tmp_path / WAL).read_bytes()
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert (store.salvaged.entries, store.salvaged.missing) == (len(plugged[1]), 0)
    assert (store.salvaged.set_aside / DATABASE).read_bytes() == damaged
    assert (store.salvaged.set_aside / WAL).read_bytes() == log
    assert expect_usable(store, plugged[1]) == plugged[1]
    store.stop()


def test_salvaged_entries_are_offered_again(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Design §8: the platform answers `duplicate`; a damaged file is not believed about what was acknowledged."""
    at = (page_of(plugged[0], "entries_closed") - 1) * PAGE
    damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    store = open_folder(tmp_path)
    items = store.outbox.pick(500)
    assert [item.line for item in items] == [entry.line for entry in entries_in(store)]
    assert store.outbox.pending() == len(plugged[1]) + 2
    store.outbox.settle(accept(items), [])
    assert store.outbox.pending() == 0
    store.stop()


def test_what_was_open_is_closed(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Design §4.4, across a salvage."""
    at = (page_of(plugged[0], "entries_closed") - 1) * PAGE
    damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert store.recovered is not None
    assert [outcome for _, outcome in store.recovered.closed] == [Outcome.RATED]
    store.stop()


@pytest.mark.parametrize("table", ["rated_cases", "entries_window"])
def test_what_was_rated_stays_rated(plugged: tuple[Path, list[Entry]], tmp_path: Path, table: str) -> None:
    """Design §5, across a salvage: from the table of rated cases, or from the entries where it is lost."""
    at = (page_of(plugged[0], table) - 1) * PAGE
    damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    (tmp_path / WAL).unlink()
    (tmp_path / "check-at-next-start").touch()
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    keys = [f"CASE-{number}|d2026-11-21" for number in range(SESSIONS)]
    assert store.journal.rated_before([*keys, "OTHER|d2026-11-21"]) == frozenset(keys)
    store.stop()


def test_damage_inside_the_entries_costs_only_the_damaged_ones(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Entries beyond the damage are read; the gap is in the chain for everybody to see."""
    content = (plugged[0] / DATABASE).read_bytes()
    at = content.index(plugged[1][60].line) // PAGE * PAGE
    damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert 0 < store.salvaged.missing < 10
    salvaged = expect_usable(store, plugged[1])
    assert len(salvaged) == len(plugged[1]) - store.salvaged.missing
    assert salvaged[0] == plugged[1][0]
    assert salvaged[-1] == plugged[1][-1]
    store.stop()


def test_a_file_that_is_no_database_any_more_is_replaced(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Nothing can be read: the terminal is not enrolled any more, says so, and its key is still there."""
    damaged = damaged_copy(plugged, tmp_path, overwrite(0, 10_000))
    (tmp_path / WAL).unlink()
    key = (tmp_path / "device.key").read_bytes()
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert (store.salvaged.set_aside / DATABASE).read_bytes() == damaged
    assert store.enrolment is None
    assert (tmp_path / "device.key").read_bytes() == key
    store.stop()
    store = open_enrolled(tmp_path)
    rate(store)
    store.stop()


def test_a_flipped_bit_in_the_last_entry_is_not_built_upon(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """A clean stop is not followed by a check of the file; the head itself is always checked before it is continued."""
    store = open_enrolled(tmp_path)
    written = rate(store)
    store.stop()
    content = bytearray((tmp_path / DATABASE).read_bytes())
    at = content.index(written[-1].line) + written[-1].line.index(b'"outcome"') + 12
    content[at] ^= 1
    (tmp_path / DATABASE).write_bytes(content)
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert (store.salvaged.entries, store.salvaged.missing) == (3, 1)
    assert entries_in(store)[:3] == [*entries_in(store)[:1], *written[:2]]
    assert store.recovered is not None
    assert [outcome for _, outcome in store.recovered.closed] == [Outcome.RATED], "its close was lost, so it is closed again"
    store.stop()


def test_a_stored_hash_that_is_damaged_alone_costs_nothing(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """The entry's own signature speaks for it."""
    victim = plugged[1][30]
    content = (plugged[0] / DATABASE).read_bytes()
    at = content.index(bytes.fromhex(victim.hash))
    damaged_copy(plugged, tmp_path, overwrite(at, 4))
    (tmp_path / "check-at-next-start").touch()
    page = (page_of(plugged[0], "entries_window") - 1) * PAGE
    content = bytearray((tmp_path / DATABASE).read_bytes())
    overwrite(page, PAGE)(content)
    (tmp_path / DATABASE).write_bytes(content)
    store = open_folder(tmp_path)
    assert expect_usable(store, plugged[1]) == plugged[1]
    store.stop()


@pytest.mark.parametrize("seed", range(24))
def test_damage_anywhere_ends_in_a_terminal_that_works(plugged: tuple[Path, list[Entry]], tmp_path: Path, seed: int) -> None:
    """Issue 2, bad input: a corrupt database. What is not lost is unaltered; nothing is invented."""
    chance = random.Random(seed)
    size = (plugged[0] / DATABASE).stat().st_size
    length = chance.choice([1, 16, 512, PAGE, 4 * PAGE])
    damage = truncate(chance.randrange(1, 20)) if seed % 6 == 5 else overwrite(chance.randrange(size), length, seed)
    damaged = damaged_copy(plugged, tmp_path, damage)
    store = open_enrolled(tmp_path)
    if store.salvaged is not None:
        assert (store.salvaged.set_aside / DATABASE).read_bytes() == damaged
        expect_usable(store, plugged[1])
    else:
        session = IDS.uuid7()
        store.journal.append(opened(session, "NEXT"))
        store.journal.append(closed(session, "timed_out", False))
    assert head_of(store).seq > 0
    assert store.stop()


@pytest.mark.parametrize("seed", range(6))
def test_damage_in_the_write_ahead_log_costs_at_most_what_was_in_it(
    plugged: tuple[Path, list[Entry]], tmp_path: Path, seed: int
) -> None:
    """SQLite's log carries checksums: what follows the damage does not count, what came before does."""
    size = (plugged[0] / WAL).stat().st_size
    damaged_copy(plugged, tmp_path, overwrite(random.Random(seed).randrange(size), 64, seed), WAL)
    store = open_folder(tmp_path)
    kept = entries_in(store)
    common = [entry for entry in kept if entry in plugged[1]]
    assert len(common) >= len(plugged[1]) - 2
    assert {finding.what for finding in verify_chain(kept, store.key.public)} == set()
    store.stop()


# --- interrupted --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", ["before", "while moving", "after moving"])
def test_an_interrupted_salvage_is_finished_by_the_next_start(
    plugged: tuple[Path, list[Entry]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """A power cut in the middle of a salvage loses nothing that could be read."""
    at = (page_of(plugged[0], "entries_closed") - 1) * PAGE
    damaged_copy(plugged, tmp_path, overwrite(at, PAGE))
    rename = Path.rename
    moves = {"before": 0, "while moving": 1, "after moving": 3}[cut]
    done: list[Path] = []

    def power_cut(path: Path, target: Path) -> Path:
        if path.name.startswith(DATABASE):
            if len(done) == moves:
                raise KeyboardInterrupt
            done.append(path)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", power_cut)
    with pytest.raises(KeyboardInterrupt):
        open_folder(tmp_path)
    monkeypatch.undo()
    store = open_folder(tmp_path)
    assert expect_usable(store, plugged[1])[: SESSIONS * 3] == plugged[1][: SESSIONS * 3]
    store.stop()


def test_the_check_says_what_is_sound(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Design §7: also for the low-priority check after the first frame, and for `doctor`."""
    shutil.copytree(plugged[0], tmp_path / "good")
    assert salvage.is_sound(tmp_path / "good" / DATABASE)
    damaged_copy(plugged, tmp_path / "bad", overwrite(0, 10_000))
    (tmp_path / "bad" / WAL).unlink()
    assert not salvage.is_sound(tmp_path / "bad" / DATABASE)


def test_damage_inside_an_entry_about_the_window_does_not_keep_the_terminal_from_starting(tmp_path: Path) -> None:
    """Design §7: a corrupt file is set aside, a fresh one started. A check of the file's structure cannot see such damage."""
    store = open_enrolled(tmp_path)
    broken = store.journal.append(window(Kind.STAFF_LOGGED_OUT, number="001"))
    rate(store)
    written = entries_in(store)
    store.stop()
    content = bytearray((tmp_path / DATABASE).read_bytes())
    at = content.index(broken.line)
    content[at + 100] ^= 1
    (tmp_path / DATABASE).write_bytes(content)
    again = open_folder(tmp_path)
    assert again.salvaged is not None
    assert [entry.id for entry in entries_in(again)][:-1] == [entry.id for entry in written if entry.id != broken.id]
    again.stop()


DESCRIPTIONS = {
    "a column": (b"hash BLOB NOT NULL,\n        line", b"hush BLOB NOT NULL,\n        line"),
    "a column of what waits": (b"attempts INTEGER", b"attempta INTEGER"),
    "a table's name": (b"tableentriesentries", b"tableentriezentriez"),
    "a table's statement": (b"CREATE TABLE entries(", b"CREATE TABLX entries("),
    "a trigger": (b"BEFORE UPDATE ON entries", b"BEFORE UPXATE ON entries"),
    "a trigger's message": (b"journal entries are never", b"journal entries are newer"),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_damage_in_what_the_file_says_of_its_tables_costs_no_entry(tmp_path: Path, name: str) -> None:
    """Found by seed 100625 of the simulation: a column of another name kept the terminal from starting, and SQLite's own
    checks find nothing wrong with it."""
    store = open_enrolled(tmp_path)
    for number in range(3):
        rate(store, f"CASE-{number}")
    written = entries_in(store)
    store.stop()
    whole = (tmp_path / DATABASE).read_bytes()
    was, becomes = DESCRIPTIONS[name]
    assert whole.count(was) == 1
    (tmp_path / DATABASE).write_bytes(damaged := whole.replace(was, becomes))
    (tmp_path / "check-at-next-start").touch()
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert store.salvaged.missing == 0
    assert (store.salvaged.set_aside / DATABASE).read_bytes() == damaged
    assert store.enrolment is not None
    assert expect_usable(store, written) == written
    assert sorted(path.name for path in tmp_path.iterdir() if "describe" in path.name) == []
    store.stop()


def test_a_column_of_another_name_is_salvaged_by_a_start_that_did_not_look_for_damage(tmp_path: Path) -> None:
    """The same seed, after a clean stop."""
    store = open_enrolled(tmp_path)
    written = [*entries_in(store), *rate(store)]
    store.stop()
    (tmp_path / DATABASE).write_bytes((tmp_path / DATABASE).read_bytes().replace(b"        line BLOB", b"        lime BLOB"))
    with JournalReader(tmp_path / DATABASE) as reader, pytest.raises(StoreError, match="corrupt"):
        list(reader.lines())
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert expect_usable(store, written) == written
    store.stop()


def test_what_another_build_says_of_its_tables_is_believed(tmp_path: Path) -> None:
    """An older file is migrated, a newer one refused; neither is damaged."""
    store = open_enrolled(tmp_path)
    store.stop()
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("ALTER TABLE outbox ADD COLUMN news TEXT")
    assert not salvage.is_sound(tmp_path / DATABASE, thorough=True)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    assert salvage.is_sound(tmp_path / DATABASE, thorough=True)


def test_a_row_whose_types_are_damaged_is_left_out(plugged: tuple[Path, list[Entry]], tmp_path: Path) -> None:
    """Found by the simulation: a checkpoint with a number for its chain ended the salvage, and so each start."""
    content = (plugged[0] / DATABASE).read_bytes()
    page = (page_of(plugged[0], "checkpoints") - 1) * PAGE
    blob_of_16, blob_of_32, number_of_8 = 12 + 2 * 16, 12 + 2 * 32, 6
    types = re.compile(rb"(%c).%c.[\x80-\xff]([\x00-\x6f])" % (blob_of_16, blob_of_32), re.DOTALL)
    (found,) = types.finditer(content, page, page + PAGE)

    def damage(content: bytearray) -> None:
        content[found.start(1)] = number_of_8
        content[found.start(2)] += 2 * 8

    damaged_copy(plugged, tmp_path, damage)
    (tmp_path / "check-at-next-start").touch()
    store = open_folder(tmp_path)
    assert store.salvaged is not None
    assert expect_usable(store, plugged[1]) == plugged[1]
    store.stop()


def _put_openings_last(folder: Path) -> None:
    """Give what opened a session a number behind all others, which the file's triggers would refuse."""
    connection = sqlite3.connect(folder / DATABASE)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE entries SET n = n + 100 WHERE kind = 'session_opened'")
    connection.commit()
    connection.close()


def test_a_session_that_is_closed_before_it_is_opened_does_not_keep_the_terminal_from_starting(tmp_path: Path) -> None:
    """Found by the simulation: of a damaged number the salvage made an open session, which every start closed once more."""
    store = open_enrolled(tmp_path)
    rate(store)
    written = entries_in(store)
    store.stop()
    _put_openings_last(tmp_path)
    page = (page_of(tmp_path, "entries_window") - 1) * PAGE
    content = bytearray((tmp_path / DATABASE).read_bytes())
    overwrite(page, PAGE)(content)
    (tmp_path / DATABASE).write_bytes(content)
    (tmp_path / "check-at-next-start").touch()
    again = open_folder(tmp_path)
    assert again.salvaged is not None
    assert again.recovered is not None and not again.recovered.closed
    assert {entry.id for entry in written} < {entry.id for entry in entries_in(again)}
    rate(again, "NEXT")
    again.stop()


def test_a_file_that_contradicts_itself_does_not_keep_the_terminal_from_starting(tmp_path: Path) -> None:
    """A head that is not the last of its chain: what is written next has a place that is taken, and the file refuses it."""
    store = open_enrolled(tmp_path)
    session = IDS.uuid7()
    store.journal.append(opened(session))
    store.journal.append(star(session, 1))
    written = entries_in(store)
    store.stop()
    _put_openings_last(tmp_path)
    again = open_folder(tmp_path)
    assert again.salvaged is not None
    assert {entry.id for entry in written} < {entry.id for entry in entries_in(again)}
    rate(again, "NEXT")
    again.stop()


# --- what a salvage does not mend ---------------------------------------------------------------------------------------


@dataclass
class NoIds:
    """Of a build that cannot write an entry: its ids are none."""

    count: int = 0

    def uuid7(self) -> str:
        self.count += 1
        return f"no id {self.count:06}"

    def token(self) -> bytes:
        return b""


def _left_open(folder: Path) -> list[Entry]:
    """A terminal that stopped in the middle of a session, so that a start has to write. All entries."""
    store = open_enrolled(folder)
    rate(store)
    store.journal.append(opened(IDS.uuid7(), "OPEN"))
    written = entries_in(store)
    store.stop()
    return written


def _refused(folder: Path, app_version: str = "0.1.0", *, ids: Ids) -> str:
    with pytest.raises(FolderUnusable) as refused:
        open_store(folder, HandClock(), ids, app_version=app_version)
    return str(refused.value)


def _copies(folder: Path) -> list[Path]:
    return list((folder / "set-aside").glob(f"*/{DATABASE}"))


def test_what_a_salvage_does_not_mend_is_set_aside_once_however_often_it_is_started(tmp_path: Path) -> None:
    """Reliability, “Disk discipline”: it is started again for ever; the disk does not fill, nothing is deleted."""
    written = _left_open(tmp_path)
    before, ids = (tmp_path / DATABASE).read_bytes(), NoIds()
    told = [_refused(tmp_path, ids=ids) for _ in range(3)]
    (copy,) = _copies(tmp_path)
    assert copy.read_bytes() == before
    assert {entry.id for entry in written} <= {entry.id for entry in entries_in(tmp_path)}
    assert all(str(tmp_path) in words and "set-aside" in words for words in told)


def test_another_build_and_other_content_are_tried_afresh(tmp_path: Path) -> None:
    """A remedy may be an update of the terminal, or a file that somebody put back."""
    _left_open(tmp_path)
    before, ids = (tmp_path / DATABASE).read_bytes(), NoIds()
    _refused(tmp_path, ids=ids)
    _refused(tmp_path, "0.2.0", ids=ids)
    _refused(tmp_path, "0.2.0", ids=ids)
    assert len(_copies(tmp_path)) == 2
    (tmp_path / DATABASE).write_bytes(before)
    _refused(tmp_path, "0.2.0", ids=ids)
    _refused(tmp_path, "0.2.0", ids=ids)
    assert len(_copies(tmp_path)) == 3


def test_what_could_not_be_opened_is_opened_as_soon_as_it_can_be(tmp_path: Path) -> None:
    """As by the mended build, under the same version."""
    written = _left_open(tmp_path)
    _refused(tmp_path, ids=NoIds())
    assert unmendable.is_noted(tmp_path / DATABASE)
    store = open_folder(tmp_path)
    assert store.salvaged is None
    assert not unmendable.is_noted(tmp_path / DATABASE)
    assert {entry.id for entry in written} <= {entry.id for entry in entries_in(store)}
    rate(store, "NEXT")
    store.stop()
    assert len(_copies(tmp_path)) == 1
