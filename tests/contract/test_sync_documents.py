"""Documents and enrolment over real HTTP: only what the pinned platform signed, well-formed and consistent, is kept."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from support.fault_server import FaultServer, HangUp, Reply, Step, make_certificate, problem
from support.published import (
    CATALOGUE,
    DEVICE,
    ENROLMENT,
    GOOD,
    OTHER_KEY,
    POLICY,
    PUBLIC,
    STAFF,
    Shelf,
    claim_for,
    signed,
)
from support.sending import KEY, MemoryDocuments

from sync.client import PlatformClient
from sync.downloads import Downloads, Refreshed
from sync.enrolment import EnrolmentFailed, enroll
from sync.outcome import Nonsense, Revoked, ServerTrouble, Unreachable
from terminal_app.application.documents import DocumentKind, load_identity
from terminal_app.domain.enrolment import BadClaim, BadEnrolment, Claim, EnrolmentRecord, Window

KINDS = frozenset(DocumentKind)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def server(shelf: Shelf) -> Iterator[FaultServer]:
    with FaultServer(Reply(404)) as running:
        running.route("/v1/documents", shelf)
        running.route("/v1/enrolments", Reply(200, signed(ENROLMENT)))
        yield running


# --- documents ------------------------------------------------------------------------------------------------------


def test_all_documents_are_fetched_once_and_then_only_confirmed(server: FaultServer, client: PlatformClient) -> None:
    """docs/wire.md: 200 with ETag, 304 on If-None-Match."""
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    assert downloads.refresh() == Refreshed(KINDS)
    assert {kind: line for kind, (_, line) in store.kept.items()} == {kind: signed(one) for kind, one in GOOD.items()}
    assert downloads.refresh() == Refreshed(frozenset())
    assert len(store.log) == 3


def test_a_new_version_replaces_the_old_one(server: FaultServer, client: PlatformClient, shelf: Shelf) -> None:
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    downloads.refresh()
    shelf.lines["staff"] = signed(STAFF | {"version": "2", "members": []})
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind.STAFF}))
    assert store.kept["staff"][1] == shelf.lines["staff"]


def at(day: int) -> dict[str, str]:
    return {"issued_at": f"2026-11-{day:02}T08:00:00.000+08:00"}


@pytest.mark.parametrize(
    ("kind", "newer", "older"),
    [
        ("staff", STAFF | {"version": "2", "members": []} | at(20), STAFF | at(19)),
        ("staff", STAFF | {"version": "2", "members": []} | at(20), STAFF),
        ("policy", POLICY | at(20), POLICY | {"bad_at_most": 1} | at(19)),
        ("catalogue", CATALOGUE | at(20), CATALOGUE | {"reasons": []} | at(19)),
    ],
)
def test_an_older_document_replaces_no_newer_one_however_well_it_is_signed(
    client: PlatformClient, shelf: Shelf, kind: str, newer: dict[str, Any], older: dict[str, Any]
) -> None:
    """docs/trust.md: who kept an old roster, with a card that was withdrawn since, cannot bring it back."""
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    shelf.lines[kind] = signed(newer)
    assert downloads.refresh().trouble is None
    shelf.lines[kind] = signed(older)
    assert downloads.refresh() == Refreshed(frozenset(), Nonsense(f"{kind}: older than the one that is kept"))
    assert store.kept[kind][1] == signed(newer)
    shelf.lines[kind] = signed(older | at(21))
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind(kind)})), "issued anew, the old content is in force again"


def test_an_older_document_holds_up_none_that_is_missing(client: PlatformClient, shelf: Shelf) -> None:
    """Found by seed 100511 of the simulation: a terminal whose file had lost the catalogue, at a platform that was restored
    from a backup with an older roster, stood still for ever."""
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    shelf.lines["staff"] = signed(STAFF | at(20))
    assert downloads.refresh().trouble is None
    del store.kept[DocumentKind.CATALOGUE]
    shelf.lines["staff"] = signed(STAFF | {"members": []} | at(19))
    trouble = Nonsense("staff: older than the one that is kept")
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind.CATALOGUE}), trouble)
    assert store.kept["staff"][1] == signed(STAFF | at(20))
    assert set(store.kept) == set(DocumentKind)


def test_another_regions_policy_or_another_catalogue_may_be_older(client: PlatformClient, shelf: Shelf) -> None:
    """A terminal that moves to another region gets rules that were issued before its own."""
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    shelf.lines |= {"policy": signed(POLICY | at(20)), "catalogue": signed(CATALOGUE | at(20))}
    downloads.refresh()
    named = {"id": "reasons", "version": "2019"}
    shelf.lines["policy"] = signed(POLICY | {"id": "other", "catalogue": named} | at(2))
    shelf.lines["catalogue"] = signed(CATALOGUE | {"version": "2019"} | at(1))
    assert downloads.refresh().trouble is None


SPOILT = [
    ("signed by another key", "policy", signed(POLICY, OTHER_KEY)),
    ("one byte changed", "staff", signed(STAFF).replace(b"A1", b"A2")),
    ("another type", "policy", signed(STAFF)),
    ("a web page", "catalogue", b"<html></html>"),
    ("nothing", "catalogue", b""),
    ("a level that there is not", "policy", signed(POLICY | {"bad_at_most": 9})),
    ("a pattern that is none", "policy", signed(POLICY | {"case_pattern": "("})),
    ("no version", "policy", signed({key: value for key, value in POLICY.items() if key != "version"})),
    ("rows of another kind", "catalogue", signed(CATALOGUE | {"reasons": ["R1"]})),
    ("members of another kind", "staff", signed(STAFF | {"members": {"A1": "甲"}})),
    ("a role that there is not", "staff", signed(STAFF | {"members": [STAFF["members"][0] | {"role": "king"}]})),
    ("a catalogue that the policy does not name", "catalogue", signed(CATALOGUE | {"version": "2021"})),
    ("a policy that names another catalogue", "policy", signed(POLICY | {"catalogue": {"id": "x", "version": "1"}})),
]


@pytest.mark.parametrize(("kind", "line"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_what_is_not_good_changes_nothing(client: PlatformClient, shelf: Shelf, kind: str, line: bytes) -> None:
    """Architecture 9: packs and roster chain to the platform's key."""
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    downloads.refresh()
    before = dict(store.kept)
    shelf.lines[kind] = line
    assert isinstance(downloads.refresh().trouble, Nonsense)
    assert store.kept == before
    shelf.lines[kind] = signed(GOOD[kind] | {"note": "mended"})
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind(kind)}))


