"""Case tickets in every notation and encoding (device protocols, “Case tickets”; interfaces, “The common field set”)."""

import json
import re
from dataclasses import asdict
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.identity import identity_number

from terminal_app.domain.signed import canonical
from terminal_app.domain.ticket import (
    MAX_CASES,
    MAX_PAYLOAD_BYTES,
    Case,
    CaseKind,
    CaseTicket,
    Grouping,
    Refusal,
    TicketRefused,
    Verification,
    mask_case_number,
    parse_ticket,
    ticket_data,
    ticket_from_data,
)

NUMBER = "TA202611210417"
SECOND = "TA202611210418"
FULL = CaseTicket(
    cases=(Case(NUMBER, "11370900004341048XN2000119017000", "公司设立登记（内资）", CaseKind.COMMITTED, "2"),),
    staff_number="TA0101",
    staff_name="示例员",
    accepting_body="行政审批服务局",
    served_at="2026-11-21 10:32:05",
    service_count=2,
)
FULL_FIELDS = {
    "case": NUMBER,
    "matter": "11370900004341048xn2000119017000",
    "name": "公司设立登记（内资）",
    "kind": "承诺件",
    "visit": "2",
    "staff": "ta0101",
    "staff_name": "示例员",
    "body": "行政审批服务局",
    "time": "2026-11-21 10:32:05",
    "count": "2",
}
PERSON = {
    "person": "示例人",
    "userName": "示例人",
    "certKey": identity_number(),
    "phone": "13800000000",
    "promiseTime": "1",
    "served": "示*人",
}


def good(payload: bytes, pattern: re.Pattern[str] | None = None) -> CaseTicket:
    ticket = parse_ticket(payload, pattern)
    assert isinstance(ticket, CaseTicket), ticket
    return ticket


def numbers(payload: bytes) -> list[str]:
    return [case.number for case in good(payload).cases]


def written(fields: dict[str, str], notation: str, encoding: str) -> bytes:
    match notation:
        case "json":
            return json.dumps(fields, ensure_ascii=False).encode(encoding)
        case "json_list":
            return json.dumps([fields], ensure_ascii=False).encode(encoding)
        case "escaped_json":
            return json.dumps(fields).encode(encoding)
        case "url":
            query = "&".join(f"{key}={quote(value, encoding=encoding)}" for key, value in fields.items())
            return f"https://example.invalid/rate?{query}".encode()
        case "url_behind_hash":
            query = "&".join(f"{key}={quote(value, encoding=encoding)}" for key, value in fields.items())
            return f"https://example.invalid/#/rate?{query}".encode()
        case _:
            return "|".join(f"{key}={value}" for key, value in fields.items()).encode(encoding)


