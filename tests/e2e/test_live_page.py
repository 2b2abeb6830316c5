"""The live page in a real browser: ratings arrive without reload, and only for who has the token (issue, point 7)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from support.browser import browser
from support.docket import Docket
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.window import Window

from central_platform.attached import keep_told
from central_platform.messages import AttachedDevice
from central_platform.schema import entries
from central_platform.times import now_ms
from sync import wire

WAIT_S = 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path_factory.mktemp("live"))) as running:
        yield running


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


_APART = "return Array.from(document.querySelectorAll('#defaults > li'), one => one.innerText)"
"""In one go: the page may draw its list anew between two questions."""


def rows(page: Chrome) -> list[str]:
    return [row.text for row in page.find_elements(By.CSS_SELECTOR, "#ratings > li")]


def test_ratings_appear_and_change_without_reload(platform: RunningPlatform, page: Chrome, tmp_path: Path) -> None:
    window = Window(platform.url).enroll(platform.claim())
    chain = window.chain()
    wait = WebDriverWait(page, WAIT_S)
    page.get(f"{platform.url}/?token={platform.viewer_token}")
    wait.until(lambda page: "on" in page.find_element(By.ID, "state").get_attribute("class").split())
    page.execute_script("window.notReloaded = true")
    assert rows(page) == []
    assert "token" not in page.current_url, "the token does not stay in the address"
    window.send(chain.session(2, case="2026TA000417", closed=False))
    wait.until(lambda page: len(rows(page)) == 1)
    filled = "#ratings > li .stars svg.on"
    wait.until(lambda page: len(page.find_elements(By.CSS_SELECTOR, filled)) == 2)
    window.send(chain.session(5, case="2026TA000418"))
    wait.until(lambda page: len(rows(page)) == 2)
    assert "2026TA000417" not in page.page_source, "case numbers are masked"
    assert page.execute_script("return window.notReloaded") is True
    page.save_screenshot(str(tmp_path / "live.png"))
    assert page.get_log("browser") == []


def test_default_ratings_are_listed_apart(tmp_path: Path, page: Chrome) -> None:
    """Product rule 1: flagged, and never among the ratings that somebody gave (guangdong 第七条)."""
    with running_platform(sqlite_url(tmp_path)) as platform:
        docket = Docket(platform.database, "guangdong")
        docket.cases({"case": "2026GD000417", "as_of": "2026-10-01", "received_at": "2026-10-01 09:00"})
        assert docket.settle("2026-10-09 00:00").defaults == 1
        page.get(f"{platform.url}/?token={platform.viewer_token}")
        (apart,) = WebDriverWait(page, WAIT_S).until(lambda page: page.execute_script(_APART))
        assert "guangdong 第七条" in apart
        assert page.find_element(By.ID, "apart").is_displayed()
        assert "2026GD000417" not in page.page_source and rows(page) == []
        page.get("about:blank")


def test_without_the_token_there_is_only_a_door(platform: RunningPlatform, page: Chrome) -> None:
    page.delete_all_cookies()
    page.get(platform.url)
    assert page.find_elements(By.ID, "ratings") == []
    page.get(f"{platform.url}/?token=wrong")
    assert page.find_elements(By.ID, "ratings") == []
    told = page.get_log("browser")
    assert len(told) == 2 and all("401 (Unauthorized)" in one["message"] for one in told)


def test_open_alarms_are_told_in_words(tmp_path: Path, page: Chrome) -> None:
    """docs/trust.md: clones, set-back disks, a restored platform, gaps and quarantined entries are seen by whoever looks."""
    with running_platform(sqlite_url(tmp_path)) as running:
        page.get(f"{running.url}/?token={running.viewer_token}")
        WebDriverWait(page, WAIT_S).until(lambda page: page.find_element(By.ID, "empty").is_displayed())
        assert not page.find_element(By.ID, "alarms").is_displayed()
        window = Window(running.url).enroll(running.claim())
        chain = window.chain()
        first = chain.session(3)
        window.send(first)
        chain.head = first[0].head
        window.send([chain.write("paused", {})])
        other = window.chain()
        begun = {"app": "1", "previous": {"chain": first[0].chain, "seq": 2, "hash": "ab" * 32}}
        window.send([other.write("chain_started", begun), *other.session(4)[:1], other.session(5)[-1]])
        window.post(wire.ENTRIES, wire.heads_payload((), store={"quarantined": 7, "lost_at": now_ms()}))
        running.database.write(lambda connection: connection.execute(sa.update(entries).values(received_at=1)))
        page.get(running.url)
        WebDriverWait(page, WAIT_S).until(lambda page: page.find_element(By.ID, "alarms").is_displayed())
        rows = [row.text for row in page.find_elements(By.CSS_SELECTOR, "#open > li")]
        for zh, en in (
            ("两条不同的记录", "Two different entries"),
            ("从较早的位置继续", "from an earlier place"),
            ("没有送达", "missing for a day"),
            ("7 条记录", "7 entries"),
            ("从旧备份恢复", "old backup"),
        ):
            assert any(zh in row or en in row for row in rows), rows
        assert len(rows) == 5 and all("号窗口" in row for row in rows), rows
        page.find_element(By.ID, "language").click()
        assert rows[0] not in page.find_element(By.ID, "open").text, "they follow the language"
        page.save_screenshot(str(tmp_path / "alarms.png"))
        assert page.get_log("browser") == []
        page.get("about:blank")


def test_devices_that_do_not_work_are_named(tmp_path: Path, page: Chrome) -> None:
    """Issue 6, point 8: a device that is away for long is seen by whoever looks at the platform."""
    with running_platform(sqlite_url(tmp_path)) as running:
        window = Window(running.url).enroll(running.claim())
        key = window.key.public_key().public_bytes_raw()
        told = [
            AttachedDevice("card_reader", "card_reader", "missing", 3_600),
            AttachedDevice("keypad", "keypad", "connected", 9),
        ]
        running.database.write(lambda connection: keep_told(connection, key, told, now_ms()))
        page.get(f"{running.url}/?token={running.viewer_token}")
        WebDriverWait(page, WAIT_S).until(lambda page: page.find_element(By.ID, "away").is_displayed())
        shown = page.find_element(By.ID, "away").text
        assert "card reader: missing" in shown or "读卡器: 未连接" in shown
        assert "keypad" not in shown and "小键盘" not in shown
        page.save_screenshot(str(tmp_path / "away.png"))
        assert page.get_log("browser") == []
        page.get("about:blank")