def test_policy_and_catalogue_change_together(client: PlatformClient, shelf: Shelf) -> None:
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    downloads.refresh()
    shelf.lines["catalogue"] = signed(CATALOGUE | {"version": "2021"})
    shelf.lines["policy"] = signed(POLICY | {"catalogue": {"id": "reasons", "version": "2021"}})
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind.POLICY, DocumentKind.CATALOGUE}))


def test_a_spoilt_stored_document_is_fetched_anew_in_spite_of_its_tag(client: PlatformClient) -> None:
    store = MemoryDocuments()
    downloads = Downloads(client, store, PUBLIC)
    downloads.refresh()
    tag, _ = store.kept["policy"]
    store.put("policy", tag, b"spoilt")
    assert downloads.refresh() == Refreshed(frozenset({DocumentKind.POLICY}))


@pytest.mark.parametrize(
    ("step", "trouble"),
    [
        (problem(403, "device-revoked"), Revoked()),
        (Reply(503, b"", {"Retry-After": "5"}), ServerTrouble(503, 5.0)),
        (HangUp(), Unreachable("connection_lost")),
        (Reply(200, signed(POLICY), cut_after=20), Nonsense("answer cut off")),
    ],
    ids=["revoked", "503", "hung up", "cut"],
)
def test_trouble_in_the_middle_stores_nothing(server: FaultServer, client: PlatformClient, step: Step, trouble: Any) -> None:
    store = MemoryDocuments()
    server.route("/v1/documents/staff", step)
    assert Downloads(client, store, PUBLIC).refresh() == Refreshed(frozenset(), trouble)
    assert store.log == []