NOTATIONS = ["json", "escaped_json", "url", "url_behind_hash", "fields"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_all_fields_in_every_notation_and_encoding(notation: str, encoding: str) -> None:
    assert good(written(FULL_FIELDS, notation, encoding)) == FULL


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_nothing_about_a_person_is_kept(notation: str, encoding: str) -> None:
    ticket = good(written(PERSON | FULL_FIELDS | PERSON, notation, encoding))
    assert ticket == FULL
    assert not [value for value in PERSON.values() if len(value) > 1 and value in repr(asdict(ticket))]


@pytest.mark.parametrize("field", ["matter", "name", "visit", "staff", "staff_name", "body", "time"])
def test_a_field_that_holds_an_identity_number_is_left_out(field: str) -> None:
    for text in (identity_number(), "".join(chr(ord(c) + 0xFEE0) for c in identity_number()), f"某人 {identity_number()}"):
        ticket = good(f"case={NUMBER}|{field}={text}".encode())
        assert ticket == CaseTicket((Case(NUMBER),))


@pytest.mark.parametrize(
    "payload",
    [
        b"TA202611210417",
        b"ta202611210417",
        b"  TA202611210417\r\n",
        b"\x02TA202611210417\x03",
        b"\x1dTA202611210417\x1d",
        b"]C0TA202611210417",
        b"]C1\x1dTA202611210417\r",
        b"\r\n]Q3TA202611210417",
        b"\x00]d2TA202611210417\x00\x00",
        "\ufeffTA202611210417".encode(),
        "ＴＡ２０２６１１２１０４１７".encode(),
        "ＴＡ２０２６１１２１０４１７".encode("gb18030"),
        "　TA２０２６11210417　".encode("gb18030"),
        b"case=TA202611210417|x",
        b']Q3{"case":"TA202611210417"}\r',
    ],
)
def test_a_single_case_number_as_devices_send_it(payload: bytes) -> None:
    assert good(payload) == CaseTicket((Case(NUMBER),))


@pytest.mark.parametrize("number", ["A_B-12", "202611", "3" * 12, "3" * 20, "X" * 50])
def test_case_numbers_are_opaque(number: str) -> None:
    assert numbers(number.encode()) == [number]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Refusal.EMPTY),
        (b" \r\n\x1d", Refusal.EMPTY),
        (b"]C0", Refusal.EMPTY),
        (b"\xff\xff\xff", Refusal.ENCODING),
        ("办件".encode("utf-16"), Refusal.ENCODING),
        (b"\x81", Refusal.ENCODING),
        (b"A" * (MAX_PAYLOAD_BYTES + 1), Refusal.TOO_LONG),
        (b"\xff" * (MAX_PAYLOAD_BYTES + 1), Refusal.TOO_LONG),
        (b"A" * MAX_PAYLOAD_BYTES, Refusal.BAD_CASE_NUMBER),
        (b"AB123", Refusal.BAD_CASE_NUMBER),
        (b"A" * 51, Refusal.BAD_CASE_NUMBER),
        (b"TA2026 0417", Refusal.BAD_CASE_NUMBER),
        (b"TA20260417,TA20260418", Refusal.BAD_CASE_NUMBER),
        ("办件20261121".encode(), Refusal.BAD_CASE_NUMBER),
        ("办件20261121".encode("gb18030"), Refusal.BAD_CASE_NUMBER),
        (b'{"case":"no"}', Refusal.BAD_CASE_NUMBER),
        (b'{"case":"TA2026/0417"}', Refusal.BAD_CASE_NUMBER),
        (b'{"cases":["TA20260417","?"]}', Refusal.BAD_CASE_NUMBER),
        (b"{", Refusal.MALFORMED),
        (b'{"case":"TA20260417"', Refusal.MALFORMED),
        (b'{"case":"TA20260417"} x', Refusal.MALFORMED),
        (b"[" * 4096, Refusal.MALFORMED),
        (b'{"a":' * 800, Refusal.MALFORMED),
        (b'{"case":1.5}', Refusal.MALFORMED),
        (b'{"case":true}', Refusal.MALFORMED),
        (b'{"case":NaN}', Refusal.MALFORMED),
        (b'{"case":{}}', Refusal.MALFORMED),
        (b'{"cases":[[]]}', Refusal.MALFORMED),
        (b'{"cases":[{"name":"x"}]}', Refusal.MALFORMED),
        (b'["TA20260417",', Refusal.MALFORMED),
        (b"case=[1|", Refusal.MALFORMED),
        (b"http://example.invalid/?case=%FF%FF", Refusal.MALFORMED),
        (b"{}", Refusal.NO_CASE),
        (b"[]", Refusal.NO_CASE),
        (b'{"case":""}', Refusal.NO_CASE),
        (b'{"case":null,"name":"x"}', Refusal.NO_CASE),
        (b'{"number":"TA20260417"}', Refusal.NO_CASE),
        (b'{"data":{"case":"TA20260417"}}', Refusal.NO_CASE),
        (b"name=x|staff=1", Refusal.NO_CASE),
        (b"case=|name=x", Refusal.NO_CASE),
        (b"case=,,", Refusal.NO_CASE),
        (b"https://example.invalid/TA20260417", Refusal.NO_CASE),
        (b"https://example.invalid/?x=1", Refusal.NO_CASE),
        (b"http://[", Refusal.NO_CASE),
    ],
)
def test_what_is_no_ticket_is_refused_with_its_reason(payload: bytes, reason: Refusal) -> None:
    assert parse_ticket(payload) == TicketRefused(reason)


