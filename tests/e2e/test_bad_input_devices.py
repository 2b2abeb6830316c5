"""Bad input from devices (issue 2), in the real kiosk: a clear word, an unbroken screen, and the next good ticket is rated.

Frames and their corruption are tabled in tests/driver; here it is what people at the window get of it.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import serial
from PySide6.QtWidgets import QApplication
from support.counter import UNKNOWN_CARD, Counter, OpenKiosk, fields, fresh_case, kiosk_at, wait_until
from support.identity import identity_number

from device_drivers.simulators import PtyDevice, ticket_payload
from terminal_app.domain.journal import Kind


def expect_unharmed(kiosk: OpenKiosk) -> None:
    """The next good ticket is rated as if nothing had been."""
    case = kiosk.rate(4)
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


# --- lines --------------------------------------------------------------------------------------------------------------


def test_a_port_that_is_missing_at_start_is_told_to_staff_and_used_once_it_is_there(
    at: Counter, qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    """Device protocols, “What goes wrong in the field”: one supervised reader per device, reopened."""
    line = at.line.device
    line.unplug()
    with kiosk_at(at) as kiosk:
        wait_until(lambda: kiosk.problems == {"ticket-line": "device_missing"}, "staff is told of the missing line")
        assert kiosk.shown == "nobody"
        kiosk.log_in()
        at.lay_card()
        kiosk.wait_for("menu")
        assert "ticket-line：未连接。请检查电源和连线。" in kiosk.words
        assert "ticket-line: missing. Connect the device" in caplog.text
        kiosk.tap("menu-close")
        line.replug()
        assert line.wait_until_open(10)
        wait_until(lambda: not kiosk.problems, "the problem is over")
        expect_unharmed(kiosk)


def test_a_busy_port_is_told_and_used_once_it_is_free(at: Counter, qapp: QApplication) -> None:
    """Device protocols: two programs on one port; open exclusively."""
    with serial.Serial(at.line.device.address, exclusive=True), kiosk_at(at) as kiosk:
        wait_until(lambda: kiosk.problems == {"ticket-line": "device_busy"}, "staff is told of the busy line")
        at.scanner.device.wait_until_open(10)
        at.scanner.scan(case := fresh_case())
        kiosk.wait_for("rate")
        assert at.kinds(case) == [Kind.SESSION_OPENED]
    with kiosk_at(at) as kiosk:
        wait_until(lambda: not kiosk.problems, "no problem is left")


def test_unplugged_in_the_middle_of_a_frame_and_plugged_in_again(kiosk: OpenKiosk) -> None:
    case, line = fresh_case(), kiosk.counter.line.device
    kiosk.counter.line.present(fields(case), corrupt="truncated")
    line.unplug()
    wait_until(lambda: kiosk.problems == {"ticket-line": "device_missing"}, "staff is told of the lost line")
    assert kiosk.shown == "nobody"
    line.replug()
    assert line.wait_until_open(10)
    kiosk.present(case)
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED]


# --- frames -------------------------------------------------------------------------------------------------------------

Sending = Callable[[Counter], None]

UNREADABLE: dict[str, Sending] = {
    "wrong checksum": lambda at: at.line.present(fields(fresh_case()), corrupt="checksum"),
    "over-long": lambda at: at.line.present(fields(fresh_case()), corrupt="too_long"),
    "truncated": lambda at: at.line.present(fields(fresh_case()), corrupt="truncated"),
    "wrong encoding": lambda at: at.line.present(ticket_payload(fields(fresh_case())).replace(b"|kind", b"\xff\xfe\x80|kind")),
    "no case in it": lambda at: at.line.present({"name": "居住证"}),
    "over-long scan": lambda at: at.scanner.scan("9" * 4000),
    "scan of nonsense": lambda at: at.scanner.scan("https://example.invalid/?utm_source=poster"),
    "scan of broken JSON": lambda at: at.scanner.scan('{"case": "TA2026'),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_said_and_does_no_harm(kiosk: OpenKiosk, name: str) -> None:
    """Issue 2, bad input: garbage, over-long, truncated, wrong-checksum, wrong-encoding frames."""
    before = len(kiosk.counter.entries())
    UNREADABLE[name](kiosk.counter)
    kiosk.wait_for_notice("unreadable_ticket")
    assert kiosk.shown == "notice"
    assert "没有读到办件信息" in kiosk.words
    assert "再试一次" in kiosk.words
    assert kiosk.is_whole()
    assert len(kiosk.counter.entries()) == before
    expect_unharmed(kiosk)


def test_garbage_on_every_line_rates_nothing(kiosk: OpenKiosk) -> None:
    before = len(kiosk.counter.entries())
    for seed, simulator in enumerate((kiosk.counter.line, kiosk.counter.scanner, kiosk.counter.cards)):
        simulator.garbage(size=600, seed=seed)
    readers = kiosk.kiosk.devices.readers.values()
    wait_until(lambda: all(reader.status().bad_frames for reader in readers), "all three lines have seen garbage")
    assert len(kiosk.counter.entries()) == before
    assert kiosk.is_whole()
    expect_unharmed(kiosk)


def test_bad_frames_while_a_citizen_chooses_change_nothing(kiosk: OpenKiosk) -> None:
    """Design §5: refused → a message, state unchanged."""
    kiosk.present(case := fresh_case())
    kiosk.counter.line.present(fields(fresh_case()), corrupt="checksum")
    kiosk.wait_for_notice("unreadable_ticket")
    assert kiosk.shown == "rate"
    kiosk.tap("star-1")
    kiosk.wait_for("reasons")
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


# --- what is no ticket, and whose card it is not ------------------------------------------------------------------------

PRESENTATIONS: dict[str, Callable[[Counter, str], None]] = {
    "scanned": lambda at, number: at.scanner.scan(number),
    "scanned with AIM prefix": lambda at, number: at.scanner.scan(number, aim="]C0"),
    "as JSON": lambda at, number: at.scanner.scan(f'{{"case":"{number}"}}'),
    "in a frame": lambda at, number: at.line.present({"case": number}),
    "full width": lambda at, number: at.scanner.scan("".join(chr(ord(digit) + 0xFEE0) for digit in number)),
}


@pytest.mark.parametrize("how", PRESENTATIONS)
def test_an_identity_number_is_refused_and_kept_nowhere(
    kiosk: OpenKiosk, how: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Device protocols: a valid 18-character ID number is refused, neither shown nor stored nor logged."""
    caplog.set_level(logging.DEBUG)
    number = identity_number(born="19490131")
    PRESENTATIONS[how](kiosk.counter, number)
    kiosk.wait_for_notice("not_a_case_number")
    assert "身份证不能用来评价" in kiosk.words
    painted = kiosk.words
    expect_unharmed(kiosk)
    said = "".join(capfd.readouterr())
    for part in (number, number[6:14], number[-8:]):
        assert part not in painted + kiosk.words
        assert part not in caplog.text + said
        assert files_with(kiosk.counter.folder, part) == []


