"""What people see: the live page, its event stream, the paged ratings; health and metrics. docs/wire.md, last section."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from support.platform import RunningPlatform
from support.window import Window, opened, uuid7, wall

from central_platform import viewer
from sync import wire

STREAM_S = 15


def bearer(platform: RunningPlatform) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform.viewer_token}"}


class Stream:
    """An open event stream, read as a browser reads it."""

    def __init__(self, platform: RunningPlatform, **headers: str) -> None:
        self._answer = requests.get(
            platform.url + "/live", headers=bearer(platform) | headers, stream=True, timeout=(5, STREAM_S)
        )
        self._answer.raise_for_status()
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        self._events = self._read()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()

    def _read(self) -> Iterator[dict[str, str]]:
        event: dict[str, str] = {}
        for line in self._answer.iter_lines(chunk_size=1, decode_unicode=True):
            name, _, value = line.partition(": ")
            if line and name:
                event[name] = value
            elif not line and event:
                yield event
                event = {}

    def next(self, kind: str = "rating") -> dict[str, str]:
        return next(event for event in self._events if event.get("event") == kind)

    def ended(self) -> bool:
        """Whether the platform ends the stream."""
        return all("data" not in event for event in self._events)


@pytest.fixture
def window(platform: RunningPlatform) -> Window:
    return Window(platform.url).enroll(platform.claim())


def test_an_arriving_rating_is_shown_at_once(platform: RunningPlatform, window: Window) -> None:
    """issue: a live page shows arriving ratings without reload."""
    with Stream(platform) as stream:
        texts = json.loads(stream.next("reasons")["data"])
        assert texts["510"]["zh-CN"] == "一窗受理一次办结"
        chain = window.chain()
        session = uuid7()
        window.send(chain.session(2, session=session, closed=False))
        shown = json.loads(stream.next()["data"])
        assert (shown["session"], shown["level"], shown["outcome"]) == (session, 2, None)
        assert shown["window"] == {"hall": "市民中心", "name": "3号窗口", "number": "A03"}
        window.send([chain.write("star_chosen", {"level": 4, "offset_ms": 9000, "source": "touch"}, session)])
        changed = json.loads(stream.next()["data"])
        assert (changed["session"], changed["level"]) == (session, 4)
        assert changed["revision"] > shown["revision"]


def test_a_reader_who_was_away_misses_nothing(platform: RunningPlatform, window: Window) -> None:
    """wire: the event stream goes on after Last-Event-ID."""
    chain = window.chain()
    window.send(chain.session(5, case="CASE-000001"))
    with Stream(platform) as stream:
        seen = stream.next()["id"]
    window.send(chain.session(4, case="CASE-000002"))
    window.send(chain.session(3, case="CASE-000003"))
    with Stream(platform, **{"Last-Event-ID": seen}) as stream:
        assert [json.loads(stream.next()["data"])["cases"] for _ in range(2)] == [["CASE-000002"], ["CASE-000003"]]


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "１"])
def test_an_unreadable_last_event_begins_with_the_recent_ones(platform: RunningPlatform, window: Window, seen: str) -> None:
    window.send(window.chain().session(5))
    answer = requests.get(
        platform.url + "/live", params={"after": seen}, headers=bearer(platform), stream=True, timeout=(5, 15)
    )
    with answer:
        lines = answer.iter_lines(chunk_size=1)
        assert next(line for line in lines if line.startswith(b"id: ")) == b"id: 1"


def test_a_stream_ends_when_its_token_is_replaced(platform: RunningPlatform) -> None:
    """design: the live page is not usable at the window without the token."""
    with Stream(platform) as stream:
        stream.next("reasons")
        assert platform.database.write(lambda connection: viewer.create_token(connection, replace=True))
        assert stream.ended()


def test_a_reader_without_a_past_sees_the_recent_ones(platform: RunningPlatform, window: Window) -> None:
    """A stream without a past begins with the newest 50."""
    chain = window.chain()
    for n in range(60):
        window.send(chain.session(5, case=f"CASE-{n:06d}", at=wall(timedelta(seconds=n - 60))))
    with Stream(platform) as stream:
        assert json.loads(stream.next()["data"])["cases"] == ["CASE-000010"]


def test_the_page_is_behind_the_token(platform: RunningPlatform) -> None:
    """design: staff at the window see no ratings; the cookie cannot be read by scripts nor sent from elsewhere."""
    for path in ("/", "/?token=wrong", "/?token="):
        closed = requests.get(platform.url + path, timeout=10)
        assert closed.status_code == 401
        assert "EventSource" not in closed.text
    with requests.Session() as browser:
        opened = browser.get(platform.url + "/", params={"token": platform.viewer_token}, timeout=10)
        assert opened.status_code == 200
        assert "EventSource" in opened.text
        cookie = opened.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert browser.get(platform.url + "/", timeout=10).status_code == 200
        assert browser.get(f"{platform.url}{wire.API}/ratings", timeout=10).status_code == 200


@pytest.mark.parametrize("path", ["/live", f"{wire.API}/ratings"])
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer ", "Basic eDp5", "Bearer \u00ff"])
def test_ratings_are_behind_the_token(shared_platform: RunningPlatform, path: str, header: str | None) -> None:
    """wire: with the viewer's token, as bearer or cookie."""
    answer = requests.get(
        shared_platform.url + path, headers={"Authorization": header.encode("latin-1")} if header else {}, timeout=10
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == wire.PROBLEM_JSON
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_pages_run_nothing_but_their_own_script(platform: RunningPlatform) -> None:
    """The pages load nothing from elsewhere, and may not be framed."""
    page = requests.get(platform.url + "/", params={"token": platform.viewer_token}, timeout=10)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]+'", policy)
    assert not re.search(r"(src|href)=", page.text)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


