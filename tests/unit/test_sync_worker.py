"""The sender's passes, driven by hand on time that stands still; no network, no thread (architecture 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fault_server import result
from support.sending import Chosen, MemoryOutbox, StillClock, Told, entries

from sync import policy
from sync.client import BatchAnswer
from sync.downloads import Refreshed
from sync.outcome import NotAuthorised, Revoked, ServerTrouble, TooLarge, Trouble, Unreachable
from sync.wire import BATCH_BYTES, BATCH_ENTRIES
from sync.worker import SyncWorker
from terminal_app.application.documents import DocumentKind
from terminal_app.domain.journal import read_entry
from terminal_app.ports import Link

Outcome = BatchAnswer | Trouble
Answering = Callable[[list[str]], Outcome]


@dataclass
class Platform:
    """Answers by rule, and remembers which ids each batch held."""

    answer: Answering
    batches: list[list[str]] = field(default_factory=list)

    def send_entries(self, lines: Sequence[bytes]) -> Outcome:
        ids = [read_entry(line).id for line in lines]
        self.batches.append(ids)
        return self.answer(ids)


def accept(ids: list[str]) -> BatchAnswer:
    return BatchAnswer(False, [result(index, entry_id) for index, entry_id in enumerate(ids)], ())


def put_off(*stubborn: str) -> Answering:
    """Puts off these entries, accepts all others."""

    def answer(ids: list[str]) -> BatchAnswer:
        rows = [result(at, one, "retry_later" if one in stubborn else "accepted") for at, one in enumerate(ids)]
        return BatchAnswer(False, rows, ())

    return answer


def script(*steps: Outcome | Answering) -> Answering:
    waiting = list(steps)

    def answer(ids: list[str]) -> Outcome:
        step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return step(ids) if callable(step) else step

    return answer


@dataclass
class Bench:
    """A sender with everything around it in the test's hands."""

    outbox: MemoryOutbox
    platform: Platform
    clock: StillClock = field(default_factory=StillClock)
    told: Told = field(default_factory=Told)
    chance: Chosen = field(default_factory=Chosen)
    worker: SyncWorker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = SyncWorker(self.outbox, self.platform, self.clock, on_status=self.told, chance=self.chance, pause_s=0)

    @staticmethod
    def of(count: int, answer: Answering, padding: int = 0) -> "Bench":
        return Bench(MemoryOutbox.of(entries(count, padding=padding)), Platform(answer))

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.platform.batches]


def test_a_backlog_goes_in_batches_in_chain_order_until_it_is_empty() -> None:
    bench = Bench.of(1_203, accept)
    done = bench.worker.run_pass()
    assert bench.sizes() == [500, 500, 203]
    assert [one for batch in bench.platform.batches for one in batch] == [entry.id for entry in entries(1_203)]
    assert (done.acknowledged, done.quarantined, done.put_off, done.trouble) == (1_203, 0, 0, None)
    assert (bench.told.last.link, bench.told.last.pending) == (Link.ONLINE, 0)
    assert bench.told.last.last_success_ms == bench.clock.now_ms


def test_nothing_to_send_is_no_request() -> None:
    bench = Bench.of(0, accept)
    assert bench.worker.run_pass().rest == policy.Rest(None, may_be_woken=True)
    assert (bench.platform.batches, bench.told.last.link) == ([], Link.STARTING)


def test_a_lone_entry_is_one_request() -> None:
    bench = Bench.of(1, accept)
    bench.worker.run_pass()
    assert bench.sizes() == [1]


def test_a_body_stays_within_the_limit() -> None:
    """docs/wire.md: at most 1 MiB."""
    bench = Bench.of(10, accept, padding=300_000)
    bench.worker.run_pass()
    assert bench.sizes() == [3, 3, 3, 1]
    assert 3 * 300_000 < BATCH_BYTES < 4 * 300_000


def test_a_backlog_goes_in_slices_while_somebody_is_at_the_window() -> None:
    """Issue 3, Build 5: the backlog waits, the citizen does not. A new entry ends the rest between two slices."""
    bench = Bench.of(1_000, accept)
    came_and_went = iter([False, True, True, False])

    def accept_and_wake(ids: list[str]) -> BatchAnswer:
        bench.worker.wake()
        return accept(ids)

    bench.platform.answer = accept_and_wake
    bench.worker = SyncWorker(
        bench.outbox, bench.platform, bench.clock, attended=lambda: next(came_and_went), chance=Chosen(0), pause_s=60
    )
    assert bench.worker.run_pass().acknowledged == 1_000
    assert bench.sizes() == [500, policy.ATTENDED.entries, policy.ATTENDED.entries, 500 - 2 * policy.ATTENDED.entries]