def files_with(folder: Path, text: str) -> list[str]:
    """Which files below a folder hold a text in any encoding that the terminal writes."""
    forms = {text.encode(), text.encode("utf-16-le"), "".join(chr(ord(digit) + 0xFEE0) for digit in text).encode()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "journal.sqlite3" for path in files)
    return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


def test_an_unknown_card_logs_nobody_in(kiosk: OpenKiosk) -> None:
    kiosk.counter.cards.lay(UNKNOWN_CARD)
    kiosk.wait_for_notice("unknown_card")
    assert "未找到这张卡" in kiosk.words
    assert "请联系管理员" in kiosk.words
    assert UNKNOWN_CARD not in kiosk.words
    assert Kind.STAFF_LOGGED_IN not in [entry.kind for entry in kiosk.counter.entries()]
    expect_unharmed(kiosk)


def test_a_card_that_changes_its_number_each_time_is_nobodys(kiosk: OpenKiosk) -> None:
    """Device protocols: random UIDs (first byte 08) are refused."""
    kiosk.counter.cards.lay("08A1B2C3")
    kiosk.wait_for_notice("unknown_card")
    assert kiosk.kiosk.controller.state.on_duty is None


def test_a_ticket_that_was_rated_is_explained_and_not_rated_again(kiosk: OpenKiosk) -> None:
    case = kiosk.rate(5)
    kiosk.tap("finish")
    kiosk.wait_for("nobody")
    kiosk.counter.send_ticket(case)
    kiosk.wait_for_notice("already_rated")
    assert "您已经评价过了" in kiosk.words
    assert [entry.kind for entry in kiosk.counter.entries()].count(Kind.SESSION_OPENED) == 1


def test_a_line_whose_link_leads_nowhere_is_missing_not_broken(at: Counter, qapp: QApplication, tmp_path: Path) -> None:
    """A by-id path stays behind as a dangling link on some systems."""
    device = at.scanner.device
    assert isinstance(device, PtyDevice)
    device.unplug()
    Path(device.address).symlink_to(tmp_path / "nowhere")
    with kiosk_at(at) as kiosk:
        wait_until(lambda: kiosk.problems == {"scanner": "device_missing"}, "staff is told")
        expect_unharmed(kiosk)
