"""Delivery states: what is picked, what becomes of verdicts and checkpoints, what may be pruned; design §8."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.chains import Key
from support.store_kit import (
    IDS,
    MORNING,
    PLATFORM,
    accept,
    checkpoint,
    deliver,
    entries_in,
    head_of,
    heads_in,
    open_enrolled,
    open_folder,
    rate,
    seqs,
    star,
)

from terminal_app.domain.journal import Head
from terminal_app.domain.proof import verify_chain
from terminal_app.ports import Verdict
from terminal_app.store.opening import Store
from terminal_app.store.reading import Counts, JournalReader


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_enrolled(tmp_path / "data")
    yield store
    store.stop()


def fill(store: Store, count: int) -> None:
    """Stars until the chain has `count` entries."""
    session = IDS.uuid7()
    while head_of(store).seq < count:
        store.journal.append(star(session))


def counts(store: Store) -> Counts:
    with JournalReader(store.path) as reader:
        return reader.counts()


def after(days: float) -> str:
    return (datetime.fromisoformat(MORNING) + timedelta(days=days)).isoformat(timespec="milliseconds")


def head_at(store: Store, seq: int) -> Head:
    return next(entry.head for entry in entries_in(store) if entry.seq == seq)


# --- picking ----------------------------------------------------------------------------------------------------------


def test_fresh_entries_go_out_beside_a_backlog(store: Store) -> None:
    """Design §8: up to 50 of the newest, the rest by attempts and age; in chain order."""
    fill(store, 400)
    assert seqs(store.outbox.pick(200)) == [*range(1, 151), *range(351, 401)]
    assert seqs(store.outbox.pick(500)) == list(range(1, 401))


@pytest.mark.parametrize(("limit", "expected"), [(1, [1]), (2, [1, 60]), (3, [1, 2, 60]), (60, list(range(1, 61)))])
def test_small_batches_still_reach_the_oldest(store: Store, limit: int, expected: list[int]) -> None:
    """After 413 a batch is halved down to one."""
    fill(store, 60)
    assert seqs(store.outbox.pick(limit)) == expected


def test_an_entry_that_was_put_off_waits_behind_the_others(store: Store) -> None:
    """Design §8: attempts, then sequence, so one bad entry cannot block the rest."""
    fill(store, 10)
    bad = store.outbox.pick(500)[0]
    for _ in range(3):
        store.outbox.settle([Verdict(bad.number, "retry_later")], [])
    assert seqs(store.outbox.pick(4)) == [2, 3, 9, 10]
    assert bad in store.outbox.pick(500)


@pytest.mark.parametrize("tried", [0, 4, 13])
@pytest.mark.parametrize("limit", [1, 2, 5, 16, 17, 26, 500])
def test_a_batch_is_full_while_anything_waits(store: Store, tried: int, limit: int) -> None:
    """The sender goes on while batches are full (sync/worker.py): behind a short one entries would wait for the next rating."""
    fill(store, 17)
    store.outbox.settle([Verdict(item.number, "retry_later") for item in store.outbox.pick(500)[:tried]], [])
    assert len(store.outbox.pick(limit)) == min(limit, store.outbox.pending())


def test_nothing_waits_in_an_empty_outbox(store: Store) -> None:
    deliver(store)
    assert store.outbox.pick(500) == []
    assert store.outbox.pending() == 0


def test_the_frozen_line_is_what_is_picked(store: Store) -> None:
    """Design §8 and docs/wire.md: lines are moved, never rebuilt."""
    written = rate(store)
    assert [(item.entry_id, item.line) for item in store.outbox.pick(500)[1:]] == [(entry.id, entry.line) for entry in written]


# --- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "pending", "quarantined"),
    [("accepted", 0, 0), ("duplicate", 0, 0), ("retry_later", 1, 0), ("refused", 0, 1), ("a_later_version_s_word", 1, 0)],
)
def test_each_verdict_has_its_state(store: Store, status: str, pending: int, quarantined: int) -> None:
    """Design §4.5: a refused entry is quarantined and shown, never deleted."""
    (item,) = store.outbox.pick(500)
    store.outbox.settle([Verdict(item.number, status, "unreadable" if status == "refused" else None)], [])
    assert counts(store) == Counts(1, pending, quarantined)
    assert store.outbox.pending() == pending


def test_quarantined_entries_are_listed_and_offered_again_on_demand(store: Store) -> None:
    """Issue 2, commands: `outbox list|requeue`."""
    fill(store, 5)
    items = store.outbox.pick(500)
    store.outbox.settle([Verdict(item.number, "refused", "bad_signature") for item in items], [])
    assert store.outbox.pick(500) == []
    with JournalReader(store.path) as reader:
        assert [(row.entry_id, row.reason) for row in reader.quarantined()] == [
            (item.entry_id, "bad_signature") for item in items
        ]
        assert reader.pending() == []
    assert store.requeue([items[2].entry_id, IDS.uuid7()]) == 1
    assert seqs(store.outbox.pick(500)) == [3]
    assert store.requeue() == 4
    assert seqs(store.outbox.pick(500)) == [1, 2, 3, 4, 5]


def test_a_verdict_for_an_entry_that_no_longer_waits_changes_nothing(store: Store) -> None:
    """A lost answer: the same entries are acknowledged twice."""
    fill(store, 3)
    items = store.outbox.pick(500)
    for _ in range(2):
        store.outbox.settle(accept(items), [])
    store.outbox.settle([Verdict(items[0].number, "refused", "unreadable"), Verdict(10**6, "accepted")], [])
    assert counts(store) == Counts(3, 0, 0)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["accepted", "duplicate", "retry_later", "refused"]), min_size=1, max_size=12))
def test_no_entry_is_ever_in_two_states_or_in_none(store: Store, statuses: list[str]) -> None:
    fill(store, head_of(store).seq + len(statuses))
    waiting = store.outbox.pending()
    verdicts = [Verdict(item.number, status, "c") for item, status in zip(store.outbox.pick(500), statuses, strict=False)]
    before = counts(store)
    store.outbox.settle(verdicts, [])
    now = counts(store)
    acknowledged = sum(verdict.status in ("accepted", "duplicate") for verdict in verdicts)
    refused = sum(verdict.status == "refused" for verdict in verdicts)
    assert now.entries == before.entries
    assert now.pending == waiting - acknowledged - refused
    assert now.quarantined == before.quarantined + refused


# --- checkpoints ------------------------------------------------------------------------------------------------------


def kept_checkpoints(store: Store) -> list[bytes]:
    with JournalReader(store.path) as reader:
        return list(reader.checkpoints())


def test_a_counter_signed_head_is_kept(store: Store) -> None:
    """Design §8: the counter-signed (chain, contiguous head, hash) is the checkpoint."""
    fill(store, 5)
    line = checkpoint(head_of(store))
    store.outbox.settle(accept(store.outbox.pick(500)), [line])
    assert kept_checkpoints(store) == [line]


def test_a_checkpoint_must_be_the_platform_s_own_and_this_device_s(store: Store) -> None:
    """Design §9: checkpoints chain to the platform's key."""
    fill(store, 5)
    head = head_of(store)
    strangers = [
        checkpoint(head, key=Key(78)),
        checkpoint(head, device=IDS.uuid7()),
        checkpoint(head, at="yesterday"),
        checkpoint(head)[:-3],
        b"",
    ]
    store.outbox.settle(accept(store.outbox.pick(500)), strangers)
    assert kept_checkpoints(store) == []
    assert store.outbox.pending() == 0


