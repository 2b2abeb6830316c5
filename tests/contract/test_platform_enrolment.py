"""Enrolment by one-time claim, and the signed documents. docs/wire.md, “POST /v1/enrolments”, “GET /v1/documents/…”."""

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.platform import RunningPlatform, running_platform
from support.window import SignedAs, Window, key_id

from central_platform import documents
from central_platform.identity import load_identity
from central_platform.schema import claims
from sync import wire
from terminal_app.domain.enrolment import Claim, EnrolmentRecord
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.signed import open_document
from terminal_app.domain.staff import Role, StaffRoster

PROBLEM = "urn:rating-terminal:problem:"
DAY = 24 * 3600


def name_of(answer: requests.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == wire.PROBLEM_JSON
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"] and body["detail"]
    return answer.status_code, body["type"].removeprefix(PROBLEM)


def test_a_claim_carries_the_platforms_fingerprint_and_enrols(shared_platform: RunningPlatform) -> None:
    """wire: a claim is 16 random bytes and the fingerprint of the platform's key, which signs the answer."""
    claim = shared_platform.claim(hall="泰安市政务服务中心", name="3号窗口", number="A03")
    answer = Window(shared_platform.url).ask_enrolment(claim)
    record = EnrolmentRecord.from_line(answer.content)
    assert record.is_from(Claim.parse(claim).fingerprint)
    assert hashlib.sha256(record.platform_key).digest()[:16] == base64.b32decode(claim.replace("-", "") + "====")[16:]
    assert record.region == "taian"
    assert (record.window.hall, record.window.name, record.window.number) == ("泰安市政务服务中心", "3号窗口", "A03")


def test_a_lost_answer_is_given_again(shared_platform: RunningPlatform) -> None:
    """wire: the same claim with the same key gives the same answer again."""
    window, claim = Window(shared_platform.url), shared_platform.claim()
    answers = [window.ask_enrolment(text) for text in (claim, claim, claim.lower(), claim.replace("-", ""))]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1


def test_an_expired_claim_that_was_used_still_answers_its_key(shared_platform: RunningPlatform) -> None:
    """wire: the same answer again, also for a terminal that comes back late."""
    window, claim = Window(shared_platform.url), shared_platform.claim()
    first = window.ask_enrolment(claim)
    shared_platform.database.write(lambda connection: connection.execute(sa.update(claims).values(expires_at=1)))
    assert window.ask_enrolment(claim).content == first.content
    assert name_of(Window(shared_platform.url).ask_enrolment(claim)) == (409, "claim-used")


def test_another_key_cannot_use_a_used_claim(shared_platform: RunningPlatform) -> None:
    """wire: 409 claim-used."""
    claim = shared_platform.claim()
    Window(shared_platform.url).enroll(claim)
    assert name_of(Window(shared_platform.url).ask_enrolment(claim)) == (409, "claim-used")


def test_an_enrolled_key_cannot_take_a_second_claim(shared_platform: RunningPlatform) -> None:
    """wire: 409 key-enrolled; and the claim stays usable for another key."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    claim = shared_platform.claim()
    assert name_of(window.ask_enrolment(claim)) == (409, "key-enrolled")
    assert Window(shared_platform.url).ask_enrolment(claim).status_code == 200


def test_an_expired_claim_is_gone(shared_platform: RunningPlatform) -> None:
    """wire: 410 claim-expired."""
    assert name_of(Window(shared_platform.url).ask_enrolment(shared_platform.claim(valid_ms=-1))) == (410, "claim-expired")


@pytest.mark.parametrize("claim", ["", "nonsense", "AAAA-BBBB", "=" * 52, "A" * 52, "A" * 128, "声明"])
def test_an_unknown_claim_is_not_found(shared_platform: RunningPlatform, claim: str) -> None:
    """wire: 404 claim-unknown."""
    assert name_of(Window(shared_platform.url).ask_enrolment(claim)) == (404, "claim-unknown")


def test_an_enrolment_is_signed_by_the_key_that_it_names(shared_platform: RunningPlatform) -> None:
    """wire: signed by the new key; otherwise somebody else's key could be enrolled."""
    window, claim = Window(shared_platform.url), shared_platform.claim()
    body = json.dumps({"claim": claim, "public_key": key_id(Ed25519PrivateKey.generate())}).encode()
    assert name_of(window.post(wire.ENROLMENTS, body)) == (401, "bad-signature")
    unsigned = window.http.post(window.url + wire.ENROLMENTS, data=body, timeout=10)
    assert name_of(unsigned) == (401, "bad-signature")
    assert "WWW-Authenticate" in unsigned.headers
    assert window.ask_enrolment(claim).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"claim":1,"public_key":2}',
        b'{"claim":"x","public_key":"short"}',
        json.dumps({"claim": "x" * 129, "public_key": "A" * 43}).encode(),
        json.dumps({"claim": "x", "public_key": "!" * 43}).encode(),
        b'{"claim":"\xff"}',
    ],
)
def test_a_malformed_enrolment_is_a_problem(shared_platform: RunningPlatform, body: bytes) -> None:
    """wire, errors: RFC 9457."""
    assert name_of(Window(shared_platform.url).post(wire.ENROLMENTS, body)) == (400, "unreadable-request")


