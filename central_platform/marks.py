"""Objections to an entry that do not keep it from being stored: they depend on it, its device and the platform's time."""

from collections.abc import Iterable
from dataclasses import dataclass

from central_platform.devices import Device
from central_platform.entry_data import EntryData, MalformedData, ReasonsChosen, ReasonToggled, SessionOpened, read_data
from central_platform.times import parse_wall
from sync.wire import Mark
from terminal_app.domain.journal import ClockQuality, Entry
from terminal_app.domain.ticket import Verification

LATE_AFTER_MS = 24 * 3600 * 1000
AHEAD_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Reasons as (code, level): those of the catalogue in force, and those of the catalogues before it."""

    current: frozenset[tuple[str, int]]
    retired: frozenset[tuple[str, int]]


def join_marks(marks: Iterable[str]) -> str:
    """Marks as they are stored beside an entry."""
    return " ".join(sorted(set(marks)))


def split_marks(text: str) -> list[str]:
    """The marks stored beside an entry."""
    return text.split()


def marks_of(entry: Entry, device: Device, received_at: int, catalogues: Catalogues) -> set[str]:
    """The objections to one entry, its chain and its session left aside."""
    marks = _clock_marks(entry, received_at)
    if device.revoked:
        marks.add(Mark.REVOKED_DEVICE)
    try:
        data = read_data(entry.kind, entry.data)
    except MalformedData:
        return marks | {Mark.MALFORMED_DATA}
    if isinstance(data, SessionOpened) and data.ticket.verification in {None, Verification.UNVERIFIED}:
        marks.add(Mark.UNVERIFIED_TICKET)
    return marks | {_reason_mark(reason, catalogues) for reason in _reasons(data) if reason not in catalogues.current}


def _clock_marks(entry: Entry, received_at: int) -> set[str]:
    parsed = parse_wall(entry.moment.wall)
    if parsed is None or parsed[0] > received_at + AHEAD_MS:
        return {Mark.WRONG_CLOCK}
    if received_at - parsed[0] <= LATE_AFTER_MS:
        return set()
    doubtful = entry.moment.quality is ClockQuality.UNSYNCHRONISED
    return {Mark.LATE, Mark.WRONG_CLOCK} if doubtful else {Mark.LATE}


def _reasons(data: EntryData | None) -> list[tuple[str, int]]:
    if isinstance(data, ReasonToggled):
        return [(data.code, data.level)]
    if isinstance(data, ReasonsChosen):
        return [(reason.code, data.level) for reason in data.reasons]
    return []


def _reason_mark(reason: tuple[str, int], catalogues: Catalogues) -> Mark:
    return Mark.RETIRED_REASON if reason in catalogues.retired else Mark.UNKNOWN_REASON