def test_one_checkpoint_per_chain_and_day_is_enough(store: Store) -> None:
    fill(store, 9)
    store.outbox.settle(accept(store.outbox.pick(500)), [])
    lines = [checkpoint(head_at(store, seq), at) for seq, at in ((7, after(0)), (8, after(0.1)), (9, after(1)))]
    for line in lines[:2]:
        store._connection.execute("INSERT OR IGNORE INTO outbox(n) SELECT n FROM entries WHERE seq = 9")
        store.outbox.settle([], [line])
    store.outbox.settle(accept(store.outbox.pick(500)), [lines[2]])
    assert kept_checkpoints(store) == lines[1:]


@pytest.mark.parametrize("count", [12, 350])
def test_a_platform_restored_from_a_backup_gets_everything_again(store: Store, count: int) -> None:
    """Design §8: if the counter-signed head goes back, the entries after it become pending again."""
    fill(store, count)
    deliver(store)
    restored = checkpoint(head_at(store, 5), after(1))
    store.outbox.settle([], [restored])
    assert seqs(store.outbox.pick(500)) == list(range(6, count + 1))
    assert kept_checkpoints(store) == [restored]
    deliver(store, after(1))
    assert store.outbox.pending() == 0


def test_what_a_restored_platform_lost_beyond_a_gap_is_noticed_when_the_gap_is_filled(store: Store) -> None:
    """Design §8: fresh entries go out beside a backlog, so the head may stand while what follows is acknowledged."""
    fill(store, 20)
    items = store.outbox.pick(500)
    store.outbox.settle(accept(items[10:]), [])
    store.outbox.settle(accept(items[:10]), [checkpoint(head_at(store, 10))])
    assert seqs(store.outbox.pick(500)) == list(range(11, 21))


