"""Too much at once: 429 with Retry-After instead of collapse, and all of it delivered in the end. Issue 3, Build 5."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.platform import RunningPlatform, running_platform
from support.window import Window

from benchmarks.storm import expect_whole, make_windows, storm
from central_platform import admission
from central_platform.admission import Admission
from central_platform.service import Platform
from sync import wire

WINDOWS = 100
BACKLOG = 15


@pytest.fixture(params=["sqlite", "postgresql"])
def crowded(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    fresh_database: Callable[[str, Path], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RunningPlatform]:
    """A platform with little room, whose windows may come again soon."""
    monkeypatch.setattr(admission, "AGAIN_S", (0, 1))
    with running_platform(fresh_database(request.param, tmp_path), admission=Admission(bulk=100_000)) as running:
        yield running


def test_a_hundred_windows_reconnect_at_once(crowded: RunningPlatform) -> None:
    """Nothing but 200 and 429 is answered, all of it is stored once, and fresh entries are taken meanwhile. The same with
    two thousand windows is `./dev bench storm`."""
    windows = make_windows(crowded.db_url, crowded.url, WINDOWS + 1)
    course = asyncio.run(storm(windows, BACKLOG))
    assert set(course.statuses) == {200, 429}
    assert course.statuses[200] == WINDOWS + len(course.fresh_ms)
    assert len(course.fresh_ms) > 2
    expect_whole(crowded.db_url, WINDOWS * BACKLOG + len(course.fresh_ms))


class Hold:
    """Deliveries `begun`, and end when they may `go_on`."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    holding, receive = Hold(), Platform.receive

    def slow(self: Platform, *given: Any) -> bytes:
        holding.begun.set()
        assert holding.go_on.wait(30)
        return receive(self, *given)

    monkeypatch.setattr(Platform, "receive", slow)
    yield holding
    holding.go_on.set()


@pytest.mark.parametrize("room", [{"bulk": 100_000}, {"held": 1_000_000}], ids=["no thread", "no memory"])
def test_who_is_sent_away_is_told_when_to_come_again(
    tmp_path: Path, fresh_database: Callable[[str, Path], str], hold: Hold, room: dict[str, int]
) -> None:
    """wire: 429 with `Retry-After`. The answer reaches even who sends a megabyte, and the same bytes pass later."""
    url = fresh_database("sqlite", tmp_path)
    with running_platform(url, admission=Admission(**room)) as platform, ThreadPoolExecutor(1) as pool:
        first, second = (Window(platform.url).enroll(platform.claim()) for _ in range(2))
        chain = first.chain()
        answer = pool.submit(first.statuses, [chain.write("paused", {"note": "x" * 100}) for _ in range(120)])
        assert hold.begun.wait(30)
        large = wire.entries_payload([second.chain().write("paused", {"note": "x" * 950_000}).line])
        refused = [second.post(wire.ENTRIES, large) for _ in range(30)]
        hold.go_on.set()
        assert set(answer.result(30)) == {"accepted"}
        assert {one.status_code for one in refused} == {429}
        assert {one.headers["Content-Type"] for one in refused} == {wire.PROBLEM_JSON}
        assert {one.json()["type"].rpartition(":")[2] for one in refused} == {"overloaded"}
        again = [int(one.headers["Retry-After"]) for one in refused]
        assert again == sorted(again) and set(again) <= set(range(admission.AGAIN_S[0], admission.AGAIN_S[1] + 1))
        assert len(set(again)) > 20
        assert second.post(wire.ENTRIES, large).json()["results"][0]["status"] == "accepted"


@pytest.mark.parametrize("left", [20_000, 3_000], ids=["by an outage", "by a visit"])
def test_a_fresh_entry_does_not_wait_behind_what_was_left(
    tmp_path: Path, fresh_database: Callable[[str, Path], str], monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """Issue 3, Build 5: fresh ratings do not wait behind a backlog, whatever the number of windows that have one, and however
    small each of them is."""
    hold, receive = Hold(), Platform.receive

    def slow(self: Platform, request: Any, body: bytes) -> bytes:
        if len(body) > admission.TAP_BYTES:
            hold.begun.set()
            assert hold.go_on.wait(30)
        return receive(self, request, body)

    monkeypatch.setattr(Platform, "receive", slow)
    with running_platform(fresh_database("sqlite", tmp_path)) as platform, ThreadPoolExecutor(8) as pool:
        loud = [Window(platform.url).enroll(platform.claim()) for _ in range(8)]
        journals = [[window.chain().write("paused", {"note": "x" * left})] for window in loud]
        answers = [pool.submit(window.statuses, journal) for window, journal in zip(loud, journals, strict=True)]
        assert hold.begun.wait(30)
        quiet = Window(platform.url).enroll(platform.claim())
        for entry in quiet.chain().session(5):
            assert quiet.statuses([entry]) == ["accepted"]
        assert not any(answer.done() for answer in answers)
        hold.go_on.set()
        assert [answer.result(30) for answer in answers] == [["accepted"]] * 8