@pytest.mark.parametrize(
    "payload",
    [
        b"case=TA202611210417,TA202611210418",
        "case=TA202611210417，TA202611210418".encode("gb18030"),
        b"case=TA202611210417|case=TA202611210418",
        b"case= TA202611210417 ,, ta202611210418 ,",
        b'{"case":"TA202611210417,TA202611210418"}',
        b'{"case":["TA202611210417","TA202611210418"]}',
        b'{"cases":["TA202611210417","TA202611210418"]}',
        b'{"cases":[{"case":"TA202611210417"},{"projectNo":"TA202611210418"}]}',
        b'{"cases":[{"number":"TA202611210417"},"TA202611210418"]}',
        b'{"cases":"TA202611210417,TA202611210418"}',
        b'{"cases":["TA202611210417",null,""],"case":"TA202611210418"}',
        b'["TA202611210417",{"case":"TA202611210418"}]',
        b"https://example.invalid/r?case=TA202611210417&case=TA202611210418",
        b"https://example.invalid/r?case=TA202611210417,TA202611210418",
        b"example.invalid/r?case=TA202611210417%2CTA202611210418",
        b"https://example.invalid/?a=1#/r?projectNo=TA202611210417,TA202611210418",
        b"https://example.invalid/r?cases=%5B%22TA202611210417%22,%22TA202611210418%22%5D",
        b'cases=["TA202611210417","TA202611210418"]|group=batch',
    ],
)
def test_several_cases_are_a_batch(payload: bytes) -> None:
    """taian 二(四)2: two or more cases in one submission are rated once."""
    ticket = good(payload)
    assert [case.number for case in ticket.cases] == [NUMBER, SECOND]
    assert ticket.grouping is Grouping.BATCH


@pytest.mark.parametrize(
    ("cases", "group", "expected"),
    [
        (1, None, Grouping.SINGLE),
        (1, "batch", Grouping.SINGLE),
        (1, "chain", Grouping.SINGLE),
        (2, None, Grouping.BATCH),
        (2, "single", Grouping.BATCH),
        (2, "batch", Grouping.BATCH),
        (2, "CHAIN", Grouping.CHAIN),
        (2, "something", Grouping.BATCH),
        (1, "follow_up", Grouping.FOLLOW_UP),
        (2, "follow_up", Grouping.FOLLOW_UP),
    ],
)
def test_grouping(cases: int, group: str | None, expected: Grouping) -> None:
    fields: dict[str, object] = {"cases": [NUMBER, SECOND][:cases]} | ({"group": group} if group else {})
    assert good(json.dumps(fields).encode()).grouping is expected


@pytest.mark.parametrize(
    ("state", "finished"),
    [
        *((text, True) for text in ("finished", "FINISHED", "办结", "已办结")),
        *((text, False) for text in ("unfinished", "在办", "未办结", "办理中")),
        *((text, None) for text in ("", "1", "done?")),
    ],
)
def test_whether_a_case_is_finished_is_what_the_ticket_says_and_nothing_else(state: str, finished: bool | None) -> None:
    """taian 二(四)1; docs/devices.md, “What a ticket says”."""
    assert good(f"case={NUMBER}|state={state}".encode()).first.finished is finished


@pytest.mark.parametrize("kind", ["online", "网办", "网办件", "全程网办"])
def test_a_wholly_online_case(kind: str) -> None:
    """taian 二(四)1; xian-huyi 四(四)."""
    assert good(f"case={NUMBER}|kind={kind}".encode()).first.kind is CaseKind.ONLINE


def test_one_case_twice_is_one_and_the_first_says_what_it_is() -> None:
    payload = f'{{"cases":[{{"case":"{NUMBER}","name":"甲"}},"{SECOND}",{{"case":"{NUMBER.lower()}","name":"乙"}}]}}'
    assert [(case.number, case.matter_name) for case in good(payload.encode()).cases] == [(NUMBER, "甲"), (SECOND, None)]


