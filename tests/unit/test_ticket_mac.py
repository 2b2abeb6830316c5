"""Signed tickets: which bytes a code covers in each notation, and when a ticket counts as signed (issue 6, point 7)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_app.application.ticket_check import TicketCheck
from terminal_app.domain.journal import ClockQuality, Moment
from terminal_app.domain.ticket import CaseTicket, Verification, parse_ticket
from terminal_app.domain.ticket_mac import is_genuine, read_mac, ticket_mac

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
WINDOW_S = 3600
NOTATIONS = {
    "fields": ("case=TA20261121000417|name=居住证|mac=", ""),
    "query": ("https://x.example/t?case=TA20261121000417&mac=", ""),
    "json": ('{"case":"TA20261121000417","mac":"', '"}'),
    "spaced json": ('{"case": "TA20261121000417", "mac": "', '"}'),
}


def at(seconds: float = 0.0) -> Moment:
    return Moment((NOW + timedelta(seconds=seconds)).isoformat(), 0, "boot", ClockQuality.SYNCHRONISED)


def written(notation: str = "fields", ticket: str = "K7f3aa01", made: float = 0.0, secret: bytes = SECRET) -> bytes:
    before, after = NOTATIONS[notation]
    said = f"{before}{ticket}.{int(NOW.timestamp() + made)}".encode()
    return said + b"." + ticket_mac(secret, said).encode() + after.encode()


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_good_code_makes_a_ticket_signed_and_leaves_it_readable(notation: str) -> None:
    payload = written(notation)
    ticket = parse_ticket(payload)
    assert isinstance(ticket, CaseTicket)
    assert ticket.first.number == "TA20261121000417"
    assert TicketCheck(SECRET, WINDOW_S)(payload, at()) is Verification.SIGNED


DOUBTS = {
    "no code": (b"case=TA20261121000417", 0.0),
    "another secret": (written(secret=b"x" * 32), 0.0),
    "too old": (written(made=-WINDOW_S - 1), 0.0),
    "from the future": (written(made=WINDOW_S + 1), 0.0),
    "something behind it": (written() + b"|case=TA20261121000999", 0.0),
    "kept until its time was over": (written(), WINDOW_S + 1.0),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_ticket_in_doubt_counts_as_unverified(doubt: str) -> None:
    """Its case can be rated all the same: no secret that was lost costs anybody a rating."""
    payload, later = DOUBTS[doubt]
    assert TicketCheck(SECRET, WINDOW_S)(payload, at(later)) is Verification.UNVERIFIED


@given(st.data())
def test_no_byte_under_the_code_can_be_changed(data: st.DataObject) -> None:
    payload = bytearray(written())
    place = data.draw(st.integers(0, len(payload) - 66))
    payload[place] ^= data.draw(st.integers(1, 255))
    found = read_mac(bytes(payload))
    assert found is None or not is_genuine(found, SECRET)


def test_an_id_counts_once_within_the_window() -> None:
    """Issue 6, point 7: replay window by ticket id."""
    check = TicketCheck(SECRET, WINDOW_S)
    assert check(written(), at()) is Verification.SIGNED
    assert check(written(), at(5)) is Verification.UNVERIFIED
    assert check(written("query"), at(5)) is Verification.UNVERIFIED
    assert check(written(ticket="K7f3aa02"), at(5)) is Verification.SIGNED


def test_a_forged_ticket_does_not_use_up_an_id() -> None:
    check = TicketCheck(SECRET, WINDOW_S)
    check(written(secret=b"x" * 32), at())
    assert check(written(), at()) is Verification.SIGNED


def test_ids_are_forgotten_once_their_time_would_be_refused_anyway() -> None:
    check = TicketCheck(SECRET, WINDOW_S)
    for number in range(50):
        check(written(ticket=f"old-{number:06d}"), at())
    check(written(ticket="fresh-01", made=WINDOW_S + 1), at(WINDOW_S + 1))
    assert list(check._used) == ["fresh-01"]


def test_no_word_of_a_ticket_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    TicketCheck(SECRET, WINDOW_S)(written(secret=b"x" * 32), at())
    assert "TA20261121000417" not in caplog.text
    assert "K7f3aa01" not in caplog.text
    assert "wrong" in caplog.text
