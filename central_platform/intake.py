"""Takes in a batch of journal entries as one transaction and says of each what became of it.

An entry is refused only when it cannot be read, was not signed by the device that sends it, or takes another entry's
id. Every other objection is a mark on a stored entry. Inserting decides what is new; nothing is looked up before.
The caller holds the device's row, so that one device's batches follow one another.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.already_rated import SessionRef
from central_platform.database import among, insert_rows, row_parameters
from central_platform.devices import Device
from central_platform.entry_data import followed_head
from central_platform.journal_lines import ReceivedEntry, forged, read_received
from central_platform.marks import Catalogues, join_marks, marks_of, split_marks
from central_platform.messages import BatchAnswer, Verdict
from central_platform.projection import Arrived, project
from central_platform.receipts import keep_receipts
from central_platform.schema import chains, entries
from central_platform.session_fold import Owner, Part
from central_platform.times import iso
from sync.wire import Mark, RefusalCode, Status
from terminal_app.domain.journal import GENESIS
from terminal_app.domain.signed import NotSigned

_WALK = 1_000

_CHAINS = sa.select(
    *(chains.c[name] for name in ("id", "chain", "contiguous_seq", "head_hash", "top_seq", "forked")),
).where(chains.c.device_id == sa.bindparam("device"), chains.c.chain.in_(sa.bindparam("names", expanding=True)))
_MOVE_HEAD = sa.update(chains).where(chains.c.id == sa.bindparam("of_chain"))
_FOLLOW = _MOVE_HEAD.where(chains.c.follows_chain.is_(None))


@cache
def _under_ids(dialect: str) -> "sa.Select[Any]":
    return sa.select(entries.c.id, entries.c.hash, entries.c.marks).where(among(dialect, entries.c.id, "ids"))


@cache
def _insert_new(dialect: str, many: bool) -> sa.Executable:
    return insert_rows(dialect, entries, many=many).on_conflict_do_nothing(index_elements=["id"]).returning(entries.c.id)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as read before the database is asked: what is readable, and the indexes of what the key did not sign."""

    size: int
    readable: list[ReceivedEntry]
    forged: set[int]


@dataclass(frozen=True, slots=True)
class Reception:
    """By whom, when, and in the light of which catalogues a batch is taken in; `sign` makes the platform's signed lines."""

    device: Device
    owner: Owner
    received_at: int
    catalogues: Catalogues
    sign: Callable[[dict[str, object]], bytes]


@dataclass(slots=True)
class _Chain:
    """A chain as the platform holds it; `fresh` are the entries that this batch adds."""

    id: int
    chain: bytes
    contiguous_seq: int
    head_hash: bytes
    top_seq: int
    forked: bool
    fresh: list[ReceivedEntry] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """What is stored under an id: its hash, its marks, and whether this batch brought it."""

    hash: bytes
    marks: set[str]
    brought_by: ReceivedEntry | None = None


def read_batch(lines: Sequence[bytes], public_key: bytes) -> Batch:
    """Read every line and check the signatures, one per run of linked entries."""
    readable = []
    for index, line in enumerate(lines):
        try:
            readable.append(read_received(index, line))
        except NotSigned:
            continue
    return Batch(len(lines), readable, forged(readable, public_key))


def take_in(connection: Connection, reception: Reception, batch: Batch) -> BatchAnswer:
    """Store what can be stored and answer for every element. Durable once the caller's transaction is committed."""
    verdicts = [Verdict(index, None, Status.REFUSED, RefusalCode.UNREADABLE) for index in range(batch.size)]
    good = _refuse_strangers(reception.device, batch, verdicts)
    held = _open_chains(connection, reception.device, good)
    known = _insert(connection, reception, good, held)
    fresh = [one for chain in held.values() for one in chain.fresh]
    keep_receipts(connection, reception.device.id, fresh)
    touched = {one.session for one in fresh if one.session}
    for chain in held.values():
        touched |= _mark_forks(connection, chain, known)
        _advance(connection, chain)
        _keep_followed(connection, chain)
    again = project(connection, {(reception.device.id, session) for session in touched}, _arrived(reception, held, known))
    for one in good:
        _judge(verdicts[one.index], one, known[one.id], (reception.device.id, one.session or b"") in again)
    standing = "revoked" if reception.device.revoked else "active"
    return BatchAnswer(standing, verdicts, [_checkpoint(reception, chain) for chain in held.values()])


