"""Words that citizens add on their telephones to a rating of a terminal. Issue 5, point 6; docs/wire.md, “For citizens”."""

import json
import os
from collections.abc import Iterator

import pytest
import requests
import sqlalchemy as sa
from support.phone import Phone, headline, listed
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.window import Window, uuid7

from central_platform.cli import main as central_platform
from central_platform.devices import set_revoked
from central_platform.phone.words import CHARACTERS_AT_MOST, TEXTS_AT_MOST
from central_platform.rules.running import run_once
from central_platform.schema import words
from central_platform.times import now_ms
from terminal_app.domain.words_pass import LIFE_MS, make_pass, pass_url

FORM, ADDED, CLOSED = "用手机补充", "补充已收到", "这个二维码已失效"
TEXT = "排了两小时队，欧阳先生让我补了三次材料。\n还要再来一趟。"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path_factory.mktemp("words"))) as running:
        yield running


def address(window: Window, session: str) -> str:
    return pass_url("", make_pass(window.device, session, window.key.sign))


def opened(platform: RunningPlatform, session: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The words of a session, as whoever may opens them."""
    capsys.readouterr()
    assert central_platform(["person", "open", session, "--db", platform.db_url, "--json"]) == 0
    return [one["text"] for one in json.loads(capsys.readouterr().out)["words"]]


@pytest.fixture
def window(platform: RunningPlatform) -> Window:
    return Window(platform.url).enroll(platform.claim())


def test_words_that_come_first_are_parked_and_joined(
    platform: RunningPlatform, window: Window, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 5, point 6: the terminal may be offline; words never make a rating, and change none."""
    session, phone = uuid7(), Phone(platform)
    assert headline(phone.get(address(window, session))) == FORM
    early = phone.add(address(window, session), TEXT)
    assert (early.status_code, headline(early)) == (200, ADDED)
    assert platform.ratings() == [] and listed(platform, "ratings/others") == []
    (item,) = listed(platform, "words")
    assert (item["session"], item["device"], item["arrived"]) == (session, window.device, False)
    window.send(window.chain().session(2, session=session))
    (before,) = platform.ratings()
    late = phone.add(address(window, session), "还有一点。")
    assert late.content == early.content, "the same whether the rating has arrived"
    run_once(platform.database)
    assert [one["arrived"] for one in listed(platform, "words")] == [True, True]
    assert platform.ratings() == [before]
    assert opened(platform, session, capsys) == [TEXT, "还有一点。"]


def test_a_form_counts_once_and_no_text_replaces_another(
    platform: RunningPlatform, window: Window, capsys: pytest.CaptureFixture[str]
) -> None:
    """Replay is harmless; who photographed the code can add, and take nothing back."""
    session, phone = uuid7(), Phone(platform)
    where = address(window, session)
    once = phone.once(where)
    assert [headline(phone.add(where, text, once)) for text in ("一", "一", "二")] == [ADDED] * 3
    for n in range(1, TEXTS_AT_MOST):
        assert headline(phone.add(where, f"第{n}次")) == ADDED
    full = phone.add(where, "再来")
    assert (full.status_code, headline(full)) == (409, f"补充已满 {TEXTS_AT_MOST} 次")
    assert opened(platform, session, capsys) == ["一", *(f"第{n}次" for n in range(1, TEXTS_AT_MOST))]


def test_words_are_sealed_and_stand_in_no_file_log_or_list(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """wire, “Sealed personal data”: readable by command alone, which logs the session and nothing else."""
    folder = tmp_path_factory.mktemp("sealed")
    with running_platform(sqlite_url(folder)) as platform, caplog.at_level("DEBUG"):
        window, session = Window(platform.url).enroll(platform.claim()), uuid7()
        window.send(window.chain().session(1, session=session))
        Phone(platform).add(address(window, session), TEXT)
        run_once(platform.database)
        headers = {"Authorization": f"Bearer {platform.viewer_token}"}
        pages = ["/v1/words", "/v1/ratings", "/v1/standings", "/v1/duties", "/metrics", "/v1/events"]
        told = [requests.get(platform.url + page, headers=headers, timeout=30).text for page in pages]
        assert opened(platform, session, capsys) == [TEXT]
        kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert session in caplog.text
    for piece in ("排了两小时队", "欧阳先生"):
        assert piece not in caplog.text + "".join(told)
        assert piece.encode() not in kept and piece.encode("utf-16-le") not in kept


@pytest.mark.parametrize(
    "kind", ["forged", "of another device", "of another session", "expired", "ahead", "revoked", "nonsense"]
)
def test_a_pass_that_is_none_opens_nothing(shared: RunningPlatform, kind: str) -> None:
    """Signed by the device, for one session, for a day; all others get one answer, whatever is wrong."""
    window, other = (Window(shared.url).enroll(shared.claim()) for _ in range(2))
    session, now = uuid7(), now_ms()
    good = make_pass(window.device, session, window.key.sign)
    text = {
        "forged": make_pass(window.device, session, other.key.sign),
        "of another device": make_pass(other.device, session, window.key.sign),
        "of another session": f"{int(good) + (1 << 512 + 8):0212d}",
        "expired": make_pass(window.device, uuid7(now - LIFE_MS - 60_000), window.key.sign),
        "ahead": make_pass(window.device, uuid7(now + LIFE_MS + 60_000), window.key.sign),
        "revoked": good,
        "nonsense": "08",
    }[kind]
    if kind == "revoked":
        shared.database.write(lambda connection: set_revoked(connection, window.device, now))
    before = listed(shared, "words", limit=500)
    phone, where = Phone(shared), pass_url("", text)
    for answer in (phone.get(where), phone.add(where, TEXT, once="A" * 22)):
        assert (answer.status_code, headline(answer)) == (404, CLOSED)
    assert listed(shared, "words", limit=500) == before


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 422), (" \n\t ", 422), ("\u200b\x07", 422), ("字" * CHARACTERS_AT_MOST, 200), ("字" * (CHARACTERS_AT_MOST + 1), 422)],
)
def test_words_have_a_length(shared: RunningPlatform, text: str, status: int) -> None:
    window, phone = Window(shared.url).enroll(shared.claim()), Phone(shared)
    where = address(window, uuid7())
    once = phone.once(where)
    answer = phone.add(where, text, once)
    assert (answer.status_code, headline(answer)) == (status, ADDED if status == 200 else FORM)
    assert status == 200 or f'value="{once}"' in answer.text, "the same form goes on"


