"""What becomes of entries: verdicts, marks, chains, order, simultaneous deliveries. docs/wire.md, “POST /v1/entries”."""

import itertools
import json
import random
import socket
import threading
from datetime import timedelta

import pytest
import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.platform import RunningPlatform, running_platform
from support.window import SignedAs, Window, opened, uuid7, wall

from central_platform import catalogues, documents
from central_platform.devices import set_revoked
from central_platform.identity import load_identity
from central_platform.schema import chains, entries
from sync import wire
from terminal_app.domain.journal import GENESIS, ClockQuality, Entry, Head
from terminal_app.domain.signed import canonical, digest, open_document, split_line, to_line


@pytest.fixture
def window(platform: RunningPlatform) -> Window:
    return Window(platform.url).enroll(platform.claim())


@pytest.fixture
def guest(shared_platform: RunningPlatform) -> Window:
    """A fresh window at the platform that this module's tables share."""
    return Window(shared_platform.url).enroll(shared_platform.claim())


def head_of(window: Window, answer: dict) -> tuple[int, str]:
    document = open_document(answer["checkpoints"][0].encode(), window.platform_key)
    assert document["device"] == window.device
    return document["seq"], document["hash"]


def stored_lines(platform: RunningPlatform) -> list[bytes]:
    query = sa.select(entries.c.line).order_by(entries.c.chain_id, entries.c.seq, entries.c.id)
    return platform.database.read(lambda connection: list(connection.execute(query).scalars()))


def verdicts(answer: dict) -> list[tuple[str, str | None]]:
    return [(one["status"], one["code"]) for one in answer["results"]]


def resigned(line: bytes, key: Ed25519PrivateKey, **changes: object) -> bytes:
    """The same entry with other fields, properly canonical and signed by `key`."""
    body = canonical(json.loads(split_line(line).body) | changes)
    return to_line(body, key.sign(digest(body)))


def test_new_entries_are_accepted_and_kept_byte_for_byte(platform: RunningPlatform, window: Window) -> None:
    """wire: `accepted`: stored durably; architecture §9: whoever holds the line holds what was signed."""
    sent = window.chain().session(4, 5)
    answer = window.send(sent)
    assert answer["device"] == "active"
    assert verdicts(answer) == [("accepted", None)] * 4
    assert [one["id"] for one in answer["results"]] == [entry.id for entry in sent]
    assert [one["index"] for one in answer["results"]] == [0, 1, 2, 3]
    assert stored_lines(platform) == [entry.line for entry in sent]


def test_the_same_bytes_again_are_a_duplicate_with_the_same_marks(platform: RunningPlatform, window: Window) -> None:
    """wire: `duplicate`: same id and same bytes are stored already; architecture §4.6."""
    sent = window.chain().session(1, verification="unverified")
    first, again = window.send(sent), window.send(sent)
    assert verdicts(again) == [("duplicate", None)] * 3
    assert [one["marks"] for one in again["results"]] == [one["marks"] for one in first["results"]]
    assert len(stored_lines(platform)) == 3
    assert head_of(window, again) == head_of(window, first)


def test_each_entry_has_its_own_verdict(platform: RunningPlatform, window: Window) -> None:
    """wire, table of refusals: nothing in a well-formed batch fails the rest of it."""
    good, taken, spoilt, foreign, stranger, last = (window.chain().write("paused", {}) for _ in range(6))
    window.send([taken])
    body = split_line(spoilt.line).body
    lines = [
        good.line,
        b"17",
        b'"text"',
        b"null",
        b'{"sig":"x","body":{}}',
        good.line.replace(b'{"sig"', b'{ "sig"'),
        resigned(taken.line, window.key, wall=wall(timedelta(seconds=1))),
        to_line(body, bytes(64)),
        resigned(foreign.line, window.key, device=uuid7()),
        resigned(stranger.line, Ed25519PrivateKey.generate()),
        resigned(last.line, window.key, id="not-a-uuid-but-thirty-six-characters"),
        resigned(last.line, window.key, wall="yesterday"),
        resigned(last.line, window.key, chain="AB" * 16),
        last.line,
        good.line,
    ]
    assert verdicts(window.send_lines(lines)) == [
        ("accepted", None),
        *[("refused", "unreadable")] * 5,
        ("refused", "id_taken"),
        ("refused", "bad_signature"),
        ("refused", "wrong_device"),
        ("refused", "bad_signature"),
        *[("refused", "unreadable")] * 3,
        ("accepted", None),
        ("duplicate", None),
    ]
    assert sorted(stored_lines(platform)) == sorted([good.line, taken.line, last.line])


