"""Identifiers: RFC 9562, sections 5.7 and 6.2."""

import threading
import time
import uuid

import pytest

from terminal_app.ids import Uuid7Ids


def test_the_layout_is_that_of_version_7() -> None:
    """RFC 9562, section 5.7: 48 bits of Unix milliseconds, version 7, variant 10."""
    before = time.time_ns() // 1_000_000
    text = Uuid7Ids().uuid7()
    after = time.time_ns() // 1_000_000
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert before <= parsed.int >> 80 <= after


def test_identifiers_of_a_process_only_go_up() -> None:
    """RFC 9562, section 6.2: monotonic within a millisecond too."""
    ids = Uuid7Ids()
    made = [ids.uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


@pytest.mark.parametrize("later_ns", [0, -1, -3_600 * 10**9, -(10**18)])
def test_a_clock_that_stands_or_goes_back_does_not_take_the_identifiers_along(
    monkeypatch: pytest.MonkeyPatch, later_ns: int
) -> None:
    """RFC 9562, section 6.2: clock rollbacks. More than 4,096 in one millisecond overflow into the next."""
    ids = Uuid7Ids()
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    first = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: now + later_ns)
    made = [first, *(ids.uuid7() for _ in range(5_000))]
    assert made == sorted(set(made))
    assert uuid.UUID(made[-1]).int >> 80 == now // 1_000_000 + 1


def test_threads_never_get_the_same() -> None:
    ids = Uuid7Ids()
    made: list[list[str]] = [[] for _ in range(4)]

    def make(own: list[str]) -> None:
        own.extend(ids.uuid7() for _ in range(2_000))

    threads = [threading.Thread(target=make, args=(own,)) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in made)
    assert len({one for own in made for one in own}) == 8_000
