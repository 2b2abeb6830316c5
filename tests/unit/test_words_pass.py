"""The pass behind “用手机补充”, and the address of a window's page. Issue 5, point 6; docs/wire.md."""

import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from support.window import uuid7

from terminal_app.domain.window_address import read_window, window_url
from terminal_app.domain.words_pass import LIFE_MS, make_pass, read_pass

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
DEVICE = "0e8a5e2c-7f0b-4f3c-9a5d-2f6f3b1c7d90"


@given(device=st.uuids(), session=st.uuids(version=4))
def test_a_pass_names_its_device_and_session_and_only_their_key_makes_it(device: uuid.UUID, session: uuid.UUID) -> None:
    text = make_pass(str(device), str(session), KEY.sign)
    said = read_pass(text)
    assert said is not None and len(text) == 212
    assert (said.device, said.session) == (device.bytes[:8], session.bytes)
    assert said.is_signed_by(PUBLIC)
    assert not said.is_signed_by(Ed25519PrivateKey.generate().public_key().public_bytes_raw())


@given(place=st.integers(0, 211), digit=st.sampled_from("0123456789"))
def test_no_altered_pass_is_signed(place: int, digit: str) -> None:
    """It is for one session of one device: whatever is altered, the signature says no."""
    text = make_pass(DEVICE, uuid7(1_790_000_000_000), KEY.sign)
    altered = read_pass(text[:place] + digit + text[place + 1 :])
    assert text[place] == digit or altered is None or not altered.is_signed_by(PUBLIC)


@pytest.mark.parametrize("text", ["", "1", "0" * 211, "9" * 212, "x" * 212, "１" * 212, "-" + "1" * 211, " " + "1" * 211])
def test_what_is_no_pass(text: str) -> None:
    assert read_pass(text) is None


@given(text=st.text(max_size=220))
def test_no_text_raises(text: str) -> None:
    read_pass(text)
    read_window(text)


def test_a_pass_lives_a_day_from_its_session_on() -> None:
    """However far a terminal's clock is off, within the same bounds: before and after."""
    made = 1_790_000_000_000
    said = read_pass(make_pass(DEVICE, uuid7(made), KEY.sign))
    assert said is not None
    alive = [said.is_alive(made + by) for by in (-LIFE_MS - 1, -LIFE_MS, 0, LIFE_MS, LIFE_MS + 1)]
    assert alive == [False, True, True, True, False]


@given(device=st.uuids())
def test_a_windows_address_names_its_device(device: uuid.UUID) -> None:
    base, _, last = window_url("https://p.example", str(device)).rpartition("/")
    assert (base, read_window(last)) == ("https://p.example/w", str(device))


@pytest.mark.parametrize("text", ["", "08", "!" * 22, "A" * 21, "A" * 21 + "B", "Ａ" * 22])
def test_what_names_no_device(text: str) -> None:
    """Another spelling of the last character names none."""
    assert read_window(text) is None
