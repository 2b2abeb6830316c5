"""The bridge between Qt's main thread and every other (design §6)."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.qt_objects import living, seen_by_a_collector_elsewhere

from ui.bridge import Bridge


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


def test_posted_from_other_threads_it_runs_on_the_main_thread_in_order(bridge: Bridge, qtbot: QtBot) -> None:
    seen: list[tuple[int, int, threading.Thread]] = []

    def post(thread: int) -> None:
        for number in range(200):
            bridge.post(lambda at=number: seen.append((thread, at, threading.current_thread())))

    threads = [threading.Thread(target=post, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(seen) == 800, timeout=5000)
    for thread in threads:
        thread.join()
    assert {where for _, _, where in seen} == {threading.main_thread()}
    for name in range(4):
        assert [at for thread, at, _ in seen if thread == name] == list(range(200))


def test_posting_on_the_main_thread_waits_for_the_event_loop(bridge: Bridge, qtbot: QtBot) -> None:
    seen: list[str] = []
    bridge.post(lambda: seen.append("posted"))
    seen.append("after")
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=2000)
    assert seen == ["after", "posted"]


def test_call_later_calls_once_on_the_main_thread_and_not_early(bridge: Bridge, qtbot: QtBot) -> None:
    import time

    calls: list[tuple[float, threading.Thread]] = []
    began = time.monotonic()
    bridge.call_later(60, lambda: calls.append((time.monotonic() - began, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(calls), timeout=2000)
    again: list[int] = []
    bridge.call_later(120, lambda: again.append(1))
    qtbot.waitUntil(lambda: bool(again), timeout=2000)
    assert len(calls) == 1
    assert calls[0][0] >= 0.058
    assert calls[0][1] is threading.main_thread()


def test_shorter_delays_come_first(bridge: Bridge, qtbot: QtBot) -> None:
    order: list[int] = []
    for delay in (90, 30, 60, 0):
        bridge.call_later(delay, lambda at=delay: order.append(at))
    qtbot.waitUntil(lambda: len(order) == 4, timeout=2000)
    assert order == [0, 30, 60, 90]


def test_closed_it_drops_what_comes_and_what_waits(bridge: Bridge, qtbot: QtBot) -> None:
    seen: list[str] = []
    bridge.post(lambda: seen.append("posted before"))
    bridge.call_later(10, lambda: seen.append("timer"))
    bridge.close()
    bridge.post(lambda: seen.append("posted after"))
    other, done = Bridge(), []
    other.call_later(60, lambda: done.append(1))
    qtbot.waitUntil(lambda: bool(done), timeout=2000)
    other.close()
    assert seen == []


def test_closed_it_leaves_nothing_of_qt_behind(qapp: QApplication) -> None:
    before = living()
    bridge = Bridge()
    bridge.call_later(60_000, lambda: None)
    bridge.post(lambda: None)
    assert living() - before
    bridge.close()
    bridge.call_later(0, lambda: None)
    assert not living() - before


def test_a_collector_on_another_thread_ends_nothing_of_qt(qapp: QApplication) -> None:
    """Qt ends a running timer on its own thread only; elsewhere it goes on and calls what is no longer there."""
    before = living()
    bridge = Bridge()
    bridge.call_later(60_000, bridge.close)  # a circle: no longer reachable, yet not freed by itself
    made = living() - before
    del bridge
    seen_by_a_collector_elsewhere()
    assert made
    assert made <= living()
