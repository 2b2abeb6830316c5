"""The store's thread: appends first, answers in order, an end that loses nothing; design §6."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest
from support.store_kit import (
    IDS,
    MainThread,
    accept,
    checkpoint,
    closed,
    entries_in,
    head_of,
    open_enrolled,
    open_folder,
    opened,
    rate,
    star,
)
from support.synchronous_journal import SynchronousJournal

from terminal_app.domain.journal import Entry, Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.ports import StoreFailure, StoreUnavailable
from terminal_app.store.errors import StoreError
from terminal_app.store.executor import TIDY_AFTER, TIDY_AT_LATEST
from terminal_app.store.opening import Store

DEADLINE_S = 10.0


@dataclass
class Running:
    """A store whose thread runs, and everything it said."""

    store: Store
    main: MainThread = field(default_factory=MainThread)
    answers: list[object] = field(default_factory=list)
    woken: list[tuple[str, Kind]] = field(default_factory=list)
    crashes: "SimpleQueue[Exception]" = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self.store.start(
            self.main.post, lambda kind: self.woken.append((threading.current_thread().name, kind)), self.crashes.put
        )

    def append(self, *drafts: object) -> None:
        for draft in drafts:
            self.store.executor.append(draft, self.answers.append)  # type: ignore[arg-type]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(open_enrolled(tmp_path / "data"))
    yield running
    assert running.store.stop(DEADLINE_S)


class Gate:
    """Work that keeps the store's thread busy until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        assert self._open.wait(DEADLINE_S)

    def open(self) -> None:
        self._open.set()


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns when the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_answers_come_on_the_main_thread_in_the_order_of_the_calls(running: Running) -> None:
    """Ports, Journal."""
    session = IDS.uuid7()
    running.append(opened(session, "A"))
    running.store.executor.rated_before(["A|d2026-11-21"], running.answers.append)
    running.append(star(session), star(session, 5))
    running.store.executor.rated_before(["A|d2026-11-21"], running.answers.append)
    running.append(closed(session))
    assert running.answers == [], "nothing is answered outside the main thread"
    running.main.run(6)
    kinds = [answer.kind if isinstance(answer, Entry) else answer for answer in running.answers]
    key = "A|d2026-11-21"
    assert kinds == ["session_opened", frozenset(), "star_chosen", "star_chosen", {key}, "session_closed"]


def test_an_entry_is_durable_when_it_is_answered(running: Running) -> None:
    """Design §4.3: the next screen is shown when it is durable. An observer's own connection sees it."""
    for level in range(1, 6):
        running.append(star(IDS.uuid7(), level))
        running.main.run(1)
        assert entries_in(running.store)[-1] == running.answers[-1]


def test_delivery_is_woken_by_each_append_from_the_store_s_thread(running: Running) -> None:
    """Design §4.5."""
    running.append(*(star(IDS.uuid7()) for _ in range(3)))
    running.main.run(3)
    running.store.executor.call(lambda: None)
    assert running.woken == [("store", Kind.STAR_CHOSEN)] * 3


def test_a_tap_goes_before_what_waits_behind_it(running: Running) -> None:
    """Design §6: a tap goes before acknowledgements, which are written in slices."""
    order: list[str] = []
    gate = Gate()
    threads = [in_background(lambda: running.store.executor.call(gate))]
    assert gate.entered.wait(DEADLINE_S)
    threads += [in_background(lambda: running.store.executor.call(lambda: order.append("slice"))) for _ in range(3)]
    wait_until(lambda: running.store.executor._background.qsize() == 3)
    running.store.journal.append = lambda draft: order.append("tap")  # type: ignore[method-assign, assignment, func-returns-value]
    running.append(star(IDS.uuid7()))
    gate.open()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert order == ["tap", "slice", "slice", "slice"]


def test_taps_and_acknowledgements_at_once_lose_nothing(running: Running) -> None:
    """Design §8, over real threads: main appends, sync picks and settles until everything is acknowledged."""
    store, total = running.store, 150
    done = threading.Event()

    def deliver() -> None:
        delivered = 0
        while delivered < total + 1:
            items = store.outbox.pick(20)
            store.outbox.settle(accept(items), [])
            delivered += len(items)
        done.set()

    sync = in_background(deliver)
    session = IDS.uuid7()
    running.append(*(star(session) for _ in range(total)))
    running.main.run(total)
    assert done.wait(60)
    sync.join(DEADLINE_S)
    assert store.outbox.pending() == 0
    assert list(verify_chain(entries_in(store), store.key.public)) == []


def test_the_write_ahead_log_stays_small_without_a_quiet_moment(running: Running) -> None:
    """It is copied back between two pieces of work at the latest, and then written in place again."""
    wal = running.store.path.with_name(f"{running.store.path.name}-wal")
    sizes = []
    for _ in range(3):
        running.append(*(star(IDS.uuid7()) for _ in range(TIDY_AT_LATEST)))
        running.main.run(TIDY_AT_LATEST)
        sizes.append(wal.stat().st_size)
    assert sizes[-1] <= 1.5 * sizes[0]


