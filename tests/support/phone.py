"""A citizen's telephone without a browser: reads a page's form and sends it as a browser would."""

import html
import re
from typing import Any

import requests
from support.platform import RunningPlatform


class Phone:
    """One telephone. `language`: of its pages."""

    def __init__(self, platform: RunningPlatform, language: str = "zh-CN") -> None:
        self.platform = platform
        self.language = language

    def get(self, address: str, **query: str) -> requests.Response:
        return requests.get(self.platform.url + address, params={"lang": self.language} | query, timeout=30)

    def send(
        self, address: str, fields: dict[str, Any], headers: dict[str, str] | None = None, **query: str
    ) -> requests.Response:
        asked = {"lang": self.language} | query
        return requests.post(self.platform.url + address, data=fields, params=asked, headers=headers, timeout=30)

    def once(self, address: str) -> str:
        """What names a fresh form."""
        found = re.search(r'name="once" value="([\w-]{22})"', self.get(address).text)
        assert found
        return found[1]

    def rate(self, address: str, level: int, *reasons: str, case: str = "", once: str | None = None) -> requests.Response:
        fields = {"once": once or self.once(address), "level": str(level), "case": case, "reason": list(reasons)}
        return self.send(address, fields)

    def add(self, address: str, words: str, once: str | None = None) -> requests.Response:
        return self.send(address, {"once": once or self.once(address), "words": words})


def headline(answer: requests.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found, answer.text
    return html.unescape(found[1])


def listed(platform: RunningPlatform, path: str, **query: int) -> list[dict[str, Any]]:
    """The items of a page that people with the viewer's token read."""
    headers = {"Authorization": f"Bearer {platform.viewer_token}"}
    answer = requests.get(f"{platform.url}/v1/{path}", params=query, headers=headers, timeout=30)
    answer.raise_for_status()
    return list(answer.json()["items"])