def test_ratings_are_paged_newest_last(platform: RunningPlatform, window: Window) -> None:
    """wire: `?after=N&limit=M` → items and next."""
    chain = window.chain()
    for n in range(7):
        window.send(chain.session(5, case=f"CASE-{n:06d}"))
    url, after, seen = f"{platform.url}{wire.API}/ratings", 0, []
    while True:
        page = requests.get(url, params={"after": after, "limit": 3}, headers=bearer(platform), timeout=10).json()
        if not page["items"]:
            break
        seen += [item["cases"][0] for item in page["items"]]
        assert page["next"] == page["items"][-1]["revision"]
        after = page["next"]
    assert seen == [f"CASE-{n:06d}" for n in range(7)]
    assert page["next"] == after


def test_a_rating_says_everything_that_the_contract_lists(platform: RunningPlatform, window: Window) -> None:
    """wire: the fields of an item."""
    chain = window.chain()
    session = uuid7()
    entries = chain.session(1, session=session, closed=False)
    reasons = [{"code": "110", "text": "x"}, {"code": "111", "text": "y"}]
    entries.append(chain.write("reasons_chosen", {"level": 1, "reasons": reasons, "skipped": False}, session))
    entries.append(chain.write("session_closed", {"outcome": "rated", "submitted": True}, session))
    window.send(entries)
    (item,) = platform.ratings()
    assert item.pop("received_at").endswith("+00:00")
    assert item.pop("revision") >= 1
    assert item == {
        "channel": "terminal",
        "default": False,
        "session": session,
        "device": window.device,
        "window": {"hall": "市民中心", "name": "3号窗口", "number": "A03"},
        "cases": ["2026TA000001"],
        "matter_name": "居民身份证办理",
        "level": 1,
        "reasons": ["110", "111"],
        "submitted": True,
        "outcome": "rated",
        "stars": [[1, 1500]],
        "rated_at": entries[1].moment.wall,
        "on_duty": "T-7",
        "ticket_staff": "T-7",
        "source": "serial",
        "verification": "signed",
        "marks": [],
    }


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=501", f"after={1 << 63}", "after=1.5"])
def test_wrong_parameters_are_a_problem(shared_platform: RunningPlatform, query: str) -> None:
    answer = requests.get(f"{shared_platform.url}{wire.API}/ratings?{query}", headers=bearer(shared_platform), timeout=10)
    assert (answer.status_code, answer.headers["content-type"]) == (400, wire.PROBLEM_JSON)


def test_the_same_case_with_another_visit_is_rated_anew(platform: RunningPlatform, window: Window) -> None:
    """regions, taian 二(四)1: an unfinished 承诺件 is rated after each visit; a service is rated once."""
    chain = window.chain()
    for visit in ("1", "2", "2", None):
        window.send(chain.session(5, visit=visit))
    assert [item["marks"] for item in platform.ratings()] == [[], [], ["already_rated"], []]