def test_fields_of_the_ticket_hold_for_each_case_that_has_none_of_its_own() -> None:
    payload = (
        '{"name":"甲","kind":"即办件","visit":3,"cases":["A000001",{"case":"A000002","name":"乙","kind":"自助","visit":"V1"}]}'
    )
    assert good(payload.encode()).cases == (
        Case("A000001", None, "甲", CaseKind.IMMEDIATE, "3"),
        Case("A000002", None, "乙", CaseKind.SELF_SERVICE, "V1"),
    )


def test_at_most_two_hundred_cases() -> None:
    many = [f"A{number:06}" for number in range(MAX_CASES + 1)]
    assert numbers(",".join(["case=" + many[0], *many[1:-1]]).encode()) == many[:-1]
    assert parse_ticket(("case=" + ",".join(many)).encode()) == TicketRefused(Refusal.MALFORMED)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("即办件", CaseKind.IMMEDIATE),
        ("承诺件", CaseKind.COMMITTED),
        ("自助", CaseKind.SELF_SERVICE),
        ("immediate", CaseKind.IMMEDIATE),
        ("Committed", CaseKind.COMMITTED),
        ("self_service", CaseKind.SELF_SERVICE),
        ("1", CaseKind.UNKNOWN),
        ("", CaseKind.UNKNOWN),
    ],
)
def test_kinds(kind: str, expected: CaseKind) -> None:
    assert good(f"case={NUMBER}|kind={kind}".encode()).first.kind is expected


@pytest.mark.parametrize("value", ["1", "2"])
def test_promise_time_is_not_read(value: str) -> None:
    """Interfaces, “Where published tables contradict each other”: 1 is 即办 in Shandong and 承诺 in Zhejiang."""
    assert good(f"projectNo={NUMBER}|promiseTime={value}".encode()).first.kind is CaseKind.UNKNOWN


def test_the_common_field_set() -> None:
    fields = {
        "projectNo": NUMBER,
        "taskCode": "1" * 31,
        "taskHandleItem": "1" * 31 + "02",
        "taskName": "设立登记",
        "deptCode": "11370900004341048X",
        "serviceNumber": 3,
        "serviceTime": "2026-11-21 10:32:05",
        "areaCode": "370900000000",
        "userName": "示例人",
    }
    expected = CaseTicket(
        (Case(NUMBER, "1" * 31 + "02", "设立登记", visit="3"),),
        accepting_body="11370900004341048X",
        served_at="2026-11-21 10:32:05",
        service_count=3,
    )
    assert good(json.dumps(fields).encode()) == expected
    assert good(json.dumps({key.upper(): value for key, value in fields.items()}).encode()) == expected
    assert good(json.dumps(fields | {"taskHandleItem": ""}).encode()).first.matter_code == "1" * 31
    assert good(json.dumps(fields | {"visit": "V2"}).encode()).first.visit == "V2", "a visit number of its own comes first"


def test_our_own_spelling_goes_before_the_common_one() -> None:
    assert numbers(f'{{"projectNo":"{SECOND}","case":"{NUMBER}"}}'.encode()) == [NUMBER]
    assert numbers(f'{{"projectNo":"{SECOND}","case":""}}'.encode()) == [SECOND]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("count", count) for count in ("0", "-1", "many", "1" * 9)),
        *(("visit", visit) for visit in ("a b", "第二次", "1" * 51)),
        *(("time", time) for time in ("gestern", "2026", "1" * 33)),
        *(("name", name) for name in ("", " \u200b ")),
        ("staff", "王 五"),
    ],
)
def test_a_field_that_cannot_be_used_does_not_cost_the_ticket(field: str, value: str) -> None:
    assert good(f"case={NUMBER}|{field}={value}".encode()) == CaseTicket((Case(NUMBER),))


def test_a_field_without_a_sign_is_passed_over() -> None:
    assert good(f"case={NUMBER}|name=甲|乙|staff=7".encode()) == CaseTicket((Case(NUMBER, None, "甲"),), staff_number="7")


def test_names_are_shown_as_written_but_without_what_cannot_be_printed() -> None:
    payload = json.dumps({"case": NUMBER, "name": "  公司\n（内资）\u202e\t设立\ud800\x00 ", "staff_name": "名" * 500})
    ticket = good(payload.encode())
    assert ticket.first.matter_name == "公司 （内资） 设立"
    assert ticket.staff_name == "名" * 120


