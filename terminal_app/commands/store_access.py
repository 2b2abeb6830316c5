"""The data folder as commands use it: open for writing while no kiosk runs, or read beside a running one."""

import contextlib
from collections.abc import Iterator

from terminal_app import __version__
from terminal_app.commands.shared import CommandError
from terminal_app.config import TerminalConfig
from terminal_app.ids import Uuid7Ids
from terminal_app.store.errors import InstanceRunning, StoreError, StoreOpenError
from terminal_app.store.opening import DATABASE, Store, open_store
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock


@contextlib.contextmanager
def open_for_command(config: TerminalConfig) -> Iterator[Store]:
    """The store, open for writing. Raises CommandError where a kiosk runs on it or it cannot be used."""
    try:
        store = open_store(config.data_dir, SystemClock(), Uuid7Ids(), app_version=__version__)
    except InstanceRunning as error:
        raise CommandError(f"{error} (stop the kiosk first)") from None
    except StoreOpenError as error:
        raise CommandError(str(error)) from None
    try:
        yield store
    finally:
        store.stop()


@contextlib.contextmanager
def read_journal(config: TerminalConfig) -> Iterator[JournalReader]:
    """A read-only view, beside a running kiosk too. Raises CommandError where there is nothing to read."""
    path = config.data_dir / DATABASE
    if not path.exists():
        raise CommandError(f"{path}: no journal there; check data_dir in {config.file}, or enrol and run the terminal first")
    try:
        with JournalReader(path) as reader:
            yield reader
    except StoreError as error:
        raise CommandError(f"{path} cannot be read ({error.reason}); run `rating-terminal doctor`") from None
