"""Card UIDs in their canonical form, whatever a reader makes of them.

Source: device protocols, “Roles” (as text or a binary frame), “What goes wrong in the field” (dropped leading zeros, reversed
bytes, random UIDs); ISO/IEC 14443-3.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from device_drivers.card_frame import card_frame, card_framer
from device_drivers.card_reader import CardFormat, uid_decoder
from device_drivers.framing import BadFrame
from device_drivers.registry import configured
from device_drivers.simulators import uid_text

HEX = CardFormat()
REVERSED = CardFormat(reversed=True)
DECIMAL = CardFormat(uid_format="decimal")
SHORT_DECIMAL = CardFormat(uid_format="decimal", zeros_dropped=True)
SHORT_HEX = CardFormat(zeros_dropped=True)
SEVEN = CardFormat(uid_bytes=7)

WIEGAND = CardFormat(uid_format="wiegand")
SHORT_WIEGAND = CardFormat(uid_format="wiegand", zeros_dropped=True)
TEN = CardFormat(uid_bytes=10)
SLOT = CardFormat(removed_as="OFF")
FRAME = CardFormat(uid_format="frame")

GOOD = [
    (WIEGAND, b"01185,45763", b"04A1B2C3"),
    (WIEGAND, b" 01185 : 45763 ", b"04A1B2C3"),
    (WIEGAND, b"01185/45763", b"04A1B2C3"),
    (WIEGAND, b"0118545763", b"04A1B2C3"),
    (CardFormat(uid_format="wiegand", reversed=True), b"50098,41220", b"04A1B2C3"),
    (SHORT_WIEGAND, b"1185,7", b"04A10007"),
    (TEN, b"04112233445566778899", b"04112233445566778899"),
    (FRAME, b"\x01\x04\xa1\xb2\xc3", b"04A1B2C3"),
    (FRAME, b"\x02\x06\x00\x8e\x6d\x5d", b"008E6D5D"),  # with a batch number
    (CardFormat(uid_format="frame", reversed=True), b"\x01\xc3\xb2\xa1\x04", b"04A1B2C3"),
    (CardFormat(uid_format="frame", uid_bytes=7), b"\x01\x04\x11\x22\x33\x44\x55\x66", b"04112233445566"),
    (SLOT, b"04A1B2C3", b"04A1B2C3"),
    (SLOT, b" OFF ", b"removed"),
    (HEX, b"04A1B2C3", b"04A1B2C3"),
    (HEX, b"04a1b2c3", b"04A1B2C3"),
    (HEX, b" 04:A1:B2:C3 ", b"04A1B2C3"),
    (HEX, b"04 A1-B2 C3", b"04A1B2C3"),
    (HEX, b"00000001", b"00000001"),
    (REVERSED, b"C3B2A104", b"04A1B2C3"),
    (DECIMAL, b"0077705923", b"04A1B2C3"),
    (DECIMAL, b"4294967294", b"FFFFFFFE"),
    (CardFormat(uid_format="decimal", reversed=True), b"3283263748", b"04A1B2C3"),
    (SHORT_DECIMAL, b"77705923", b"04A1B2C3"),
    (SHORT_DECIMAL, b"10597059", b"00A1B2C3"),
    (SHORT_HEX, b"A1B2C3", b"00A1B2C3"),
    (SHORT_HEX, b"4A1B2C3", b"04A1B2C3"),
    (SEVEN, b"04112233445566", b"04112233445566"),
    (SEVEN, b"08112233445566", b"08112233445566"),
    (CardFormat(uid_bytes=7, reversed=True), b"66554433221104", b"04112233445566"),
    (CardFormat(uid_bytes=7, uid_format="decimal"), b"01144738493519206", b"04112233445566"),
]

REFUSED = [
    (FRAME, b"\x01\x08\x11\x22\x33", "random_uid"),
    (FRAME, b"\x01\x88\x04\x11\x22", "truncated"),
    (FRAME, b"\x04\xa1\xb2\xc3", "truncated"),  # no kind in front of it
    (FRAME, b"\x01\x04\x11\x22\x33\x44\x55\x66", "too_long"),
    (FRAME, b"\x01\x00\x00\x00\x00", "garbage"),
    (CardFormat(uid_format="frame", uid_bytes=7), b"\x01\x04\xa1\xb2\xc3", "truncated"),
    (WIEGAND, b"02065,8755", "truncated"),
    (WIEGAND, b"02065,08755", "random_uid"),  # 08112233
    (WIEGAND, b"123,45763", "truncated"),  # 26 bits: a byte of the UID is missing
    (WIEGAND, b"12345763", "garbage"),
    (WIEGAND, b"01185,145763", "too_long"),
    (WIEGAND, b"65536,00001", "too_long"),
    (WIEGAND, b"04A1,B2C3", "garbage"),
    (WIEGAND, b"1185,45763,1", "garbage"),
    (SHORT_WIEGAND, b"0,45763", "truncated"),
    (HEX, b"OFF", "garbage"),
    (SLOT, b"OF", "garbage"),
    (HEX, b"08112233", "random_uid"),
    (REVERSED, b"33221108", "random_uid"),
    (DECIMAL, b"0135340595", "random_uid"),
    (HEX, b"88041122", "truncated"),  # the first part of a seven-byte UID
    (HEX, b"A1B2C3", "truncated"),
    (HEX, b"4A1B2C3", "truncated"),
    (DECIMAL, b"77705923", "truncated"),
    (SHORT_HEX, b"B2C3", "truncated"),
    (SHORT_DECIMAL, b"45763", "truncated"),
    (HEX, b"04112233445566", "too_long"),
    (DECIMAL, b"4294967296", "too_long"),
    (DECIMAL, b"00077705923", "too_long"),
    (SEVEN, b"04A1B2C3", "truncated"),
    (HEX, b"00000000", "garbage"),
    (HEX, b"FFFFFFFF", "garbage"),
    (HEX, b"04A1B2CG", "garbage"),
    (HEX, b"04A1_B2C3", "garbage"),
    (DECIMAL, "１２３４５６７８９０".encode(), "garbage"),
    (DECIMAL, b"04A1B2C3", "garbage"),
    (HEX, b"", "garbage"),
    (HEX, b"370902199001011234", "too_long"),  # an identity number is nobody's card
]


@pytest.mark.parametrize(("card", "line", "uid"), GOOD)
def test_uids_come_out_in_one_form(card: CardFormat, line: bytes, uid: bytes) -> None:
    assert uid_decoder(card)(line) == uid


@pytest.mark.parametrize(("card", "line", "reason"), REFUSED)
def test_what_is_not_plainly_a_uid_is_refused(card: CardFormat, line: bytes, reason: str) -> None:
    assert uid_decoder(card)(line) == BadFrame(reason, len(line))  # type: ignore[arg-type]


formats = st.builds(
    CardFormat,
    uid_format=st.sampled_from(["hex", "decimal"]),
    reversed=st.booleans(),
    uid_bytes=st.sampled_from([4, 7, 10]),
    zeros_dropped=st.booleans(),
) | st.builds(CardFormat, uid_format=st.just("wiegand"), reversed=st.booleans(), zeros_dropped=st.booleans())


@given(card=formats, data=st.data())
def test_a_uid_survives_its_reader_or_is_refused(card: CardFormat, data: st.DataObject) -> None:
    """Never another card's UID."""
    raw = data.draw(st.binary(min_size=card.uid_bytes, max_size=card.uid_bytes))
    result = uid_decoder(card)(uid_text(raw.hex(), card))
    assert isinstance(result, BadFrame) or result == raw.hex().upper().encode()


