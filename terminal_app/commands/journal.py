"""`rating-terminal journal`: list, verify, export. A listing shows neither levels nor reasons."""

import argparse
import base64
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from terminal_app.commands.shared import FOUND, OK, USAGE, CommandError, add_json, parser, say, tell
from terminal_app.domain.journal import Entry

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
    verify = parser(
        acts,
        "verify",
        "check chain, sequence and signatures of the journal or of an exported file",
        "rating-terminal journal verify\n  rating-terminal journal verify journal.ndjson --public-key KEY",
    )
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="an exported journal (default: this terminal's own)")
    verify.add_argument("--public-key", metavar="KEY", help="the device's public key, base64url (default: this terminal's own)")
    add_json(verify)
    verify.set_defaults(perform=perform_verify)
    export = parser(acts, "export", "write all signed lines to a file", "rating-terminal journal export journal.ndjson")
    export.add_argument("file", metavar="FILE", help="where to; - for standard output")
    add_json(export)
    export.set_defaults(perform=perform_export)


def perform_list(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import read_journal
    from terminal_app.config import load

    with read_journal(load(arguments.config)) as reader:
        rows = [_row(line) for line in reader.lines(last=max(0, arguments.last))]
    text = "\n".join(f"{row['seq']:>8}  {row['wall']}  {row['kind']:<16} {row['id']}" for row in rows)
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


def perform_verify(arguments: argparse.Namespace) -> int:
    from terminal_app.domain.journal import verify_chain

    counted = _Counted(arguments)
    findings = list(verify_chain(counted, _public_key(arguments)))
    rows: list[dict[str, Any]] = [{"what": f.what, "chain": f.chain, "seq": f.seq, "id": f.entry_id} for f in findings]
    rows += [{"what": "unreadable", "line": number} for number in counted.unreadable]
    values = {"entries": counted.count, "chains": len(counted.chains), "findings": rows}
    lines = [f"{row['what']}: {_where(row)}" for row in rows]
    verdict = f"{counted.count} entries in {len(counted.chains)} chains: " + (
        f"{len(rows)} findings" if rows else "whole and unaltered"
    )
    say(arguments, values, "\n".join([*lines, verdict]))
    return FOUND if rows else OK


def _where(row: Mapping[str, Any]) -> str:
    named = (("line", "line"), ("chain", "chain"), ("seq", "place"), ("id", "entry"))
    return ", ".join(f"{word} {row[key]}" for key, word in named if row.get(key) is not None)


class _Counted:
    """The entries of a journal or an exported file, counted on the way; `unreadable` are the numbers of the other lines."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self.count = 0
        self.chains: set[str] = set()
        self.unreadable: list[int] = []

    def __iter__(self) -> Iterator[Entry]:
        from terminal_app.domain.journal import read_entry
        from terminal_app.domain.signed import NotSigned

        for number, line in enumerate(_lines(self._arguments), 1):
            try:
                entry = read_entry(line)
            except NotSigned:
                self.unreadable.append(number)
                continue
            self.count += 1
            self.chains.add(entry.chain)
            if self.count % PROGRESS_EVERY == 0:
                tell(f"{self.count} entries checked …")
            yield entry


def _lines(arguments: argparse.Namespace) -> Iterator[bytes]:
    if arguments.file is None:
        from terminal_app.commands.store_access import read_journal
        from terminal_app.config import load

        with read_journal(load(arguments.config)) as reader:
            yield from reader.lines()
        return
    try:
        with arguments.file.open("rb") as lines:
            for line in lines:
                yield line.rstrip(b"\n")
    except OSError as error:
        raise CommandError(f"{arguments.file} cannot be read: {error.strerror}") from None


def _public_key(arguments: argparse.Namespace) -> bytes:
    if arguments.public_key is None:
        from terminal_app.config import load
        from terminal_app.store.errors import StoreOpenError
        from terminal_app.store.keys import load_key

        try:
            return load_key(load(arguments.config).data_dir).public
        except StoreOpenError as error:
            raise CommandError(f"{error}, or give --public-key") from None
    text = str(arguments.public_key)
    with contextlib.suppress(ValueError):
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(key) == 32:
            return key
    raise CommandError("--public-key: not 32 bytes in base64url; copy it from `central-platform device list`", USAGE)


def perform_export(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import read_journal
    from terminal_app.config import load

    config = load(arguments.config)
    with read_journal(config) as reader, _written(arguments.file) as out:
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
