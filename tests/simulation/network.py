"""The line between a machine and the platform: loses, doubles, delays, reorders and garbles, each by chance.

The product's own client speaks over it; only the socket is replaced.
"""

import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from simulation.central import Answer, Central
from simulation.timeline import Timeline

from central_platform.request_signatures import SignedRequest, decode_key
from sync.client import PlatformClient

TIMEOUT_MS = 30_000
BASE_URL = "http://platform.example"

TROUBLES = (
    "request lost",
    "answer lost",
    "connection refused",
    "connection reset",
    "request duplicated",
    "request delayed",
    "answered 4xx",
    "answered 5xx",
    "answered 5xx after the work",
    "answered 429",
    "answered 413",
    "answered 401",
    "answered nonsense",
    "answer incomplete",
    "answered retry_later",
)
_BAD_STATUSES = {
    "answered 401": (401,),
    "answered 4xx": (400, 403, 404, 408, 409, 422),
    "answered 5xx": (500, 502, 503, 504),
}


@dataclass(slots=True)
class Weather:
    """How bad it is: the chance that something happens to a request, whether nobody answers, how late the platform works."""

    chance: random.Random
    count: Callable[[str], None]
    trouble: float = 0.0
    down: bool = False
    slow_ms: int = 0
    kinds: tuple[str, ...] = TROUBLES

    def fate(self) -> str:
        """What happens to a request; empty: nothing."""
        if self.down:
            fate = self.chance.choice(("request lost", "connection refused"))
        elif self.kinds and self.chance.random() < self.trouble:
            fate = self.chance.choice(self.kinds)
        else:
            return ""
        self.count(fate)
        return fate


@dataclass(slots=True)
class Line(BaseAdapter):
    """A machine's line, as a transport of `requests`. `sleep` holds the sending fiber still; `speed_ms`: a usual way.

    `in_flight`: called with a delay when something is to happen during the next request.
    """

    timeline: Timeline
    central: Central
    weather: Weather
    chance: random.Random
    sleep: Callable[[float], None]
    speed_ms: int
    in_flight: Callable[[float], None] | None = field(default=None)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        fate = self.weather.fate()
        there, back = self._way(), self._way()
        if fate == "request delayed":
            there += self.chance.uniform(0, 120_000)
        there += self.weather.slow_ms
        self._maybe_strike(there + back)
        if fate in ("connection refused", "request lost", "connection reset"):
            return self._never_arrives(fate, there)
        if fate in _BAD_STATUSES or fate in ("answered 429", "answered 413"):
            self.sleep(there + back)
            return _response(*self._middlebox(fate, request))
        if fate == "answered retry_later" and request.method == "POST" and str(request.url).endswith("/entries"):
            self.sleep(there + back)
            return _response(200, {}, _put_off(request.body or b"", self.chance))
        answer = self._deliver(request, there, fate)
        self.sleep(min(there + back, TIMEOUT_MS) if fate != "answer lost" else self.chance.choice((there + back, TIMEOUT_MS)))
        if fate == "answer lost" or there + back >= TIMEOUT_MS:
            raise self.chance.choice((requests.ReadTimeout(), requests.ConnectionError(ConnectionResetError())))
        return _response(*self._altered(fate, answer[0]))

    def close(self) -> None:
        """Nothing is kept."""

    def _way(self) -> float:
        return self.speed_ms * self.chance.uniform(0.2, 1.5)

    def _maybe_strike(self, duration: float) -> None:
        if self.in_flight is not None:
            strike, self.in_flight = self.in_flight, None
            strike(self.chance.uniform(0, duration))

    def _never_arrives(self, fate: str, there: float) -> requests.Response:
        self.sleep(TIMEOUT_MS if fate == "request lost" else there)
        if fate == "request lost":
            raise requests.ReadTimeout
        if fate == "connection refused":
            raise requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "refused"))
        raise requests.ConnectionError(ConnectionResetError())

    def _deliver(self, request: requests.PreparedRequest, there: float, fate: str) -> list[Answer]:
        url, body, lines = str(request.url), request.body or b"", list(request.headers.items())
        answers: list[Answer] = []

        def arrive() -> None:
            answers.append(self.central.handle(str(request.method), url, urlsplit(url).path, lines, bytes(body)))

        self.timeline.after(there, arrive)
        if fate == "request duplicated":
            self.timeline.after(there + self.chance.choice((0, 1_000, 60_000, 600_000)) * self.chance.random(), arrive)
        return answers

    def _middlebox(self, fate: str, request: requests.PreparedRequest) -> Answer:
        if fate == "answered 413":
            small = len(request.body or b"") < 4_000
            return (503, {}, b"") if small else (413, {}, b"too large")
        if fate == "answered 429":
            after = self.chance.choice(("", "5", "120", "86400", "Wed, 21 Oct 2015 07:28:00 GMT"))
            return 429, {"Retry-After": after} if after else {}, b"slow down"
        return self.chance.choice(_BAD_STATUSES[fate]), {"Content-Type": "text/html"}, b"<html>no</html>"

    def _altered(self, fate: str, answer: Answer) -> Answer:
        status, headers, body = answer
        if fate == "answered 5xx after the work":
            return self.chance.choice((500, 502, 504)), {}, b""
        if fate == "answered nonsense":
            return status, headers, self.chance.choice((body[: len(body) // 2], b"<html>welcome</html>", b"", b"[]"))
        if fate == "answer incomplete" and body.startswith(b'{"device"'):
            return status, headers, self._incomplete(body)
        return answer

    def _incomplete(self, body: bytes) -> bytes:
        value = json.loads(body)
        results = [one for one in value["results"] if self.chance.random() < 0.6]
        self.chance.shuffle(results)
        return json.dumps(value | {"results": results}).encode()


def _put_off(body: bytes, chance: random.Random) -> bytes:
    """The answer of a platform that stored nothing now: some entries are to come again, others are not spoken of."""
    ids = [line["body"]["id"] for line in json.loads(body)["entries"]]
    results = [{"index": at, "id": entry, "status": "retry_later"} for at, entry in enumerate(ids) if chance.random() < 0.7]
    return json.dumps({"device": "active", "results": results, "checkpoints": []}).encode()


class SimulatedClient(PlatformClient):
    """The product's client with a line in place of the network. Its requests name their key and are not signed."""

    def over(self, line: Line) -> "SimulatedClient":
        self._simulated_line = line
        return self

    def _open(self):
        opened = super()._open()
        opened.session.mount("http://", self._simulated_line)
        return opened

    def _signature(self, *_: object) -> dict[str, str]:
        return {KEY_HEADER: self._key_id}


KEY_HEADER = "Key"


def named_key(request: SignedRequest, body: bytes) -> bytes:
    """What stands in for the check of a request's signature, which has tests of its own."""
    return decode_key(dict(request.headers.lines)[KEY_HEADER])


def _response(status: int, headers: dict[str, str], body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.raw = urllib3.HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
    return response
