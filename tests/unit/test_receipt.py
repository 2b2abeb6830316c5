"""A citizen's receipt: token, address, short code. docs/wire.md, “Receipts”."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.behaviour import Window, presented, session_at

from terminal_app.domain import session as s
from terminal_app.domain.journal import Kind
from terminal_app.domain.receipt import Receipt, read_short_code, receipt_hash, receipt_text, receipt_url, short_code

TOKEN = bytes(range(16))
STAR = "5f" * 32


def test_the_address_carries_the_token_and_half_of_the_hash() -> None:
    url = receipt_url("https://h.invalid", TOKEN, STAR)
    token, shown = (base64.urlsafe_b64decode(part + "==") for part in url.removeprefix("https://h.invalid/r/").split("."))
    assert (token, shown) == (TOKEN, bytes.fromhex(STAR)[:16])
    assert Receipt.parse(url.rsplit("/", 1)[1]) == Receipt(hashlib.sha256(TOKEN).digest(), shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "x",
        "A" * 22,
        f"{'A' * 22}.",
        f"{'A' * 22}.{'A' * 21}",
        f"{'A' * 21}B.{'A' * 22}",
        f"{'A' * 21}é.{'A' * 22}",
        "!" * 22 + "." + "A" * 22,
    ],
)
def test_what_is_no_receipt(text: str) -> None:
    """A second spelling of a token (spare bits that are not 0) is none either."""
    assert Receipt.parse(text) is None


@given(st.binary(min_size=32, max_size=32))
def test_a_code_is_the_first_forty_bits_and_is_read_back(hashed: bytes) -> None:
    code = short_code(hashed)
    assert len(code) == 9 and code[4] == "-" and not set(code) & set("ILOU")
    assert read_short_code(code) == hashed[:5]


@pytest.mark.parametrize("text", ["7K3M-9QHX", "7k3m9qhx", " 7K3M 9QHX ", "７Ｋ３Ｍ－９ＱＨＸ"])
def test_a_code_is_read_as_people_write_it(text: str) -> None:
    assert read_short_code(text) == read_short_code("7K3M9QHX") is not None


def test_letters_that_sound_or_look_like_digits_are_digits() -> None:
    assert read_short_code("O1IL-0000") == read_short_code("0111-0000")


@pytest.mark.parametrize("text", ["", "7K3M-9QH", "7K3M-9QHXX", "7K3M-9QHU", "7K3M-9QH!", "七K3M-9QHX"])
def test_what_is_no_code(text: str) -> None:
    assert read_short_code(text) is None


# --- in the window's behaviour --------------------------------------------------------------------------------------


def with_token() -> Window:
    event = presented("A")
    return Window().send(s.TicketPresented(event.ticket, event.source, event.device, "A", event.day, token=TOKEN)).write()


def test_the_journal_holds_the_tokens_hash_and_never_the_token() -> None:
    """issue 3, point 3: `receipt` of the opening entry; whoever reads the journal cannot ask in a citizen's place."""
    window = with_token().tap(5)
    opened = window.journal[0]
    assert opened.kind == Kind.SESSION_OPENED and opened.data["receipt"] == receipt_text(TOKEN)
    assert session_at(window).token == TOKEN
    everything = repr(window.journal) + repr(window.state)
    for form in (TOKEN.hex(), repr(TOKEN)[2:-1], base64.urlsafe_b64encode(TOKEN).decode()[:22]):
        assert form not in everything


@pytest.mark.parametrize("levels", [(5,), (1,), (5, 2), (2, 2, 5)])
def test_the_hash_is_the_last_stars(levels: tuple[int, ...]) -> None:
    """issue 3, point 3: the hash of the last `star_chosen`; neither reasons nor the way back change it."""
    window = with_token()
    star = ""
    for level in levels:
        window.send(s.ChangeRequested()).send(s.StarTapped(s.Level(level)))
        star = f"{window.writing[-1].number:064x}"
        window.write()
    if isinstance(window.phase, s.AwaitReasons):
        window.mark(f"{levels[-1]}01").send(s.ReasonsSubmitted()).write()
    assert isinstance(window.phase, s.Thanks)
    assert session_at(window).star_hash == star
    window.send(s.Finished()).write()
    assert "token" not in repr(window.phase) and TOKEN.hex() not in repr(window.state)


def test_the_code_belongs_to_the_token_and_not_to_the_choice() -> None:
    assert short_code(receipt_hash(TOKEN)) == short_code(hashlib.sha256(TOKEN).digest())
