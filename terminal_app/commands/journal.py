"""`rating-terminal journal`: list, export, and the way to verify. A listing shows neither levels nor reasons."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from terminal_app.commands import journal_verify
from terminal_app.commands.shared import OK, CommandError, add_json, one_line, parser, say, tell

PROGRESS_EVERY = 20_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "journal",
        "list, verify or export the journal",
        "rating-terminal journal verify\n  rating-terminal journal export journal.ndjson",
        config=False,
    )
    acts = added.add_subparsers(dest="act", required=True, metavar="list|verify|export")
    listing = parser(
        acts, "list", "list the latest entries, without levels and reasons", "rating-terminal journal list --last 20"
    )
    listing.add_argument("--last", type=int, default=50, metavar="N", help="how many (default 50)")
    add_json(listing)
    listing.set_defaults(perform=perform_list)
    journal_verify.add_parser(acts)
    export = parser(
        acts,
        "export",
        "write all signed lines to a file: the enrolment, the platform's heads, the entries",
        "rating-terminal journal export journal.ndjson",
    )
    export.add_argument("file", metavar="FILE", help="where to; - for standard output")
    add_json(export)
    export.set_defaults(perform=perform_export)


def perform_list(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import read_journal
    from terminal_app.config import load

    with read_journal(load(arguments.config)) as reader:
        rows = [_row(line) for line in reader.lines(last=max(0, arguments.last))]
    text = "\n".join(one_line(f"{row['seq']:>8}  {row['wall']}  {row['kind']:<16} {row['id']}") for row in rows)
    say(arguments, {"entries": rows}, text or "no entries")
    return OK


def _row(line: bytes) -> dict[str, object]:
    """What may be shown of an entry: neither level nor reason."""
    from terminal_app.domain.journal import read_entry
    from terminal_app.domain.signed import NotSigned

    try:
        e = read_entry(line)
    except NotSigned:
        return {"seq": 0, "wall": "", "kind": "unreadable", "id": "run `journal verify`", "session": None, "chain": None}
    return {"seq": e.seq, "wall": e.moment.wall, "kind": e.kind, "id": e.id, "session": e.session, "chain": e.chain}


def perform_export(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import read_journal
    from terminal_app.config import load

    config = load(arguments.config)
    with read_journal(config) as reader, _written(arguments.file) as out:
        enrolment = reader.enrolment()
        out.writelines(line + b"\n" for line in ([enrolment.line] if enrolment else []))
        out.writelines(line + b"\n" for line in reader.checkpoints())
        count = 0
        for count, line in enumerate(reader.lines(), 1):
            out.write(line + b"\n")
            if count % PROGRESS_EVERY == 0:
                tell(f"{count} entries written …")
    if arguments.file != "-":
        say(arguments, {"entries": count, "file": arguments.file}, f"{count} entries written to {arguments.file}")
    return OK


@contextlib.contextmanager
def _written(file: str) -> Iterator[BinaryIO]:
    """The file, there whole or not at all; readable by its owner only, for it holds ratings."""
    if file == "-":
        yield sys.stdout.buffer
        return
    draft = Path(file + ".part")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