def test_an_interrupted_offering_again_is_noticed_again(store: Store) -> None:
    """Design §4.6: a power cut anywhere, the same path after restart. The gap right after the head is closed last."""
    fill(store, 350)
    deliver(store)
    left: list[int] = []
    offer_again = store.delivery.offer_again

    def cut_off_after_one(chain: bytes, lower: int, upper: int) -> None:
        if left:
            raise KeyboardInterrupt
        left.append(lower)
        offer_again(chain, lower, upper)

    store.delivery.offer_again = cut_off_after_one  # type: ignore[method-assign]
    restored = checkpoint(head_at(store, 5), after(1))
    with pytest.raises(KeyboardInterrupt):
        store.outbox.settle([], [restored])
    store.delivery.offer_again = offer_again  # type: ignore[method-assign]
    assert 0 < store.outbox.pending() < 345
    store.outbox.settle([], [restored])
    assert store.outbox.pending() == 345


def test_a_waiting_entry_after_the_head_is_no_loss(store: Store) -> None:
    fill(store, 20)
    store.outbox.settle(accept(store.outbox.pick(500)[:10]), [checkpoint(head_at(store, 10))])
    assert seqs(store.outbox.pick(500)) == list(range(11, 21))


# --- forks ------------------------------------------------------------------------------------------------------------


def _refuse(store: Store, *at: int) -> None:
    items = store.outbox.pick(500)
    rows = [Verdict(item.number, "refused" if seqs([item])[0] in at else "accepted", "unreadable") for item in items]
    store.outbox.settle(rows, [checkpoint(head_at(store, at[0] - 1))] if at[0] > 1 else [])


def test_a_refused_entry_ends_its_chain(store: Store) -> None:
    """Issue 3, 3 “gaps”: the platform's head stays before the entry; a new chain shows what is lost from then on."""
    fill(store, 9)
    before = head_of(store).chain
    _refuse(store, 4)
    assert head_of(store).chain != before
    assert (counts(store).quarantined, counts(store).pending) == (1, 1)


def test_a_platform_that_refuses_everything_starts_no_chain_after_the_other(store: Store) -> None:
    fill(store, 3)
    before = head_of(store).chain
    _refuse(store, 1, 2, 3)
    assert head_of(store).chain == before


def test_what_a_damaged_file_holds_for_delivered_behind_a_refused_entry_is_offered_again(store: Store) -> None:
    """Issue 3, “nothing lost”: the platform's head does not show it: what follows the head waits for an administrator."""
    fill(store, 250)
    _refuse(store, 4)
    deliver(store)
    store.offer_overlooked()
    assert seqs(store.outbox.pick(500)) == list(range(5, 251))
    assert counts(store).quarantined == 1


def test_nothing_is_overlooked_where_heads_reach_the_end(store: Store) -> None:
    fill(store, 30)
    deliver(store)
    store.offer_overlooked()
    assert store.outbox.pending() == 0


def test_a_gap_in_a_salvaged_file_is_not_offered_over_and_over(store: Store) -> None:
    """Found by the simulation: a head that can never move on is no loss each time that it comes."""
    fill(store, 9)
    deliver(store)
    head = head_at(store, 5)
    store._connection.execute("DELETE FROM entries WHERE seq = 6")
    store.outbox.settle([], [checkpoint(head, after(1))])
    assert seqs(store.outbox.pick(500)) == [7, 8, 9]
    store.outbox.settle(accept(store.outbox.pick(500)), [checkpoint(head, after(1))])
    assert store.outbox.pending() == 0


def _forked(store: Store) -> Head:
    """A head of this chain's name that is not this chain's."""
    head = head_of(store)
    return Head(head.device, head.chain, head.seq, "f" * 64)


def _ahead(store: Store) -> Head:
    """The platform holds more of this chain than this file: an older copy of the data folder is running."""
    head = head_of(store)
    return Head(head.device, head.chain, head.seq + 7, "f" * 64)


@pytest.mark.parametrize("other", [_forked, _ahead])
def test_a_head_that_contradicts_this_chain_ends_it(store: Store, other: object) -> None:
    """Design §9: two hashes at one place raise a fork; both are kept, the terminal starts a new chain."""
    fill(store, 5)
    old = head_of(store)
    line = checkpoint(other(store))  # type: ignore[operator]
    store.outbox.settle(accept(store.outbox.pick(500)), [line])
    started = entries_in(store)[-1]
    assert started.kind == "chain_started"
    assert (started.chain != old.chain, started.seq) == (True, 1)
    assert started.data["previous"] == {"chain": old.chain, "seq": old.seq, "hash": old.hash}
    assert kept_checkpoints(store) == []
    store.outbox.settle([], [line])
    assert entries_in(store)[-1] == started, "the old chain's fork ends the new one no more"