def test_a_quiet_moment_is_used_to_copy_the_log_back(running: Running) -> None:
    running.append(*(star(IDS.uuid7()) for _ in range(TIDY_AFTER + 1)))
    running.main.run(TIDY_AFTER + 1)
    last = running.answers[-1]
    assert isinstance(last, Entry)
    wait_until(lambda: last.line in running.store.path.read_bytes())


@pytest.mark.parametrize("reason", ["disk_full", "io_error", "read_only", "corrupt"])
def test_what_did_not_become_durable_is_told_as_a_failure(tmp_path: Path, reason: str) -> None:
    """Ports, StoreFailure. After damage the next start checks the file, however this run ends."""
    running = Running(open_enrolled(tmp_path))

    def fail(*_: object) -> None:
        raise StoreError(reason)

    journal = running.store.journal
    healthy = journal._write
    journal._write = fail  # type: ignore[method-assign, assignment]
    running.store._reserve.release()
    running.append(star(IDS.uuid7()))
    running.main.run(1)
    journal._write = healthy  # type: ignore[method-assign]
    running.append(star(IDS.uuid7()))
    running.main.run(1)
    assert running.answers[0] == StoreFailure(reason)
    assert isinstance(running.answers[1], Entry)
    assert len(running.woken) <= 1
    assert running.store.stop(DEADLINE_S)
    store = open_folder(tmp_path)
    assert store.unclean == (reason == "corrupt")
    store.stop()
    store = open_folder(tmp_path)
    assert not store.unclean, "a check that found nothing is not repeated"
    store.stop()


def test_recovery_is_told_as_whether_entries_can_be_written_again(running: Running) -> None:
    """Ports, Journal.recover."""
    session = IDS.uuid7()
    running.append(opened(session, "A"))
    running.store.executor.recover(running.answers.append)
    running.main.run(2)
    assert running.answers[1] is True
    assert entries_in(running.store)[-1].kind == "session_closed"
    running.append(opened(IDS.uuid7(), "B"))
    running.main.run(1)
    running.store._connection.execute("PRAGMA query_only=ON")
    running.store.executor.recover(running.answers.append)
    running.main.run(1)
    running.store._connection.execute("PRAGMA query_only=OFF")
    assert running.answers[-1] is False


def test_recovery_writes_before_it_says_that_entries_can_be_written(running: Running) -> None:
    """Docs, reliability, “Disk discipline”: out of order until something fits, not back and out again with every ticket."""
    before = len(entries_in(running.store))
    running.store._connection.execute("PRAGMA query_only=ON")
    running.store.executor.recover(running.answers.append)
    running.main.run(1)
    running.store._connection.execute("PRAGMA query_only=OFF")
    running.store.executor.recover(running.answers.append)
    running.main.run(1)
    assert running.answers == [False, True]
    assert len(entries_in(running.store)) == before


def test_stopping_finishes_what_was_appended(tmp_path: Path) -> None:
    """Design §3: stop order with deadlines; nothing that was given is lost."""
    running = Running(open_enrolled(tmp_path))
    gate = Gate()
    blocked = in_background(lambda: running.store.executor.call(gate))
    assert gate.entered.wait(DEADLINE_S)
    running.append(*(star(IDS.uuid7()) for _ in range(20)))
    stopping = in_background(lambda: running.store.stop(DEADLINE_S))
    gate.open()
    stopping.join(DEADLINE_S)
    blocked.join(DEADLINE_S)
    running.main.run(20)
    assert all(isinstance(answer, Entry) for answer in running.answers)
    assert [entry.line for entry in entries_in(tmp_path)[1:]] == [answer.line for answer in running.answers]  # type: ignore[attr-defined]


def test_after_the_end_everybody_is_answered(tmp_path: Path) -> None:
    running = Running(open_enrolled(tmp_path))
    assert running.store.stop(DEADLINE_S)
    running.append(star(IDS.uuid7()))
    running.store.executor.rated_before(["A"], running.answers.append)
    running.store.executor.recover(running.answers.append)
    running.main.run(3)
    assert running.answers == [StoreFailure("io_error"), frozenset(), False]
    with pytest.raises(StoreUnavailable):
        running.store.executor.call(lambda: None)
    with pytest.raises(StoreUnavailable):
        running.store.outbox.settle(accept([]), [checkpoint(head_of(running.store))])