def test_missing_entries_are_offered_again_and_the_rest_is_settled() -> None:
    """Architecture 8: entry missing from the answer → retry it."""

    def forgetful(ids: list[str]) -> BatchAnswer:
        return BatchAnswer(False, [result(at, one) for at, one in enumerate(ids) if at != 1], ())

    bench = Bench.of(3, script(forgetful, accept))
    first = bench.worker.run_pass()
    assert (first.acknowledged, first.put_off, list(bench.outbox.waiting)) == (2, 1, [2])
    assert first.rest == policy.Rest(bench.clock.now_ms + 1_000, may_be_woken=True)
    bench.clock.now_ms += 1_000
    assert bench.worker.run_pass().acknowledged == 1
    assert bench.outbox.statuses() == {1: "accepted", 2: "accepted", 3: "accepted"}


def test_refused_entries_are_settled_and_never_sent_again(caplog: pytest.LogCaptureFixture) -> None:
    """Architecture 4.5: refused → quarantined, shown to an administrator, never deleted."""

    def refuse(ids: list[str]) -> BatchAnswer:
        return BatchAnswer(False, [result(0, ids[0], "refused", "id_taken"), result(1, ids[1])], ())

    bench = Bench.of(2, script(refuse))
    done = bench.worker.run_pass()
    bench.worker.run_pass()
    assert (done.quarantined, done.acknowledged, bench.sizes()) == (1, 1, [2])
    assert bench.outbox.verdicts[1].code == "id_taken"
    assert "id_taken" in caplog.text


def test_a_stubborn_entry_does_not_block_the_rest() -> None:
    """Architecture 8: one bad entry cannot block the rest."""
    stubborn = entries(1)[0].id
    bench = Bench.of(1_400, put_off(stubborn))
    done = bench.worker.run_pass()
    assert (done.acknowledged, done.put_off) == (1_399, 1)
    assert bench.sizes() == [500, 500, 400]
    bench.outbox.add(entries(1_401)[-1])
    assert bench.worker.run_pass().acknowledged == 1, "a fresh entry goes at once, without the stubborn one"
    assert bench.sizes()[3:] == [1]


def test_a_platform_that_puts_everything_off_is_not_flooded() -> None:
    bench = Bench.of(5_000, lambda ids: put_off(*ids)(ids))
    assert bench.worker.run_pass().put_off == BATCH_ENTRIES
    for _ in range(10):
        bench.worker.run_pass()
    assert bench.sizes() == [500, 500], "without progress there is one batch a pass, and an end to it"
    bench.clock.now_ms += 60_000
    bench.worker.run_pass()
    assert bench.sizes() == [500, 500, 500]


def test_413_halves_until_it_fits_and_loses_nothing() -> None:
    """Architecture 8: 413 → halve the batch; it grows back."""
    bench = Bench.of(500, lambda ids: TooLarge() if len(ids) > 60 else accept(ids))
    done = bench.worker.run_pass()
    assert (done.acknowledged, done.trouble) == (500, None)
    assert bench.sizes()[:6] == [500, 250, 125, 62, 31, 56]


def test_an_entry_that_is_too_large_alone_waits_behind_the_others() -> None:
    big = entries(2)[0].id
    bench = Bench.of(40, lambda ids: TooLarge() if big in ids else accept(ids))
    done = bench.worker.run_pass()
    assert (done.acknowledged, done.put_off, done.trouble) == (39, 1, None)
    assert bench.outbox.verdicts[1].code == "too_large"
    assert list(bench.outbox.waiting) == [1]


def test_an_entry_that_the_platform_stumbles_over_is_found_and_put_off() -> None:
    """Architecture 8: one bad entry cannot block the rest, even where it makes the platform answer 500."""
    poison = entries(7)[6].id
    bench = Bench.of(600, lambda ids: ServerTrouble(500) if poison in ids else accept(ids))
    for _ in range(40):
        bench.clock.now_ms += 60_000
        bench.worker.run_pass()
    assert list(bench.outbox.waiting) == [7]
    assert bench.outbox.verdicts[7].code == "http_500"


