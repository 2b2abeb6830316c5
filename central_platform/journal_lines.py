"""One received line → what the platform keeps of it beside its bytes. Signatures are checked here, places are not."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from terminal_app.domain.journal import Entry, is_signed_by, read_entry
from terminal_app.domain.signed import NotSigned

MAX_SEQ = (1 << 53) - 1
"""Beyond it a JSON number is not exact (RFC 8785 3.2.2.3)."""


@dataclass(frozen=True, slots=True)
class ReceivedEntry:
    """An entry with its identifiers as bytes; `index` is its place in the batch."""

    index: int
    entry: Entry
    id: bytes
    chain: bytes
    prev: bytes
    hash: bytes
    session: bytes | None


def read_received(index: int, line: bytes) -> ReceivedEntry:
    """The entry in `line`. Raises NotSigned when it is none, or when its identifiers have not the form of docs/wire.md."""
    entry = read_entry(line)
    try:
        received = ReceivedEntry(
            index,
            entry,
            uuid_bytes(entry.id),
            _hex_bytes(entry.chain),
            _hex_bytes(entry.prev),
            bytes.fromhex(entry.hash),
            None if entry.session is None else uuid_bytes(entry.session),
        )
    except ValueError:
        raise NotSigned("an identifier of the entry has not the agreed form") from None
    if entry.seq > MAX_SEQ:
        raise NotSigned("sequence out of range")
    return received


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID in its usual lower-case form. Raises ValueError."""
    value = uuid.UUID(text)
    if str(value) != text:
        raise ValueError("not the usual form of a UUID")
    return value.bytes


def _hex_bytes(text: str) -> bytes:
    value = bytes.fromhex(text)
    if value.hex() != text:
        raise ValueError("not lower-case hex")
    return value


def forged(received: Iterable[ReceivedEntry], public_key: bytes) -> set[int]:
    """The indexes of entries that `public_key` did not sign.

    One signature covers a run of entries that are linked by their hashes: the last one's. Only when that fails is each
    looked at on its own.
    """
    bad: set[int] = set()
    for run in _runs(received):
        if not is_signed_by(run[-1].entry, public_key):
            bad.update(one.index for one in run if not is_signed_by(one.entry, public_key))
    return bad


def _runs(received: Iterable[ReceivedEntry]) -> Iterable[Sequence[ReceivedEntry]]:
    run: list[ReceivedEntry] = []
    for one in sorted(received, key=lambda one: (one.chain, one.entry.seq)):
        if run and not (one.chain == run[-1].chain and one.prev == run[-1].hash and one.entry.seq == run[-1].entry.seq + 1):
            yield run
            run = []
        run.append(one)
    if run:
        yield run
