"""Sealing: what a ticket says of the person served, read apart and readable for the platform alone. docs/wire.md."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_app.domain import suite
from terminal_app.domain.person import open_person, seal_person
from terminal_app.domain.ticket import parse_person

PRIVATE = X25519PrivateKey.from_private_bytes(bytes([7]) * 32)
KEY = PRIVATE.private_bytes_raw()
PUBLIC = PRIVATE.public_key().public_bytes_raw()
SESSION = "01930000-0000-7000-8000-000000000001"
SAID = {"name": "示例人", "certificate": "X1", "telephone": "13800000000"}


@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
def test_the_platform_reads_what_was_sealed(said: dict[str, str]) -> None:
    assert open_person(seal_person(said, PUBLIC, SESSION), KEY, SESSION) == said


def test_nobody_else_reads_it_and_it_opens_in_no_other_session() -> None:
    """docs/trust.md: moved into another session it does not open."""
    sealed = seal_person(SAID, PUBLIC, SESSION)
    other = bytes([8]) * 32
    flipped = sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:]
    for text, key, session in (
        (sealed, other, SESSION),
        (sealed, KEY, SESSION[:-1] + "2"),
        (flipped, KEY, SESSION),
        (sealed[:30], KEY, SESSION),
        ("", KEY, SESSION),
        ("é", KEY, SESSION),
    ):
        with pytest.raises(suite.NotSealed):
            open_person(text, key, session)


def test_the_same_person_looks_different_each_time_and_as_long_as_another() -> None:
    """docs/wire.md: padded to 256 bytes; nothing links two visits of one person."""
    texts = {seal_person({"name": name}, PUBLIC, SESSION) for name in ("甲", "甲", "欧阳某某" * 10)}
    assert len(texts) == 3 and len({len(text) for text in texts}) == 1


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32)])
def test_a_bad_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError):
        seal_person(SAID, key, SESSION)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (
            '{"case":"A000001","userName":"甲","certKey":"C1","phone":13800000000}',
            {"name": "甲", "certificate": "C1", "telephone": "13800000000"},
        ),
        ('[{"case":"A000001","USERNAME":"甲"},{"case":"A000002","userName":"乙"}]', {"name": "甲"}),
        ('{"case":"A000001","served":{"person":"甲","address":"某路"}}', {"name": "甲", "address": "某路"}),
        ("https://h.invalid/r?case=A000001&userName=%E7%94%B2&tel=1", {"name": "甲", "telephone": "1"}),
        ('case=[{"case":"A000001","certKeyGOV":"C2"}]|mobile=2', {"certificate_government": "C2", "telephone": "2"}),
        ("case=A000001|ｐｅｒｓｏｎ=甲|userPageType=111|userProp=1", {"name": "甲", "certificate_kind": "111", "kind": "1"}),
        ("A000001", {}),
        ('{"case":"A000001","userName":null,"phone":"","tel":["1"]}', {}),
        ('{"case":', {}),
        ("", {}),
    ],
)
def test_what_a_ticket_says_of_a_person(payload: str, said: dict[str, str]) -> None:
    """Interfaces upward: userName, userProp, userPageType, certKey, certKeyGOV; the rest are the spellings in use."""
    for encoding in ("utf-8", "gb18030"):
        assert parse_person(payload.encode(encoding)) == said