def test_an_unreadable_entry_is_found_and_quarantined_without_delay_for_the_others() -> None:
    """Issue 3, 5 “quarantine with reason”: the entry that alone is answered 400 is the one."""
    poison = {entries(300)[at].id for at in (6, 290)}
    unreadable = ServerTrouble(400, problem="unreadable-request")
    bench = Bench.of(600, lambda ids: unreadable if poison & set(ids) else accept(ids))
    quarantined = 0
    for _ in range(4):
        bench.clock.now_ms += 60_000
        quarantined += bench.worker.run_pass().quarantined
    assert (quarantined, list(bench.outbox.waiting)) == (2, [])
    assert {number for number, verdict in bench.outbox.verdicts.items() if verdict.code == "unreadable"} == {7, 291}


def test_a_platform_that_can_read_nothing_fills_no_quarantine() -> None:
    bench = Bench.of(40, script(accept, ServerTrouble(400, problem="unreadable-request")))
    bench.worker.run_pass()
    for entry in entries(60)[40:]:
        bench.outbox.add(entry)
    for _ in range(60):
        bench.clock.now_ms += 60_000
        bench.worker.run_pass()
    assert (bench.outbox.quarantined(), bench.outbox.pending()) == (1, 19)


@pytest.mark.parametrize("trouble", [Unreachable("no_connection"), ServerTrouble(503), ServerTrouble(429, 30.0)], ids=str)
def test_trouble_stops_the_pass_and_wakes_do_not_end_the_quiet(trouble: Trouble) -> None:
    """Architecture 8: timeout, connection error, 5xx, 429 → stop the pass, back off."""
    bench = Bench.of(1_000, script(accept, trouble, accept))
    first = bench.worker.run_pass()
    assert (first.acknowledged, first.trouble, first.rest.may_be_woken) == (500, trouble, False)
    assert (bench.told.last.link, bench.told.last.pending) == (Link.OFFLINE, 500)
    bench.clock.now_ms = (first.rest.until_ms or 0) - 1
    bench.worker.run_pass()
    assert len(bench.platform.batches) == 2
    bench.clock.now_ms += 1
    assert bench.worker.run_pass().acknowledged == 500
    assert (bench.told.last.link, bench.told.last.pending) == (Link.ONLINE, 0)


def test_401_stops_and_is_told_and_nothing_is_lost() -> None:
    """Architecture 8: 401 → stop and tell the administrator, keep collecting."""
    bench = Bench.of(3, script(NotAuthorised(), accept))
    bench.worker.run_pass()
    assert (bench.told.last.link, bench.told.last.detail, bench.told.last.pending) == (Link.UNAUTHORISED, "not_authorised", 3)
    bench.outbox.add(entries(4)[-1])
    bench.clock.now_ms += 299_999
    bench.worker.run_pass()
    assert len(bench.platform.batches) == 1
    bench.clock.now_ms += 300_001
    bench.worker.run_pass()
    assert (bench.told.last.link, bench.told.last.pending) == (Link.ONLINE, 0)


def test_a_revoked_device_goes_on_offering() -> None:
    """Architecture 8: 403 revoked → lock the window, keep and go on offering the data."""

    def marked(ids: list[str]) -> BatchAnswer:
        rows = [result(at, one) | {"marks": ["revoked_device"]} for at, one in enumerate(ids)]
        return BatchAnswer(True, rows, ())

    bench = Bench.of(2, script(Revoked(), marked, accept))
    bench.worker.run_pass()
    assert (bench.told.last.link, bench.told.last.pending) == (Link.REVOKED, 2)
    bench.clock.now_ms += 1_000
    bench.worker.run_pass()
    assert (bench.told.last.link, bench.told.last.pending) == (Link.REVOKED, 0)
    bench.outbox.add(entries(3)[-1])
    bench.worker.run_pass()
    assert (bench.told.last.link, bench.told.last.detail) == (Link.ONLINE, "")


def test_checkpoints_are_handed_to_the_store_as_they_came() -> None:
    bench = Bench.of(1, lambda ids: BatchAnswer(False, accept(ids).results, (b"line",)))
    bench.worker.run_pass()
    assert bench.outbox.checkpoints == [b"line"]