def test_one_bad_signature_in_a_run_refuses_only_itself(window: Window) -> None:
    """architecture §9: one signature per contiguous run; a failed run is looked at entry by entry."""
    chain = window.chain()
    run = [chain.write("paused", {}) for _ in range(5)]
    spoilt = to_line(split_line(run[-1].line).body, bytes(64))
    answer = window.send_lines([*(entry.line for entry in run[:-1]), spoilt])
    assert verdicts(answer) == [("accepted", None)] * 4 + [("refused", "bad_signature")]
    assert verdicts(window.send(run[-1:])) == [("accepted", None)]


def test_a_run_cannot_smuggle_in_an_altered_entry(window: Window) -> None:
    """architecture §9: what a run's last signature covers is exactly what its hashes cover."""
    chain = window.chain()
    run = [chain.write("star_chosen", {"level": 1, "offset_ms": 1}, uuid7()) for _ in range(4)]
    body, signature = split_line(run[1].line)
    altered = to_line(body.replace(b'"level":1', b'"level":5'), signature)
    answer = window.send_lines([run[0].line, altered, run[2].line, run[3].line])
    assert verdicts(answer) == [("accepted", None), ("refused", "bad_signature"), ("accepted", None), ("accepted", None)]


def test_anothers_window_cannot_deliver_for_me(platform: RunningPlatform, window: Window) -> None:
    """wire: `wrong_device`: an entry belongs to the device that sends it."""
    other = Window(platform.url).enroll(platform.claim())
    entry = window.chain().write("paused", {})
    assert verdicts(other.send([entry])) == [("refused", "wrong_device")]
    assert verdicts(window.send([entry])) == [("accepted", None)]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("window_polished", {"with": ["cloth"], "times": 3}),
        ("star_chosen", {"level": 6, "offset_ms": 1}),
        ("star_chosen", {"level": True, "offset_ms": 1}),
        ("star_chosen", {"level": "5", "offset_ms": None}),
        ("star_chosen", {}),
        ("star_chosen", {"level": 5, "offset_ms": [1]}),
        ("reasons_chosen", {"level": 1, "reasons": [7, None], "skipped": False}),
        ("reasons_chosen", {"level": 1, "reasons": "110"}),
        ("reason_toggled", {"level": 1, "code": 110, "on": "yes"}),
        ("session_closed", {"outcome": "exploded", "submitted": 1}),
        ("session_opened", {"ticket": None, "covered": {}}),
        ("session_opened", {"ticket": {"cases": [{"number": 1}]}, "covered": ["\x00"]}),
        ("session_opened", {"ticket": {"cases": [{"number": "A\x00"}]}, "covered": ["A\x00"]}),
        ("session_opened", {"ticket": {"cases": [{"number": "A" * 101}]}, "covered": ["A" * 101]}),
        ("session_opened", {"ticket": {"cases": [{"number": "A1"}] * 201}, "covered": ["A1"]}),
        ("session_opened", {"ticket": {"cases": [{"number": "A1"}]}, "covered": ["A1"] * 201}),
        ("resumed", {"length_ms": "\x00\u2028"}),
        ("\x00", {}),
    ],
)
def test_what_is_well_signed_is_stored_whatever_it_says(
    shared_platform: RunningPlatform, guest: Window, kind: str, data: dict
) -> None:
    """architecture §4.5: refused only for what cannot be parsed or whose signature is wrong."""
    chain = guest.chain()
    session = uuid7()
    before = chain.session(4, case=f"CASE-{session[-8:]}", session=session, closed=False)
    odd = chain.write(kind, data, session)
    after = chain.write("session_closed", {"outcome": "rated", "submitted": False}, session)
    answer = guest.send([*before, odd, after])
    assert verdicts(answer) == [("accepted", None)] * 4
    known = kind in {"star_chosen", "reasons_chosen", "reason_toggled", "session_closed", "session_opened"}
    assert answer["results"][2]["marks"] == (["malformed_data"] if known else [])
    assert head_of(guest, answer) == (4, after.hash)
    (rating,) = [one for one in shared_platform.ratings() if one["session"] == session]
    assert (rating["level"], rating["outcome"]) == (4, "rated")
    assert rating["marks"] == (["malformed_data"] if known else [])


