"""Rating on a telephone by a window's QR: a channel of its own under the same rules. Issue 5, point 6; docs/rules.md."""

import asyncio
import itertools
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from support.phone import Phone, headline, listed
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.window import Window, wall

from central_platform.devices import assign_region
from central_platform.documents import publish_region
from central_platform.identity import load_identity
from central_platform.phone.counter import PhoneCounter
from central_platform.phone.routes import EACH_A_MINUTE, add_phone_routes
from central_platform.rules.running import run_once
from central_platform.rules.told import take_cases
from central_platform.times import now_ms
from terminal_app.domain.window_address import window_url

RATED = "评价已收到"
CASE = "2026TA000417"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path_factory.mktemp("phone"))) as running:
        yield running


def address_of(window: Window) -> str:
    return window_url("", window.device)


def enrolled(platform: RunningPlatform, **place: str) -> Window:
    return Window(platform.url).enroll(platform.claim(**place))


def others(platform: RunningPlatform) -> list[dict[str, Any]]:
    return listed(platform, "ratings/others", limit=500)


def tell_case(platform: RunningPlatform, case: str, **said: str) -> None:
    row = {"case": case, "as_of": "2026-11-01", "kind": "immediate", **said}
    (verdict,) = platform.database.write(lambda connection: take_cases(connection, [row], now_ms()))
    assert verdict.status == "accepted", verdict


def roles(platform: RunningPlatform, case: str) -> list[tuple[str, str, int]]:
    """(channel, role, level) of each rating of the case; nothing where the platform lists no such case."""
    run_once(platform.database)
    found = [one for one in listed(platform, "standings", limit=500) if one["case"] == case]
    return [(one["channel"], one["role"], one["level"]) for case in found for one in case["ratings"]]


def test_a_telephone_rates_under_the_windows_rules_as_a_channel_of_its_own(platform: RunningPlatform) -> None:
    """taian 二(三): reasons open with a bad rating; what the citizen saw is kept. Never among the terminals' ratings."""
    window = enrolled(platform)
    answer = Phone(platform).rate(address_of(window), 2, "207", "208", "108", case=" ２０２６ta000417 ")
    assert (answer.status_code, headline(answer)) == (200, RATED)
    assert "接下来" in answer.text and "回访" in answer.text, "after_bad of the pack (taian 二(五))"
    (item,) = others(platform)
    del item["revision"], item["received_at"], item["at"]
    assert item.pop("id").startswith("window_qr:")
    assert item == {
        "default": False,
        "channel": "window_qr",
        "level": 2,
        "linked": False,
        "case": CASE,
        "visit": None,
        "reasons": ["207", "208"],
        "window": window.device,
        "form": None,
        "words": False,
    }
    assert platform.ratings() == []
    run_once(platform.database)
    (duty,) = listed(platform, "duties")
    assert (duty["channel"], duty["level"], duty["cases"]) == ("window_qr", 2, []), "a bad one is answered like any other"


def test_the_same_form_twice_is_one_rating_and_another_content_changes_nothing(platform: RunningPlatform) -> None:
    """A double tap, a page that was loaded again, somebody who goes back: once, and the first stays."""
    phone, address = Phone(platform), "/w"
    once = phone.once(address)
    assert [headline(phone.rate(address, 5, once=once)) for _ in range(2)] == [RATED, RATED]
    again = phone.rate(address, 1, once=once)
    assert (again.status_code, headline(again)) == (409, "这一页的评价之前已经收到")
    assert [one["level"] for one in others(platform)] == [5]


ORDERS = list(itertools.permutations(("case", "phone", "terminal")))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_telephone_takes_no_place_of_a_terminals_rating_whatever_came_first(
    shared: RunningPlatform, order: tuple[str, ...]
) -> None:
    """Issue 5, point 6: nothing from it blocks or replaces a rating given on the terminal, though it was given earlier."""
    case = f"2026TB{ORDERS.index(order):06d}"
    window = enrolled(shared)
    terminal = window.chain().session(2, case=case, at=wall())
    acts = {
        "case": lambda: tell_case(shared, case),
        "phone": lambda: Phone(shared).rate(address_of(window), 5, case=case),
        "terminal": lambda: window.send(terminal),
    }
    for act in order:
        acts[act]()
    assert roles(shared, case) == [("terminal", "stands", 2), ("window_qr", "later", 5)]
    (item,) = [one for one in shared.ratings() if one["session"] == terminal[0].session]
    assert (item["level"], item["marks"]) == (2, [])


