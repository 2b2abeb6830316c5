"""PINs are tried against a real store: counted before they are looked at, with a delay that no restart shortens.

Source: issue 5, point 7.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from support.store_kit import open_enrolled, open_folder
from support.window_samples import FixedClock

from terminal_app.domain.administration import Denial
from terminal_app.domain.pin import FIRST_DELAY_MS
from terminal_app.pin_gate import PinGate
from terminal_app.store import opening
from terminal_app.store.opening import Store

PIN, OTHER = "280616", "280617"
DEADLINE_S = 30


def quick(pin: str) -> str:
    """A hash that costs less; the numbers are in it."""
    derived = Scrypt(salt=bytes(16), length=32, n=16, r=8, p=1).derive(pin.encode())
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (bytes(16), derived))
    return "$".join(("scrypt", "4", "8", "1", *parts))


class Door:
    """A gate before a real store, on a clock that the test sets."""

    def __init__(self, folder: Path, *, first: bool = True) -> None:
        self.store = open_enrolled(folder) if first else open_folder(folder)
        self.store.start(lambda action: action(), lambda kind: None, _raise)
        self.clock = FixedClock(1_000)
        self.answers: SimpleQueue[tuple[Denial | None, int]] = SimpleQueue()
        self.gate = PinGate(self.store.pin_failures, self.clock, lambda action: action(), _raise)

    def try_pin(self, pin: str, hashed: str | None = None) -> tuple[Denial | None, int]:
        self.gate.check(quick(PIN) if hashed is None else hashed, pin, lambda *answer: self.answers.put(answer))
        return self.answers.get(timeout=DEADLINE_S)


def _raise(error: BaseException) -> None:
    raise error


@contextmanager
def door(folder: Path, *, first: bool = True) -> Iterator[Door]:
    made = Door(folder, first=first)
    try:
        yield made
    finally:
        made.store.stop()


@contextmanager
def held(store: Store) -> Iterator[None]:
    """The store's thread stands still meanwhile."""
    begun, go_on = Event(), Event()
    waiting = Thread(target=store.executor.call, args=(lambda: (begun.set(), go_on.wait(DEADLINE_S)),))
    waiting.start()
    assert begun.wait(DEADLINE_S)
    try:
        yield
    finally:
        go_on.set()
        waiting.join(DEADLINE_S)


def test_the_right_pin_opens_and_the_wrong_one_does_not(tmp_path: Path) -> None:
    with door(tmp_path) as one:
        assert one.try_pin(OTHER) == (Denial.WRONG, 0)
        assert one.try_pin(PIN) == (None, 0)


def test_after_three_wrong_ones_nothing_is_checked_for_a_while_not_even_the_right_one(tmp_path: Path) -> None:
    with door(tmp_path) as one:
        assert [one.try_pin(OTHER) for _ in range(4)] == [
            (Denial.WRONG, 0),
            (Denial.WRONG, 0),
            (Denial.WRONG, 30),
            (Denial.TOO_SOON, 30),
        ]
        one.clock.now += FIRST_DELAY_MS - 1
        assert one.try_pin(PIN) == (Denial.TOO_SOON, 1)
        one.clock.now += 1
        assert one.try_pin(OTHER) == (Denial.WRONG, 60)
        one.clock.now += 2 * FIRST_DELAY_MS
        assert one.try_pin(PIN) == (None, 0)
        assert one.try_pin(OTHER) == (Denial.WRONG, 0), "the right one forgives"


def test_a_restart_gives_no_further_attempt(tmp_path: Path) -> None:
    """The whole delay begins anew, whatever the clocks say."""
    with door(tmp_path) as one:
        for _ in range(3):
            one.try_pin(OTHER)
    with door(tmp_path, first=False) as again:
        assert again.try_pin(PIN) == (Denial.TOO_SOON, 30)
        again.clock.now += FIRST_DELAY_MS
        assert again.try_pin(PIN) == (None, 0)


def test_an_attempt_is_counted_before_its_pin_is_looked_at(tmp_path: Path) -> None:
    """So that a plug that is pulled between the two gives nothing."""
    with door(tmp_path) as one:
        seen = []
        load, save = one.store.pin_failures.load, one.store.pin_failures.save
        one.store.pin_failures.save = lambda failures: (save(failures), seen.append(load()))[0]  # type: ignore[method-assign]
        one.try_pin(PIN)
        assert seen == [1, 0]


def test_whoever_has_no_pin_cannot_try(tmp_path: Path) -> None:
    with door(tmp_path) as one:
        one.gate.check(None, PIN, lambda *answer: one.answers.put(answer))
        assert one.answers.get(timeout=DEADLINE_S) == (Denial.NO_PIN, 0)
        assert one.store.pin_failures.load() == 0


def test_without_a_store_it_is_counted_in_memory_and_nothing_is_free(tmp_path: Path) -> None:
    """Whoever repairs a terminal whose store is broken has to get in; nobody gets an attempt for breaking it."""
    with door(tmp_path) as one:
        one.store.stop()
        assert one.try_pin(PIN) == (Denial.TOO_SOON, 30)
        one.clock.now += FIRST_DELAY_MS
        assert one.try_pin(OTHER) == (Denial.WRONG, 60)
        assert one.try_pin(PIN) == (Denial.TOO_SOON, 60)
        one.clock.now += 2 * FIRST_DELAY_MS
        assert one.try_pin(PIN) == (None, 0)


def test_a_store_that_breaks_takes_no_wrong_pin_back(tmp_path: Path) -> None:
    with door(tmp_path) as one:
        for _ in range(3):
            one.try_pin(OTHER)
        one.store.stop()
        one.clock.now += FIRST_DELAY_MS
        assert one.try_pin(OTHER) == (Denial.WRONG, 60)


def test_a_disk_that_does_not_answer_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ASKED_WITHIN_S", 0.05)
    with door(tmp_path) as one, held(one.store):
        one.clock.now += FIRST_DELAY_MS
        assert one.try_pin(PIN) == (None, 0)


def test_no_pin_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with door(tmp_path) as one:
        one.try_pin(OTHER)
        one.try_pin(PIN)
    assert "a wrong PIN, 1 in a row" in caplog.text and "administration was opened" in caplog.text
    assert PIN not in caplog.text and OTHER not in caplog.text
