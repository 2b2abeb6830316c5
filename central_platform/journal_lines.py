"""One received line → the entry with its identifiers as the platform keeps them, and who signed it."""

from collections.abc import Iterable, Sequence

import msgspec

from central_platform.quick_entry import read_quickly
from terminal_app.domain import suite
from terminal_app.domain.journal import Entry, read_entry
from terminal_app.domain.signed import body_of, signature_of


class ReceivedEntry(msgspec.Struct, frozen=True):
    """An entry with its identifiers as bytes; `index` is its place in the batch."""

    index: int
    entry: Entry
    id: bytes
    chain: bytes
    prev: bytes
    hash: bytes
    session: bytes | None


def read_received(index: int, line: bytes) -> ReceivedEntry:
    """The entry in `line`. Raises NotSigned when the line is no entry."""
    entry = read_quickly(line, body_of(line)) or read_entry(line)
    return ReceivedEntry(
        index,
        entry,
        uuid_bytes(entry.id),
        bytes.fromhex(entry.chain),
        bytes.fromhex(entry.prev),
        bytes.fromhex(entry.hash),
        None if entry.session is None else uuid_bytes(entry.session),
    )


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of a UUID."""
    return bytes.fromhex(text.replace("-", ""))


def forged(received: Iterable[ReceivedEntry], public_key: bytes) -> set[int]:
    """The indexes of entries that `public_key` did not sign.

    One signature covers a run of entries that are linked by their hashes: the last one's. Only when that fails is each
    looked at on its own.
    """
    bad: set[int] = set()
    for run in _runs(received):
        if not _is_signed(run[-1], public_key):
            bad.update(one.index for one in run if not _is_signed(one, public_key))
    return bad


def _is_signed(one: ReceivedEntry, public_key: bytes) -> bool:
    return suite.verify(public_key, one.hash, signature_of(one.entry.line))


def _runs(received: Iterable[ReceivedEntry]) -> Iterable[Sequence[ReceivedEntry]]:
    run: list[ReceivedEntry] = []
    for one in sorted(received, key=lambda one: (one.chain, one.entry.seq)):
        if run and not (one.chain == run[-1].chain and one.prev == run[-1].hash and one.entry.seq == run[-1].entry.seq + 1):
            yield run
            run = []
        run.append(one)
    if run:
        yield run
