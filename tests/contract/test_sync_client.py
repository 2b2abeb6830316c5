"""The client against real HTTP that misbehaves: every way a request can end is a value (architecture 8; docs/wire.md)."""

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from http_message_signatures import HTTPMessageVerifier, MappingKeyResolver, algorithms
from support.fault_server import (
    FaultServer,
    Hang,
    HangUp,
    Raw,
    Received,
    Reply,
    Step,
    accepting,
    as_json,
    make_certificate,
    problem,
    results,
)
from support.sending import KEY, entries

from sync import wire
from sync.client import ANSWER_BYTES, BatchAnswer, Document, NotModified, PlatformClient
from sync.outcome import (
    Nonsense,
    NotAuthorised,
    Revoked,
    ServerTrouble,
    TimedOut,
    TooLarge,
    Trouble,
    Unreachable,
    WrongCertificate,
)

LINES = [entry.line for entry in entries(2)]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_entries_travel_as_the_bytes_that_were_signed(server: FaultServer, client: PlatformClient) -> None:
    """docs/wire.md: signed lines embedded as JSON objects, their bytes untouched."""
    answer = client.send_entries(LINES)
    assert isinstance(answer, BatchAnswer)
    assert [row["status"] for row in answer.results] == ["accepted", "accepted"]
    assert not answer.revoked
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/entries")
    assert request.headers["content-type"] == "application/json"
    assert request.body == b'{"entries":[' + LINES[0] + b"," + LINES[1] + b"]}"


def test_revoked_and_checkpoints_are_told(server: FaultServer, client: PlatformClient) -> None:
    server.then(results([], device="revoked", checkpoints=["line"]))
    assert client.send_entries(LINES) == BatchAnswer(True, [], (b"line",))


class _Request:
    """A received request as the signature library reads it."""

    def __init__(self, server: FaultServer, received: Received) -> None:
        self.method, self.url, self.headers = received.method, server.url + received.path, dict(received.headers)


