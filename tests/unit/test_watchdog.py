"""What the service manager is told (sd_notify(3)), and how often. That a frozen process ends is tested in tests/e2e."""

import faulthandler
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from terminal_app.watchdog import Watchdog


class Later:
    """ports.Scheduler: holds what is to be called."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Callable[[], None]]] = []

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None:
        self.waiting.append((delay_ms, callback))

    def pass_one(self) -> int:
        """The oldest is called; after how many milliseconds."""
        delay_ms, callback = self.waiting.pop(0)
        callback()
        return delay_ms


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest) -> Iterator[tuple[str, socket.socket]]:
    """The service manager's socket, by the name that the process is given."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        path = str(Path(folder) / "notify")
        line.bind(path if request.param == "path" else f"\0{path}")
        line.setblocking(False)
        yield (path if request.param == "path" else f"@{path}"), line


def heard(line: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(line.recv(64).decode())
        except BlockingIOError:
            return words


def test_the_manager_hears_when_the_window_is_there_that_it_goes_on_and_when_it_stops(
    manager: tuple[str, socket.socket],
) -> None:
    name, line = manager
    later = Later()
    watchdog = Watchdog(60, later, {"NOTIFY_SOCKET": name})
    assert heard(line) == []
    watchdog.begin()
    assert heard(line) == ["READY=1", "WATCHDOG=1"]
    later.pass_one()
    assert heard(line) == ["WATCHDOG=1"]
    watchdog.end()
    assert heard(line) == ["STOPPING=1"]
    later.pass_one()
    assert (heard(line), later.waiting) == ([], [])


@pytest.mark.parametrize(
    ("limit_s", "environment", "beat_ms"),
    [(20, {}, 5_000), (20, {"WATCHDOG_USEC": "8000000"}, 2_000), (2, {"WATCHDOG_USEC": "30000000"}, 500)],
)
def test_it_beats_four_times_within_the_shorter_patience(limit_s: float, environment: dict[str, str], beat_ms: int) -> None:
    """sd_watchdog_enabled(3): at least twice within WATCHDOG_USEC."""
    later = Later()
    watchdog = Watchdog(limit_s, later, environment)
    watchdog.begin()
    try:
        assert later.pass_one() == beat_ms
    finally:
        watchdog.end()


def test_a_manager_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    later = Later()
    watchdog = Watchdog(60, later, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    watchdog.begin()
    later.pass_one()
    watchdog.end()
    faulthandler.cancel_dump_traceback_later()
    assert len(later.waiting) == 1
