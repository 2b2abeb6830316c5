"""Takes in journals that were carried here as files: signed lines, one a line, as `rating-terminal journal export` writes them.

Lines go the way of an upload, so a file, an upload and a repetition of either end the same. What cannot be stored is
reported and stays in the file. Memory is bounded by one batch, whatever the file holds; the file is never written to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, BinaryIO, NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from central_platform.database import Database
from central_platform.deliveries import Deliveries, UnknownDevice
from central_platform.devices import count_rated, keys_of
from central_platform.messages import Verdict
from sync.wire import BATCH_BYTES, BATCH_ENTRIES, RefusalCode, Status

UNKNOWN_DEVICE = "unknown_device"
REPORTED = 100
_PROGRESS_LINES = 5_000


class Line(NamedTuple):
    """A line of a file, without its end; `content` is None where it is longer than any entry can be."""

    number: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A line that was kept out: `code` is a RefusalCode or UNKNOWN_DEVICE."""

    file: str
    line: int
    code: str


@dataclass(slots=True)
class Summary:
    """What became of the lines of entries. `ratings` counts the sessions with a star that the platform holds of the devices
    concerned, `new_ratings` how many more these are than before; `flaws` has the first REPORTED lines that were kept out."""

    lines: int = 0
    accepted: int = 0
    duplicate: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    ratings: int = 0
    new_ratings: int = 0
    flaws: list[Flaw] = field(default_factory=list)
    complete: bool = False


class _Body(msgspec.Struct):
    device: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f-]{36}\Z")]
    type: str | None = None


class _Line(msgspec.Struct):
    body: _Body


_devices = msgspec.json.Decoder(_Line)


class JournalImport:
    """One import of one or more files.

    `notice` hears of every flaw that `summary` lists, `progress` now and then how many lines are done.
    """

    def __init__(
        self,
        database: Database,
        deliveries: Deliveries,
        notice: Callable[[Flaw], None],
        progress: Callable[[int], None],
    ) -> None:
        self.summary = Summary()
        self._database = database
        self._deliveries = deliveries
        self._notice = notice
        self._progress = progress
        self._rated_before: dict[str, int] = {}

    def read(self, name: str, stream: BinaryIO) -> None:
        """Take in one file. Raises OSError where it cannot be read to its end; what came before is kept."""
        for batch in _batches(lines_of(stream)):
            before = self.summary.lines
            self._take(name, batch)
            if self.summary.lines // _PROGRESS_LINES > before // _PROGRESS_LINES:
                self._progress(self.summary.lines)

    def finish(self, *, complete: bool) -> Summary:
        """Count the ratings, now that nothing more comes."""
        self.summary.complete = complete
        self.summary.ratings = self._database.read(lambda connection: count_rated(connection, list(self._rated_before)))
        self.summary.new_ratings = self.summary.ratings - sum(self._rated_before.values())
        return self.summary

    def _take(self, name: str, batch: list[Line]) -> None:
        by_device: dict[str | None, list[Line]] = {}
        for line in batch:
            body = _body_of(line)
            if body is None or body.type is None:
                by_device.setdefault(body.device if body else None, []).append(line)
                self.summary.lines += 1
        unreadable = by_device.pop(None, [])
        keys = self._keys([device for device in by_device if device is not None])
        flaws = [Flaw(name, line.number, RefusalCode.UNREADABLE) for line in unreadable]
        for device, lines in by_device.items():
            flaws += self._deliver(name, keys.get(str(device)), lines)
        for flaw in sorted(flaws, key=lambda flaw: flaw.line):
            self._keep_out(flaw)

    def _keys(self, devices: list[str]) -> dict[str, bytes]:
        def work(connection: Connection) -> dict[str, bytes]:
            keys = keys_of(connection, devices)
            for device in keys.keys() - self._rated_before.keys():
                self._rated_before[device] = count_rated(connection, [device])
            return keys

        return self._database.read(work)

    def _deliver(self, name: str, key: bytes | None, lines: list[Line]) -> list[Flaw]:
        """The flaws of one device's lines, once all others are durable."""
        try:
            results = self._deliveries.receive(key, [line.content or b"" for line in lines]).results if key else None
        except UnknownDevice:
            results = None
        if results is None:
            return [Flaw(name, line.number, UNKNOWN_DEVICE) for line in lines]
        return [flaw for line, verdict in zip(lines, results, strict=True) for flaw in self._count(name, line, verdict)]

    def _count(self, name: str, line: Line, verdict: Verdict) -> Iterator[Flaw]:
        if verdict.status == Status.ACCEPTED:
            self.summary.accepted += 1
        elif verdict.status == Status.DUPLICATE:
            self.summary.duplicate += 1
        else:
            yield Flaw(name, line.number, str(verdict.code or verdict.status))

    def _keep_out(self, flaw: Flaw) -> None:
        self.summary.refused[flaw.code] = self.summary.refused.get(flaw.code, 0) + 1
        if len(self.summary.flaws) < REPORTED:
            self.summary.flaws.append(flaw)
            self._notice(flaw)


def lines_of(stream: BinaryIO) -> Iterator[Line]:
    """The lines that are not blank, by their number in the file; blanks around a line are left away."""
    number, rest = 0, False
    while part := stream.readline(BATCH_BYTES):
        whole = part.endswith(b"\n") or len(part) < BATCH_BYTES
        if not rest:
            number += 1
            content = part.strip() if whole else None
            if content != b"":
                yield Line(number, content)
        rest = not whole


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """As many lines as an upload has."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        length = len(line.content or b"")
        if batch and (len(batch) == BATCH_ENTRIES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch


def _body_of(line: Line) -> _Body | None:
    """Which device the line is of; a document of the platform, which an export begins with, has a type. None: it names none."""
    if line.content is None:
        return None
    try:
        return _devices.decode(line.content).body
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