@pytest.mark.parametrize("told_first", [True, False])
def test_a_rating_is_linked_once_somebody_told_of_its_case(shared: RunningPlatform, told_first: bool) -> None:
    """Anybody can type a number: until then it is reported apart, and makes no case. Told later, it is listed again."""
    case = f"2026TC00000{int(told_first)}"
    if told_first:
        tell_case(shared, case)
    before = max((one["revision"] for one in others(shared)), default=0)
    Phone(shared).rate("/w", 4, case=case)
    if not told_first:
        assert roles(shared, case) == []
        (item,) = listed(shared, "ratings/others", after=before)
        assert item["linked"] is False
        before = item["revision"]
        tell_case(shared, case)
    assert roles(shared, case) == [("window_qr", "stands", 4)]
    (item,) = listed(shared, "ratings/others", after=before)
    assert (item["linked"], item["case"]) == (True, case)


def test_a_case_is_rated_once(shared: RunningPlatform) -> None:
    """guangdong 第八条, taian 二(四)1: one service is one chance to rate; a later one is kept and says so."""
    tell_case(shared, "2026TD000001")
    for level in (3, 5):
        Phone(shared).rate("/w", level, case="2026TD000001")
    assert roles(shared, "2026TD000001") == [("window_qr", "stands", 3), ("window_qr", "later", 5)]


def test_the_answer_does_not_tell_whether_a_case_is_known_or_rated(shared: RunningPlatform) -> None:
    tell_case(shared, "2026TE000001")
    answers = [Phone(shared).rate("/w", 2, case=case) for case in ("2026TE000001", "2026TE000001", "2026TE000002", "")]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"level": ""}, "请选一颗星。"),
        ({"case": "12"}, "请检查办件编号"),
        ({"case": '"><b>'}, "请检查办件编号"),
        ({"case": "11010519491231002X"}, "您填的像是身份证号"),
    ],
)
def test_what_is_missing_is_told_and_what_was_chosen_stays(shared: RunningPlatform, fields: dict[str, str], told: str) -> None:
    phone, before = Phone(shared), others(shared)
    sent = {"once": phone.once("/w"), "level": "1", "case": "", "reason": ["108"]} | fields
    answer = phone.send("/w", sent)
    assert (answer.status_code, told in answer.text) == (422, True)
    checked = re.findall(r'<input[^>]* value="(\d+)"[^>]*checked', answer.text)
    assert checked == ([sent["level"]] if sent["level"] else []) + re.findall(r'value="(108)" checked', answer.text)
    assert 'value="108" checked' in answer.text and f'value="{sent["once"]}"' in answer.text
    assert "<b>" not in answer.text and others(shared) == before


def test_reasons_are_asked_for_where_the_pack_wants_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`reasons_required` is a region's switch, as at the window."""
    folder = tmp_path_factory.mktemp("required")
    pack = folder / "hainan.toml"
    pack.write_text(
        'id = "hainan"\nversion = "1"\nbase = "national"\nname = { zh-CN = "海南省", en = "Hainan" }\n'
        '[rules.reasons_required]\nvalue = true\nsource = "hainan 第一条"\nzh-CN = "须选原因。"\nen = "One is asked for."\n',
        "utf-8",
    )
    with running_platform(sqlite_url(folder)) as platform:
        window = enrolled(platform)
        platform.database.write(lambda connection: publish_region(connection, load_identity(connection), str(pack)))
        platform.database.write(lambda connection: assign_region(connection, window.device, "hainan"))
        phone, address = Phone(platform), address_of(window)
        assert "请至少选一项原因。" in phone.rate(address, 1).text
        assert "请至少选一项原因。" in phone.rate(address, 1, "207").text, "a reason of another level is none of this one's"
        assert headline(phone.rate(address, 1, "108")) == RATED
        assert headline(phone.rate(address, 4)) == RATED
        assert sorted(one["level"] for one in others(platform)) == [1, 4]


