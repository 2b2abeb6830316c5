"""What the platform says of a receipt: `/r/{receipt}` for whoever scanned it, `/r` for whoever heard its code. docs/wire.md."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import requests
import sqlalchemy as sa
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.window import Chain, Window, uuid7, wall

from central_platform.receipt_routes import EACH_A_MINUTE
from central_platform.schema import receipts
from central_platform.times import now_ms
from terminal_app.domain.journal import Entry
from terminal_app.domain.receipt import receipt_hash, receipt_text, receipt_url, short_code
from terminal_app.domain.words_pass import LIFE_MS, make_pass

ARRIVED, NOT_YET, DIFFERS = "您的评价已送达，未被改动", "尚未收到这份评价", "评价已送达，但与此回执不一致"


@pytest.fixture
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path_factory.mktemp("platform"))) as running:
        yield running


@dataclass
class Visit:
    """A session with a receipt, written and not yet delivered."""

    token: bytes
    entries: list[Entry]

    @property
    def stars(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == "star_chosen"]

    @property
    def code(self) -> str:
        return short_code(receipt_hash(self.token))

    def url(self, base: str, star: int = -1) -> str:
        return receipt_url(base, self.token, self.stars[star].hash)


def visit(chain: Chain, *levels: int, case: str = "2026TA000001", closed: bool = True) -> Visit:
    token = os.urandom(16)
    return Visit(token, chain.session(*levels, case=case, closed=closed, receipt=receipt_text(token)))


def page(url: str, **headers: str) -> requests.Response:
    answer = requests.get(url, headers=headers, timeout=10)
    assert answer.status_code == 200
    return answer


def headline(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text)
    assert found
    return found[1]


def ask(platform: RunningPlatform, window: str, code: str, lang: str = "zh-CN") -> requests.Response:
    return requests.post(f"{platform.url}/r", params={"lang": lang}, data={"window": window, "code": code}, timeout=10)


@pytest.fixture
def chain(platform: RunningPlatform) -> tuple[Window, Chain]:
    window = Window(platform.url).enroll(platform.claim())
    return window, window.chain()


def test_a_receipt_made_offline_verifies_once_the_backlog_arrived(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    """issue 3, point 3: it says that the rating arrived unchanged, and when."""
    window, journal = chain
    visits = [visit(journal, level, case=f"2026TA00001{level}") for level in (5, 1, 3)]
    assert {headline(page(one.url(platform.url)).text) for one in visits} == {NOT_YET}
    window.send([entry for one in visits for entry in one.entries])
    texts = [page(one.url(platform.url)).text for one in visits]
    assert [headline(text) for text in texts] == [ARRIVED] * 3
    assert all(re.search(r"送达时间 20\d\d-\d\d-\d\d \d\d:\d\d<", text) for text in texts)


def test_an_unknown_token_and_one_under_way_look_the_same(platform: RunningPlatform, chain: tuple[Window, Chain]) -> None:
    """issue 3, point 3: no oracle for which tokens exist."""
    window, journal = chain
    known = visit(journal, 2)
    window.send(known.entries[:1])
    unknown = receipt_url(platform.url, os.urandom(16), "ab" * 32)
    answers = {
        page(url).text for url in (known.url(platform.url), unknown, f"{platform.url}/r/nonsense", f"{platform.url}/r/%00.%ff")
    }
    assert len(answers) == 1 and headline(answers.pop()) == NOT_YET


@pytest.mark.parametrize("levels", [(5, 1), (1, 5), (2, 2)])
def test_a_change_after_the_scan_differs_and_the_last_receipt_counts(
    platform: RunningPlatform, chain: tuple[Window, Chain], levels: tuple[int, ...]
) -> None:
    window, journal = chain
    one = visit(journal, *levels, closed=False)
    window.send(one.entries[:2])
    assert headline(page(one.url(platform.url, 0)).text) == ARRIVED
    assert headline(page(one.url(platform.url, 1)).text) == NOT_YET
    window.send(one.entries[2:])
    assert headline(page(one.url(platform.url, 0)).text) == DIFFERS
    assert headline(page(one.url(platform.url, 1)).text) == ARRIVED


def test_another_star_than_the_screen_showed_differs_once_the_session_is_whole(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    """docs/trust.md, “root on the terminal rewrites what was not counter-signed yet”: the citizen's receipt shows it."""
    window, journal = chain
    start = journal.head
    shown = visit(journal, 1)
    journal.head = start
    forged = journal.session(5, session=shown.entries[0].session, receipt=receipt_text(shown.token))
    window.send(forged[:2])
    assert headline(page(shown.url(platform.url)).text) == NOT_YET
    window.send(forged[2:])
    assert headline(page(shown.url(platform.url)).text) == DIFFERS


