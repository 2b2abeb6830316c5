"""`rating-terminal journal verify`: checks a database or an exported journal, offline and line by line. Changes nothing."""

import argparse
import base64
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_app.commands.shared import FOUND, OK, USAGE, CommandError, add_json, parser, say, tell

if TYPE_CHECKING:
    import io

    from terminal_app.domain.checkpoint import Checkpoint
    from terminal_app.domain.proof import Audit, Finding, Heads
    from terminal_app.store.reading import JournalReader

PROGRESS_EVERY = 50_000
NAMED = 1_000
"""So many findings and remarks are named; all are counted."""

_SQLITE = b"SQLite format 3\x00"
_LONGEST_LINE = 1 << 20
_TERMINAL = "see `rating-terminal journal verify --help`"


def add_parser(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        acts,
        "verify",
        "check chains, places, times, signatures and the platform's heads of a journal, in a database or exported",
        "rating-terminal journal verify\n"
        "  rating-terminal journal verify /mnt/disk/journal.sqlite3 --public-key KEY --platform-key KEY\n"
        "  rating-terminal journal verify journal.ndjson --public-key KEY --every-signature --json",
    )
    added.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="a terminal's database or an exported journal (default: this terminal's own)",
    )
    added.add_argument("--public-key", metavar="KEY", help="the device's public key, base64url (default: this terminal's own)")
    added.add_argument(
        "--platform-key",
        metavar="KEY",
        help="the platform's public key, base64url (default: the one in the file, from the enrolment)",
    )
    added.add_argument(
        "--every-signature",
        action="store_true",
        help="check each signature and each field, not one signature for a run of linked entries; about fifteen times as slow",
    )
    add_json(added)
    added.set_defaults(perform=perform)


@dataclass(frozen=True, slots=True)
class _Journal:
    """What is to be checked: entries, the platform's heads and the key they are signed with, if the file has any."""

    lines: Iterable[bytes]
    heads: list[bytes]
    platform_key: bytes | None


def perform(arguments: argparse.Namespace) -> int:
    from terminal_app.domain.proof import Audit

    key = _public_key(arguments)
    with _opened(arguments) as journal:
        heads, unsigned = _heads(journal, _key(arguments.platform_key, "--platform-key", "the platform's administrator has it"))
        audit = Audit(key, heads, every_signature=arguments.every_signature)
        verdict = _Verdict(unsigned)
        for finding in audit.of_lines(_told(journal.lines)):
            verdict.add(finding)
    known = sum(map(len, heads.values())) if heads else 0
    verdict.say(arguments, audit, known)
    return FOUND if verdict.findings else OK


class _Verdict:
    """Findings and remarks, counted, and named up to NAMED."""

    def __init__(self, unsigned_heads: int) -> None:
        self.counts: Counter[str] = Counter()
        self.findings = 0
        self.named: list[dict[str, object]] = []
        self.remarks: list[dict[str, object]] = []
        if unsigned_heads:
            self._count("unsigned_head", unsigned_heads)
            self.named.append({"what": "unsigned_head", "heads": unsigned_heads})

    def add(self, finding: "Finding") -> None:
        row = _row(finding)
        rows = self.remarks if finding.is_remark else self.named
        if len(rows) < NAMED:
            rows.append(row)
        if finding.is_remark:
            self.counts[finding.what] += 1
        else:
            self._count(finding.what, 1)

    def _count(self, what: str, times: int) -> None:
        self.counts[what] += times
        self.findings += times

    def say(self, arguments: argparse.Namespace, audit: "Audit", heads: int) -> None:
        entries, chains = audit.entries, audit.chains
        first = self.named[0] if self.named else None
        counted = f"{entries} entries in {chains} chains, {heads} heads of the platform: "
        verdict = f"{self.findings} findings, the first: {_told_row(first)}" if first else "whole and unaltered"
        lines = [*map(_told_row, self.named), *(f"remark: {_told_row(row)}" for row in self.remarks)]
        pruned: list[dict[str, object]] = [_pruned(head) for head in audit.pruned]
        lines += [
            f"pruned: chain {row['chain']}, checked from the platform's head at {row['seq']} of {row['at']}" for row in pruned
        ]
        if arguments.json or len(self.named) + len(self.remarks) == sum(self.counts.values()):
            lines.append(counted + verdict)
        else:
            lines += [f"only the first {NAMED} are named", counted + verdict]
        values = {"entries": entries, "chains": chains, "heads": heads, "first": first, "findings": self.named}
        say(arguments, values | {"remarks": self.remarks, "pruned": pruned, "counts": dict(self.counts)}, "\n".join(lines))


