"""What small things outlive a restart, when the file that keeps them was damaged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.store_kit import open_enrolled

from terminal_app.store.delivery import PLATFORM_LOST_ENTRIES
from terminal_app.store.opening import Store
from terminal_app.store.settings import sound_alarm

AT = 1_800_000_000_000
DAMAGED = {
    "a letter": b"18000p0000000",
    "a sign": b"-1800000000000",
    "nothing": b"",
    "zero bytes": b"\x00\x00\x00",
    "digits of no clock": b"9" * 15,
    "digits that are no ASCII": "１８".encode(),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_enrolled(tmp_path)
    store.deadline.save(AT)
    store.pin_failures.save(3)
    sound_alarm(store._connection, PLATFORM_LOST_ENTRIES, AT)
    yield store
    store.stop()


def test_what_is_kept_is_read_again(store: Store) -> None:
    assert (store.deadline.load(), store.pin_failures.load(), store.outbox.lost_at()) == (AT, 3, AT)


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_number_stops_nothing(store: Store, what: str) -> None:
    """No deadline keeps delivery waiting, no wrong PIN is forgiven, and an alarm stays one whose time nobody knows."""
    store._connection.execute("UPDATE settings SET value = ?", (DAMAGED[what],))
    assert store.deadline.load() is None
    assert store.pin_failures.load() > 1_000
    assert store.outbox.lost_at() == 0