def _arrived(reception: Reception, held: dict[bytes, _Chain], known: dict[bytes, _Known]) -> Arrived:
    parts: dict[SessionRef, list[Part]] = defaultdict(list)
    for chain in held.values():
        for one in chain.fresh:
            if one.session:
                entry, marks = one.entry, known[one.id].marks
                part = Part(
                    one.id,
                    chain.id,
                    entry.seq,
                    one.hash,
                    marks,
                    reception.received_at,
                    entry.kind,
                    entry.moment.wall,
                    entry.data,
                )
                parts[reception.device.id, one.session].append(part)
    return Arrived(reception.owner, parts)


def _refuse_strangers(device: Device, batch: Batch, verdicts: list[Verdict]) -> list[ReceivedEntry]:
    good = []
    for one in batch.readable:
        verdict = verdicts[one.index]
        verdict.id = one.entry.id
        if one.entry.device != device.uuid:
            verdict.code = RefusalCode.WRONG_DEVICE
        elif one.index in batch.forged:
            verdict.code = RefusalCode.BAD_SIGNATURE
        else:
            good.append(one)
    return good


def _open_chains(connection: Connection, device: Device, good: Iterable[ReceivedEntry]) -> dict[bytes, _Chain]:
    names = dict.fromkeys(one.chain for one in good)
    if not names:
        return {}
    wanted = {"device": device.id, "names": list(names)}
    held = {row.chain: _Chain(*row) for row in connection.execute(_CHAINS, wanted)}
    if missing := [name for name in names if name not in held]:
        start = {"contiguous_seq": 0, "head_hash": bytes.fromhex(GENESIS), "top_seq": 0, "forked": False}
        rows = [{"device_id": device.id, "chain": name, **start} for name in missing]
        connection.execute(sa.insert(chains), rows)
        held = {row.chain: _Chain(*row) for row in connection.execute(_CHAINS, wanted)}
    return {name: held[name] for name in names}


def _insert(
    connection: Connection, reception: Reception, good: Sequence[ReceivedEntry], held: dict[bytes, _Chain]
) -> dict[bytes, _Known]:
    """Insert the first entry of every id; what is known of all these ids afterwards."""
    first: dict[bytes, ReceivedEntry] = {}
    for one in good:
        first.setdefault(one.id, one)
    if not first:
        return {}
    marks = {
        key: marks_of(one.entry, reception.device, reception.received_at, reception.catalogues) for key, one in first.items()
    }
    rows = [
        {
            "id": one.id,
            "device_id": reception.device.id,
            "chain_id": held[one.chain].id,
            "seq": one.entry.seq,
            "prev": one.prev,
            "hash": one.hash,
            "session": one.session,
            "marks": join_marks(marks[one.id]),
            "received_at": reception.received_at,
            "line": one.entry.line,
        }
        for one in sorted(first.values(), key=lambda one: one.id)
    ]
    known: dict[bytes, _Known] = {}
    dialect = connection.dialect.name
    for key in connection.execute(_insert_new(dialect, len(rows) > 1), row_parameters(dialect, rows)).scalars().all():
        one = first[key]
        held[one.chain].fresh.append(one)
        known[key] = _Known(one.hash, marks[key], one)
    if others := [key for key in first if key not in known]:
        rows_held = connection.execute(_under_ids(dialect), {"ids": others})
        known.update({row.id: _Known(row.hash, set(split_marks(row.marks))) for row in rows_held})
    return known


