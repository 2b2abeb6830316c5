"""From a printed code to a ticket: drawn by qrcode or zxing-cpp, read by zxing-cpp, parsed as at the window.

Source: device protocols, “Roles” (AIM prefix) and “Case tickets” (1) and (2). Codes that we show or print ourselves are read
off the screen and the paper in tests/ui and tests/driver.
"""

import json

import pytest
import qrcode
import zxingcpp

from device_drivers.framing import BadFrame
from device_drivers.input_events import typed
from device_drivers.registry import DRIVERS, configured
from terminal_app.domain.ticket import CaseTicket, Refusal, TicketRefused, Verification, parse_ticket

CASE = "TA20260417"
SYMBOLOGIES = ("Code128", "Code39", "QRCode", "DataMatrix", "PDF417", "Aztec")
GS = "\x1d"


def scanned(text: str, prefix: str, ending: bytes = b"\r\n") -> bytes:
    """What a scanner in serial mode makes of a code, as far as the terminal sees it."""
    framer = DRIVERS["barcode_scanner"].framer()
    (line,) = framer.feed((prefix + text).encode("utf-8") + ending) or framer.gap()
    assert isinstance(line, bytes)
    payload = DRIVERS["barcode_scanner"].decode(line)
    assert isinstance(payload, bytes), payload
    return payload


def ticket_of(payload: bytes) -> CaseTicket:
    found = parse_ticket(payload)
    assert isinstance(found, CaseTicket), found
    return found


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
@pytest.mark.parametrize("with_prefix", [True, False])
def test_a_bare_case_number_in_every_symbology(symbology: str, with_prefix: bool) -> None:
    """The prefix is the reader's own word for the symbology (ISO/IEC 15424)."""
    drawn = zxingcpp.create_barcode(CASE, getattr(zxingcpp.BarcodeFormat, symbology)).to_image(scale=4)
    (code,) = zxingcpp.read_barcodes(drawn)
    assert code.symbology_identifier.startswith("]")
    prefix = code.symbology_identifier if with_prefix else ""
    (case,) = ticket_of(scanned(code.text, prefix)).cases
    assert case.number == CASE


PAYLOADS = {
    "json": json.dumps({"case": CASE, "name": "户口迁移", "staff": "0823"}, ensure_ascii=False, separators=(",", ":")),
    "url": f"https://hall.example/t?case={CASE}&name=%E6%88%B7%E5%8F%A3%E8%BF%81%E7%A7%BB&staff=0823",
    "fields": f"case={CASE}|name=户口迁移|staff=0823",
}


@pytest.mark.parametrize("what", PAYLOADS)
@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b""])
def test_a_qr_ticket_there_and_back(what: str, ending: bytes) -> None:
    drawn = qrcode.make(PAYLOADS[what], box_size=4)
    (code,) = zxingcpp.read_barcodes(drawn.get_image().convert("L"))
    assert code.text == PAYLOADS[what]
    ticket = ticket_of(scanned(code.text, code.symbology_identifier, ending))
    assert (ticket.cases[0].number, ticket.cases[0].matter_name, ticket.staff_number) == (CASE, "户口迁移", "0823")


def test_group_separators_come_through_the_line_and_end_no_scan() -> None:
    """ISO/IEC 15434: GS is part of a code; what a ticket makes of it is the ticket's affair."""
    drawn = zxingcpp.create_barcode(f"{CASE}{GS}1", zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=6)
    (code,) = zxingcpp.read_barcodes(drawn)
    assert GS.encode() in code.bytes
    payload = scanned(code.bytes.decode(), "]d1")
    assert payload == f"]d1{CASE}{GS}1".encode()
    assert parse_ticket(payload) == TicketRefused(Refusal.BAD_CASE_NUMBER), "two fields are no case number"
    assert ticket_of(scanned(f"{CASE}{GS}", "]d1")).cases[0].number == CASE, "a separator at the end is none"


def test_a_bottle_s_code_is_never_more_than_unverified() -> None:
    """Device protocols, “Case tickets”: a bottle's EAN would open a session too, so what a ticket rests on is in the record."""
    drawn = zxingcpp.create_barcode("5901234123457", zxingcpp.BarcodeFormat.EAN13).to_image(scale=4)
    (code,) = zxingcpp.read_barcodes(drawn)
    assert ticket_of(scanned(code.text, code.symbology_identifier)).verification == Verification.UNVERIFIED


FULL_WIDTH = "ＴＡ２０２６０４１７"


def test_what_an_input_method_makes_of_a_scan_is_the_same_case() -> None:
    """Device protocols, “Case tickets”: scanners and input methods send full-width digits; NFKC."""
    for text in (FULL_WIDTH, FULL_WIDTH.lower(), f" {FULL_WIDTH}　"):
        assert ticket_of(scanned(text, "")).cases[0].number == CASE


def test_an_input_method_has_no_say_in_keyboard_mode() -> None:
    """What is read are key codes of the device, so the driver has no option for an input method, and letters stay letters."""
    framer = configured("wedge_scanner", {"ended_by": "line_end"}).framer()
    (line,) = framer.feed(typed("]C0" + CASE.lower()))
    assert not isinstance(line, BadFrame)
    assert ticket_of(line).cases[0].number == CASE
