"""The sender: one thread that offers what the outbox holds until the platform has it, and looks for new documents.

`run_pass` does everything and needs no thread, so that a simulation can drive it by hand. Must never decide what to do
after an outcome (sync/policy.py), look into an entry, or log content.
"""

import logging
import random
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sync import answers, outcome, policy
from sync.client import BatchAnswer
from sync.downloads import Refreshed
from sync.heartbeat import Attached, Heartbeat, StoreTold
from sync.outcome import Internal, ServerTrouble, Trouble
from sync.policy import Chance, Delivery, Pace, Rest, Settled, Step
from sync.wire import BATCH_BYTES, BATCH_ENTRIES, RefusalCode, Status
from terminal_app.application.documents import DocumentKind
from terminal_app.ports import Clock, DeviceBoard, Link, Outbox, OutboxItem, SyncStatus, Verdict

log = logging.getLogger(__name__)

STATUS_EVERY_MS = 1_000
"""While a backlog drains, the window hears of it this often."""

_ACKNOWLEDGED = frozenset({Status.ACCEPTED, Status.DUPLICATE})
_PUT_OFF_MOST = 2 * BATCH_ENTRIES
_ENVELOPE_BYTES = 64


class EntrySink(Protocol):
    """The part of the platform client that takes entries."""

    def send_entries(self, lines: Sequence[bytes]) -> BatchAnswer | Trouble: ...


class HeadSource(Protocol):
    """The part of the platform client that asks how far the platform holds chains."""

    def fetch_heads(
        self, chains: Sequence[str], attached: Sequence[Attached] | None = None, store: StoreTold | None = None
    ) -> BatchAnswer | Trouble: ...


class DocumentRefresher(Protocol):
    """What looks for new documents."""

    def refresh(self) -> Refreshed: ...


class KeptDeadline(Protocol):
    """Where a Retry-After outlives a restart: wall milliseconds since 1970, None when there is none."""

    def load(self) -> int | None: ...

    def save(self, wall_ms: int | None) -> None: ...


@dataclass(frozen=True, slots=True)
class PassResult:
    """What a pass did: entries acknowledged, quarantined and put off, the trouble that ended it, and how long to rest."""

    acknowledged: int
    quarantined: int
    put_off: int
    trouble: Trouble | None
    rest: Rest


@dataclass(slots=True)
class _Tally:
    acknowledged: int = 0
    quarantined: int = 0
    trouble: Trouble | None = None