def test_a_star_that_was_left_out_differs_once_the_chain_went_on(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    window, journal = chain
    start = journal.head
    shown = visit(journal, 1)
    journal.head = start
    opened = journal.session(closed=False, session=shown.entries[0].session, receipt=receipt_text(shown.token))
    window.send(opened)
    assert headline(page(shown.url(platform.url)).text) == NOT_YET
    window.send(visit(journal, 4, case="2026TA000009").entries)
    assert headline(page(shown.url(platform.url)).text) == DIFFERS


def test_an_end_that_overtook_its_star_is_not_taken_for_a_difference(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    """The newest entries are delivered first."""
    window, journal = chain
    one = visit(journal, 3)
    window.send([one.entries[0], one.entries[2]])
    assert headline(page(one.url(platform.url)).text) == NOT_YET
    window.send([one.entries[1]])
    assert headline(page(one.url(platform.url)).text) == ARRIVED


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_only_a_bad_rating_is_told_what_happens_next_and_no_level_is_shown(
    platform: RunningPlatform, chain: tuple[Window, Chain], level: int
) -> None:
    """issue 3, point 3; taian 二(三): at most 2 is bad."""
    window, journal = chain
    one = visit(journal, level)
    window.send(one.entries)
    for language, word in (("zh-CN", "满意"), ("en", "atisfied")):
        text = page(one.url(platform.url) + f"?lang={language}").text
        assert ("<li>" in text) == (level <= 2)
        body = re.sub(r"<section class=\"next\">.*?</section>", "", text, flags=re.DOTALL)
        assert word not in body and "2026TA" not in text and "T-7" not in text


def test_the_pages_are_for_nobodys_memory(platform: RunningPlatform, chain: tuple[Window, Chain]) -> None:
    """issue 3, point 3: no caching, no index, a strict policy without scripts, no referrer that carries the token."""
    window, journal = chain
    one = visit(journal, 1)
    window.send(one.entries)
    for answer in (page(one.url(platform.url)), page(f"{platform.url}/r"), ask(platform, "A03", one.code)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"] and answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
        assert "Set-Cookie" not in answer.headers and "<script" not in answer.text and "{{" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language"), [("", "zh-CN"), ("en-GB,zh;q=0.5", "en"), ("de,zh-CN", "zh-CN"), ("fr", "zh-CN")]
)
def test_the_language_is_the_browsers_or_the_one_asked_for(platform: RunningPlatform, accepted: str, language: str) -> None:
    url = receipt_url(platform.url, os.urandom(16), "ab" * 32)
    assert f'<html lang="{language}">' in page(url, **{"Accept-Language": accepted}).text
    other = "en" if language == "zh-CN" else "zh-CN"
    assert f'<html lang="{other}">' in page(f"{url}?lang={other}", **{"Accept-Language": accepted}).text


# --- the short code ---------------------------------------------------------------------------------------------------


def test_a_code_says_arrived_or_not_yet_the_same_for_every_level(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    """issue 3, point 3: byte for byte."""
    window, journal = chain
    visits = [visit(journal, level, case=f"2026TA00002{level}") for level in (1, 2, 3, 4, 5)]
    before = ask(platform, "A03", visits[0].code).text
    assert headline(before) == "尚未收到"
    window.send([entry for one in visits for entry in one.entries])
    answers = {ask(platform, "A03", one.code.lower()).text for one in visits}
    assert len(answers) == 1 and headline(answers.pop()) == "评价已送达"
    assert ask(platform, "A03", short_code(os.urandom(32))).text == before


def test_the_page_leads_on_to_words_while_the_pass_serves(platform: RunningPlatform, chain: tuple[Window, Chain]) -> None:
    """Issue 5, point 6: “用手机补充”; the receipt itself is good for ever, its pass for a day."""
    window, journal = chain
    rated = visit(journal, 4)
    session = str(rated.entries[0].session)
    receipt = receipt_url(platform.url, rated.token, rated.stars[-1].hash)
    good = make_pass(window.device, session, window.key.sign)
    old = make_pass(window.device, uuid7(now_ms() - LIFE_MS - 60_000), window.key.sign)
    window.send(rated.entries)
    for ending, linked in (("", False), (f"~{good}", True), (f"~{old}", False), ("~08", False), ('~"><b>', False)):
        text = page(receipt + ending).text
        assert headline(text) == ARRIVED
        assert (f'<a href="/a/{good}?lang=zh-CN">补充说明</a>' in text) is linked
        assert "<b>" not in text and text.count("/a/") == linked


def test_a_code_counts_only_with_its_own_window_and_only_once_there_is_a_star(
    platform: RunningPlatform, chain: tuple[Window, Chain]
) -> None:
    window, journal = chain
    starless, rated = visit(journal), visit(journal, 4, case="2026TA000031")
    window.send(starless.entries + rated.entries)
    asked = [("a03", rated.code), ("B03", rated.code), ("A03", starless.code), ("A03", "nonsense"), ("", rated.code)]
    found = [ask(platform, number, code) for number, code in asked]
    assert [headline(one.text) for one in found[:4]] == ["评价已送达", "尚未收到", "尚未收到", "尚未收到"]
    assert found[4].status_code == 400


def test_what_was_typed_is_shown_again_as_text_only(platform: RunningPlatform) -> None:
    assert 'value="&quot;&gt;&lt;b&gt;"' in ask(platform, '"><b>', "7K3M-9QHX").text


def test_who_asks_too_often_has_to_wait(platform: RunningPlatform) -> None:
    """issue 3, point 3: 429 with Retry-After; a scanned receipt is not counted, its token cannot be guessed."""
    answers = [ask(platform, "A03", "7K3M-9QHX", "en") for _ in range(EACH_A_MINUTE + 3)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:EACH_A_MINUTE] == [200] * EACH_A_MINUTE and statuses[-1] == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60 and headline(answers[-1].text) == "Too many questions"
    page(receipt_url(platform.url, os.urandom(16), "ab" * 32))


@pytest.mark.parametrize(
    "body", [b"", b"window=A03", b"code=1&window", b"window=%ff&code=%ff", b"\xff", b"x=1&" * 20, b"window=1&code=" + b"1" * 41]
)
def test_a_malformed_form_is_a_problem(platform: RunningPlatform, body: bytes) -> None:
    assert requests.post(f"{platform.url}/r", data=body, timeout=10).status_code == 400
    assert requests.post(f"{platform.url}/r", data=b"x" * 5000, timeout=10).status_code == 413


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [None, "", 7, "A" * 42, "!" * 43, ["A" * 43], "é" * 43])
def test_a_malformed_receipt_costs_nobody_a_rating(
    platform: RunningPlatform, chain: tuple[Window, Chain], said: object
) -> None:
    window, journal = chain
    lines = journal.session(4, receipt=said, session=uuid7(), at=wall(timedelta(seconds=-1)))
    assert window.statuses(lines) == ["accepted"] * 3
    assert [item["level"] for item in platform.ratings()] == [4]
    with platform.database.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(receipts)).scalar_one() == 0
