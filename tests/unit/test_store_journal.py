"""The journal store: chained, signed, durable, immutable; design §4, §5 and §7."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.store_kit import (
    IDS,
    HandClock,
    closed,
    entries_in,
    head_of,
    open_enrolled,
    open_folder,
    opened,
    rate,
    star,
    window,
)

from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.domain.rating import Outcome, fold
from terminal_app.store.errors import StoreError
from terminal_app.store.opening import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_enrolled(tmp_path / "data")
    yield store
    store.stop()


# --- the chain ------------------------------------------------------------------------------------------------------


def test_a_new_file_starts_a_chain_that_names_no_earlier_one(store: Store) -> None:
    """Design §9: every new file starts a new chain whose first entry names the last head it knows of."""
    (first,) = entries_in(store)
    assert (first.kind, first.seq, first.session) == ("chain_started", 1, None)
    assert first.data == {"app": "0.1.0", "previous": None}


def test_every_appended_entry_is_chained_signed_and_waiting(store: Store) -> None:
    """Design §7, §8."""
    written = [entry for number in range(5) for entry in rate(store, f"CASE-{number}")]
    kept = entries_in(store)
    assert [entry.line for entry in kept[1:]] == [entry.line for entry in written]
    assert list(verify_chain(kept, store.key.public)) == []
    assert [item.line for item in store.outbox.pick(100)] == [entry.line for entry in kept]


def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    store = open_enrolled(tmp_path)
    rate(store)
    store.stop()
    store = open_folder(tmp_path)
    rate(store, "CASE-2")
    kept = entries_in(store)
    assert [entry.seq for entry in kept] == list(range(1, 8))
    assert list(verify_chain(kept, store.key.public)) == []
    store.stop()


def test_nothing_can_be_appended_before_enrolment(tmp_path: Path) -> None:
    """Design §9: the device's id comes with the enrolment."""
    store = open_folder(tmp_path)
    with pytest.raises(RuntimeError, match="not enrolled"):
        store.journal.append(window(Kind.PAUSED))
    assert store.recovered is None
    store.stop()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 5), st.text(max_size=20)), max_size=12))
def test_what_is_read_back_is_what_was_written(store: Store, drafts: list[tuple[int, str]]) -> None:
    session = IDS.uuid7()
    written = [
        store.journal.append(Draft(Kind.REASON_TOGGLED, session, {"level": level, "code": "101", "text": text, "on": True}))
        for level, text in drafts
    ]
    assert [entry for entry in entries_in(store) if entry.session == session] == written


# --- immutable --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET line = x'00' WHERE seq = 2",
        "UPDATE entries SET kind = kind",
        "DELETE FROM entries WHERE seq = 2",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT n, id, chain, seq, session, kind, hash, x'00' FROM entries WHERE seq = 2",
    ],
)
def test_entries_cannot_be_changed_or_removed_while_they_wait(store: Store, statement: str) -> None:
    """Design §4.3: nothing is ever updated in place; §8: entries never expire."""
    rate(store)
    before = entries_in(store)
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA recursive_triggers=ON")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()
    assert entries_in(store) == before


def test_a_session_opens_and_closes_once(store: Store) -> None:
    """Design §4.4: every session ends in exactly one session_closed."""
    session = IDS.uuid7()
    store.journal.append(opened(session, "CASE-1"))
    with pytest.raises(sqlite3.IntegrityError):
        store.journal.append(opened(session, "CASE-1"))
    store.journal.append(closed(session, "timed_out", False))
    head = head_of(store)
    with pytest.raises(sqlite3.IntegrityError):
        store.journal.append(closed(session))
    assert head_of(store) == head
    assert [entry.kind for entry in entries_in(store)] == ["chain_started", "session_opened", "session_closed"]


# --- rated before -----------------------------------------------------------------------------------------------------


def test_the_first_star_makes_the_covered_cases_rated(store: Store) -> None:
    """Design §5: the same (case, visit), or without a visit the same case on the same day, is refused locally."""
    today, visited = "A|d2026-11-21", "B|v7"
    plain, batch = IDS.uuid7(), IDS.uuid7()
    store.journal.append(opened(plain, "A"))
    store.journal.append(opened(batch, "B", visit="7", left_out=["C"]))
    assert store.journal.rated_before([today, visited]) == frozenset()
    store.journal.append(star(plain))
    assert store.journal.rated_before([today, visited]) == {today}
    store.journal.append(star(batch))
    keys = [today, visited, "C|v7", "A|d2026-11-22", "B|d2026-11-21"]
    assert store.journal.rated_before(keys) == {today, visited}