def _pruned(head: "Checkpoint") -> dict[str, object]:
    at = datetime.fromtimestamp(head.at_ms / 1000, UTC).isoformat(timespec="seconds")
    return {"chain": head.chain.hex(), "seq": head.seq, "at": at}


def _row(finding: "Finding") -> dict[str, object]:
    if finding.line is not None:
        return {"what": finding.what, "line": finding.line}
    return {"what": finding.what, "chain": finding.chain, "seq": finding.seq, "id": finding.entry_id}


def _told_row(row: dict[str, object]) -> str:
    named = (("line", "line"), ("chain", "chain"), ("seq", "place"), ("id", "entry"), ("heads", "heads"))
    return f"{row['what']}: " + ", ".join(f"{word} {row[key]}" for key, word in named if row.get(key) is not None)


def _told(lines: Iterable[bytes]) -> Iterator[bytes]:
    for count, line in enumerate(lines, 1):
        yield line
        if count % PROGRESS_EVERY == 0:
            tell(f"{count} entries read …")


# --- where it comes from ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[_Journal]:
    from terminal_app.commands.store_access import read_database, read_journal
    from terminal_app.config import load

    if arguments.file is None:
        with read_journal(load(arguments.config)) as reader:
            yield _in_database(reader)
        return
    try:
        with arguments.file.open("rb") as file:
            beginning = file.read(len(_SQLITE))
            file.seek(0)
            if beginning != _SQLITE:
                yield _in_export(arguments.file, file)
                return
    except OSError as error:
        raise CommandError(f"{arguments.file} cannot be read: {error.strerror}") from None
    with read_database(arguments.file) as reader:
        yield _in_database(reader)


def _in_database(reader: "JournalReader") -> _Journal:
    enrolment = reader.enrolment()
    return _Journal(reader.lines(), list(reader.checkpoints()), enrolment.platform_key if enrolment else None)


def _in_export(path: Path, file: "io.BufferedReader") -> _Journal:
    """Documents of the platform stand before the entries. Raises CommandError where the file is neither of the two kinds."""
    from terminal_app.domain.enrolment import BadEnrolment, EnrolmentRecord
    from terminal_app.domain.signed import NotSigned, split_line

    lines = _lines(file)
    first = next(lines, b"")
    try:
        split_line(first)
    except NotSigned:
        raise CommandError(f"{path} is neither a terminal's database nor an exported journal; {_TERMINAL}", USAGE) from None
    heads: list[bytes] = []
    platform_key: bytes | None = None
    for line in chain([first], lines):
        kind = _type_of(line)
        if kind is None:
            return _Journal(chain([line], lines), heads, platform_key)
        if kind == "checkpoint":
            heads.append(line)
        elif kind == "enrolment":
            with contextlib.suppress(BadEnrolment):
                platform_key = EnrolmentRecord.from_line(line).platform_key
    return _Journal((), heads, platform_key)


def _type_of(line: bytes) -> str | None:
    """The type of a document of the platform; None for an entry, which has none."""
    from terminal_app.domain.signed import NotSigned, read_body, split_line

    try:
        kind = read_body(split_line(line).body).get("type")
    except NotSigned:
        return None
    return kind if isinstance(kind, str) else None


def _lines(file: "io.BufferedReader") -> Iterator[bytes]:
    """A line that is longer than any entry can be comes in pieces, none of which is one."""
    while line := file.readline(_LONGEST_LINE):
        yield line.rstrip(b"\r\n")


# --- keys ---------------------------------------------------------------------------------------------------------------


def _heads(journal: _Journal, given: bytes | None) -> "tuple[Heads | None, int]":
    from terminal_app.domain.checkpoint import heads_by_chain

    key = given or journal.platform_key
    if key is None:
        tell("the platform's key is not known, so its heads are not checked; give --platform-key")
        return None, 0
    return heads_by_chain(journal.heads, key)


def _public_key(arguments: argparse.Namespace) -> bytes:
    given = _key(arguments.public_key, "--public-key", "copy it from `central-platform device list`")
    if given is not None:
        return given
    from terminal_app.config import load
    from terminal_app.store.errors import StoreOpenError
    from terminal_app.store.keys import load_key

    folders: list[Callable[[], Path]] = []
    if arguments.file is not None:
        folders.append(lambda: Path(arguments.file.parent))
    if arguments.file is None or arguments.config.exists():
        folders.append(lambda: load(arguments.config).data_dir)
    reason = f"{arguments.file}: no key beside it"
    for folder in folders:
        try:
            return load_key(folder()).public
        except StoreOpenError as error:
            reason = str(error)
    raise CommandError(f"{reason}, or give --public-key")


def _key(text: str | None, option: str, remedy: str) -> bytes | None:
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(key) == 32:
            return key
    raise CommandError(f"{option}: not 32 bytes in base64url; {remedy}", USAGE)