def test_a_ticket_is_unverified_whatever_it_says_of_itself() -> None:
    assert good(f'{{"case":"{NUMBER}","verification":"signed"}}'.encode()).verification is Verification.UNVERIFIED


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
@example(b"http://[::1?case=A")
@example(b"\xc0\x80=")
@example(b'{"case":' + b"9" * 4000 + b"}")
def test_no_bytes_raise(payload: bytes) -> None:
    """Device protocols: garbage on the line is refused, never an error; what is taken can be written into the journal."""
    ticket = parse_ticket(payload)
    if isinstance(ticket, CaseTicket):
        canonical(ticket_data(ticket))
    else:
        assert ticket.reason in Refusal


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(NUMBER),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*FULL_FIELDS, "cases", "group"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_raises_and_what_is_taken_survives_the_journal(value: object) -> None:
    ticket = parse_ticket(json.dumps(value).encode())
    if isinstance(ticket, CaseTicket):
        data = json.loads(canonical(ticket_data(ticket)))
        assert ticket_from_data(data) == ticket
        assert all(re.fullmatch("[0-9A-Z_-]{6,50}", case.number) for case in ticket.cases)


def test_ticket_data_has_every_key_of_the_wire() -> None:
    """docs/wire.md, `session_opened`: every key is present; what is not known is null."""
    assert ticket_data(CaseTicket((Case(NUMBER),))) == {
        "cases": [
            {"number": NUMBER, "matter_code": None, "matter_name": None, "kind": "unknown", "visit": None, "finished": None}
        ],
        "grouping": "single",
        "staff_number": None,
        "staff_name": None,
        "accepting_body": None,
        "served_at": None,
        "service_count": None,
        "verification": "unverified",
    }
    assert ticket_from_data(ticket_data(FULL)) == FULL


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("0" * 31, "0" * 31),
        ("0" * 33, "0" * 33),
        ("1" + "0" * 30, "1" + "0" * 30),  # a wrong check digit is kept as printed
        ("370900-12", "370900-12"),
        ("ａｂ１２", "AB12"),
        ("z" * 50, "Z" * 50),
        ("z" * 51, None),
        ("事项", None),
        ("12 34", None),
        ("", None),
    ],
)
def test_no_matter_code_costs_a_ticket(printed: str, kept: str | None) -> None:
    """Device protocols, “Case tickets”: 31 or 33 characters, 24 by another standard; never refused."""
    ticket = parse_ticket(f"case=TA2026112104|matter={printed}|name=设立登记".encode())
    assert isinstance(ticket, CaseTicket)
    assert (ticket.first.matter_code, ticket.first.matter_name) == (kept, "设立登记")


ONE_CASE = ticket_data(FULL)["cases"][0]


@pytest.mark.parametrize(
    "change",
    [
        *({"cases": []}, {"cases": None}, {"cases": 7}, {"cases": ["A"]}, {"cases": [[]]}, {"cases": {"number": "A"}}),
        *({"cases": [ONE_CASE | {name: []}]} for name in ONE_CASE),
        *({name: []} for name in ticket_data(FULL) if name != "cases"),
        *({"grouping": "heap"}, {"verification": ""}, {"service_count": "2"}),
    ],
    ids=repr,
)
def test_malformed_ticket_data(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ticket_from_data(ticket_data(FULL) | change)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("TA202611210417", "TA2026····0417"),
        ("370902202611210417", "370902····0417"),
        ("X" * 50, "XXXXXX····XXXX"),
        ("ABCDEFGHIJ", "AB····GHIJ"),
        ("ABCDEFGH", "····EFGH"),
        ("ABCDEF", "····DEF"),
        ("", "····"),
    ],
)
def test_masking(number: str, masked: str) -> None:
    assert mask_case_number(number) == masked


@given(st.from_regex(r"[0-9A-Z_-]{6,50}", fullmatch=True))
def test_a_mask_hides_at_least_three_characters_and_not_how_many(number: str) -> None:
    shown = mask_case_number(number).replace("····", "")
    assert len(shown) <= min(10, len(number) - 3)