@given(card=formats, data=st.data())
def test_an_ordinary_uid_survives_its_reader(card: CardFormat, data: st.DataObject) -> None:
    raw = data.draw(st.binary(min_size=card.uid_bytes, max_size=card.uid_bytes))
    shown = raw[::-1] if card.reversed else raw
    assume(any(shown[:2]) and len(set(raw)) > 1 and raw[0] not in (0x08, 0x88))
    assert uid_decoder(card)(uid_text(raw.hex(), card)) == raw.hex().upper().encode()


@given(card=formats, data=st.data(), line=st.binary(max_size=64))
def test_nothing_else_than_a_uid_of_that_length_comes_out(card: CardFormat, data: st.DataObject, line: bytes) -> None:
    digits = data.draw(st.text("0123456789abcdefABCDEF :-", max_size=24)).encode()
    for text in (line, digits):
        result = uid_decoder(card)(text)
        assert isinstance(result, BadFrame) or (
            len(result) == 2 * card.uid_bytes and result == bytes.fromhex(result.decode()).hex().upper().encode()
        )


# --- the binary frame -------------------------------------------------------------------------------------------------


def test_the_frame_that_makers_of_readers_publish() -> None:
    """Kind 02, batch 06, and what is printed on the card as 0009334109."""
    (payload,) = card_framer().feed(bytes.fromhex("020A0206008E6D5DB003"))
    assert uid_decoder(FRAME)(payload) == b"%08X" % 9334109  # type: ignore[arg-type]
    assert card_frame(bytes.fromhex("008E6D5D"), b"\x02\x06") == bytes.fromhex("020A0206008E6D5DB003")


@given(uid=st.binary(min_size=4, max_size=4), at=st.integers(0, 8), flip=st.integers(1, 255))
def test_a_frame_with_any_one_byte_wrong_is_none(uid: bytes, at: int, flip: int) -> None:
    damaged = bytearray(card_frame(uid))
    damaged[at] ^= flip
    framer = card_framer()
    assert [it for it in framer.feed(bytes(damaged)) + framer.gap() if it == b"\x01" + uid] == []


@pytest.mark.parametrize("uid", ["0203090A", "02090209", "03030304", "A1B2C303"])
@pytest.mark.parametrize("cut", range(1, 9))
def test_a_whole_frame_behind_one_that_was_cut_off_is_found(uid: str, cut: int) -> None:
    """Though its UID holds bytes of a frame, after the silence at the latest."""
    framer = card_framer()
    frames = framer.feed(card_frame(b"\x04\xa1\xb2\xc3")[:cut] + card_frame(bytes.fromhex(uid))) + framer.gap()
    assert b"\x01" + bytes.fromhex(uid) in frames


def test_nothing_of_a_frame_is_shown() -> None:
    """Each of its bytes would be half of a UID's digits."""
    assert configured("card_reader", {"uid_format": "frame"}).binary