def test_a_fork_mark_ends_the_chain_it_was_set_in(store: Store) -> None:
    """docs/wire.md, marks: `fork`."""
    fill(store, 5)
    items = store.outbox.pick(500)
    store.outbox.settle(accept(items[4:], "fork"), [])
    first_of_new = entries_in(store)[-1]
    assert first_of_new.kind == "chain_started"
    store.outbox.settle(accept(items[:4], "fork", "late"), [])
    assert entries_in(store)[-1] == first_of_new
    assert list(verify_chain(entries_in(store), store.key.public)) == []


# --- pruning ----------------------------------------------------------------------------------------------------------


def delivered_on(store: Store, *days: float, each: int = 10) -> None:
    """`each` entries more on each day, all accepted and counter-signed."""
    for day in days:
        fill(store, head_of(store).seq + each)
        deliver(store, after(day))


def test_only_what_was_counter_signed_long_ago_is_pruned(store: Store) -> None:
    """Design §8: only acknowledged entries, never younger than the platform's backup window."""
    delivered_on(store, 0, 100, 181)
    assert store.prune() == 11
    kept = entries_in(store)
    assert kept[0].seq == 12
    assert list(verify_chain(kept, store.key.public, heads_in(store))) == []
    assert store.prune() == 0


def test_the_platform_s_clock_decides_what_is_old(tmp_path: Path) -> None:
    """Design §8 and §10: a window whose own clock is wrong must not lose what the platform may need again."""
    store = open_enrolled(tmp_path)
    store.journal._clock.wall = "2099-01-01T00:00:00.000+08:00"  # type: ignore[attr-defined]
    delivered_on(store, 0, 1)
    assert store.prune() == 0
    store.stop()


def test_an_entry_that_waits_stops_pruning_before_it(store: Store) -> None:
    """Design §8: quarantined entries are never deleted, and a chain only loses its beginning."""
    fill(store, 10)
    items = store.outbox.pick(500)
    verdicts = [*accept(items[:5]), Verdict(items[5].number, "refused", "unreadable"), *accept(items[6:])]
    store.outbox.settle(verdicts, [checkpoint(head_of(store))])
    assert store.prune(keep_days=0) == 5
    assert entries_in(store)[0].seq == 6


def test_a_head_that_stands_still_ages(store: Store) -> None:
    """A quiet window: the same head, counter-signed again much later, was held all the time."""
    delivered_on(store, 0)
    old = head_of(store)
    store.outbox.settle([], [checkpoint(old, after(190))])
    delivered_on(store, 190)
    assert store.prune() == old.seq


def test_pruning_keeps_the_last_entry_and_the_chain_goes_on(tmp_path: Path) -> None:
    store = open_enrolled(tmp_path)
    rate(store, "A")
    deliver(store)
    assert store.prune(keep_days=0) == 3
    store.stop()
    store = open_folder(tmp_path)
    rate(store, "B")
    kept = entries_in(store)
    assert [entry.seq for entry in kept] == [4, 5, 6, 7]
    assert list(verify_chain(kept, store.key.public, heads_in(store))) == []
    assert store.journal.rated_before(["A|d2026-11-21"]), "rated cases outlive pruning"
    store.stop()


def test_many_entries_are_pruned_in_short_transactions(store: Store) -> None:
    fill(store, 450)
    deliver(store)
    largest: list[int] = []
    prune = store.delivery.prune

    def watched(days: int) -> int:
        largest.append(prune(days))
        return largest[-1]

    store.delivery.prune = watched  # type: ignore[method-assign]
    assert store.prune(keep_days=0) == 449
    assert max(largest) == 100


def test_a_restored_platform_whose_head_is_older_than_what_is_left_gets_what_is_left(store: Store) -> None:
    fill(store, 20)
    deliver(store)
    third = head_at(store, 3)
    assert store.prune(keep_days=0) == 19
    store.outbox.settle([], [checkpoint(third, after(1))])
    assert seqs(store.outbox.pick(500)) == [20]


def test_nothing_leaves_the_journal_without_a_counter_signature(store: Store) -> None:
    """Design §9: root can rewrite what is not counter-signed yet; the store itself never removes it."""
    fill(store, 5)
    store.outbox.settle(accept(store.outbox.pick(500)), [])
    with pytest.raises(sqlite3.IntegrityError, match="counter-signed"):
        store._connection.execute("DELETE FROM entries WHERE seq = 1")
    store.outbox.settle([], [checkpoint(head_of(store), key=PLATFORM)])
    assert store._connection.execute("DELETE FROM entries WHERE seq = 1").rowcount == 1