def _verify(server: FaultServer, received: Received, body: bytes | None) -> Any:
    key_id = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    keys = MappingKeyResolver(public_keys={key_id: KEY.public_key()}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    (found,) = verifier.verify(_Request(server, received), body=body)
    return found


def test_a_request_with_a_body_is_signed_over_method_address_and_content(server: FaultServer, client: PlatformClient) -> None:
    """docs/wire.md, “Requests”: RFC 9421, label sig1, ed25519, keyid = base64url of the raw key; digest of RFC 9530."""
    client.send_entries(LINES)
    found = _verify(server, server.received[0], server.received[0].body)
    assert found.label == "sig1"
    assert [name.strip('"') for name in found.covered_components][:3] == list(wire.COVERED_COMPONENTS)
    assert found.parameters["alg"] == "ed25519"
    assert found.parameters["keyid"] == client.key_id
    digest = base64.b64encode(hashlib.sha256(server.received[0].body).digest()).decode()
    assert server.received[0].headers["content-digest"] == f"sha-256=:{digest}:"


def test_a_request_without_a_body_is_signed_over_method_and_address(server: FaultServer, client: PlatformClient) -> None:
    client.fetch_document(wire.POLICY, None)
    found = _verify(server, server.received[0], None)
    assert [name.strip('"') for name in found.covered_components][:2] == ["@method", "@target-uri"]
    assert "content-digest" not in server.received[0].headers


def test_a_body_changed_on_the_way_does_not_verify(server: FaultServer, client: PlatformClient) -> None:
    client.send_entries(LINES)
    with pytest.raises(Exception, match="Content-Digest does not match"):
        _verify(server, server.received[0], server.received[0].body + b" ")


def test_the_wall_clock_is_the_one_handed_in(server: FaultServer) -> None:
    client = PlatformClient(server.url, KEY, wall_clock=lambda: datetime.fromtimestamp(86_400))
    client.send_entries(LINES)
    client.close()
    assert "created=86400;" in server.received[0].headers["signature-input"]


def test_a_platform_behind_a_path(server: FaultServer) -> None:
    client = PlatformClient(server.url + "/rating/", KEY)
    assert isinstance(client.send_entries(LINES), BatchAnswer)
    client.close()
    assert server.received[0].path == "/rating/v1/entries"
    assert _verify(server, server.received[0], server.received[0].body).label == "sig1"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://Platform.example.org:443/", "https://platform.example.org"),
        ("http://platform.example.org:80", "http://platform.example.org"),
        ("https://platform.example.org:8443/a/", "https://platform.example.org:8443/a"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_signed_address_is_the_one_a_server_can_see(given: str, used: str) -> None:
    """RFC 9421 2.2.2: a port that the scheme implies is not in the Host header, so it must not be signed."""
    assert PlatformClient(given, KEY)._base == used


@pytest.mark.parametrize("address", ["", "platform.example.org", "ftp://x", "http://", "https://u:p@x", "https://x?a=1"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        PlatformClient(address, KEY)


# --- documents ------------------------------------------------------------------------------------------------------


def test_a_document_comes_with_its_tag_and_is_asked_for_with_it(server: FaultServer, client: PlatformClient) -> None:
    server.then(Reply(200, b"line", {"ETag": '"7"'}), Reply(304))
    assert client.fetch_document(wire.STAFF, None) == Document('"7"', b"line")
    assert client.fetch_document(wire.STAFF, '"7"') == NotModified()
    assert "if-none-match" not in server.received[0].headers
    assert server.received[1].headers["if-none-match"] == '"7"'


def test_not_modified_without_a_tag_is_nonsense(server: FaultServer, client: PlatformClient) -> None:
    server.then(Reply(304))
    assert isinstance(client.fetch_document(wire.STAFF, None), Nonsense)


def test_a_redirect_is_not_followed(server: FaultServer, client: PlatformClient) -> None:
    """A signed request belongs to one address; what leads elsewhere is trouble."""
    server.then(Reply(302, b"", {"Location": server.url + "/elsewhere"}))
    assert client.fetch_document(wire.POLICY, None) == ServerTrouble(302)
    assert len(server.received) == 1


# --- answers that are not what was asked for ------------------------------------------------------------------------

DATE = "Sat, 21 Nov 2026 02:00:00 GMT"
LATER = "Sat, 21 Nov 2026 02:01:30 GMT"
EMPTY = {"device": "active", "results": [], "checkpoints": []}

ANSWERS: list[tuple[str, Step, Trouble]] = [
    ("500", Reply(500, b"oops"), ServerTrouble(500)),
    ("502 of a proxy", Reply(502, b"<html>", {"Content-Type": "text/html"}), ServerTrouble(502)),
    ("503 with seconds", Reply(503, b"", {"Retry-After": "17"}), ServerTrouble(503, 17.0)),
    ("429 with seconds", problem(429, "too-many", Retry_After="3"), ServerTrouble(429, 3.0, "too-many")),
    ("429 with a date of no known day", Raw(f"HTTP/1.1 429 No\r\nRetry-After: {LATER}\r\n\r\n".encode()), ServerTrouble(429)),
    ("429 with nonsense", Reply(429, b"", {"Retry-After": "soon"}), ServerTrouble(429)),
    ("429 with a negative", Reply(429, b"", {"Retry-After": "-4"}), ServerTrouble(429)),
    ("429 with a huge one", Reply(429, b"", {"Retry-After": "9" * 400}), ServerTrouble(429, 999_999_999.0)),
    ("400", problem(400, "unreadable-request"), ServerTrouble(400, None, "unreadable-request")),
    ("404", Reply(404), ServerTrouble(404)),
    ("401", problem(401, "bad-signature"), NotAuthorised()),
    ("403 revoked", problem(403, "device-revoked"), Revoked()),
    ("403 of a firewall", Reply(403, b"blocked", {"Content-Type": "text/html"}), ServerTrouble(403)),
    ("403 that only looks alike", as_json({"type": "urn:rating-terminal:problem:device-revoked"}, 403), ServerTrouble(403)),
    ("413", Reply(413), TooLarge()),
    ("204", Reply(204), Nonsense("unexpected 204")),
    ("cut in the middle", Reply(200, b'{"device":"active","results":[]', cut_after=9), Nonsense("answer cut off")),
    ("cut after the headers", Reply(200, b"{}", cut_after=0), Nonsense("answer cut off")),
    (
        "a web page",
        Reply(200, b"<html>Log in to the network</html>", {"Content-Type": "text/html"}),
        Nonsense("JSONDecodeError"),
    ),
    ("nothing", Reply(200), Nonsense("JSONDecodeError")),
    ("not UTF-8", Reply(200, b'{"device":"\xff"}'), Nonsense("UnicodeDecodeError")),
    ("a list", as_json([]), Nonsense("TypeError")),
    ("a number", as_json(5), Nonsense("TypeError")),
    ("fields missing", as_json({"device": "active"}), Nonsense("KeyError")),
    ("results of another kind", as_json(EMPTY | {"results": {"0": 1}}), Nonsense("not the answer to a batch")),
    ("an unknown standing", as_json(EMPTY | {"device": "?"}), Nonsense("not the answer to a batch")),
    ("checkpoints of another kind", as_json(EMPTY | {"checkpoints": [1]}), Nonsense("AttributeError")),
    ("checkpoints missing", as_json(EMPTY | {"checkpoints": None}), Nonsense("TypeError")),
    ("nested without end", Reply(200, b"[" * 200_000), Nonsense("RecursionError")),
    ("not HTTP", Raw(b"220 mail.example.org ESMTP\r\n"), Nonsense("garbled answer")),
    ("headers without end", Raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200), Nonsense("garbled answer")),
    ("a broken coding", Reply(200, b"not gzip", {"Content-Encoding": "gzip"}), Nonsense("undecodable answer")),
    ("hung up", HangUp(), Unreachable("connection_lost")),
]


@pytest.mark.parametrize(("step", "trouble"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_every_bad_answer_is_a_kind_of_trouble(
    server: FaultServer, client: PlatformClient, step: Step, trouble: Trouble
) -> None:
    """Issue: 4xx/5xx, cut in the middle of an answer, answering nonsense."""
    server.then(step)
    assert client.send_entries(LINES) == trouble
    server.then(accepting)
    assert isinstance(client.send_entries(LINES), BatchAnswer), "the next request is not harmed"


def test_retry_after_as_a_date_is_held_against_the_answers_own_date(server: FaultServer, client: PlatformClient) -> None:
    """RFC 9110 10.2.3; the terminal's own clock may be wrong by years."""
    server.then(Raw(f"HTTP/1.1 503 Busy\r\nDate: {DATE}\r\nRetry-After: {LATER}\r\nContent-Length: 0\r\n\r\n".encode()))
    assert client.send_entries(LINES) == ServerTrouble(503, 90.0)


def test_an_endless_answer_is_not_read_to_the_end(server: FaultServer, client: PlatformClient) -> None:
    server.then(Reply(200, b" " * (ANSWER_BYTES + 100_000)))
    assert client.send_entries(LINES) == Nonsense("endless answer")


# --- no answer ------------------------------------------------------------------------------------------------------


def test_a_platform_that_is_down_is_unreachable_until_it_comes_up(server: FaultServer, client: PlatformClient) -> None:
    server.stop()
    assert client.send_entries(LINES) == Unreachable("no_connection")
    server.start()
    assert isinstance(client.send_entries(LINES), BatchAnswer)


def test_an_unknown_host() -> None:
    client = PlatformClient("http://platform.invalid", KEY, connect_timeout_s=5)
    assert client.send_entries(LINES) == Unreachable("unknown_host")


def test_a_platform_that_says_nothing_times_out(server: FaultServer) -> None:
    server.then(Hang())
    client = PlatformClient(server.url, KEY, answer_timeout_s=0.2)
    assert client.send_entries(LINES) == TimedOut()
    client.close()


def test_a_platform_that_drips_its_answer_times_out() -> None:
    """Every byte comes in time, the answer never does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not done.wait(0.02):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        client = PlatformClient(
            f"http://127.0.0.1:{listener.getsockname()[1]}", KEY, connect_timeout_s=0.2, answer_timeout_s=0.2
        )
        assert client.send_entries(LINES) == TimedOut()
        client.close()
        done.set()
        thread.join(5)


# --- the kept connection --------------------------------------------------------------------------------------------


def test_requests_share_one_connection(server: FaultServer, client: PlatformClient) -> None:
    for _ in range(5):
        client.send_entries(LINES)
    assert {request.connection for request in server.received} == {1}


def test_a_connection_that_the_platform_closed_is_replaced_without_trouble(server: FaultServer, client: PlatformClient) -> None:
    """floors.md: uvicorn closes idle keep-alive connections after 5 s."""
    server.then(lambda request: Reply(**{**vars(accepting(request)), "then_close": True}))
    for _ in range(3):
        assert isinstance(client.send_entries(LINES), BatchAnswer)
    assert [request.connection for request in server.received] == [1, 2, 3]


def test_a_kept_connection_that_breaks_under_a_request_is_retried_once_at_once(
    server: FaultServer, client: PlatformClient
) -> None:
    """Safe because every request may be repeated: the platform answers `duplicate`."""
    server.then(accepting, HangUp(), accepting)
    client.send_entries(LINES)
    assert isinstance(client.send_entries(LINES), BatchAnswer)
    assert [request.connection for request in server.received] == [1, 1, 2]
    assert server.received[1].body == server.received[2].body


def test_a_platform_that_keeps_hanging_up_is_trouble(server: FaultServer, client: PlatformClient) -> None:
    server.then(accepting, HangUp())
    client.send_entries(LINES)
    assert client.send_entries(LINES) == Unreachable("connection_lost")
    assert client.send_entries(LINES) == Unreachable("connection_lost")
    assert len(server.received) == 4, "a fresh connection is not tried twice"


def test_proxies_of_the_environment_are_looked_up_once(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """floors.md: proxies looked up at each request cost 0.3 ms."""
    client = PlatformClient("http://platform.example.org", KEY)
    monkeypatch.setenv("http_proxy", server.url)
    assert isinstance(client.send_entries(LINES), BatchAnswer)
    monkeypatch.delenv("http_proxy")
    assert isinstance(client.send_entries(LINES), BatchAnswer)
    client.close()
    assert [request.path for request in server.received] == ["http://platform.example.org/v1/entries"] * 2


# --- certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "platform")


def test_the_configured_authority_is_trusted(certificate: Path) -> None:
    with FaultServer(certificate=certificate) as server:
        client = PlatformClient(server.url, KEY, ca_file=str(certificate))
        assert isinstance(client.send_entries(LINES), BatchAnswer)
        client.close()


@pytest.mark.parametrize("case", ["unknown authority", "another platform", "expired"])
def test_a_wrong_certificate_is_told_apart(certificate: Path, tmp_path: Path, case: str) -> None:
    """Issue: wrong certificate. Nothing is sent to whoever shows it."""
    shown = make_certificate(tmp_path, "expired", valid_days=-1) if case == "expired" else certificate
    trusted = {"unknown authority": None, "another platform": make_certificate(tmp_path, "other"), "expired": shown}[case]
    with FaultServer(certificate=shown) as server:
        client = PlatformClient(server.url, KEY, ca_file=str(trusted) if trusted else None)
        assert isinstance(client.send_entries(LINES), WrongCertificate)
        client.close()
        assert server.received == []


def test_plain_http_where_tls_is_expected(server: FaultServer) -> None:
    client = PlatformClient(server.url.replace("http://", "https://"), KEY)
    assert client.send_entries(LINES) == Unreachable("tls")
    client.close()


BROKEN_PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("content", [None, b"", b"not PEM", BROKEN_PEM], ids=["missing", "empty", "garbage", "broken"])
def test_a_ca_file_that_cannot_be_used_is_named(server: FaultServer, tmp_path: Path, content: bytes | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    client = PlatformClient(server.url.replace("http://", "https://"), KEY, ca_file=str(ca_file))
    answer = client.send_entries(LINES)
    assert isinstance(answer, WrongCertificate) and "ca_file" in answer.detail
    client.close()