def test_two_keys_at_once_one_wins(shared_platform: RunningPlatform) -> None:
    """wire: a claim is one-time, also for two terminals in the same moment."""
    claim = shared_platform.claim()
    start = threading.Barrier(4)
    statuses: list[int] = []

    def ask() -> None:
        window = Window(shared_platform.url)
        start.wait()
        statuses.append(window.ask_enrolment(claim).status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(statuses) == [200, 409, 409, 409]


@pytest.mark.parametrize("age_s", [-10 * 365 * DAY, 10 * 365 * DAY, 0])
def test_the_age_of_a_signature_does_not_matter(shared_platform: RunningPlatform, age_s: int) -> None:
    """wire, requests: the age of a signature is never a reason to refuse."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    signed = SignedAs(window.key, created=datetime.now(UTC) - timedelta(seconds=age_s))
    assert window.post(wire.ENTRIES, b'{"entries":[]}', signed).status_code == 200


def test_what_a_signature_leaves_out_is_refused(shared_platform: RunningPlatform) -> None:
    """wire, requests: "@method" "@target-uri" and, with a body, "content-digest" are covered, once, as sig1."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    body = b'{"entries":[]}'

    def send(**changes: str) -> int:
        request = window.http.prepare_request(
            requests.Request("POST", window.url + wire.ENTRIES, data=body, auth=SignedAs(window.key))
        )
        for name, value in changes.items():
            header = name.replace("_", "-")
            request.headers[header] = request.headers[header].replace(*value.split("→"))
        return window.http.send(request, timeout=10).status_code

    assert send() == 200
    assert send(Signature_Input='"@method" →') == 401
    assert send(Signature_Input="sig1→sig2", Signature="sig1→sig2") == 401
    assert send(Signature="sig1=→sig1=:AAAA:;x=") == 401
    assert send(Content_Digest="sha-256→sha-512") == 401
    moved = window.http.prepare_request(
        requests.Request("POST", window.url + wire.ENTRIES + "?again=1", data=body, auth=SignedAs(window.key))
    )
    moved.url = window.url + wire.ENTRIES
    assert window.http.send(moved, timeout=10).status_code == 401


def test_behind_a_proxy_the_public_address_is_what_is_signed(platform_db: str) -> None:
    """wire: `@target-uri` is what the client asked for; a proxy in front keeps it by --public-url."""
    with running_platform(platform_db, public_url="https://rating.example/base") as platform:
        key = Ed25519PrivateKey.generate()
        body = json.dumps({"claim": platform.claim(), "public_key": key_id(key)}).encode()
        outside = requests.Request(
            "POST", "https://rating.example/base" + wire.ENROLMENTS, data=body, auth=SignedAs(key)
        ).prepare()
        outside.url = platform.url + wire.ENROLMENTS
        with requests.Session() as http:
            assert http.send(outside, timeout=10).status_code == 200


def test_documents_are_signed_and_of_the_region(shared_platform: RunningPlatform) -> None:
    """wire: policy, catalogue and roster are signed lines of the platform's key, which the domain can read."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    policy, catalogue, staff = (
        open_document(window.get(path).content, window.platform_key) for path in (wire.POLICY, wire.CATALOGUE, wire.STAFF)
    )
    rules = RegionPolicy.from_document(policy)
    assert (rules.id, rules.bad_at_most) == ("taian", Level.DISSATISFIED)
    reasons = ReasonCatalogue.from_document(catalogue)
    assert (reasons.id, reasons.version) == (rules.catalogue_id, rules.catalogue_version)
    assert len(reasons.reasons) == 40
    assert StaffRoster.from_document(staff).by_card == {}


def test_a_document_that_is_known_is_not_sent_again(shared_platform: RunningPlatform) -> None:
    """wire: 304 on If-None-Match; RFC 9110 13.1.2."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    first = window.get(wire.CATALOGUE)
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = window.get(wire.CATALOGUE, {"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert window.get(wire.CATALOGUE, {"If-None-Match": '"other"'}).content == first.content


def test_a_new_roster_has_a_new_entity_tag(shared_platform: RunningPlatform) -> None:
    """wire: the staff directory is a signed download with ETag."""
    window = Window(shared_platform.url).enroll(shared_platform.claim())
    before = window.get(wire.STAFF).headers["ETag"]
    member = {"number": "T-7", "name": "张三", "post": "受理", "role": "administrator", "cards": ["04A1B2C3"]}

    def publish(members: list[dict]) -> tuple[str, bool]:
        return shared_platform.database.write(
            lambda connection: documents.publish_staff(connection, load_identity(connection), members)
        )

    version, changed = publish([member])
    assert changed
    answer = window.get(wire.STAFF, {"If-None-Match": before})
    roster = StaffRoster.from_document(open_document(answer.content, window.platform_key))
    assert roster.version == version
    assert roster.by_card["04A1B2C3"].role is Role.ADMINISTRATOR
    assert publish([member]) == (version, False)
    assert publish([])[1]


@pytest.mark.parametrize("path", [wire.POLICY, wire.CATALOGUE, wire.STAFF])
def test_documents_are_for_enrolled_devices_only(shared_platform: RunningPlatform, path: str) -> None:
    """wire: signed request; an unknown key is 401."""
    assert name_of(Window(shared_platform.url).get(path)) == (401, "bad-signature")
    assert name_of(requests.get(shared_platform.url + path, timeout=10)) == (401, "bad-signature")
