"""Checks what the database holds, as an auditor would: signatures, chains, rows and their lines, and what follows from them.

Reads row by row in chain order; memory is bounded by one run of entries, one slice of sessions and NAMED findings. Changes
nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.already_rated import SessionRef
from central_platform.entry_data import followed_head
from central_platform.journal_lines import uuid_bytes
from central_platform.projection import expected_ratings
from central_platform.receipts import carried_receipt
from central_platform.schema import Record, chains, devices, entries, rating_keys, ratings, receipts
from terminal_app.domain.journal import Linked, read_entry
from terminal_app.domain.proof import Audit, read_frame
from terminal_app.domain.signed import NotSigned

NAMED = 1_000
"""So many findings and remarks are named; all are counted."""

_SLICE = 500
_PROGRESS = 50_000


@dataclass(frozen=True, slots=True)
class PlatformFinding:
    """A flaw, or a remark, and where it is.

    `what`: those of `domain.proof.Finding`; `unreadable` (a line that is no entry), `misfiled` (a row that does not agree with
    its line), `altered_head` (the chain's row names another head than its entries, its own or the one that it follows),
    `missing_end` (entries at the end of a chain are gone); `altered_`, `missing_` and `invented_rating`, `altered_keys` (of
    what it rates), `missing_` and `invented_receipt`: what follows from the entries, and is not what they say. `entry` is an
    entry's or a session's id.
    """

    what: str
    device: str
    chain: str | None
    seq: int | None
    entry: str | None


@dataclass(slots=True)
class Report:
    """What was checked; findings and remarks in order, as far as they are named, and all of them counted."""

    devices: int = 0
    chains: int = 0
    entries: int = 0
    ratings: int = 0
    receipts: int = 0
    findings: list[PlatformFinding] = field(default_factory=list)
    remarks: list[PlatformFinding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    found: int = 0

    def add(self, finding: PlatformFinding) -> None:
        self.found += 1
        self._note(finding, self.findings)

    def remark(self, finding: PlatformFinding) -> None:
        self._note(finding, self.remarks)

    def _note(self, finding: PlatformFinding, rows: list[PlatformFinding]) -> None:
        self.counts[finding.what] = self.counts.get(finding.what, 0) + 1
        if len(rows) < NAMED:
            rows.append(finding)


def verify(
    connection: Connection,
    device: str | None = None,
    *,
    every_signature: bool = False,
    progress: Callable[[int], None] = lambda entries: None,
) -> Report:
    """Check all devices, or one; `progress` hears now and then how many entries are done."""
    report = Report()
    query = sa.select(devices.c.id, devices.c.uuid, devices.c.public_key).order_by(devices.c.id)
    for row in connection.execute(query.where(devices.c.uuid == device) if device else query).all():
        report.devices += 1
        query_chains = sa.select(chains).where(chains.c.device_id == row.id).order_by(chains.c.id)
        for chain in connection.execute(query_chains).all():
            _ChainCheck(connection, row, chain, report, progress).run(every_signature)
        _verify_ratings(connection, row, report)
        _verify_receipts(connection, row, report)
    return report


class _ChainCheck:
    """One chain of one device, row by row."""

    def __init__(
        self, connection: Connection, device: Record, chain: Record, report: Report, progress: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._device = device
        self._chain = chain
        self._name = chain.chain.hex()
        self._report = report
        self._progress = progress
        self._top = 0
        self._at_head: set[str] = set()
        self._followed: list[dict[str, bytes | int | None]] = []
        self._found: list[PlatformFinding] = []

    def run(self, every_signature: bool) -> None:
        self._report.chains += 1
        audit = Audit(self._device.public_key, {}, every_signature=every_signature)
        for flaw in audit.of_entries(self._entries(read_entry if every_signature else read_frame)):
            self._add(flaw.what, flaw.seq, flaw.entry_id, remark=flaw.is_remark)
        head = self._chain.contiguous_seq
        if self._at_head and self._chain.head_hash.hex() not in self._at_head:
            self._add("altered_head", head, None)
        if self._followed and not any(one.items() <= self._chain._mapping.items() for one in self._followed):
            self._add("altered_head", 1, None)
        if self._top < self._chain.top_seq:
            self._add("missing_end", self._top + 1, None)
        for finding in sorted(self._found, key=lambda one: one.seq or 0):
            self._report.add(finding)

    def _entries(self, read: Callable[[bytes], Linked]) -> Iterator[Linked]:
        query = sa.select(entries).where(entries.c.chain_id == self._chain.id)
        query = query.order_by(entries.c.seq, entries.c.received_at, entries.c.id)
        for row in self._connection.execute(query.execution_options(yield_per=_SLICE)):
            self._report.entries += 1
            if self._report.entries % _PROGRESS == 0:
                self._progress(self._report.entries)
            self._top = row.seq
            try:
                entry = read(row.line)
            except NotSigned:
                self._add("unreadable", row.seq, row.id.hex())
                continue
            if not self._is_row_of(row, entry):
                self._add("misfiled", row.seq, row.id.hex())
            if entry.seq == 1:
                self._followed.append(followed_head(row.line))
            if entry.seq == self._chain.contiguous_seq:
                self._at_head.add(entry.hash)
            yield entry

    def _is_row_of(self, row: Record, entry: Linked) -> bool:
        session = None if entry.session is None else uuid_bytes(entry.session)
        said = (uuid_bytes(entry.id), entry.hash, entry.prev, session, entry.seq, entry.device, entry.chain)
        return said == (row.id, row.hash.hex(), row.prev.hex(), row.session, row.seq, self._device.uuid, self._name)

    def _add(self, what: str, seq: int, entry: str | None, *, remark: bool = False) -> None:
        finding = PlatformFinding(what, self._device.uuid, self._name, seq, entry)
        if remark:
            self._report.remark(finding)
        elif len(self._found) < NAMED:
            self._found.append(finding)
        else:
            self._report.add(finding)


def _verify_ratings(connection: Connection, device: Record, report: Report) -> None:
    for sessions in _slices(connection, device.id):
        expected = expected_ratings(connection, {(device.id, session) for session in sessions})
        stored, keys = _stored_ratings(connection, device.id, sessions), _stored_keys(connection, device.id, sessions)
        report.ratings += len(stored)
        for ref, said in expected.items():
            if ref[1] not in stored:
                _add_session(report, "missing_rating", device, ref)
            elif stored[ref[1]] != (said.document, said.standing):
                _add_session(report, "altered_rating", device, ref)
            if keys.get(ref[1], set()) != said.keys:
                _add_session(report, "altered_keys", device, ref)
    said_by = sa.exists().where(entries.c.session == ratings.c.session, entries.c.device_id == ratings.c.device_id)
    invented = sa.select(ratings.c.session).where(ratings.c.device_id == device.id, ~said_by)
    for session in connection.execute(invented.execution_options(yield_per=_SLICE)).scalars():
        _add_session(report, "invented_rating", device, (device.id, session))


def _slices(connection: Connection, device_id: int) -> Iterator[list[bytes]]:
    last = b""
    query = (
        sa.select(entries.c.session)
        .where(entries.c.device_id == device_id)
        .distinct()
        .order_by(entries.c.session)
        .limit(_SLICE)
    )
    while sessions := list(connection.execute(query.where(entries.c.session > last)).scalars()):
        yield sessions
        last = sessions[-1]


def _stored_ratings(connection: Connection, device_id: int, sessions: list[bytes]) -> dict[bytes, tuple[str, str]]:
    query = sa.select(ratings.c.session, ratings.c.document, ratings.c.standing)
    query = query.where(ratings.c.device_id == device_id, ratings.c.session.in_(sessions))
    return {row.session: (row.document, row.standing) for row in connection.execute(query)}


def _stored_keys(connection: Connection, device_id: int, sessions: list[bytes]) -> dict[bytes, set[tuple[bytes, str]]]:
    query = sa.select(rating_keys.c.session, rating_keys.c.key, rating_keys.c.rank)
    query = query.where(rating_keys.c.device_id == device_id, rating_keys.c.session.in_(sessions))
    found: dict[bytes, set[tuple[bytes, str]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.session, set()).add((row.key, row.rank))
    return found


def _verify_receipts(connection: Connection, device: Record, report: Report) -> None:
    for sessions in _slices(connection, device.id):
        query = sa.select(entries.c.session, entries.c.line)
        rows = connection.execute(query.where(entries.c.device_id == device.id, entries.c.session.in_(sessions)))
        said = {(row.session, hashed) for row in rows if (hashed := carried_receipt(row.line))}
        query = sa.select(receipts.c.session, receipts.c.hash)
        rows = connection.execute(query.where(receipts.c.device_id == device.id, receipts.c.session.in_(sessions)))
        stored = {(row.session, row.hash) for row in rows}
        report.receipts += len(stored)
        for what, differing in (("missing_receipt", said - stored), ("invented_receipt", stored - said)):
            for session, _ in sorted(differing):
                _add_session(report, what, device, (device.id, session))
    said_by = sa.exists().where(entries.c.session == receipts.c.session, entries.c.device_id == receipts.c.device_id)
    invented = sa.select(receipts.c.session).where(receipts.c.device_id == device.id, ~said_by)
    for session in connection.execute(invented.execution_options(yield_per=_SLICE)).scalars():
        _add_session(report, "invented_receipt", device, (device.id, session))


def _add_session(report: Report, what: str, device: Record, ref: SessionRef) -> None:
    report.add(PlatformFinding(what, device.uuid, None, None, ref[1].hex()))