def test_a_single_case_of_a_chain_and_its_rest_are_two_services(platform: RunningPlatform, window: Window) -> None:
    """taian 二(四)3: one alone, and then not again by the overall one; the last choice before the first star counts."""
    chain, cases = window.chain(), ["2026TA000001", "2026TA000002"]
    for covered in (["2026TA000001"], ["2026TA000002"], cases):
        session, data = uuid7(), opened()
        points = [{"number": case, "situation": "in_visits", "once": "per_case"} for case in cases]
        rows = [data["ticket"]["cases"][0] | {"number": case} for case in cases]
        data |= {"covered": cases, "points": points, "follow_up": False, "ticket": data["ticket"] | {"cases": rows}}
        chosen = [{"scope": "overall", "covered": cases}, {"scope": "single", "covered": covered}]
        window.send(
            [
                chain.write("session_opened", data, session),
                *(chain.write("scope_chosen", one, session) for one in chosen),
                chain.write("star_chosen", {"level": 4, "offset_ms": 900, "source": "touch"}, session),
                chain.write("session_closed", {"outcome": "rated", "submitted": True}, session),
            ]
        )
    told = [(item["cases"], item["marks"]) for item in platform.ratings()]
    assert told == [(cases[:1], []), (cases[1:], []), (cases, ["already_rated"])]


def test_a_follow_up_counts_beside_the_rating_that_it_follows(platform: RunningPlatform, window: Window) -> None:
    """zhejiang 三(三): once."""
    chain = window.chain()
    for follow_up in (False, True, True):
        session = uuid7()
        data = opened(visit="1") | {"points": None, "follow_up": follow_up}
        star = {"level": 4, "offset_ms": 900, "source": "touch"}
        window.send([chain.write("session_opened", data, session), chain.write("star_chosen", star, session)])
    assert [item["marks"] for item in platform.ratings()] == [[], [], ["already_rated"]]


def test_an_earlier_rating_that_arrives_later_takes_the_mark_away(platform: RunningPlatform) -> None:
    """architecture §9: order never means arrival."""
    early, late = (Window(platform.url).enroll(platform.claim(number=number)) for number in ("A01", "A02"))
    first = early.chain().session(5, at=wall(timedelta(seconds=-1)))
    second = late.chain().session(1)
    late.send(second)
    assert [item["marks"] for item in platform.ratings()] == [[]]
    early.send(first)
    assert {item["level"]: item["marks"] for item in platform.ratings()} == {5: [], 1: ["already_rated"]}


def test_another_windows_entries_cannot_change_a_session(platform: RunningPlatform, window: Window) -> None:
    """A device that writes into another's session makes a rating of its own, which stands beside the first."""
    session = uuid7()
    window.send(window.chain().session(1, session=session))
    other = Window(platform.url).enroll(platform.claim())
    other.send(other.chain().session(5, session=session))
    assert {(item["device"], item["level"]) for item in platform.ratings()} == {(window.device, 1), (other.device, 5)}


def test_health_and_metrics_are_open_and_say_no_level(platform: RunningPlatform, window: Window) -> None:
    """wire: /healthz and /metrics are open; levels stand in no metric."""
    sent = window.chain().session(1)
    window.send(sent)
    window.send(sent)
    assert requests.get(platform.url + "/healthz", timeout=10).json() == {"status": "ok"}
    text = requests.get(platform.url + "/metrics", timeout=10).text
    for line in (
        'platform_entries_total{verdict="accepted"} 3.0',
        'platform_entries_total{verdict="duplicate"} 3.0',
        'platform_entries_total{verdict="refused"} 0.0',
        'platform_devices{state="active"} 1.0',
        "platform_ratings 1.0",
        'platform_alarms{what="fork"} 0.0',
        "platform_intake_seconds_count 2.0",
    ):
        assert line in text.splitlines()
    assert set(re.findall(r"(\w+)=\"", text)) <= {"verdict", "state", "le", "linked", "what"}


def test_two_readers_and_a_writer_do_not_hold_each_other_up(platform: RunningPlatform, window: Window) -> None:
    """Readers get every rating while entries keep arriving."""
    chain = window.chain()
    done = threading.Event()
    seen: list[list[str]] = [[], []]

    def read(into: list[str]) -> None:
        with Stream(platform, **{"Last-Event-ID": "0"}) as stream:
            while len(into) < 20:
                into.extend(json.loads(stream.next()["data"])["cases"])
        done.set()

    readers = [threading.Thread(target=read, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    for n in range(20):
        window.send(chain.session(4, case=f"CASE-{n:06d}"))
    for reader in readers:
        reader.join(STREAM_S)
    assert seen == [[f"CASE-{n:06d}" for n in range(20)]] * 2