def test_only_what_the_citizen_chose_of_a_chain_becomes_rated(store: Store) -> None:
    """taian 二(四)3: a single case alone; the last choice before the first star counts."""
    session, keys = IDS.uuid7(), ["A|v1", "B|v1"]
    store.journal.append(opened(session, "A", "B", visit="1"))
    for scope, covered in (("single", ["A"]), ("overall", ["A", "B"]), ("single", ["B"])):
        store.journal.append(Draft(Kind.SCOPE_CHOSEN, session, {"scope": scope, "covered": covered}))
    store.journal.append(star(session))
    assert store.journal.rated_before(keys) == {"B|v1"}


def test_a_session_without_a_star_leaves_its_cases_ratable(store: Store) -> None:
    session = IDS.uuid7()
    store.journal.append(opened(session, "A"))
    store.journal.append(closed(session, "timed_out", False))
    assert store.journal.rated_before(["A|d2026-11-21"]) == frozenset()


def test_rated_cases_are_remembered_without_their_numbers(tmp_path: Path) -> None:
    """Design §5: a keyed hash of each rated case; another terminal's hash of the same case is another one."""
    hashes = []
    for name in ("one", "two"):
        store = open_enrolled(tmp_path / name)
        rate(store, "A")
        hashes += store._connection.execute("SELECT key FROM rated_cases").fetchall()
        store.stop()
    assert len(set(hashes)) == 2
    assert all(len(key) == 32 for (key,) in hashes)


def test_rated_cases_survive_a_restart(tmp_path: Path) -> None:
    store = open_enrolled(tmp_path)
    rate(store, "A")
    store.stop()
    store = open_folder(tmp_path)
    assert store.journal.rated_before(["A|d2026-11-21"]) == {"A|d2026-11-21"}
    store.stop()


# --- the environment fails --------------------------------------------------------------------------------------------


@contextmanager
def _full_disk(store: Store) -> Iterator[None]:
    """No page can be added to the database: SQLite's own word for a full disk."""
    connection = store._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    yield
    connection.execute("PRAGMA max_page_count=1000000")


@contextmanager
def _read_only(store: Store) -> Iterator[None]:
    store._connection.execute("PRAGMA query_only=ON")
    yield
    store._connection.execute("PRAGMA query_only=OFF")


@contextmanager
def _locked_by_another_program(store: Store) -> Iterator[None]:
    store._connection.execute("PRAGMA busy_timeout=20")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


FAILURES = [(_full_disk, "disk_full"), (_read_only, "read_only"), (_locked_by_another_program, "io_error")]


def _append_until_it_fails(store: Store, session: str) -> str:
    for _ in range(200):
        before = head_of(store), len(entries_in(store))
        try:
            store.journal.append(Draft(Kind.REASON_TOGGLED, session, {"level": 1, "code": "1", "text": "x" * 2000, "on": True}))
        except StoreError as error:
            assert (head_of(store), len(entries_in(store))) == before, "a failed append changed something"
            return error.reason
    raise AssertionError("nothing failed")


@pytest.mark.parametrize(("trouble", "reason"), FAILURES)
def test_a_failed_append_changes_nothing_and_the_next_one_goes_on(
    store: Store, trouble: Callable[[Store], Iterator[None]], reason: str
) -> None:
    """Ports, StoreFailure: disk_full, io_error, read_only; the head moves only after a COMMIT."""
    session = IDS.uuid7()
    store.journal.append(opened(session, "A"))
    store._reserve.release()
    with trouble(store):  # type: ignore[attr-defined]
        assert _append_until_it_fails(store, session) == reason
        with pytest.raises(StoreError):
            for level in range(200):
                store.journal.append(star(session, level % 5 + 1))
    store.journal.append(star(session))
    assert store.journal.rated_before(["A|d2026-11-21"]), "the cases of a session are registered by whichever star is the first"
    assert list(verify_chain(entries_in(store), store.key.public)) == []


def test_a_full_disk_costs_the_reserve_first(store: Store) -> None:
    """Design §7: a reserve file is released when the disk is full, so that ratings still commit."""
    session = IDS.uuid7()
    released: list[int] = []
    release = store._reserve.release

    def give_space() -> bool:
        released.append(head_of(store).seq)
        store._connection.execute("PRAGMA max_page_count=1000000")
        return release()

    store._reserve.release = give_space  # type: ignore[method-assign]
    with _full_disk(store):
        for _ in range(200):
            store.journal.append(star(session))
    assert len(released) == 1
    assert not store._reserve.held
    assert list(verify_chain(entries_in(store), store.key.public)) == []


