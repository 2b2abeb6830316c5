"""Checks what the database holds, as an auditor would: signatures, chains, rows and their lines, ratings and their entries.

Reads row by row in chain order; memory is bounded by the findings and one slice of sessions. Changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.already_rated import SessionRef
from central_platform.journal_lines import read_received
from central_platform.projection import expected_documents
from central_platform.schema import Record, chains, devices, entries, ratings
from terminal_app.domain.journal import Entry, verify_chain
from terminal_app.domain.signed import NotSigned

_SLICE = 500


@dataclass(frozen=True, slots=True)
class PlatformFinding:
    """A flaw and where it is.

    `what`: the findings of `domain.journal.verify_chain`, `unreadable` (a line that is no entry), `misfiled` (a row that
    does not agree with its line), `missing_end` (entries at the end of a chain are gone), `altered_rating`,
    `missing_rating`, `invented_rating` (a rating that its entries do not say). `entry` is an entry's or a session's id.
    """

    what: str
    device: str
    chain: str | None
    seq: int | None
    entry: str | None


@dataclass(slots=True)
class Report:
    """What was checked, and every finding."""

    devices: int = 0
    chains: int = 0
    entries: int = 0
    ratings: int = 0
    findings: list[PlatformFinding] = field(default_factory=list)


def verify(connection: Connection, device: str | None = None) -> Report:
    """Check all devices, or one."""
    report = Report()
    query = sa.select(devices.c.id, devices.c.uuid, devices.c.public_key).order_by(devices.c.id)
    for row in connection.execute(query.where(devices.c.uuid == device) if device else query).all():
        report.devices += 1
        query_chains = sa.select(chains).where(chains.c.device_id == row.id).order_by(chains.c.id)
        for chain in connection.execute(query_chains).all():
            _verify_chain(connection, row, chain, report)
        _verify_ratings(connection, row, report)
    return report


def _verify_chain(connection: Connection, device: Record, chain: Record, report: Report) -> None:
    report.chains += 1
    name = chain.chain.hex()
    first = top = 0

    def readable() -> Iterator[Entry]:
        nonlocal first, top
        query = sa.select(entries).where(entries.c.chain_id == chain.id)
        query = query.order_by(entries.c.seq, entries.c.received_at, entries.c.id)
        for row in connection.execute(query.execution_options(yield_per=_SLICE)):
            report.entries += 1
            first, top = first or row.seq, row.seq
            what, entry = _read(row, device.uuid, name)
            if what:
                report.findings.append(PlatformFinding(what, device.uuid, name, row.seq, row.id.hex()))
            if entry:
                yield entry

    for flaw in verify_chain(readable(), device.public_key):
        report.findings.append(PlatformFinding(flaw.what, device.uuid, flaw.chain, flaw.seq, flaw.entry_id))
    if first > 1:
        report.findings.append(PlatformFinding("gap", device.uuid, name, 1, None))
    if top < chain.top_seq:
        report.findings.append(PlatformFinding("missing_end", device.uuid, name, top + 1, None))


def _read(row: Record, device: str, chain: str) -> tuple[str | None, Entry | None]:
    try:
        one = read_received(0, row.line)
    except NotSigned:
        return "unreadable", None
    kept = (one.id, one.hash, one.prev, one.session, one.entry.seq, one.entry.device, one.entry.chain)
    same = kept == (row.id, row.hash, row.prev, row.session, row.seq, device, chain)
    return None if same else "misfiled", one.entry


def _verify_ratings(connection: Connection, device: Record, report: Report) -> None:
    for sessions in _slices(connection, device.id):
        expected = expected_documents(connection, {(device.id, session) for session in sessions})
        stored = _stored_documents(connection, device.id, sessions)
        report.ratings += len(stored)
        for ref, document in expected.items():
            if ref not in stored:
                _add_rating(report, "missing_rating", device, ref)
            elif stored[ref] != document:
                _add_rating(report, "altered_rating", device, ref)
    said = sa.exists().where(entries.c.session == ratings.c.session, entries.c.device_id == ratings.c.device_id)
    invented = sa.select(ratings.c.session).where(ratings.c.device_id == device.id, ~said)
    for session in connection.execute(invented).scalars().all():
        _add_rating(report, "invented_rating", device, (device.id, session))


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


def _stored_documents(connection: Connection, device_id: int, sessions: list[bytes]) -> dict[SessionRef, str]:
    query = sa.select(ratings.c.session, ratings.c.document)
    query = query.where(ratings.c.device_id == device_id, ratings.c.session.in_(sessions))
    return {(device_id, row.session): row.document for row in connection.execute(query)}


def _add_rating(report: Report, what: str, device: Record, ref: SessionRef) -> None:
    report.findings.append(PlatformFinding(what, device.uuid, None, None, ref[1].hex()))