MARKS = [
    ("on time", "star_chosen", {"level": 5, "offset_ms": 1}, timedelta(), "synchronised", []),
    ("unverified ticket", "session_opened", opened(verification="unverified"), timedelta(),
     "synchronised", ["unverified_ticket"]),
    ("signed ticket", "session_opened", opened(verification="signed"), timedelta(), "synchronised", []),
    ("late", "paused", {}, timedelta(hours=-25), "synchronised", ["late"]),
    ("late, clock in doubt", "paused", {}, timedelta(hours=-25), "unsynchronised", ["late", "wrong_clock"]),
    ("not late yet", "paused", {}, timedelta(hours=-23), "unsynchronised", []),
    ("ahead", "paused", {}, timedelta(minutes=6), "synchronised", ["wrong_clock"]),
    ("ahead a little", "paused", {}, timedelta(minutes=4), "synchronised", []),
    ("known reason", "reason_toggled", {"level": 1, "code": "110", "text": "x", "on": True}, timedelta(), "synchronised", []),
    ("reason of another level", "reason_toggled", {"level": 2, "code": "110", "text": "x", "on": True}, timedelta(),
     "synchronised", ["unknown_reason"]),
    ("unknown reason", "reasons_chosen", {"level": 1, "reasons": [{"code": "999", "text": "x"}], "skipped": False}, timedelta(),
     "synchronised", ["unknown_reason"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "away", "quality", "marks"), [row[1:] for row in MARKS], ids=[row[0] for row in MARKS]
)
def test_objections_are_marks_on_a_stored_entry(
    guest: Window, kind: str, data: dict, away: timedelta, quality: str, marks: list[str]
) -> None:
    """wire: `marks` are objections that did not keep it from being stored; architecture §4.5."""
    entry = guest.chain().write(kind, data, uuid7(), at=wall(away), quality=ClockQuality(quality))
    (result,) = guest.send([entry])["results"]
    assert (result["status"], result["marks"]) == ("accepted", marks)


def test_a_retired_reason_is_not_an_unknown_one(platform: RunningPlatform) -> None:
    """regions: lists are versioned, a retired code is never reused."""

    def retire(connection: sa.Connection) -> None:
        identity, held = load_identity(connection), documents.current(connection, documents.CATALOGUE)
        assert held is not None
        other = documents.read_document(held.line)
        reasons = [*other["reasons"], {"code": "199", "level": 1, "core": False, "texts": {"zh-CN": "旧", "en": "old"}}]
        documents.publish(connection, identity, other | {"version": "0", "reasons": reasons})
        assert catalogues.retire(connection, identity, other["id"], "0", None)

    platform.database.write(retire)
    with running_platform(platform.db_url) as restarted:
        window = Window(restarted.url).enroll(restarted.claim())
        chain = window.chain()
        sent = [
            chain.write("reason_toggled", {"level": 1, "code": code, "text": "", "on": True}, uuid7())
            for code in ("199", "198")
        ]
        assert [one["marks"] for one in window.send(sent)["results"]] == [["retired_reason"], ["unknown_reason"]]


def test_out_of_order_arrival_moves_the_head_only_over_what_is_linked(window: Window) -> None:
    """wire: a checkpoint is the contiguous head that the platform holds."""
    chain = window.chain()
    run = [chain.write("paused", {}) for _ in range(6)]
    assert head_of(window, window.send([run[4]])) == (0, GENESIS)
    assert head_of(window, window.send([run[1], run[2]])) == (0, GENESIS)
    assert head_of(window, window.send([run[0]])) == (3, run[2].hash)
    assert head_of(window, window.send([run[5]])) == (3, run[2].hash)
    assert head_of(window, window.send([run[3]])) == (6, run[5].hash)


def test_a_broken_link_stops_the_head_and_nothing_else(window: Window) -> None:
    """architecture §9: “order” means chain order; an entry that links to something else is stored all the same."""
    chain = window.chain()
    first = chain.write("paused", {})
    chain.head = Head(chain.head.device, chain.head.chain, 1, "ab" * 32)
    astray = chain.write("paused", {})
    answer = window.send([first, astray])
    assert verdicts(answer) == [("accepted", None)] * 2
    assert head_of(window, answer) == (1, first.hash)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_two_hashes_at_one_place_are_a_fork_and_both_are_kept(
    platform: RunningPlatform, window: Window, together: bool
) -> None:
    """architecture §9: two hashes at one (chain, sequence) raise a fork; both are kept."""
    chain = window.chain()
    first = chain.write("paused", {})
    base = chain.head
    left = chain.write("paused", {"side": "left"})
    chain.head = base
    right = chain.write("paused", {"side": "right"})
    if together:
        answer = window.send([first, left, right])
        assert [one["marks"] for one in answer["results"]] == [[], ["fork"], ["fork"]]
    else:
        window.send([first, left])
        answer = window.send([right])
        assert answer["results"][0]["marks"] == ["fork"]
    assert verdicts(answer)[-1] == ("accepted", None)
    assert [one["marks"] for one in window.send([left, right])["results"]] == [["fork"], ["fork"]]
    assert platform.database.read(lambda connection: connection.execute(sa.select(chains.c.forked)).scalars().all()) == [True]
    assert "platform_forked_chains 1.0" in window.http.get(platform.url + "/metrics", timeout=10).text


def test_several_chains_have_a_checkpoint_each(window: Window) -> None:
    """wire: one checkpoint per chain in the batch."""
    one, two = window.chain(), window.chain()
    answer = window.send([one.write("paused", {}), two.write("paused", {}), two.write("paused", {})])
    heads = {open_document(line.encode(), window.platform_key)["chain"]: line for line in answer["checkpoints"]}
    assert set(heads) == {one.head.chain, two.head.chain}
    assert open_document(heads[two.head.chain].encode(), window.platform_key)["seq"] == 2


def test_a_batch_may_be_empty(window: Window) -> None:
    assert window.send([]) == {"device": "active", "results": [], "checkpoints": []}


def test_a_full_batch_is_taken_and_one_more_is_too_many(window: Window) -> None:
    """wire: at most 500 entries and 1 MiB (413 above it)."""
    chain = window.chain()
    run = [chain.write("paused", {}) for _ in range(wire.BATCH_ENTRIES + 1)]
    assert window.post(wire.ENTRIES, wire.entries_payload([entry.line for entry in run])).status_code == 413
    answer = window.send(run[:-1])
    assert head_of(window, answer) == (wire.BATCH_ENTRIES, run[-2].hash)


@pytest.mark.parametrize("declared", [True, False], ids=["with length", "chunked"])
def test_a_body_above_the_limit_is_too_large(guest: Window, declared: bool) -> None:
    """wire: 413 above 1 MiB."""
    body = b'{"entries":["' + b"x" * wire.BATCH_BYTES + b'"]}'
    data = body if declared else iter([body[: 1 << 19], body[1 << 19 :]])
    answer = guest.http.post(guest.url + wire.ENTRIES, data=data, headers={"Connection": "close"}, timeout=10)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == wire.PROBLEM_JSON


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"entries":{}}',
        b'{"entries":null}',
        b'{"entries":[',
        b"\xff\xfe",
        b'{"entries":' + b"[" * 5000,
    ],
)
def test_a_body_that_is_no_batch_is_a_problem(guest: Window, body: bytes) -> None:
    """wire, errors: RFC 9457."""
    answer = guest.post(wire.ENTRIES, body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == wire.PROBLEM_JSON
    assert answer.json()["type"] == "urn:rating-terminal:problem:unreadable-request"


def test_simultaneous_deliveries_of_one_batch_leave_one_copy(platform: RunningPlatform, window: Window) -> None:
    """architecture §4.6: a lost answer is sent again with the same bytes; exactly one copy, and no error."""
    chain = window.chain()
    sent = list(itertools.chain.from_iterable(chain.session(3, case=f"CASE-{n:06d}") for n in range(10)))
    body = wire.entries_payload([entry.line for entry in sent])
    senders = 6
    start = threading.Barrier(senders)
    answers: list = []

    def deliver() -> None:
        own = Window(platform.url, window.key)
        start.wait()
        answers.extend(own.post(wire.ENTRIES, body) for _ in range(3))

    threads = [threading.Thread(target=deliver) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.status_code for answer in answers] == [200] * (senders * 3)
    counts = [sum(one["status"] == "accepted" for one in answer.json()["results"]) for answer in answers]
    assert sorted(counts) == [0] * (len(counts) - 1) + [len(sent)]
    assert sorted(stored_lines(platform)) == sorted(entry.line for entry in sent)
    assert len(platform.ratings()) == 10


def test_windows_that_rate_one_case_at_once_agree_who_was_first(platform: RunningPlatform) -> None:
    """architecture §4.5: already rated is a mark; the first in time keeps the case, however the deliveries interleave."""
    case = "2026TA777777"
    windows = [Window(platform.url).enroll(platform.claim(number=f"A{n}")) for n in range(4)]
    sessions = [window.chain().session(n + 1, case=case) for n, window in enumerate(windows)]
    start = threading.Barrier(len(windows))

    def deliver(window: Window, session: list[Entry]) -> None:
        start.wait()
        for entry in session:
            assert window.statuses([entry]) == ["accepted"]

    threads = [threading.Thread(target=deliver, args=pair) for pair in zip(windows, sessions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ratings = sorted(platform.ratings(), key=lambda one: (one["rated_at"], one["session"]))
    assert [one["marks"] for one in ratings] == [[], ["already_rated"], ["already_rated"], ["already_rated"]]


def test_a_revoked_device_is_stored_with_a_mark_and_told(platform: RunningPlatform, window: Window) -> None:
    """wire: a revoked device's entries are stored all the same; documents answer 403."""
    chain = window.chain()
    assert window.send([chain.write("paused", {})])["device"] == "active"
    assert platform.database.write(lambda connection: set_revoked(connection, window.device, 1))
    answer = window.send([chain.write("resumed", {"length_ms": 5})])
    assert answer["device"] == "revoked"
    assert verdicts(answer) == [("accepted", None)]
    assert answer["results"][0]["marks"] == ["revoked_device"]
    refused = window.get(wire.POLICY)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:rating-terminal:problem:device-revoked")
    assert platform.database.write(lambda connection: set_revoked(connection, window.device, None))
    assert window.get(wire.POLICY).status_code == 200
    assert window.send([chain.write("paused", {})])["device"] == "active"


def shuffled_deliveries(sent: list[Entry], seed: int) -> list[list[Entry]]:
    """The same entries in another order, cut into batches, some of them sent twice."""
    chance = random.Random(seed)
    pile = sent + chance.sample(sent, len(sent) // 3)
    chance.shuffle(pile)
    batches = []
    while pile:
        cut = chance.randint(1, 6)
        batches.append(pile[:cut])
        pile = pile[cut:]
    return batches


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_arrival_changes_no_rating(platform: RunningPlatform, window: Window, seed: int) -> None:
    """architecture §9: “order” always means chain order, never arrival; a rating is a fold over its session's entries."""
    chain = window.chain()
    rounds = [("CASE-000001", (4, 2)), ("CASE-000002", ()), ("CASE-000001", (5,)), ("CASE-000003", (1, 1, 3))]
    sent = [
        entry
        for second, (case, levels) in enumerate(rounds)
        for entry in chain.session(*levels, case=case, at=wall(timedelta(seconds=second)))
    ]
    for batch in shuffled_deliveries(sent, seed):
        window.send(batch)
    said = {one["session"]: (one["level"], one["stars"], one["outcome"], one["marks"]) for one in platform.ratings()}
    expected = [
        (2, [[4, 1500], [2, 1510]], "rated", []),
        (None, [], "timed_out", []),
        (5, [[5, 1500]], "rated", ["already_rated"]),
        (3, [[1, 1500], [1, 1510], [3, 1520]], "rated", []),
    ]
    order = list(dict.fromkeys(entry.session for entry in sent))
    assert [said[session] for session in order if session] == expected
    assert head_of(window, window.send(sent[:1]))[0] == len(sent)


def test_a_connection_that_breaks_off_stores_nothing_and_harms_nobody(
    platform: RunningPlatform, window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    """issue, bad input: cut in the middle; the same bytes are taken in afterwards."""
    entry = window.chain().write("paused", {})
    body = wire.entries_payload([entry.line])
    request = window.http.prepare_request(
        requests.Request("POST", platform.url + wire.ENTRIES, data=body, auth=SignedAs(window.key))
    )
    head = f"POST {wire.ENTRIES} HTTP/1.1\r\nHost: {platform.url.removeprefix('http://')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items()) + "\r\n"
    host, port = platform.url.removeprefix("http://").split(":")
    for cut in (0, 1, len(body) // 2, len(body) - 1):
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(head.encode() + body[:cut])
    assert stored_lines(platform) == []
    assert window.statuses([entry]) == ["accepted"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_requests_of_an_unknown_or_wrong_key_are_401(platform: RunningPlatform, window: Window) -> None:
    """wire, requests: an unknown key or a wrong signature is 401; nothing is stored."""
    body = wire.entries_payload([window.chain().write("paused", {}).line])
    assert window.post(wire.ENTRIES, body, SignedAs(Ed25519PrivateKey.generate())).status_code == 401
    assert window.http.post(platform.url + wire.ENTRIES, data=body, timeout=10).status_code == 401
    asked = requests.Request("POST", platform.url + wire.ENTRIES, data=body, auth=SignedAs(window.key))
    request = window.http.prepare_request(asked)
    request.body = body.replace(b"paused", b"reused")
    assert window.http.send(request, timeout=10).status_code == 401
    assert stored_lines(platform) == []
