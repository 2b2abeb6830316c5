"""`verify` finds what was changed behind the platform's back. docs/trust.md: the operator of a database."""

import base64
import itertools
import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.platform import RunningPlatform
from support.window import Chain, Window, opened, uuid7, wall

from central_platform import cli
from central_platform.schema import chains, entries, rating_keys, ratings, receipts
from central_platform.verification import verify
from terminal_app.domain.journal import Entry
from terminal_app.domain.signed import split_line, to_line

RECEIPTS = [base64.urlsafe_b64encode(bytes([n]) * 32).decode().rstrip("=") for n in range(3)]


@pytest.fixture
def sent(platform: RunningPlatform) -> list[Entry]:
    """Three rated sessions of one window."""
    window = Window(platform.url).enroll(platform.claim())
    chain = window.chain()
    lines = [entry for n in range(3) for entry in chain.session(n + 1, case=f"CASE-{n:06d}", receipt=RECEIPTS[n])]
    window.send(lines)
    return lines


def findings(platform: RunningPlatform) -> list[tuple[str, int | None]]:
    with platform.database.connect() as connection:
        return [(one.what, one.seq) for one in verify(connection).findings]


def at(seq: int) -> sa.ColumnElement[bool]:
    return entries.c.seq == seq


def flip_star(connection: sa.Connection, sent: list[Entry]) -> None:
    line = sent[4].line.replace(b'"level":2', b'"level":5')
    assert line != sent[4].line
    connection.execute(sa.update(entries).where(at(5)).values(line=line))


def spoil_signature(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.update(entries).where(at(5)).values(line=to_line(split_line(sent[4].line).body, bytes(64))))


def replace_by_nonsense(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.update(entries).where(at(5)).values(line=b"nonsense"))


def drop_from_the_middle(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.delete(entries).where(at(5)))


def drop_the_beginning(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.delete(entries).where(entries.c.seq <= 3))
    connection.execute(sa.delete(ratings).where(ratings.c.session == bytes.fromhex(str(sent[0].session).replace("-", ""))))


def drop_the_end(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.delete(entries).where(entries.c.seq >= 7))


def move_to_another_session(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.update(entries).where(at(5)).values(session=bytes(16)))


def raise_a_rating(connection: sa.Connection, sent: list[Entry]) -> None:
    held = connection.execute(sa.select(ratings.c.document).order_by(ratings.c.revision).limit(1)).scalar_one()
    better = json.dumps(json.loads(held) | {"level": 5}, ensure_ascii=False, separators=(",", ":"))
    connection.execute(sa.update(ratings).where(ratings.c.document == held).values(document=better))


def delete_a_rating(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.delete(ratings).where(ratings.c.revision == 1))


def invent_a_rating(connection: sa.Connection, sent: list[Entry]) -> None:
    row = connection.execute(sa.select(ratings).limit(1)).mappings().one()
    connection.execute(sa.insert(ratings).values(dict(row) | {"session": bytes(16), "revision": 999}))


def remove_a_receipt(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.delete(receipts).where(receipts.c.hash == bytes(32)))


def move_a_receipt(connection: sa.Connection, sent: list[Entry]) -> None:
    """Somebody's receipt shows somebody else's rating."""
    other = bytes.fromhex(str(sent[-1].session).replace("-", ""))
    connection.execute(sa.update(receipts).where(receipts.c.hash == bytes(32)).values(session=other))


def invent_a_receipt(connection: sa.Connection, sent: list[Entry]) -> None:
    device = connection.execute(sa.select(receipts.c.device_id).limit(1)).scalar_one()
    connection.execute(sa.insert(receipts).values(hash=bytes([9]) * 32, session=bytes(16), device_id=device))


def move_the_head(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.update(chains).values(head_hash=bytes(32)))


def claim_to_follow(connection: sa.Connection, sent: list[Entry]) -> None:
    """An alarm that no terminal's entry tells of."""
    connection.execute(sa.update(chains).values(follows_chain=bytes(16), follows_seq=1, follows_hash=bytes(32)))


def spoil_the_last_signature(connection: sa.Connection, sent: list[Entry]) -> None:
    connection.execute(sa.update(entries).where(at(9)).values(line=to_line(split_line(sent[8].line).body, bytes(64))))


