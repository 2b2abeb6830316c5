"""Chains of real entries, signed with a real key, for tests of whatever reads a journal."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from terminal_app.domain import suite
from terminal_app.domain.journal import GENESIS, ClockQuality, Draft, Entry, Head, Kind, Moment, write_entry

DEVICE = "6f0f2f6e-3b1a-4c58-9c52-0123456789ab"
CHAIN = "0123456789abcdef" * 2
SESSION = "01930000-0000-7000-8000-000000000001"
BOOT = "c0ffee00-0000-4000-8000-000000000000"


class Key:
    """A key pair made from one byte, so that every run has the same."""

    def __init__(self, seed: int) -> None:
        private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.sign: Callable[[bytes], bytes] = lambda message: suite.sign(private, message)


def entry_id(number: int) -> str:
    return f"01930000-0000-7000-8000-{number:012x}"


def moment(mono_ms: int = 0) -> Moment:
    return Moment("2026-11-21T10:32:05.123+08:00", mono_ms, BOOT, ClockQuality.SYNCHRONISED)


def head_of(chain: str = CHAIN, device: str = DEVICE) -> Head:
    return Head(device, chain, 0, GENESIS)


def extend(head: Head, drafts: Sequence[Draft], key: Key, first_id: int = 1, first_ms: int = 0) -> list[Entry]:
    """The entries of `drafts` after `head`, a millisecond apart."""
    entries: list[Entry] = []
    for number, draft in enumerate(drafts):
        entries.append(write_entry(draft, entry_id(first_id + number), head, moment(first_ms + number), key.sign))
        head = entries[-1].head
    return entries


def stars(count: int, level: int = 3) -> list[Draft]:
    """`count` drafts of star_chosen in one session."""
    return [
        Draft(Kind.STAR_CHOSEN, SESSION, {"level": level, "offset_ms": offset, "source": "touch"}) for offset in range(count)
    ]
