"""The data folder as commands use it: open for writing while no kiosk runs, or read beside a running one."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from terminal_app import __version__
from terminal_app.commands.shared import CommandError
from terminal_app.config import TerminalConfig
from terminal_app.ids import Uuid7Ids
from terminal_app.store.errors import InstanceRunning, StoreError, StoreOpenError
from terminal_app.store.opening import DATABASE, Store, open_store
from terminal_app.store.reading import JournalReader
from terminal_app.system_clock import SystemClock

_ALARMS = {
    "platform_lost_entries": (
        "the platform had lost entries that it had acknowledged",
        "they are offered again by themselves; ask the platform's administrator whether a backup was restored",
    ),
    "chain_left": (
        "the platform knew this journal further, or otherwise, than this disk does",
        "find out whether this disk was set back to an image or a copy of it runs elsewhere; if so revoke and enrol anew",
    ),
}


@contextlib.contextmanager
def open_for_command(config: TerminalConfig, *, create: bool = True) -> Iterator[Store]:
    """The store, open for writing. Raises CommandError where a kiosk runs on it, it cannot be used, or is not there."""
    if not create:
        _existing_journal(config)
    try:
        store = open_store(config.data_dir, SystemClock(), Uuid7Ids(), app_version=__version__)
    except InstanceRunning as error:
        raise CommandError(f"{error} (stop the kiosk first)") from None
    except StoreOpenError as error:
        raise CommandError(str(error)) from None
    try:
        yield store
    except StoreError as error:
        raise CommandError(f"{store.path} could not be written: {error.reason}; run `rating-terminal doctor`") from None
    finally:
        store.stop()


@contextlib.contextmanager
def read_journal(config: TerminalConfig) -> Iterator[JournalReader]:
    """A read-only view, beside a running kiosk too. Raises CommandError where there is nothing to read."""
    with read_database(_existing_journal(config)) as reader:
        yield reader


@contextlib.contextmanager
def read_database(path: Path) -> Iterator[JournalReader]:
    """A read-only view of a journal database, wherever it lies. Raises CommandError where it cannot be read."""
    try:
        with JournalReader(path) as reader:
            yield reader
    except StoreOpenError as error:
        raise CommandError(str(error)) from None
    except StoreError as error:
        raise CommandError(f"{path} cannot be read: {error.reason}; a start sets a damaged file aside, see its log") from None


def told_alarms(alarms: dict[str, int]) -> Iterator[tuple[str, str]]:
    """What the journal and the platform did not agree about, each with what to do."""
    for what, at_ms in sorted(alarms.items()):
        told, remedy = _ALARMS.get(what, (what, "see docs/trust.md"))
        yield f"{told}, last on {_minute(at_ms)}", remedy


def _minute(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000).astimezone().isoformat(timespec="minutes") if at_ms else "a day that is damaged"


def _existing_journal(config: TerminalConfig) -> Path:
    path = config.data_dir / DATABASE
    try:
        path.stat()
    except FileNotFoundError:
        raise CommandError(f"{path}: no journal there; check data_dir in {config.file}, or enrol this terminal first") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}; run this as the user that runs the terminal") from None
    return path