def change_what_it_rates(connection: sa.Connection, sent: list[Entry]) -> None:
    """As if it had been rated before: the mark would follow with the next projection."""
    connection.execute(sa.update(rating_keys).values(rank="0"))


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (flip_star, {("misfiled", 5), ("bad_signature", 5), ("broken_link", 6), ("altered_rating", None)}),
        (replace_by_nonsense, {("unreadable", 5), ("gap", 5), ("altered_rating", None), ("altered_keys", None)}),
        (drop_from_the_middle, {("gap", 5), ("altered_rating", None), ("altered_keys", None)}),
        (drop_the_beginning, {("gap", 1), ("invented_receipt", None)}),
        (drop_the_end, {("missing_end", 7), ("invented_rating", None), ("invented_receipt", None)}),
        (
            move_to_another_session,
            {("misfiled", 5), ("altered_rating", None), ("missing_rating", None), ("altered_keys", None)},
        ),
        (raise_a_rating, {("altered_rating", None)}),
        (delete_a_rating, {("missing_rating", None)}),
        (invent_a_rating, {("invented_rating", None)}),
        (remove_a_receipt, {("missing_receipt", None)}),
        (move_a_receipt, {("missing_receipt", None), ("invented_receipt", None)}),
        (invent_a_receipt, {("invented_receipt", None)}),
        (move_the_head, {("altered_head", 9)}),
        (claim_to_follow, {("altered_head", 1)}),
        (spoil_the_last_signature, {("bad_signature", 9)}),
        (change_what_it_rates, {("altered_keys", None)}),
    ],
)
def test_tampering_is_found(
    platform: RunningPlatform,
    sent: list[Entry],
    tamper: Callable[[sa.Connection, list[Entry]], None],
    expected: set[tuple[str, int | None]],
) -> None:
    """issue, command `verify`; architecture §9."""
    assert findings(platform) == []
    platform.database.write(lambda connection: tamper(connection, sent))
    assert set(findings(platform)) == expected


def test_a_spoiled_signature_under_a_whole_chain_takes_the_thorough_check(platform: RunningPlatform, sent: list[Entry]) -> None:
    """docs/trust.md: nothing that the entry says has changed."""
    platform.database.write(lambda connection: spoil_signature(connection, sent))
    assert findings(platform) == []
    with platform.database.connect() as connection:
        report = verify(connection, every_signature=True)
    assert [(one.what, one.seq) for one in report.findings] == [("bad_signature", 5)]


def test_the_command_tells_findings_and_counts(
    platform: RunningPlatform, sent: list[Entry], capsys: pytest.CaptureFixture[str]
) -> None:
    """issue: exit codes documented, --json where a program would read it."""
    assert cli.main(["verify", "--db", platform.db_url]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 devices, 1 chains, 9 entries, 3 ratings, 3 receipts: no findings"
    platform.database.write(lambda connection: drop_from_the_middle(connection, sent))
    assert cli.main(["verify", "--json", "--db", platform.db_url]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["entries"], report["chains"], report["ratings"]) == (8, 1, 3)
    assert {one["what"] for one in report["findings"]} == {"gap", "altered_rating", "altered_keys"}
    assert report["findings"][0]["device"] == sent[0].device
    assert (report["first"]["what"], report["first"]["seq"]) == ("gap", 5)
    assert cli.main(["verify", "--db", platform.db_url, "--device", sent[0].device]) == 1
    assert cli.main(["verify", "--db", platform.db_url, "--device", "nobody"]) == 1
    assert "device list" in capsys.readouterr().err


def test_a_check_beside_arriving_entries_finds_nothing(platform: RunningPlatform, sent: list[Entry]) -> None:
    """A check sees one moment, whatever is taken in meanwhile."""
    window = Window(platform.url).enroll(platform.claim())
    chain = window.chain()
    enough = threading.Event()

    def deliver() -> None:
        for n in itertools.count():
            for entry in chain.session(3, case=f"BUSY-{n:06d}"):
                window.send([entry])
            if enough.is_set():
                return

    sender = threading.Thread(target=deliver)
    sender.start()
    try:
        assert [findings(platform) for _ in range(8)] == [[]] * 8
    finally:
        enough.set()
        sender.join(30)


def test_forks_gaps_and_odd_entries_are_told_without_harming_ratings(platform: RunningPlatform) -> None:
    """architecture §9: a fork raises an alarm; ratings are what the entries say, whatever else is wrong."""
    window = Window(platform.url).enroll(platform.claim())
    chain: Chain = window.chain()
    session = uuid7()
    first = chain.write("session_opened", opened(), session, at=wall(timedelta(seconds=-3)))
    base = chain.head
    left = chain.write("star_chosen", {"level": 2, "offset_ms": 5}, session)
    chain.head = base
    right = chain.write("star_chosen", {"level": 4, "offset_ms": 5}, session)
    chain.write("paused", {})
    odd = chain.write("star_chosen", {"level": "five"}, session)
    window.send([odd, right, first, left])
    assert {what for what, _ in findings(platform)} == {"fork", "gap"}
    (rating,) = platform.ratings()
    assert rating["marks"] == ["fork", "malformed_data"]
    assert rating["level"] in {2, 4}
