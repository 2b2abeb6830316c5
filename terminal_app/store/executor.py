"""The store's thread: the one owner of the writing connection. Appends and lookups go before everything else."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import NoReturn, TypeVar

from terminal_app.domain.journal import Draft, Entry, Kind
from terminal_app.ports import StoreFailure
from terminal_app.store.errors import StoreError, StoreSlow, StoreStopped
from terminal_app.store.journal_store import JournalStore

TIDY_AFTER = 32
"""Pieces of work after which the write-ahead log is copied back in the next quiet moment. A log that starts over is written
in place, which makes a durable append a third faster than one that grows."""
TIDY_AT_LATEST = 256
"""Pieces of work after which it is copied back even though there is no quiet moment."""
QUIET_S = 0.02
HAND_OVER_S = 0.004
"""So long, a quarter of a picture, an append may keep its caller. While the main thread goes on in Python, each of the store's
steps waits for the interpreter: a tap took twice as long to become durable."""

_log = logging.getLogger(__name__)
T = TypeVar("T")
Post = Callable[[Callable[[], None]], None]


class _Task:
    """A piece of work, and what becomes of it when the store has stopped before it was done."""

    __slots__ = ("give_up", "run")

    def __init__(self, run: Callable[[], None], give_up: Callable[[], None]) -> None:
        self.run = run
        self.give_up = give_up


class StoreExecutor:
    """`ports.Journal` on a thread of its own. Until `start` the caller's thread owns the connection, and `call` runs on it."""

    def __init__(
        self, journal: JournalStore, *, tidy: Callable[[], None], distrust: Callable[[], None], close: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._distrust = distrust
        self._tidy = tidy
        self._close = close
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._stopping = False
        self._answered = False
        self._untidied = 0
        self._urgent: SimpleQueue[_Task] = SimpleQueue()
        self._background: SimpleQueue[_Task] = SimpleQueue()
        self._tokens: SimpleQueue[None] = SimpleQueue()

    def start(self, post: Post, on_append: Callable[[Kind], None], on_crash: Callable[[Exception], None]) -> None:
        """Hand the connection to the thread.

        `post` runs a function on the main thread, in order; `on_append` is called on the store's thread after each durable
        append with what was written, `on_crash` there too, with an error that nobody expected.
        """
        self._post = post
        self._on_append = on_append
        self._on_crash = on_crash
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None]) -> None:
        """Write an entry; `done` gets it on the main thread once it is durable. Returns then, or after HAND_OVER_S."""
        busy = threading.Lock()
        busy.acquire()
        self._submit(self._urgent, _Task(partial(self._append, draft, done, busy), partial(self._give_up, done)))
        if self._thread is not None:
            busy.acquire(timeout=HAND_OVER_S)

    def rated_before(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        """Which of these rating keys were rated here. What cannot be looked up counts as not rated."""
        empty = partial(self._answer, done, frozenset[str]())
        self._submit(self._urgent, _Task(partial(self._look_up, keys, done), empty))

    def recover(self, done: Callable[[bool], None]) -> None:
        """Close what was left open after a failure; `done` gets whether entries can be written again."""
        self._submit(self._urgent, _Task(partial(self._recover, done), partial(self._answer, done, False)))

    def call(self, work: Callable[[], T]) -> T:
        """Run work behind all appends and wait for it. Raises what it raises, StoreStopped when the store has ended."""
        if self._thread is None:
            return work()
        return self._asked(work).get()()

    def call_within(self, within_s: float, work: Callable[[], T]) -> T:
        """As `call`, for who would rather go on without an answer. Raises StoreSlow too, when there is none in time."""
        if self._thread is None:
            return work()
        try:
            return self._asked(work).get(timeout=within_s)()
        except Empty:
            raise StoreSlow("the disk does not answer") from None

    def _asked(self, work: Callable[[], T]) -> "SimpleQueue[Callable[[], T]]":
        outcome: SimpleQueue[Callable[[], T]] = SimpleQueue()
        self._submit(self._background, _Task(partial(self._settle, work, outcome), partial(outcome.put, _raise_stopped)))
        return outcome

    def stop(self, deadline_s: float) -> bool:
        """Take nothing more, finish what was appended, drop the rest, close the connection. False when that took too long."""
        with self._guard:
            self._stopping = True
        self._tokens.put(None)
        if self._thread is None:
            self._close()
            return True
        self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _submit(self, queue: "SimpleQueue[_Task]", task: _Task) -> None:
        with self._guard:
            if not self._stopping:
                queue.put(task)
                self._tokens.put(None)
                return
        task.give_up()

    def _run(self) -> None:
        try:
            while (task := self._next()) is not None:
                self._perform(task)
        finally:
            self._end()

    def _perform(self, task: _Task) -> None:
        """One task. A bug in it is told, its caller gets a failure, and the thread lives on: nothing was written by halves."""
        self._answered = False
        try:
            task.run()
        except Exception as error:  # noqa: BLE001 - told to the main thread, which goes out of order
            self._on_crash(error)
            if not self._answered:
                task.give_up()

    def _next(self) -> _Task | None:
        """The next task, appends first; None when stopping and nothing was appended any more."""
        self._await_token()
        try:
            return self._urgent.get_nowait()
        except Empty:
            return None if self._stopping else self._background.get_nowait()

    def _await_token(self) -> None:
        """Wait for work, and copy the write-ahead log back when there is none for a moment."""
        self._untidied += 1
        if self._untidied <= TIDY_AT_LATEST:
            try:
                return self._tokens.get(timeout=QUIET_S if self._untidied > TIDY_AFTER else None)
            except Empty:
                pass
        self._perform(_Task(self._tidy, _nothing))
        self._untidied = 0
        self._tokens.get()

    def _end(self) -> None:
        with self._guard:
            self._stopping = True
        for queue in (self._urgent, self._background):
            while not queue.empty():
                queue.get_nowait().give_up()
        self._close()

    def _append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None], busy: threading.Lock) -> None:
        try:
            entry = self._journal.append(draft)
        except StoreError as error:
            self._report("an entry could not be written", error)
            self._answer(done, error.failure)
        else:
            self._answer(done, entry)
            self._on_append(draft.kind)
        finally:
            busy.release()

    def _look_up(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        try:
            found = self._journal.rated_before(keys)
        except StoreError as error:
            self._report("rated cases could not be looked up", error)
            found = frozenset()
        self._answer(done, found)

    def _recover(self, done: Callable[[bool], None]) -> None:
        try:
            if not self._journal.recover().closed:
                self._journal.try_writing()
        except StoreError as error:
            self._report("the journal does not recover yet", error)
            self._answer(done, False)
            return
        self._answer(done, True)
        self._on_append(Kind.SESSION_CLOSED)

    def _settle(self, work: Callable[[], T], outcome: "SimpleQueue[Callable[[], T]]") -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised again on the thread that waits
            if isinstance(error, StoreError):
                self._report("work on the store did not succeed", error)
            outcome.put(partial(_raise, error))
        else:
            outcome.put(lambda: result)

    def _report(self, what: str, error: StoreError) -> None:
        _log.error("%s: %s", what, error.reason)
        if error.reason == "corrupt":
            self._distrust()

    def _answer(self, done: Callable[[T], None], value: T) -> None:
        self._answered = True
        self._post(partial(done, value))

    def _give_up(self, done: Callable[[Entry | StoreFailure], None]) -> None:
        self._answer(done, StoreFailure("io_error"))


def _nothing() -> None:
    """Nobody waits for an answer."""


def _raise(error: Exception) -> NoReturn:
    raise error


def _raise_stopped() -> NoReturn:
    raise StoreStopped("the store has stopped")
