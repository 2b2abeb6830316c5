"""Administration's facts and self-test, over parts that the test breaks. Source: the screen, “Administration”."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
from support.hand_ports import HandClock, HandScheduler
from support.window_samples import CHIEF, INSIDE, terminal, thanks

from terminal_app import office
from terminal_app.application.inside import Inside, SelfTest, examine, sheet
from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.journal import ClockQuality
from terminal_app.log_export import RecentLog
from terminal_app.office import LOOK_EVERY_MS, SHEET_FILE, Office
from terminal_app.pin_gate import PinGate
from terminal_app.ports import DeviceReport, Link, StoreUnavailable, SyncStatus

DEADLINE_S = 30
MOUNTED = Path("/dev/shm")
OPEN = terminal(a.Administration(3, CHIEF))
ONLINE = SyncStatus(Link.ONLINE, "", 0, 5_000)
GOOD = replace(INSIDE, delivery=ONLINE, devices=INSIDE.devices[:2])


class Parts:
    """An office whose threads are waited for."""

    def __init__(self, folder: Path, stick: Path | str = "") -> None:
        self.clock = HandClock()
        self.scheduler = HandScheduler(self.clock)
        self.told: list[Inside | None] = []
        self.printed: list[tuple[str, Sequence[str]]] = []
        self.printers = 1
        self.devices: Sequence[DeviceReport] = GOOD.devices
        self.full = False
        self.recent_log = RecentLog()
        self.posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.office = Office(
            replace(GOOD, data_dir=str(folder), devices=(), stick=str(stick)),
            ("泰安市政务服务中心", "综合受理 08"),
            self,
            PinGate(self, self.clock, self.posted.put, _raise),
            {"0009": None}.get,
            self.try_writing,
            self.print_sheet,
            self.recent_log,
            self.told.append,
            self.clock,
            self.scheduler,
            self.posted.put,
            _raise,
        )

    def reports(self) -> Sequence[DeviceReport]:
        return self.devices

    def load(self) -> int:
        return 0

    def save(self, failures: int) -> None:
        raise AssertionError("nobody typed a PIN")

    def try_writing(self) -> None:
        if self.full:
            raise StoreUnavailable("disk_full")

    def print_sheet(self, title: str, lines: Sequence[str]) -> int:
        self.printed.append((title, lines))
        return self.printers

    def export(self) -> str | None:
        """Have the log written; the name of the file."""
        self.office.perform(a.Task.EXPORT_LOG)
        self.posted.get(timeout=DEADLINE_S)()
        assert self.told[-1] is not None and not self.told[-1].exporting
        return self.told[-1].exported

    def test(self) -> SelfTest:
        """Run the self-test to its end."""
        self.office.perform(a.Task.SELF_TEST)
        self.posted.get(timeout=DEADLINE_S)()
        assert self.told[-1] is not None and self.told[-1].self_test is not None
        return self.told[-1].self_test


def _raise(error: BaseException) -> None:
    raise error


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts(tmp_path)


def test_facts_are_gathered_while_somebody_looks_and_no_longer(parts: Parts) -> None:
    parts.office.show(terminal(s.Idle()))
    assert parts.told == []
    parts.office.show(OPEN)
    assert parts.told[-1] is not None and parts.told[-1].devices == GOOD.devices
    parts.devices = ()
    parts.scheduler.pass_ms(LOOK_EVERY_MS)
    assert parts.told[-1].devices == ()
    parts.office.show(terminal(s.Idle()))
    assert parts.told[-1] is None
    count = len(parts.told)
    parts.scheduler.pass_ms(10 * LOOK_EVERY_MS)
    assert len(parts.told) == count


def test_delivery_is_told_at_once(parts: Parts) -> None:
    parts.office.show(OPEN)
    parts.office.delivery_changed(SyncStatus(Link.OFFLINE, "timeout", 7, None, 2))
    assert parts.told[-1] is not None and parts.told[-1].delivery.pending == 7


def test_a_terminal_that_is_well_passes_and_its_sheet_lies_in_the_data_folder(parts: Parts, tmp_path: Path) -> None:
    parts.office.show(OPEN)
    test = parts.test()
    assert test.passed, test.checks
    file = tmp_path / SHEET_FILE
    assert (test.file, test.printed) == (str(file), None)
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text("utf-8")
    for said in (
        "综合受理 08",
        GOOD.device,
        "存储 Store: 合格 PASS",
        "ticket-line",
        "结论 Result: 合格 PASS",
        "签字 Signature",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"quality": ClockQuality.UNSYNCHRONISED}, "clock"),
        ({"free_mib": 3}, "disk"),
        ({"delivery": replace(ONLINE, link=Link.OFFLINE)}, "platform"),
        ({"font": False}, "font"),
        ({"devices": INSIDE.devices}, "device"),
    ],
)
def test_what_is_broken_fails_and_nothing_else(broken: dict[str, object], what: str) -> None:
    checks = examine(replace(GOOD, **broken), 5)  # type: ignore[arg-type]
    assert {check.what for check in checks if not check.good} == {what}


def test_a_store_that_cannot_write_or_takes_a_second_fails(parts: Parts) -> None:
    parts.full = True
    parts.office.show(OPEN)
    assert not parts.test().passed
    assert [check.what for check in examine(GOOD, 1_000) if not check.good] == ["store"]


def test_a_store_that_cannot_write_is_tested_without_writing_and_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "gone")
    parts.full = True
    parts.office.show(OPEN)
    test = parts.test()
    assert {check.what for check in test.checks if not check.good} == {"store", "disk"}
    assert test.file == "" and not (tmp_path / "gone").exists()


def test_the_sheet_is_printed_once_it_is_asked_for(parts: Parts) -> None:
    parts.office.show(OPEN)
    parts.office.perform(a.Task.SHEET)
    assert parts.printed == [], "there was no self-test"
    parts.test()
    for printers in (1, 0):
        parts.printers = printers
        parts.office.perform(a.Task.SHEET)
        assert parts.told[-1] is not None and parts.told[-1].self_test is not None
        assert parts.told[-1].self_test.printed == printers
    (title, lines), _ = parts.printed
    assert title.startswith("自检单") and any("PASS" in line for line in lines)


def test_a_sheet_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    (tmp_path / SHEET_FILE).mkdir()
    parts.office.show(OPEN)
    assert parts.test().file == ""


def test_the_log_is_written_to_a_stick_that_is_mounted_with_what_the_terminal_is(tmp_path: Path) -> None:
    """Design ui.md, “Administration”: logs export. A mounted file system stands in for a stick."""
    parts = Parts(tmp_path, MOUNTED)
    logger = logging.getLogger("test_office")
    logger.addHandler(parts.recent_log)
    logger.warning("a device went away")
    parts.office.show(OPEN)
    name = parts.export()
    assert name and name.startswith(f"rating-terminal-{GOOD.device[:8]}-")
    text = (MOUNTED / name).read_text("utf-8")
    (MOUNTED / name).unlink()
    assert "WARNING test_office: a device went away" in text and "综合受理 08" in text and "case_ticket" in text
    parts.office.show(terminal(s.Idle()))
    parts.office.show(OPEN)
    assert parts.told[-1] is not None and parts.told[-1].exported is None
    logger.removeHandler(parts.recent_log)


def test_without_a_stick_nothing_is_written_and_that_is_told(tmp_path: Path) -> None:
    """The folder where it would be mounted lies on the terminal's own disk."""
    parts = Parts(tmp_path, tmp_path)
    parts.office.show(OPEN)
    assert parts.export() == ""
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_a_rating_reaches_it(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """“Administration never shows a rating, level or reason”: after every level the facts and the sheet are the same."""
    monkeypatch.setattr(office, "_free_mib", lambda folder: GOOD.free_mib)
    seen = []
    for level in range(1, 6):
        parts.office.show(terminal(thanks(level)))
        parts.office.show(OPEN)
        test = parts.test()
        seen.append((parts.told[-1], sheet(("hall",), GOOD, test)))
        parts.office.show(terminal(s.Idle()))
    assert all(one == seen[0] for one in seen)