def test_settling_is_abandoned_when_the_store_stops(tmp_path: Path) -> None:
    """Sync may still be waiting when the store ends: it is told, and does not hang."""
    running = Running(open_enrolled(tmp_path))
    outcomes: dict[str, str] = {}

    def wait_for(name: str, work: Callable[[], object]) -> None:
        try:
            running.store.executor.call(work)
            outcomes[name] = "done"
        except StoreUnavailable:
            outcomes[name] = "told"

    gate = Gate()
    threads = [in_background(lambda: wait_for("busy", gate))]
    assert gate.entered.wait(DEADLINE_S)
    threads.append(in_background(lambda: wait_for("waiting", lambda: None)))
    wait_until(lambda: running.store.executor._background.qsize() == 1)
    assert not running.store.stop(0.01), "the deadline passed while the thread was busy"
    gate.open()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert outcomes == {"busy": "done", "waiting": "told"}
    assert running.store.stop(DEADLINE_S)


def test_an_error_of_the_work_is_raised_where_it_is_waited_for(running: Running) -> None:
    def wrong() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        running.store.executor.call(wrong)
    assert running.store.executor.call(lambda: 5) == 5


def test_an_unexpected_error_is_told_and_the_store_lives_on(running: Running) -> None:
    """Design §10: bugs go to the crash path; nothing was written by halves. A second close of one session is a bug."""
    session = IDS.uuid7()
    running.append(opened(session, "A"), closed(session), closed(session), star(IDS.uuid7()))
    running.main.run(4)
    assert running.crashes.get(timeout=DEADLINE_S).args[0].startswith("UNIQUE")
    assert running.crashes.empty()
    assert [type(answer) for answer in running.answers] == [Entry, Entry, StoreFailure, Entry]
    kept = entries_in(running.store)
    assert [entry.kind for entry in kept] == ["chain_started", "session_opened", "session_closed", "star_chosen"]
    assert list(verify_chain(kept, running.store.key.public)) == []


def test_what_was_answered_is_not_answered_again_when_waking_delivery_fails(tmp_path: Path) -> None:
    main, answers, crashes = MainThread(), list[object](), SimpleQueue[Exception]()
    store = open_enrolled(tmp_path)
    store.start(main.post, lambda kind: 1 // 0, crashes.put)
    for level in (1, 2):
        store.executor.append(star(IDS.uuid7(), level), answers.append)
    assert store.stop(DEADLINE_S)
    main.run(2)
    assert main.posted.empty()
    assert [type(answer) for answer in answers] == [Entry, Entry]
    assert [type(crashes.get_nowait()), type(crashes.get_nowait())] == [ZeroDivisionError] * 2


def test_damage_that_delivery_meets_makes_the_next_start_check_the_file(tmp_path: Path) -> None:
    """Design §7."""
    running = Running(open_enrolled(tmp_path))

    def damaged() -> None:
        raise StoreError("corrupt")

    with pytest.raises(StoreUnavailable):
        running.store.executor.call(damaged)
    assert running.store.stop(DEADLINE_S)
    store = open_folder(tmp_path)
    assert store.unclean
    store.stop()


def test_trouble_while_copying_the_log_back_is_told_and_stops_nothing(running: Running) -> None:
    def fail() -> None:
        raise OSError

    running.store.executor._tidy = fail
    for _ in range(2):
        running.append(*(star(IDS.uuid7()) for _ in range(TIDY_AFTER + 1)))
        running.main.run(TIDY_AFTER + 1)
        assert isinstance(running.crashes.get(timeout=DEADLINE_S), OSError)
    assert all(isinstance(answer, Entry) for answer in running.answers)


def test_documents_and_the_deadline_are_kept_through_the_thread(tmp_path: Path) -> None:
    """Ports, DocumentStore; design §8: deadlines survive a restart."""
    running = Running(open_enrolled(tmp_path))
    documents, deadline = running.store.documents, running.store.deadline
    assert (documents.get("policy"), deadline.load()) == (None, None)
    documents.put("policy", '"1"', b"one")
    documents.put_all({"policy": ('"2"', b"two"), "staff": ('"1"', b"three")})
    deadline.save(1_800_000_000_000)
    assert running.store.stop(DEADLINE_S)
    store = open_folder(tmp_path)
    assert store.documents.get("policy") == ('"2"', b"two")
    assert store.deadline.load() == 1_800_000_000_000
    store.deadline.save(None)
    assert store.deadline.load() is None
    store.stop()


def test_a_simulation_can_have_everything_on_one_thread(tmp_path: Path) -> None:
    """Design §6: every part takes its runner from outside."""
    store = open_enrolled(tmp_path)
    answers: list[object] = []
    woken: list[int] = []
    journal = SynchronousJournal(store.journal, lambda: woken.append(1))
    session = IDS.uuid7()
    journal.append(opened(session, "A"), answers.append)
    journal.rated_before(["A|d2026-11-21"], answers.append)
    journal.recover(answers.append)
    store._connection.execute("PRAGMA query_only=ON")
    journal.append(star(session), answers.append)
    assert [type(answer) for answer in answers] == [Entry, frozenset, bool, StoreFailure]
    assert len(woken) == 1
    store._connection.execute("PRAGMA query_only=OFF")
    rate(store, "B")
    store.stop()