def test_the_page_is_neutral_and_brings_everything_along(shared: RunningPlatform) -> None:
    """ui brief: five stars that differ in number and words alone, none chosen; nothing from elsewhere, no cookie, no script."""
    for language in ("zh-CN", "en"):
        page = Phone(shared, language).get("/w")
        stars = re.findall(r'<input class="choice".*?</label>', page.text)
        plain = [re.sub(r"(star-|value=\")\d|aria-label=\"[^\"]*\"|<span>[^<]*</span>", "", star) for star in stars]
        assert len(stars) == 5 and len(set(plain)) == 1
        body = page.text.partition("</style>")[2]
        assert "checked" not in body and not re.search(r"\b(src|href)=\"(?!\?lang=)", body)
        assert "<script" not in page.text and "set-cookie" not in page.headers
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "form-action 'self'" in policy
        assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")
        assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "OWN"}, 200),
        ({}, 200),
    ],
)
def test_no_other_site_can_have_a_browser_rate(shared: RunningPlatform, headers: dict[str, str], status: int) -> None:
    """There is no cookie to abuse; whoever names no site is no browser."""
    phone, before = Phone(shared), len(others(shared))
    sent = {name: value.replace("OWN", shared.url) for name, value in headers.items()}
    answer = phone.send("/w", {"once": phone.once("/w"), "level": "3"}, sent)
    assert (answer.status_code, len(others(shared)) - before) == (status, int(status == 200))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"once": "x", "level": "3"},
        {"once": "A" * 22, "level": "6"},
        {"once": "A" * 22, "level": ["1", "5"]},
        {"once": "A" * 22, "level": "3", "case": "A" * 61},
        {"once": "A" * 22, "level": "3", "extra": "1"},
        {"once": "A" * 22, "level": "3", "reason": [str(n) for n in range(100, 170)]},
    ],
)
def test_what_the_page_cannot_send_is_a_problem(shared: RunningPlatform, fields: dict[str, Any]) -> None:
    before = others(shared)
    assert Phone(shared).send("/w", fields).status_code == 400
    assert others(shared) == before


def test_a_page_names_its_window_by_device_or_by_a_number_that_one_window_has(platform: RunningPlatform) -> None:
    first, _ = enrolled(platform, name="社保", number="08"), enrolled(platform, name="税务", number="09")
    phone = Phone(platform)
    by_device, by_number = phone.get(address_of(first)).text, phone.get("/w/08").text
    assert "社保 · 08 号窗口" in by_device and "社保 · 08 号窗口" in by_number
    enrolled(platform, name="公安", number="08")
    for address in ("/w/08", "/w/unknown", "/w/" + "A" * 22, "/w"):
        assert "号窗口" not in phone.get(address).text, address
    assert "社保 · 08 号窗口" in phone.get(address_of(first)).text


def test_a_paper_form_leads_to_the_page_and_its_number_stays_with_the_rating(shared: RunningPlatform) -> None:
    """taian 二(二)1: a paper form where nothing is connected; its QR leads here."""
    phone = Phone(shared)
    page = phone.get("/w", form="2738 1940 5688")
    assert "纸质评价表编号 2738 1940 5688" in page.text and "?lang=en&amp;form=273819405688" in page.text
    phone.send("/w", {"once": phone.once("/w"), "level": "3"}, form="273819405688")
    assert others(shared)[-1]["form"] == "273819405688"
    for wrong in ("<b>", "273819405689"):
        phone.send("/w", {"once": phone.once("/w"), "level": "3"}, form=wrong)
        assert others(shared)[-1]["form"] is None


def test_no_log_names_a_case_or_a_level(shared: RunningPlatform, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Phone(shared).rate("/w", 1, "108", case="2026TF000099")
        run_once(shared.database)
    assert "2026TF000099" not in caplog.text and "108" not in [record.getMessage() for record in caplog.records]


def test_who_asks_too_often_has_to_wait(shared: RunningPlatform) -> None:
    """On a clock that stands still: so many in a minute, and Retry-After for the next."""
    app = FastAPI()
    add_phone_routes(app, PhoneCounter(shared.database, shared.database.write(load_identity)), None, clock=lambda: 0.0)

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as asking:
            return [await asking.post("/w", data={"once": "A" * 22}) for _ in range(EACH_A_MINUTE + 1)]

    answers = asyncio.run(ask())
    assert [answer.status_code for answer in answers] == [422] * EACH_A_MINUTE + [429]
    assert answers[-1].headers["Retry-After"] == "1" and "操作过于频繁" in answers[-1].text


def test_business_systems_cannot_speak_for_telephones(shared: RunningPlatform) -> None:
    """The channel is this platform's own."""
    from central_platform.rules.told import take_ratings

    row = {"id": "x-1", "channel": "window_qr", "level": 5, "at": "2026-11-01T09:00:00"}
    (verdict,) = shared.database.write(lambda connection: take_ratings(connection, [row], now_ms()))
    assert (verdict.status, verdict.code) == ("refused", "unreadable")
