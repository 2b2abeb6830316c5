"""An administrator's PIN: a memory-hard hash (RFC 7914) and a growing delay. Source: issue 5, point 7."""

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from terminal_app.domain.pin import delay_ms, flaw_of, hash_pin, is_pin_hash, matches

SALT = bytes(range(16))


def test_the_hash_is_that_of_the_standard() -> None:
    """RFC 7914, section 12, the third vector, in the form that is kept; and 32 MiB for our own."""
    derived = Scrypt(salt=b"SodiumChloride", length=64, n=16384, r=8, p=1).derive(b"pleaseletmein")
    assert derived.hex().startswith("7023bdcb3afd7348461c06cd81fd38eb")
    assert hash_pin("280616", SALT).startswith("scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw$")


def test_a_pin_matches_its_own_hash_alone() -> None:
    kept = hash_pin("280616", SALT)
    assert matches(kept, "280616")
    assert not matches(kept, "280617")
    assert "280616" not in kept
    assert hash_pin("280616", bytes(16)) != kept, "the salt tells two of the same PIN apart"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "280616",
        "md5$15$8$1$AAAA$AAAA",
        "scrypt$99$8$1$AAAA$AAAA",
        "scrypt$15$8$1$AAAA$AAAA",
        "scrypt$x$8$1$A$A",
        "a$b$c$d$e$f",
    ],
)
def test_what_is_no_hash(text: str) -> None:
    """No roster makes a terminal take more than 256 MiB either."""
    assert not is_pin_hash(text)
    with pytest.raises(ValueError, match=r"."):
        matches(text, "280616")


@pytest.mark.parametrize("pin", ["280616", "102030", "929292", "000001", "123456789013"])
def test_good_pins(pin: str) -> None:
    assert flaw_of(pin) == ""


@pytest.mark.parametrize(
    "pin", ["", "12345", "1234567890123", "28061a", "２８０６１６", "111111", "123456", "654321", "890123"]
)
def test_bad_pins(pin: str) -> None:
    assert flaw_of(pin)


def test_the_delay_grows_to_an_hour() -> None:
    seconds = [delay_ms(failures) // 1000 for failures in range(13)]
    assert seconds == [0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert delay_ms(10**9) == 3_600_000
