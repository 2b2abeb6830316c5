"""Any web page on the counter's PC reaches the port: who is let in, over real sockets (issue 6, point 7).

Sources: RFC 6454 (Origin), RFC 6455 §10.2, Fetch standard (a page cannot set or hide Host, Origin and Authorization of a
WebSocket).
"""

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from support.business_system import LEGACY_PAGE, OTHER_TOKEN, PAGE, TOKEN, Ports, ask
from support.local_api import Counter, local_api
from websockets.exceptions import ConnectionClosed, InvalidStatus

Started = tuple[Counter, Ports]
CASE = "TA20261121000417"
STOP_S = 5.0


@pytest.fixture(scope="module")
def started() -> Iterator[Started]:
    with local_api(legacy=True) as made:
        yield made


def refusal(ports: Ports, **options: object) -> int:
    """The status with which a WebSocket is refused; 0: it was opened."""
    try:
        connection = ports.open(**options)  # type: ignore[arg-type]
    except InvalidStatus as refused:
        return refused.response.status_code
    connection.close()
    return 0


SOCKETS = {
    "a program with its token": ({}, 0),
    "another program": ({"token": OTHER_TOKEN}, 0),
    "no token": ({"token": ""}, 401),
    "a wrong token": ({"token": TOKEN[:-1] + "x"}, 401),
    "a token cut short": ({"token": TOKEN[:-1]}, 401),
    "a listed page with its token": (
        {"token": "", "origin": PAGE, "subprotocols": ["rating-terminal.v1", f"bearer.{TOKEN}"]},
        0,
    ),
    "a listed page without a token": ({"token": "", "origin": PAGE}, 403),
    "a listed page with another client's token": ({"token": OTHER_TOKEN, "origin": PAGE}, 403),
    "any page": ({"token": "", "origin": "https://evil.example"}, 403),
    "any page that learned a token": ({"origin": "https://evil.example"}, 403),
    "a page in a sandbox": ({"origin": "null"}, 403),
    "the listed name below another": ({"origin": PAGE + ".evil.example"}, 403),
    "the listed page without encryption": ({"origin": PAGE.replace("https", "http")}, 403),
    "a page of this machine": ({"origin": "http://127.0.0.1"}, 403),
    "two origins": ({"origin": PAGE, "headers": {"origin": "https://evil.example"}}, 403),
    "an unknown path": ({"path": "/v2"}, 404),
    "the legacy path with a listed origin": ({"token": "", "path": "/", "origin": LEGACY_PAGE}, 0),
    "the legacy path with any origin": ({"token": "", "path": "/", "origin": PAGE}, 403),
    "the legacy path without one": ({"path": "/"}, 403),
    "a legacy page on the other path": ({"token": "", "origin": LEGACY_PAGE}, 403),
}


@pytest.mark.parametrize("who", SOCKETS)
def test_who_may_open_a_socket(started: Started, who: str) -> None:
    options, status = SOCKETS[who]
    assert refusal(started[1], **options) == status