@dataclass
class Documents:
    """Refreshes by script."""

    steps: list[Refreshed]
    asked: int = 0

    def refresh(self) -> Refreshed:
        self.asked += 1
        return self.steps.pop(0)


def test_documents_are_fetched_at_start_and_again_when_due() -> None:
    kinds = frozenset({DocumentKind.POLICY})
    documents = Documents([Refreshed(kinds), Refreshed(frozenset()), Refreshed(frozenset(), Unreachable("no_connection"))])
    clock, told = StillClock(), Told()
    changed: list[frozenset[DocumentKind]] = []
    worker = SyncWorker(
        MemoryOutbox(),
        Platform(accept),
        clock,
        downloads=documents,
        on_status=told,
        on_documents=changed.append,
        chance=Chosen(0.5),
    )
    first = worker.run_pass()
    assert (documents.asked, changed, told.last.link) == (1, [kinds], Link.ONLINE)
    assert first.rest == policy.Rest(clock.now_ms + 600_000, may_be_woken=True)
    worker.run_pass()
    assert documents.asked == 1
    clock.now_ms += 600_000
    worker.run_pass()
    assert (documents.asked, changed) == (2, [kinds])
    clock.now_ms += 600_000
    worker.run_pass()
    assert (documents.asked, told.last.link) == (3, Link.OFFLINE)


def test_documents_are_left_alone_while_the_platform_is_in_trouble() -> None:
    documents = Documents([])
    worker = SyncWorker(
        MemoryOutbox.of(entries(1)), Platform(script(ServerTrouble(503))), StillClock(), downloads=documents, chance=Chosen(1)
    )
    worker.run_pass()
    worker.run_pass()
    assert documents.asked == 0


@dataclass
class Kept:
    """A deadline that outlives the sender."""

    wall_ms: int | None = None
    saves: int = 0

    def load(self) -> int | None:
        return self.wall_ms

    def save(self, wall_ms: int | None) -> None:
        self.wall_ms = wall_ms
        self.saves += 1


def test_retry_after_is_honoured_across_a_restart() -> None:
    """Architecture 8: honour Retry-After; deadlines survive a restart."""
    outbox, clock, kept = MemoryOutbox.of(entries(1)), StillClock(), Kept()
    platform = Platform(script(ServerTrouble(429, 100.0), accept))

    def sender() -> SyncWorker:
        return SyncWorker(outbox, platform, clock, kept_deadline=kept, chance=Chosen(0))

    assert sender().run_pass().trouble == ServerTrouble(429, 100.0)
    restarted = sender()
    assert restarted.run_pass().rest == policy.Rest(clock.now_ms + 100_000, may_be_woken=False)
    assert len(platform.batches) == 1
    clock.now_ms += 100_000
    assert restarted.run_pass().acknowledged == 1
    assert kept.wall_ms is None
    outbox.add(entries(2)[-1])
    restarted.run_pass()
    assert kept.saves == 2, "what is not kept need not be forgotten with every batch"


@given(st.lists(st.sampled_from(["accept", "drop", "half", "none", "503", "500", "413", "401", "lost"]), max_size=12))
def test_whatever_happens_every_entry_is_settled_once_the_platform_is_well(moods: list[str]) -> None:
    """Nothing is lost or stuck, whatever the order of troubles; entries that were accepted are never offered again."""
    answers: dict[str, Outcome | Answering] = {
        "accept": accept,
        "drop": lambda ids: BatchAnswer(False, accept(ids).results[::2], ()),
        "half": lambda ids: put_off(*ids[1::2])(ids),
        "none": lambda ids: BatchAnswer(False, [], ()),
        "503": ServerTrouble(503),
        "500": ServerTrouble(500),
        "413": TooLarge(),
        "401": NotAuthorised(),
        "lost": Unreachable("connection_lost"),
    }
    bench = Bench.of(30, script(*(answers[mood] for mood in moods), accept))
    for _ in range(3 * len(moods) + 3):
        rest = bench.worker.run_pass().rest
        if rest.until_ms is not None:
            bench.clock.now_ms = max(bench.clock.now_ms, rest.until_ms)
    assert set(bench.outbox.statuses().values()) == {"accepted"}
    assert bench.outbox.pending() == 0
