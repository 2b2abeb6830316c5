"""From the window to a real Chromium of a telephone's size: rating by the window's QR, adding words. Issue 5, point 6."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from support.browser import browser
from support.counter import Counter, OpenKiosk, fresh_case, wait_until
from support.phone import Phone, headline, listed
from support.platform import RunningPlatform
from support.scanning import read_symbols
from support.window import Window, uuid7

from terminal_app.domain.journal import Kind
from terminal_app.domain.window_address import window_url
from terminal_app.domain.words_pass import make_pass, pass_url

WIDTH, HEIGHT = 360, 740
WAIT_S = 20
TARGET = 48
CONTRAST = 4.5

_CONTRASTS = """
const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
  return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b) };
const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
  if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' };
return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() &&
  [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
  const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
  return [e.textContent.trim().slice(0, 20), (a + .05) / (b + .05)] });
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        metrics = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        yield driver


def said(page: Chrome) -> str:
    return page.find_element(By.TAG_NAME, "h1").text


def shown(page: Chrome, selector: str) -> list[WebElement]:
    return [one for one in page.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed()]


def check_page(page: Chrome) -> None:
    """Large enough to touch, strong enough to read, named for whoever hears it, and no wider than the telephone."""
    for one in shown(page, "a, button, .star, .reason, textarea, input:not([type=radio]):not([type=checkbox])"):
        assert min(one.size["width"], one.size["height"]) >= TARGET, one.get_attribute("outerHTML")
    for one in page.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea, button, a"):
        assert one.get_attribute("type") == "checkbox" or one.accessible_name, one.get_attribute("outerHTML")
    contrasts = page.execute_script(_CONTRASTS)
    assert len(contrasts) > 3 and [found for found in contrasts if found[1] < CONTRAST] == []
    assert page.execute_script("return document.documentElement.scrollWidth") == WIDTH
    wide = "return [...document.querySelectorAll('.star span')].filter(e => e.scrollWidth > e.parentElement.clientWidth).length"
    assert page.execute_script(wide) == 0
    assert page.get_cookies() == [] and page.get_log("browser") == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_citizen_rates_on_a_telephone(platform: RunningPlatform, page: Chrome, tmp_path: Path, language: str) -> None:
    """guangdong 第十条, taian 二(二)1; ui brief: five stars of one size, none chosen; the reasons open with a bad one."""
    window = Window(platform.url).enroll(platform.claim())
    page.get(window_url(platform.url, window.device) + f"?lang={language}")
    check_page(page)
    stars = shown(page, ".star")
    assert len({(star.size["width"], star.size["height"], star.location["y"]) for star in stars}) == 1
    assert page.find_elements(By.CSS_SELECTOR, "input:checked") == [] and shown(page, ".reason") == []
    page.save_screenshot(str(tmp_path / f"rate_{language}.png"))
    stars[1].click()
    assert len(shown(page, ".reason")) == len(page.find_elements(By.CSS_SELECTOR, ".of-2 .reason")) == 8
    stars[4].click()
    assert shown(page, ".reason") == []
    stars[1].click()
    shown(page, ".reason")[2].click()
    page.find_element(By.NAME, "case").send_keys("2026TA000099")
    check_page(page)
    page.execute_script("scrollTo(0, 0)")
    page.save_screenshot(str(tmp_path / f"reasons_{language}.png"))
    page.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(page, WAIT_S).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".done"))
    assert said(page) == {"zh-CN": "评价已收到", "en": "The rating has arrived"}[language]
    assert "2026TA" not in page.current_url
    check_page(page)
    page.save_screenshot(str(tmp_path / f"rated_{language}.png"))
    page.refresh()
    (item,) = [one for one in listed(platform, "ratings/others") if one["window"] == window.device]
    assert (item["level"], len(item["reasons"]), item["case"]) == (2, 1, "2026TA000099"), "loading it again changes nothing"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_citizen_adds_words_on_a_telephone(platform: RunningPlatform, page: Chrome, tmp_path: Path, language: str) -> None:
    window, session = Window(platform.url).enroll(platform.claim()), uuid7()
    page.get(pass_url(platform.url, make_pass(window.device, session, window.key.sign)) + f"?lang={language}")
    check_page(page)
    page.save_screenshot(str(tmp_path / f"words_{language}.png"))
    page.find_element(By.NAME, "words").send_keys("排队两小时。")
    page.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(page, WAIT_S).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".done"))
    assert said(page) == {"zh-CN": "补充已收到", "en": "Your words have arrived"}[language]
    check_page(page)
    page.save_screenshot(str(tmp_path / f"added_{language}.png"))
    assert session in [one["session"] for one in listed(platform, "words", limit=500)]


def test_the_codes_on_the_window_lead_to_its_own_pages(kiosk: OpenKiosk, at: Counter, platform: RunningPlatform) -> None:
    """The window's QR while idle; the pass on the reasons screen and behind the receipt, made by the terminal alone."""

    def scanned(part: str) -> str:
        found: list[str] = []

        def read() -> bool:
            found[:] = [text for text in read_symbols(kiosk.window.widget) if part in text]
            return bool(found)

        wait_until(read, f"a code with {part}")
        assert found[0].startswith(platform.url)
        return found[0].removeprefix(platform.url)

    phone = Phone(platform)
    assert "市民中心" in phone.get(scanned("/w/")).text
    kiosk.present(fresh_case())
    kiosk.tap("star-1")
    kiosk.wait_for("reasons")
    kiosk.tap("phone")
    words = scanned("/a/")
    assert headline(phone.add(words, "还在窗口前就写。")) == "补充已收到"
    kiosk.tap("skip")
    kiosk.wait_for("thanks")
    assert scanned("/r/").endswith(words.removeprefix("/a/"))
    wait_until(lambda: at.counts().pending == 0, "everything at the platform")
    kiosk.tap("finish")
    wait_until(lambda: at.entries()[-1].kind == Kind.SESSION_CLOSED, "the session's end")
    session = at.entries()[-1].session
    assert [one["arrived"] for one in listed(platform, "words", limit=500) if one["session"] == session] == [True]
    files = [path for path in at.folder.rglob("*") if path.is_file()]
    assert files and [path for path in files if words.removeprefix("/a/").encode() in path.read_bytes()] == []
