"""The monthly report in a real browser: the figures of the one query, and nothing for whoever may not see them."""

from pathlib import Path

import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from support.browser import browser
from support.docket import Docket
from support.platform import running_platform, sqlite_url

WAIT_S = 20
_CELLS = """
return Array.from(document.querySelectorAll("tbody tr"), row => Array.from(row.children, cell => cell.textContent))
"""


def test_the_page_shows_the_figures_that_the_files_hold(tmp_path: Path) -> None:
    """Issue 4, point 6: one query for the screen, the xlsx and the PDF (xian-huyi 五(一))."""
    with running_platform(sqlite_url(tmp_path)) as platform, browser(tmp_path / "profile", width=1500) as page:
        docket = Docket(platform.database, "xian-huyi")
        for name, level, number in (("a", 5, "HY-00001"), ("b", 1, "HY-00002"), ("c", 2, None)):
            said = {"id": name, "channel": "sms", "level": level, "at": "2026-10-09", "case": number}
            docket.ratings({key: value for key, value in said.items() if value is not None})
        docket.settle("2026-10-12 09:00")
        wait = WebDriverWait(page, WAIT_S)
        page.get(f"{platform.url}/report?month=2026-10")
        assert page.find_elements(By.TAG_NAME, "table") == [], "without the token there is only a door"
        page.get(f"{platform.url}/?token={platform.viewer_token}")
        page.get(f"{platform.url}/report?month=2026-10&lang=zh-CN")
        wait.until(lambda page: len(page.find_elements(By.TAG_NAME, "table")) == 2)
        answer = requests.get(
            f"{platform.url}/report/monthly",
            params={"month": "2026-10", "lang": "zh-CN"},
            headers={"Authorization": f"Bearer {platform.viewer_token}"},
            timeout=10,
        )
        rows = [row["cells"] for table in answer.json()["tables"] for row in table["rows"]]
        assert page.execute_script(_CELLS) == rows
        assert ["短信", "1", "0", "0", "0", "1", "2", "50.0%", "1", "0", "2", "0", "0", "0"] in rows
        page.save_screenshot(str(tmp_path / "report.png"))
        page.find_element(By.ID, "language").click()
        wait.until(lambda page: "Monthly report" in page.title)
        page.find_element(By.ID, "region").send_keys("nowhere")
        page.find_element(By.CSS_SELECTOR, "#ask button").click()
        wait.until(lambda page: "nowhere" in page.find_element(By.ID, "trouble").text)
        assert page.find_elements(By.TAG_NAME, "table") == []
        assert [one for one in page.get_log("browser") if "404" not in one["message"] and "401" not in one["message"]] == []