# --- enrolment ------------------------------------------------------------------------------------------------------


def test_enrolment_is_complete_when_record_and_documents_are_stored(server: FaultServer, client: PlatformClient) -> None:
    """Architecture 9; docs/wire.md, POST /v1/enrolments."""
    store = MemoryDocuments()
    record = enroll(client, claim_for(), store)
    assert (record.device, record.platform_key, record.region) == (DEVICE, PUBLIC, "taian")
    assert record.window == Window("大厅", "3号窗口", "A03", None)
    assert store.log[0] == "enrolment" and set(store.log) == {"enrolment", *KINDS}
    identity = load_identity(store)
    assert identity is not None and identity.record == record
    assert identity.documents.rules.policy.id == "taian"
    assert identity.documents.staff.by_card["04A1B2C3"].number == "A1"


def test_the_request_names_the_key_that_signs_it(server: FaultServer, client: PlatformClient) -> None:
    enroll(client, claim_for(), MemoryDocuments())
    request = server.received[0]
    assert request.body == f'{{"claim":"{claim_for()}","public_key":"{client.key_id}"}}'.encode()
    assert f'keyid="{client.key_id}"' in request.headers["signature-input"]


def test_an_enrolment_that_was_interrupted_is_taken_up_again(
    server: FaultServer, client: PlatformClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Architecture 9: the same claim with the same key gives the same answer again (lost answers)."""
    store = MemoryDocuments()
    server.route("/v1/enrolments", HangUp(), Reply(200, signed(ENROLMENT)))
    server.route("/v1/documents/staff", Reply(503), Shelf())
    with pytest.raises(EnrolmentFailed) as lost:
        enroll(client, claim_for(), store)
    assert lost.value.problem == "unreachable" and store.kept == {}
    with pytest.raises(EnrolmentFailed) as incomplete:
        enroll(client, claim_for(), store)
    assert incomplete.value.problem == "incomplete" and load_identity(store) is None
    assert "cannot be used: policy: missing" in caplog.text, "the log says why the screen says that it is not enrolled"
    record = enroll(client, claim_for(), store)
    assert load_identity(store) is not None and record.device == DEVICE


def test_an_enrolment_that_is_complete_stays_so_whatever_the_platform_sends_now(client: PlatformClient, shelf: Shelf) -> None:
    """Whoever enrols again, at a platform that was restored from a backup, has all that is needed."""
    store = MemoryDocuments()
    shelf.lines["staff"] = signed(STAFF | at(20))
    record = enroll(client, claim_for(), store)
    shelf.lines["staff"] = signed(STAFF | {"members": []} | at(19))
    assert enroll(client, claim_for(), store) == record
    assert store.kept["staff"][1] == signed(STAFF | at(20))


FOREIGN = ENROLMENT | {
    "platform_key": base64.urlsafe_b64encode(OTHER_KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
}

REFUSALS: list[tuple[str, Step, str]] = [
    ("unknown claim", problem(404, "claim-unknown"), "claim_unknown"),
    ("expired claim", problem(410, "claim-expired"), "claim_expired"),
    ("used claim", problem(409, "claim-used"), "claim_used"),
    ("enrolled before", problem(409, "key-enrolled"), "key_enrolled"),
    ("another platform", Reply(200, signed(FOREIGN, OTHER_KEY)), "other_platform"),
    ("a borrowed fingerprint", Reply(200, signed(ENROLMENT, OTHER_KEY)), "nonsense"),
    ("a record of another type", Reply(200, signed(ENROLMENT | {"type": "checkpoint"})), "nonsense"),
    ("a device id that is none", Reply(200, signed(ENROLMENT | {"device": "7"})), "nonsense"),
    ("no window", Reply(200, signed(ENROLMENT | {"window": None})), "nonsense"),
    ("a web page", Reply(200, b"<html></html>"), "nonsense"),
    ("not there", Reply(404), "platform_trouble"),
    ("overloaded", Reply(503), "platform_trouble"),
    ("signature refused", problem(401, "bad-signature"), "not_accepted"),
    ("hung up", HangUp(), "unreachable"),
    ("cut", Reply(200, signed(ENROLMENT), cut_after=30), "platform_trouble"),
]


@pytest.mark.parametrize(("step", "problem_name"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_every_way_to_fail_says_what_to_do_and_stores_nothing(
    server: FaultServer, client: PlatformClient, step: Step, problem_name: str
) -> None:
    store = MemoryDocuments()
    server.route("/v1/enrolments", step)
    with pytest.raises(EnrolmentFailed) as failed:
        enroll(client, claim_for(), store)
    assert failed.value.problem == problem_name
    assert set(failed.value.texts) == {"zh-CN", "en"} and all(failed.value.texts.values())
    assert store.kept == {}
    assert claim_for()[:9] not in str(failed.value)


def test_a_wrong_certificate_ends_enrolment_before_the_claim_is_sent(tmp_path: Any) -> None:
    with FaultServer(certificate=make_certificate(tmp_path, "somebody")) as impostor:
        client = PlatformClient(impostor.url, KEY)
        with pytest.raises(EnrolmentFailed) as failed:
            enroll(client, claim_for(), MemoryDocuments())
        client.close()
        assert (failed.value.problem, impostor.received) == ("wrong_certificate", [])


def test_enrolling_anew_with_another_platform_replaces_its_documents(server: FaultServer, client: PlatformClient) -> None:
    store = MemoryDocuments()
    for kind, document in GOOD.items():
        store.put(kind, '"old"', signed(document, OTHER_KEY))
    enroll(client, claim_for(), store)
    assert load_identity(store) is not None
    assert "if-none-match" not in server.received[1].headers


# --- claims ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        claim_for(),
        claim_for().lower(),
        claim_for().replace("-", ""),
        f"  {claim_for().replace('-', ' ')}\n",
        "".join(chr(ord(one) + 0xFEE0) for one in claim_for()),
        claim_for()[:-1] + chr(ord(claim_for()[-1]) + 1),
    ],
    ids=["printed", "lower case", "ungrouped", "blanks", "full width", "spare bits of the last letter"],
)
def test_a_claim_is_read_however_it_is_typed(typed: str) -> None:
    claim = Claim.parse(typed)
    assert claim.text == claim_for()
    assert EnrolmentRecord.from_line(signed(ENROLMENT)).is_from(claim.fingerprint)


@pytest.mark.parametrize(
    "typed",
    ["", "-", claim_for()[:-1], claim_for() + "A", claim_for().replace("O", "0", 1) + "0", "1" * 52, "泰" * 52, "A" * 5000],
    ids=["empty", "hyphen", "cut off", "too long", "zero", "ones", "characters", "endless"],
)
def test_a_mistyped_claim_is_refused_before_anything_is_sent(server: FaultServer, client: PlatformClient, typed: str) -> None:
    with pytest.raises(BadClaim):
        Claim.parse(typed)
    with pytest.raises(EnrolmentFailed) as failed:
        enroll(client, typed, MemoryDocuments())
    assert (failed.value.problem, server.received) == ("claim_malformed", [])


@pytest.mark.parametrize("line", [b"", b"{}", signed(POLICY), signed(ENROLMENT)[:-1], signed(ENROLMENT | {"platform_key": 5})])
def test_a_record_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(BadEnrolment):
        EnrolmentRecord.from_line(line)