# --- recovery ---------------------------------------------------------------------------------------------------------


def test_every_open_session_is_closed_once_before_input(tmp_path: Path) -> None:
    """Design §4.4 and §5: at start the terminal closes whatever is open; rated, not submitted, if a star is durable."""
    store = open_enrolled(tmp_path)
    starred, bare, done = IDS.uuid7(), IDS.uuid7(), IDS.uuid7()
    for draft in (opened(done, "A"), star(done), closed(done), opened(starred, "B"), star(starred, 1), opened(bare, "C")):
        store.journal.append(draft)
    store.stop()

    store = open_folder(tmp_path)
    assert store.recovered is not None
    assert store.recovered.closed == ((starred, Outcome.RATED), (bare, Outcome.INTERRUPTED))
    kept = [(entry.kind, entry.moment.wall, entry.data, entry.session) for entry in entries_in(store)]
    ratings = {key: fold(key, [row[:3] for row in kept if row[3] == key]) for key in (starred, bare)}
    assert (ratings[starred].outcome, ratings[starred].level, ratings[starred].submitted) == (Outcome.RATED, 1, False)
    assert (ratings[bare].outcome, ratings[bare].level) == (Outcome.INTERRUPTED, None)
    store.stop()

    store = open_folder(tmp_path)
    assert store.recovered is not None
    assert store.recovered.closed == ()
    assert len(entries_in(store)) == len(kept)
    store.stop()


LOGIN = window(Kind.STAFF_LOGGED_IN, number="001")
OTHER = window(Kind.STAFF_LOGGED_IN, number="002")
LOGOUT = window(Kind.STAFF_LOGGED_OUT, number="001")
PAUSE, RESUME = window(Kind.PAUSED), window(Kind.RESUMED, length_ms=5)


@pytest.mark.parametrize(
    ("drafts", "restart", "on_duty"),
    [
        ([], "2026-11-21T10:00:00.000+08:00", None),
        ([LOGIN], "2026-11-21T09:00:01.000+08:00", "001"),
        ([LOGIN], "2026-11-21T23:59:59.999+08:00", "001"),
        ([LOGIN], "2026-11-22T00:00:00.000+08:00", None),
        ([LOGIN], "2027-11-21T09:00:00.000+08:00", None),
        ([LOGIN, LOGOUT], "2026-11-21T10:00:00.000+08:00", None),
        ([LOGIN, LOGOUT, OTHER], "2026-11-21T10:00:00.000+08:00", "002"),
        ([LOGIN, OTHER], "2026-11-21T10:00:00.000+08:00", "002"),
    ],
)
def test_on_duty_survives_a_restart_on_the_same_local_day(
    tmp_path: Path, drafts: list[Draft], restart: str, on_duty: str | None
) -> None:
    """Design §5, last rule on log-in."""
    store = open_enrolled(tmp_path)
    for draft in drafts:
        store.journal.append(draft)
    store.stop()
    store = open_folder(tmp_path, HandClock(restart))
    assert store.recovered is not None
    assert store.recovered.on_duty == on_duty
    store.stop()


@pytest.mark.parametrize(
    ("drafts", "lasts"), [([], False), ([PAUSE], True), ([PAUSE, RESUME], False), ([PAUSE, RESUME, PAUSE], True)]
)
def test_a_pause_that_lasts_is_told_with_its_beginning(tmp_path: Path, drafts: list[Draft], lasts: bool) -> None:
    """Design §5: every pause is an entry with its length."""
    store = open_enrolled(tmp_path)
    began = [store.journal.append(draft).moment for draft in drafts]
    store.stop()
    store = open_folder(tmp_path)
    assert store.recovered is not None
    assert store.recovered.paused_since == (began[-1] if lasts else None)
    store.stop()


def test_recovery_while_running_forgets_nothing_that_is_rated(store: Store) -> None:
    """Ports, Journal.recover: after a failure sessions that are open are closed; the same ticket may come again."""
    session = IDS.uuid7()
    store.journal.append(opened(session, "A"))
    assert store.journal.recover().closed == ((session, Outcome.INTERRUPTED),)
    again = IDS.uuid7()
    store.journal.append(opened(again, "A"))
    store.journal.append(star(again))
    assert store.journal.recover().closed == ((again, Outcome.RATED),)
    assert store.journal.rated_before(["A|d2026-11-21"])