class SyncWorker:
    """Delivers one data folder's journal. All callbacks run on the sync thread (or that of `run_pass`).

    `attended`: whether somebody is at the window, for whom a backlog slows down (policy.ATTENDED). `pause_s`: rest between
    batches while nobody is. `board`: the devices that the platform is told of, where `heads` is there to tell it.
    """

    def __init__(
        self,
        outbox: Outbox,
        sink: EntrySink,
        clock: Clock,
        *,
        downloads: DocumentRefresher | None = None,
        heads: HeadSource | None = None,
        board: DeviceBoard | None = None,
        on_status: Callable[[SyncStatus], None] = lambda status: None,
        on_documents: Callable[[frozenset[DocumentKind]], None] = lambda changed: None,
        kept_deadline: KeptDeadline | None = None,
        chance: Chance | None = None,
        attended: Callable[[], bool] = lambda: False,
        pause_s: float = 0.005,
    ) -> None:
        self._outbox = outbox
        self._sink = sink
        self._clock = clock
        self._downloads = downloads
        self._heads = heads
        self._heartbeat = Heartbeat(board if heads else None)
        self._on_status = on_status
        self._on_documents = on_documents
        self._kept_deadline = kept_deadline
        self._deadline_kept = kept_deadline is not None
        self._chance: Chance = chance or random.Random()
        self._attended = attended
        self._pause_s = pause_s
        self._state = Delivery(documents_ms=None if downloads is None else 0)
        self._put_off: set[int] = set()
        self._fresh = True
        self._told: SyncStatus | None = None
        self._told_ms = 0
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        """Begin to deliver; the first pass follows at once."""
        self._thread.start()

    def wake(self) -> None:
        """Tell of a new entry. Cheap; callable from any thread."""
        self._woken.set()

    def stop(self, deadline_s: float) -> bool:
        """End the thread; False when it still waits for the network after `deadline_s`. What it gets then is dropped."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        self._abandoned.set()
        return not self._thread.is_alive()

    def run_pass(self) -> PassResult:
        """Deliver for as long as it gets on, then look for documents if it is time. Errors of the outbox pass through."""
        tally = _Tally()
        if self._fresh:
            self._resume()
        if self._now() >= self._state.resume_ms:
            self._compare_heads()
            self._deliver(tally)
            if tally.trouble is None and not self._stopping.is_set():
                self._look_for_documents(tally)
            self._tell_of_devices()
        if not self._abandoned.is_set():
            self._tell()
        return PassResult(tally.acknowledged, tally.quarantined, len(self._put_off), tally.trouble, self._rest())

    # --- delivery ---------------------------------------------------------------------------------------------------

    def _deliver(self, tally: _Tally) -> None:
        if self._state.offer_ms is not None and self._now() >= self._state.offer_ms:
            self._put_off.clear()
            self._state = policy.offered_again(self._state)
        while not self._stopping.is_set():
            pace = self._pace()
            items, more = self._pick(pace.entries)
            if not items:
                break
            again = self._offer(items, tally)
            if self._abandoned.is_set():
                return
            if not again or not (more or tally.trouble):
                break
            tally.trouble = None
            self._tell_now_and_then()
            self._woken.wait(pace.pause_s)
            self._woken.clear()
        self._state = policy.after_pass(self._state, len(self._put_off), self._now(), self._chance)

    def _pace(self) -> Pace:
        return policy.ATTENDED if self._attended() else Pace(BATCH_ENTRIES, self._pause_s)

    def _pick(self, most: int) -> tuple[Sequence[OutboxItem], bool]:
        """The next batch, without what is put off and within the body limit; and whether more is waiting."""
        batch = min(most, self._state.batch, _PUT_OFF_MOST - len(self._put_off))
        if batch <= 0:
            return (), False
        limit = batch + len(self._put_off)
        picked = self._outbox.pick(limit)
        items = [item for item in picked if item.number not in self._put_off] if self._put_off else picked
        fitting = _fitting(items[-batch:])
        return fitting, len(picked) >= limit or len(fitting) < len(items)

    def _offer(self, items: Sequence[OutboxItem], tally: _Tally) -> bool:
        """Send one batch and settle what came of it; whether to go on at once."""
        begun_ms = self._now()
        answer = self._sink.send_entries([item.line for item in items])
        if self._abandoned.is_set():
            return False
        if isinstance(answer, BatchAnswer):
            step = self._settle(items, answer, self._now() - begun_ms, tally)
        else:
            step = self._suffer(items, answer, tally)
            tally.trouble = answer
        self._enter(step.state)
        return step.again

    def _settle(self, items: Sequence[OutboxItem], answer: BatchAnswer, took_ms: int, tally: _Tally) -> Step:
        verdicts = answers.verdicts(items, answer.results)
        self._outbox.settle(verdicts, answer.checkpoints)
        acknowledged = sum(verdict.status in _ACKNOWLEDGED for verdict in verdicts)
        put_off = [verdict.number for verdict in verdicts if verdict.status == Status.RETRY_LATER]
        quarantined = len(items) - acknowledged - len(put_off)
        if quarantined:
            self._report_refusals(items, verdicts)
        self._put_off.update(put_off)
        tally.acknowledged += acknowledged
        tally.quarantined += quarantined
        self._keep_deadline(None)
        settled = Settled(acknowledged + quarantined, len(put_off), answer.revoked, took_ms)
        return policy.after_batch(self._state, settled, self._now())

    def _suffer(self, items: Sequence[OutboxItem], trouble: Trouble, tally: _Tally) -> Step:
        """A batch that got no answer. An entry that is alone and may be to blame waits behind the others, or is quarantined."""
        if policy.is_refused(self._state, trouble, len(items)):
            self._quarantine(items, tally)
        elif policy.is_put_off(trouble, len(items)):
            log.warning("entry %s is put off: %s", items[0].entry_id, outcome.code(trouble))
            self._outbox.settle([Verdict(items[0].number, Status.RETRY_LATER, outcome.code(trouble))], ())
            self._put_off.add(items[0].number)
        now = self._now()
        step = policy.after_trouble(self._state, trouble, len(items), now, self._chance)
        if isinstance(trouble, ServerTrouble) and trouble.retry_after_s is not None:
            self._keep_deadline(self._wall_ms() + step.state.resume_ms - now)
        return step

    def _quarantine(self, items: Sequence[OutboxItem], tally: _Tally) -> None:
        verdicts = [Verdict(item.number, Status.REFUSED, RefusalCode.UNREADABLE) for item in items]
        self._outbox.settle(verdicts, ())
        self._report_refusals(items, verdicts)
        tally.quarantined += len(items)

    def _report_refusals(self, items: Sequence[OutboxItem], verdicts: Sequence[Verdict]) -> None:
        for item, verdict in zip(items, verdicts, strict=True):
            if verdict.status == Status.REFUSED:
                log.error("platform refused entry %s: %s; it is kept in quarantine", item.entry_id, verdict.code)

    # --- heads and documents ------------------------------------------------------------------------------------------

    def _compare_heads(self) -> None:
        """Whenever documents are due, and before anything is delivered: does the platform still hold what it held, and is this
        journal the one that it knows? The outbox draws the conclusions."""
        due = self._state.documents_ms
        if self._heads is None or due is None or self._now() < due:
            return
        store: StoreTold = {"quarantined": self._outbox.quarantined(), "lost_at": self._outbox.lost_at()}
        answer = self._heads.fetch_heads(self._outbox.chains(), self._heartbeat.tell(self._now()), store)
        if self._abandoned.is_set():
            return
        if isinstance(answer, BatchAnswer):
            self._outbox.settle((), answer.checkpoints)
        else:
            self._heartbeat.failed()
            self._enter(policy.after_documents(self._state, answer, self._now(), self._chance))

    def _look_for_documents(self, tally: _Tally) -> None:
        due = self._state.documents_ms
        if self._downloads is None or due is None or self._now() < due:
            return
        refreshed = self._downloads.refresh()
        if self._abandoned.is_set():
            return
        tally.trouble = refreshed.trouble
        self._enter(policy.after_documents(self._state, refreshed.trouble, self._now(), self._chance))
        if refreshed.changed:
            self._on_documents(refreshed.changed)

    # --- devices ------------------------------------------------------------------------------------------------------

    def _tell_of_devices(self) -> None:
        """Between two looks for documents: soon after a device went away or came back, and never before somebody who waits."""
        due = self._heartbeat_due()
        if self._heads is None or due is None or self._now() < due or self._stopping.is_set():
            return
        if not isinstance(self._heads.fetch_heads((), self._heartbeat.tell(self._now())), BatchAnswer):
            self._heartbeat.failed()

    def _heartbeat_due(self) -> int | None:
        due = self._heartbeat.due_ms()
        return None if due is None or self._attended() else due

    # --- state and time ---------------------------------------------------------------------------------------------

    def _enter(self, state: Delivery) -> None:
        before, self._state = self._state, state
        if (before.link, before.detail) != (state.link, state.detail):
            log.log(logging.INFO if state.link is Link.ONLINE else logging.WARNING, "platform: %s %s", state.link, state.detail)

    def _resume(self) -> None:
        self._fresh = False
        if self._kept_deadline is not None:
            self._state = policy.resumed(self._state, self._kept_deadline.load(), self._wall_ms(), self._now())

    def _keep_deadline(self, wall_ms: int | None) -> None:
        if self._kept_deadline is not None and (wall_ms is not None or self._deadline_kept):
            self._kept_deadline.save(wall_ms)
            self._deadline_kept = wall_ms is not None

    def _tell_now_and_then(self) -> None:
        if self._now() - self._told_ms >= STATUS_EVERY_MS:
            self._tell()

    def _tell(self) -> None:
        waiting, refused = self._outbox.pending(), self._outbox.quarantined()
        status = SyncStatus(self._state.link, self._state.detail, waiting, self._state.last_success_ms, refused)
        self._told_ms = self._now()
        if status != self._told:
            self._told = status
            self._on_status(status)

    def _rest(self) -> Rest:
        rest, due = policy.rest(self._state, self._now()), self._heartbeat_due()
        if due is None or not rest.may_be_woken:
            return rest
        return replace(rest, until_ms=due if rest.until_ms is None else min(due, rest.until_ms))

    def _now(self) -> int:
        return self._clock.mono_ms()

    def _wall_ms(self) -> int:
        return round(datetime.fromisoformat(self._clock.moment().wall).timestamp() * 1000)

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self._sleep(self.run_pass().rest)
            except Exception as error:  # noqa: BLE001 - delivery outlives its own failures; they are logged
                self._survive(error)

    def _sleep(self, rest: Rest) -> None:
        signal = self._woken if rest.may_be_woken else self._stopping
        if self._stopping.is_set():
            return
        signal.wait(None if rest.until_ms is None else max(0, rest.until_ms - self._now()) / 1000)

    def _survive(self, error: Exception) -> None:
        """A failure of the terminal's own parts must not end delivery: say where it was, and try again later."""
        if self._stopping.is_set():
            return
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("delivery failed with %s\n%s", type(error).__name__, where)
        trouble = Internal(type(error).__name__)
        self._enter(policy.after_trouble(self._state, trouble, 0, self._now(), self._chance).state)
        self._sleep(policy.rest(self._state, self._now()))


def _fitting(items: Sequence[OutboxItem]) -> Sequence[OutboxItem]:
    """As many of the last items as fit into a request body, at least one: fresh entries come last and never wait."""
    size = _ENVELOPE_BYTES
    for count, item in enumerate(reversed(items)):
        size += len(item.line) + 1
        if size > BATCH_BYTES and count:
            return items[-count:]
    return items
