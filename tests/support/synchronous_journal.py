"""`ports.Journal` on the calling thread, for simulations: the store's journal without its thread."""

from collections.abc import Callable, Sequence

from terminal_app.domain.journal import Draft, Entry
from terminal_app.ports import StoreFailure
from terminal_app.store.errors import StoreError
from terminal_app.store.journal_store import JournalStore


class SynchronousJournal:
    """Everything is durable, and answered, before a call returns."""

    def __init__(self, journal: JournalStore, on_append: Callable[[], None] = lambda: None) -> None:
        self._journal = journal
        self._on_append = on_append

    def append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None]) -> None:
        try:
            entry = self._journal.append(draft)
        except StoreError as error:
            done(error.failure)
        else:
            done(entry)
            self._on_append()

    def rated_before(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        done(self._journal.rated_before(keys))

    def recover(self, done: Callable[[bool], None]) -> None:
        try:
            self._journal.recover()
        except StoreError:
            done(False)
        else:
            done(True)