HOSTS = {
    "127.0.0.1:{port}": 101,
    "localhost:{port}": 101,
    "LOCALHOST:{port}": 101,
    "evil.example:{port}": 421,
    "evil.example": 421,
    "127.0.0.1": 421,
    "127.0.0.1:{port}.evil.example": 421,
    "127.0.0.1:1": 421,
    "": 421,
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_that_was_rebound_to_this_machine_is_refused(started: Started, host: str) -> None:
    """DNS rebinding: the page's own name leads to 127.0.0.1, so that its origin and the address agree."""
    port = started[1].socket
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(
            f"GET /v1 HTTP/1.1\r\nHost: {host.format(port=port)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        assert int(raw.recv(4096).split()[1]) == HOSTS[host]


POSTS = {
    "a program": ({}, 200),
    "no token": ({"Authorization": ""}, 401),
    "basic authentication": ({"Authorization": f"Basic {TOKEN}"}, 401),
    "the listed page": ({"Origin": PAGE}, 403),
    "any page": ({"Origin": "https://evil.example"}, 403),
    "a page in a sandbox": ({"Origin": "null"}, 403),
    "a rebound name": ({"Host": "evil.example"}, 421),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "text, which needs no preflight": ({"Content-Type": "text/plain"}, 415),
}


@pytest.mark.parametrize("who", POSTS)
def test_who_may_post(started: Started, who: str) -> None:
    """Cross-site request forgery: what a page can send without asking is refused, and asking (OPTIONS) is not answered."""
    headers, status = POSTS[who]
    assert started[1].post("heartbeat", **{name.replace("-", "_"): value for name, value in headers.items()})[0] == status


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PUT", "DELETE"])
def test_only_posts_are_answered(started: Started, method: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", started[1].http, timeout=10)
    connection.request(method, "/v1/pause", headers={"Origin": "https://evil.example", "Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    assert answer.status == 501
    assert answer.headers["Access-Control-Allow-Origin"] is None
    connection.close()


BODIES = {
    "too much": (b"x" * 40_000, 400),
    "no JSON": (b"{", 400),
    "a list": (b"[]", 400),
    "a deep list": (b"[" * 30_000, 400),
    "half a character": ('{"staff": "\\ud800"}', 409),
    "no UTF-8": (b'{"staff": "\xff"}', 400),
    "a number for a word": ({"staff": 5}, 400),
    "nothing for a word": ({}, 400),
    "a negative wait": ({"staff": "001", "wait_s": -1}, 400),
    "no number to wait": ('{"staff": "001", "wait_s": NaN}', 400),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_no_call(started: Started, name: str) -> None:
    body, status = BODIES[name]
    assert started[1].post("welcome", body)[0] == status


@pytest.mark.parametrize("path", ["rate", "", "../v1/pause", "pause/", "state"])
def test_there_is_no_other_method(started: Started, path: str) -> None:
    """No method rates, and none tells the state of the window."""
    assert started[1].post(path)[0] in (400, 404)


def test_a_message_that_is_too_large_ends_the_connection(started: Started) -> None:
    connection = started[1].open()
    connection.send("x" * 40_000)
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_garbage_on_the_ports_harms_nobody(started: Started) -> None:
    for port in (started[1].socket, started[1].http):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.sendall(bytes(range(256)) * 40)
    assert started[1].post("heartbeat")[0] == 200


def test_neither_tokens_nor_cases_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with local_api() as (counter, ports):
        connection = ports.open()
        ask(connection, "invite", ticket=CASE)
        counter.tap(1)
        connection.close()
        ports.post("pause", Origin="https://evil.example")
        refusal(ports, token="z" * 40)
        mine = [record for record in caplog.records if not record.name.startswith("websockets.client")]
    said = " ".join(record.getMessage() for record in mine)
    assert "wrong_token" in said
    assert "wrong_origin" in said
    for secret in (TOKEN, "z" * 40, CASE, "evil.example"):
        assert secret not in said


# --- how much, how many -------------------------------------------------------------------------------------------------


def test_four_clients_at_once() -> None:
    """Issue 6, point 7: at most four clients."""
    with local_api() as (_, ports):
        open_ones = [ports.open() for _ in range(4)]
        assert refusal(ports) == 503
        open_ones.pop().close()
        open_ones.append(_opened_in_time(ports))
        for connection in open_ones:
            assert ask(connection, "heartbeat")["ok"]
            connection.close()


def _opened_in_time(ports: Ports):  # type: ignore[no-untyped-def]
    for _ in range(50):
        try:
            return ports.open()
        except InvalidStatus as refused:
            assert refused.response.status_code == 503
    raise AssertionError("the place of a client that left was not given to another")


def test_half_open_connections_take_no_places() -> None:
    """What never shows a token is closed, and does not keep out who does."""
    with local_api() as (_, ports):
        idle = [socket.create_connection(("127.0.0.1", ports.socket), timeout=10) for _ in range(8)]
        connection = ports.open()
        assert ask(connection, "heartbeat")["ok"]
        for raw in idle:
            assert raw.recv(1) == b""
            raw.close()
        connection.close()


def test_who_asks_too_often_is_held_back_and_others_are_not() -> None:
    with local_api() as (_, ports):
        hasty, calm = ports.open(), ports.open(OTHER_TOKEN)
        for number in range(40):
            hasty.send(json.dumps({"method": "heartbeat", "id": number}))
        answers = [json.loads(hasty.recv(timeout=10)) for _ in range(24)]
        assert [answer["id"] for answer in answers] == list(range(24))
        assert [answer["ok"] for answer in answers[:20]] == [True] * 20
        assert "rate_limited" in [answer.get("error") for answer in answers]
        assert ask(calm, "heartbeat")["ok"]
        hasty.close()
        calm.close()


def test_it_ends_within_its_deadline_whatever_is_open() -> None:
    """Idle and half-open connections, a waiting request, and a client that says nothing."""
    with local_api() as (counter, ports):
        invitation = ports.post("invite", {"ticket": CASE})[1]["invitation"]
        deaf = ports.open()
        half = [socket.create_connection(("127.0.0.1", port)) for port in (ports.socket, ports.http)]
        answers: list[object] = []
        waiting = threading.Thread(
            target=lambda: answers.append(ports.post("outcome", {"invitation": invitation, "wait_s": 25}))
        )
        waiting.start()
        assert counter.wait_until(lambda: counter.acts == 2), "the request waits for its outcome"
        began = time.monotonic()
    assert time.monotonic() - began < STOP_S
    waiting.join(10)
    assert answers == [(200, {"ok": True, "invitation": invitation, "outcome": None})]
    for raw in half:
        raw.close()
    deaf.close()