def test_what_was_typed_comes_back_as_text_only(shared: RunningPlatform) -> None:
    window, phone = Window(shared.url).enroll(shared.claim()), Phone(shared)
    answer = phone.add(address(window, uuid7()), "</textarea><b>" + "字" * CHARACTERS_AT_MOST)
    assert "&lt;/textarea&gt;&lt;b&gt;" in answer.text and "<b>" not in answer.text


def test_another_site_adds_nothing(shared: RunningPlatform) -> None:
    window, phone = Window(shared.url).enroll(shared.claim()), Phone(shared)
    where = address(window, uuid7())
    answer = phone.send(where, {"once": phone.once(where), "words": TEXT}, {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("fields", [{}, {"words": TEXT}, {"once": "x", "words": TEXT}, {"once": "A" * 22, "words": ["a", "b"]}])
def test_what_the_page_cannot_send_is_a_problem(shared: RunningPlatform, fields: dict[str, str]) -> None:
    window = Window(shared.url).enroll(shared.claim())
    assert Phone(shared).send(address(window, uuid7()), fields).status_code == 400


def test_the_list_is_behind_the_viewers_token(shared: RunningPlatform) -> None:
    assert requests.get(f"{shared.url}/v1/words", timeout=30).status_code == 401


def test_sealed_words_open_in_no_other_session(shared: RunningPlatform, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever moves a text to another session finds it closed there."""
    window, session, elsewhere = Window(shared.url).enroll(shared.claim()), uuid7(), uuid7()
    Phone(shared).add(address(window, session), TEXT)
    moved = sa.update(words).where(words.c.session == bytes.fromhex(session.replace("-", "")))
    values = {"session": bytes.fromhex(elsewhere.replace("-", "")), "once": os.urandom(16)}
    shared.database.write(lambda connection: connection.execute(moved.values(**values)))
    assert central_platform(["person", "open", elsewhere, "--db", shared.db_url]) == 1
    assert "not sealed to this platform's key" in capsys.readouterr().err