def _mark_forks(connection: Connection, chain: _Chain, known: dict[bytes, _Known]) -> set[bytes]:
    """Mark all entries that share a place with a fresh one; returns their sessions."""
    places = Counter(one.entry.seq for one in chain.fresh)
    suspects = [seq for seq, count in places.items() if count > 1 or seq <= chain.top_seq]
    if not suspects:
        return set()
    query = sa.select(entries.c.id, entries.c.seq, entries.c.session, entries.c.marks).where(
        entries.c.chain_id == chain.id, entries.c.seq.in_(suspects)
    )
    rows = connection.execute(query).all()
    shared = Counter(row.seq for row in rows)
    sessions = set()
    for row in (row for row in rows if shared[row.seq] > 1):
        marks = {*split_marks(row.marks), Mark.FORK}
        connection.execute(sa.update(entries).where(entries.c.id == row.id).values(marks=join_marks(marks)))
        if row.id in known:
            known[row.id].marks.add(Mark.FORK)
        sessions.add(row.session)
        chain.forked = True
    return sessions - {None}


def _advance(connection: Connection, chain: _Chain) -> None:
    """Move the contiguous head over what arrived, and over what had arrived before its time."""
    if not chain.fresh:
        return
    fresh = sorted((one.entry.seq, one.hash, one.prev) for one in chain.fresh)
    had_gap = chain.top_seq > chain.contiguous_seq
    chain.top_seq = max(chain.top_seq, fresh[-1][0])
    if not had_gap:
        _walk(chain, fresh)
    elif any(seq == chain.contiguous_seq + 1 for seq, _, _ in fresh):
        _walk_stored(connection, chain)
    head = {
        "contiguous_seq": chain.contiguous_seq,
        "head_hash": chain.head_hash,
        "top_seq": chain.top_seq,
        "forked": chain.forked,
    }
    connection.execute(_MOVE_HEAD, {"of_chain": chain.id, **head})


def _keep_followed(connection: Connection, chain: _Chain) -> None:
    """Which head the chain's first entry says it follows; where there are two, what the one says that came first."""
    first = next((one.entry for one in chain.fresh if one.entry.seq == 1), None)
    if first is not None:
        connection.execute(_FOLLOW, {"of_chain": chain.id, **followed_head(first.line)})


def _walk_stored(connection: Connection, chain: _Chain) -> None:
    beyond = sa.select(entries.c.seq, entries.c.hash, entries.c.prev).where(entries.c.chain_id == chain.id)
    beyond = beyond.order_by(entries.c.seq, entries.c.received_at, entries.c.id).limit(_WALK)
    before = -1
    while chain.contiguous_seq > before:
        before = chain.contiguous_seq
        _walk(chain, (tuple(row) for row in connection.execute(beyond.where(entries.c.seq > before))))


def _walk(chain: _Chain, links: Iterable[tuple[int, bytes, bytes]]) -> None:
    for seq, hashed, prev in links:
        if seq > chain.contiguous_seq + 1:
            return
        if seq == chain.contiguous_seq + 1 and prev == chain.head_hash:
            chain.contiguous_seq, chain.head_hash = seq, hashed


def _judge(verdict: Verdict, one: ReceivedEntry, known: _Known, rated_before: bool) -> None:
    if known.hash != one.hash:
        verdict.code = RefusalCode.ID_TAKEN
        return
    verdict.status = Status.ACCEPTED if known.brought_by is one else Status.DUPLICATE
    verdict.code = None
    if rated_before or known.marks:
        verdict.marks = sorted({*known.marks, Mark.ALREADY_RATED} if rated_before else known.marks)


def _checkpoint(reception: Reception, chain: _Chain) -> str:
    return reception.sign(
        {
            "type": "checkpoint",
            "device": reception.device.uuid,
            "chain": chain.chain.hex(),
            "seq": chain.contiguous_seq,
            "hash": chain.head_hash.hex(),
            "at": iso(reception.received_at),
        }
    ).decode()
