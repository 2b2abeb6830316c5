"""Administration with the real kiosk: card and PIN, every page, the self-test, and a citizen who comes in between.

Source: the screen, “Administration”; issue 5, point 7.
"""

import sqlite3
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import NAME, Counter, OpenKiosk, fresh_case, kiosk_at, wait_until
from support.platform import RunningPlatform, running_platform, sqlite_url

from central_platform import documents
from central_platform.identity import load_identity
from terminal_app.domain.journal import Kind
from terminal_app.domain.pin import hash_pin
from terminal_app.domain.turn import closed_by
from terminal_app.office import SHEET_FILE
from terminal_app.store.opening import DATABASE
from ui.staff_views import AdministrationView, PinView

ADMIN_CARD, PIN = "04AA55AA", "280616"
MEMBERS = [
    {"number": "0823", "name": NAME, "post": "综合受理岗", "role": "clerk", "cards": ["04A1B2C3"]},
    {"number": "0009", "name": "赵明远", "post": "信息管理岗", "role": "administrator", "cards": [ADMIN_CARD]},
]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """A platform with an administrator who has a PIN."""
    with running_platform(sqlite_url(tmp_path_factory.mktemp("platform"))) as running:
        kept = hash_pin(PIN, bytes(16))
        running.database.write(
            lambda connection: (
                documents.publish_staff(connection, load_identity(connection), MEMBERS)
                and documents.publish_pin(connection, load_identity(connection), "0009", kept)
            )
        )
        yield running


@pytest.fixture
def kiosk(at: Counter, qapp: QApplication) -> Iterator[OpenKiosk]:
    with kiosk_at(at) as opened:
        at.wait_until_open()
        opened.log_in()
        opened.wait_for("idle")
        yield opened


def type_pin(kiosk: OpenKiosk, pin: str) -> None:
    if kiosk.shown != "pin":
        kiosk.counter.lay_card(ADMIN_CARD)
    kiosk.wait_for("pin")
    for digit in pin:
        kiosk.tap(f"digit-{digit}")
    wait_until(lambda: pin_view(kiosk).dots == "●" * len(pin), "all digits are there")
    kiosk.tap("pin-done")


def pin_view(kiosk: OpenKiosk) -> PinView:
    assert isinstance(kiosk.view.body, PinView)
    return kiosk.view.body


def page(kiosk: OpenKiosk) -> AdministrationView:
    assert isinstance(kiosk.view.body, AdministrationView)
    return kiosk.view.body


def values(kiosk: OpenKiosk) -> dict[str, str]:
    return {row.label: row.value for row in page(kiosk).rows}


def test_card_and_pin_open_administration_and_a_wrong_pin_does_not(kiosk: OpenKiosk, caplog: pytest.LogCaptureFixture) -> None:
    type_pin(kiosk, "112233")
    wait_until(lambda: kiosk.shown == "pin" and "不正确" in pin_view(kiosk).line, "the wrong PIN is told")
    type_pin(kiosk, PIN)
    kiosk.wait_for("administration")
    wait_until(lambda: values(kiosk).get("与平台的连接") == "已连接", "the platform's state")
    assert values(kiosk)["隔离记录"] == "0 条"
    kiosk.tap("page-devices")
    wait_until(lambda: any("读卡器" in label for label in values(kiosk)), "the devices")
    row = next(row for row in page(kiosk).rows if "读卡器" in row.label)
    assert row.value.startswith("已连接")
    assert ADMIN_CARD not in kiosk.words and "最后一帧" in row.line
    kiosk.tap("page-about")
    wait_until(lambda: str(kiosk.counter.data) in values(kiosk).values(), "the data folder")
    kiosk.tap("menu-close")
    kiosk.wait_for("idle")
    assert NAME in kiosk.words, "the clerk is still on duty"
    assert PIN not in caplog.text and "112233" not in caplog.text


def test_the_self_test_leaves_its_sheet_in_the_data_folder(kiosk: OpenKiosk) -> None:
    type_pin(kiosk, PIN)
    kiosk.wait_for("administration")
    kiosk.tap("page-self-test")
    wait_until(lambda: "自检" in values(kiosk), "the page")
    kiosk.tap("self-test")
    wait_until(lambda: "存储" in values(kiosk), "the results")
    assert values(kiosk)["存储"] == "合格"
    text = (kiosk.counter.data / SHEET_FILE).read_text("utf-8")
    assert "存储 Store: 合格 PASS" in text
    kiosk.tap("sheet")
    wait_until(lambda: "没有打印机" in page(kiosk).rows[0].line, "that no printer is there")


def test_a_citizen_goes_first_and_administration_leaves_nothing_in_the_journal(kiosk: OpenKiosk) -> None:
    type_pin(kiosk, PIN)
    kiosk.wait_for("administration")
    before = len(kiosk.counter.entries())
    kiosk.present(case := fresh_case())
    kiosk.tap("star-1")
    kiosk.wait_for("reasons")
    kinds = [entry.kind for entry in kiosk.counter.entries()[before:]]
    assert kinds == kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


def test_a_terminal_out_of_order_lets_an_administrator_look_and_goes_on_by_itself(kiosk: OpenKiosk) -> None:
    """Issue 5, point 8: the store cannot be written, as another program holds it; point 7: administration tells so."""
    other = sqlite3.connect(kiosk.counter.data / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    kiosk.counter.send_ticket(fresh_case())
    kiosk.wait_for("out_of_order")
    type_pin(kiosk, PIN)
    kiosk.wait_for("administration")
    wait_until(lambda: "无法存入磁盘" in kiosk.words, "what is the matter")
    kiosk.tap("page-devices")
    wait_until(lambda: any("读卡器" in label for label in values(kiosk)), "the devices")
    kiosk.tap("page-self-test")
    kiosk.tap("self-test")
    wait_until(lambda: values(kiosk).get("存储") == "不合格", "the self-test")
    assert not (kiosk.counter.data / SHEET_FILE).exists(), "it was tested without writing"
    other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: closed_by(kiosk.kiosk.controller.state.phase) is None, "that it works again")
    assert kiosk.shown == "administration"
    kiosk.rate(5)


def test_wrong_pins_make_wait_and_a_restart_does_not_help(at: Counter, qapp: QApplication) -> None:
    with kiosk_at(at) as kiosk:
        at.wait_until_open()
        for _ in range(3):
            type_pin(kiosk, "112233")
            wait_until(lambda: kiosk.shown == "pin" and "不正确" in pin_view(kiosk).line, "the wrong PIN is told")
    with kiosk_at(at) as again:
        at.wait_until_open()
        type_pin(again, PIN)
        wait_until(lambda: again.shown == "pin" and "秒后再试" in pin_view(again).line, "that it is too soon")


def test_somebody_who_did_not_rate_is_invited_again(at: Counter, platform: RunningPlatform, qapp: QApplication) -> None:
    at.configure(platform.url, timing="stars_s = 1")
    with kiosk_at(at) as kiosk:
        at.wait_until_open()
        kiosk.log_in()
        kiosk.present(case := fresh_case())
        kiosk.wait_for("idle")
        at.lay_card()
        kiosk.wait_for("menu")
        kiosk.tap("invite")
        kiosk.wait_for("rate")
        opened = [entry for entry in at.entries() if entry.kind == Kind.SESSION_OPENED and case in entry.data["covered"]]
        assert len({entry.session for entry in opened}) == 2
