"""End to end: one platform for all, and for each test a counter with an enrolled terminal, and the kiosk at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import STAFF, Counter, OpenKiosk, counter, fresh_case, kiosk_at
from support.platform import RunningPlatform, running_platform, sqlite_url

from central_platform import documents
from central_platform.identity import load_identity
from central_platform.staff_file import read_staff


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """The platform on loopback, with a staff directory."""
    folder = tmp_path_factory.mktemp("platform")
    with running_platform(sqlite_url(folder)) as running:
        give_staff(running, folder)
        yield running


def give_staff(running: RunningPlatform, folder: Path) -> None:
    (folder / "staff.csv").write_text(STAFF, "utf-8")
    members = read_staff(str(folder / "staff.csv"))
    running.database.write(lambda connection: documents.publish_staff(connection, load_identity(connection), members))


@pytest.fixture
def bare_counter(tmp_path: Path) -> Iterator[Counter]:
    """Devices without a terminal."""
    with counter(tmp_path / "counter") as made:
        yield made


@pytest.fixture
def at(bare_counter: Counter, platform: RunningPlatform) -> Counter:
    """A counter whose terminal is enrolled and not running."""
    bare_counter.configure(platform.url)
    bare_counter.enroll(platform)
    return bare_counter


@pytest.fixture
def kiosk(at: Counter, qapp: QApplication) -> Iterator[OpenKiosk]:
    """The running kiosk, listening on all lines."""
    with kiosk_at(at) as opened:
        at.wait_until_open()
        yield opened


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands speak English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="session")
def rated(tmp_path_factory: pytest.TempPathFactory, platform: RunningPlatform, qapp: QApplication) -> Iterator[Counter]:
    """A counter whose terminal has taken a bad rating with a reason, delivered it, and stands still."""
    with counter(tmp_path_factory.mktemp("rated") / "counter") as at:
        at.configure(platform.url)
        at.enroll(platform)
        with kiosk_at(at) as kiosk:
            kiosk.present(fresh_case())
            kiosk.tap("star-1")
            kiosk.wait_for("reasons")
            kiosk.tap("reason-108")
            kiosk.tap("submit")
            kiosk.wait_for("thanks")
        yield at
