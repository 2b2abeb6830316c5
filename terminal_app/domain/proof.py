"""Checking a journal as somebody who trusts nobody would: every link, place, time and signature, and the platform's heads.

Entries come one by one in chain order; memory is bounded by one run, the chains, their boots and the platform's heads. What
counts as back-dated is in `claimed_time`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from terminal_app.domain.checkpoint import Checkpoint
from terminal_app.domain.claimed_time import CLOCK_SET_BACK, ClaimedTime
from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import (
    GENESIS,
    ClockQuality,
    Linked,
    Moment,
    follows,
    is_signed_by,
    read_entry,
    runs,
    verify_run,
)
from terminal_app.domain.signed import BODY_AT, NotSigned, digest

_HEAD = re.compile(r'\{"boot":"([^"\\]+)","chain":"(.{32})","clock":"([a-z]+)","data":\{')
_TAIL_BEGINS = ',"device":"'
_TAIL = re.compile(
    _TAIL_BEGINS + r'(.{36})","id":"(.{36})","kind":"[^"\\]+","mono_ms":([0-9]+),"prev":"(.{64})","seq":([0-9]+),'
    r'"session":(?:null|"(.{36})"),"v":1,"wall":"([0-9T:.+-]{19,})"\}\Z'
)
_QUALITIES = {quality.value: quality for quality in ClockQuality}


class Frame(NamedTuple):
    """What is checked of an entry: all but its kind and its data, which its hash covers."""

    id: str
    device: str
    chain: str
    seq: int
    prev: str
    session: str | None
    moment: Moment
    hash: str
    line: bytes


def read_frame(line: bytes) -> Linked:
    """The frame of the entry in `line`, read where canonical JSON has it; the whole entry where it does not stand there.

    Several times as fast as `read_entry`, with which it agrees about every line that that reads. Of what that refuses it takes
    some: its form is then what the key that signed it wrote. Raises NotSigned.
    """
    body = line[BODY_AT:-1]
    try:
        text = body.decode()
    except ValueError:
        return read_entry(line)
    head, tail = _HEAD.match(text), _TAIL.match(text, text.rfind(_TAIL_BEGINS))
    if head is None or tail is None or head[3] not in _QUALITIES:
        return read_entry(line)
    boot, chain, quality = head.groups()
    device, entry_id, mono_ms, prev, seq, session, wall = tail.groups()
    moment = Moment(wall, int(mono_ms), boot, _QUALITIES[quality])
    return Frame(entry_id, device, chain, int(seq), prev, session, moment, digest(body).hex(), line)


@frozen
class Finding:
    """A flaw of a chain and where it is, or, where `is_remark`, something that a person should know and that proves nothing.

    `what`: `gap` (`seq` is the first that is missing), `missing_end` (the same, at the end), `fork` (another entry at a place
    that is taken), `repeated` (the same entry once more), `reordered` (an entry behind its place), `broken_link` (it does not
    follow the entry before it), `bad_signature` (neither it nor what follows it was signed), `rewritten` (the platform
    counter-signed another entry at this place), `back_dated`, `unreadable` (`line`, from 1, holds no entry); remarks:
    `clock_set_back`, `begins_later` (without its first entries, and without the platform's word for them).
    """

    what: str
    chain: str
    seq: int
    entry_id: str | None
    line: int | None = None

    @property
    def is_remark(self) -> bool:
        return self.what in (CLOCK_SET_BACK, "begins_later")


Heads = Mapping[str, Sequence[Checkpoint]]
"""What the platform counter-signed, by chain (32 hex digits), in order of `seq`."""


class Audit:
    """One check of the entries of one key; `entries` and `chains` count what went by.

    One signature is checked per run of linked entries, or each of them. `heads` None: not known, and then a chain that does
    not begin at 1 is taken from its first entry on. An end that was cut off is seen only where a head beyond it is known.
    """

    def __init__(self, public_key: bytes, heads: Heads | None = None, *, every_signature: bool = False) -> None:
        self._public_key = public_key
        self._heads = heads
        self._every_signature = every_signature
        self._chains: dict[str, _Chain] = {}
        self.entries = 0

    @property
    def chains(self) -> int:
        return len(self._chains)

    @property
    def pruned(self) -> list[Checkpoint]:
        """Of each chain without its beginning, the platform's head that stands for what is gone: it was checked from there."""
        return [chain.stands_for_beginning for chain in self._chains.values() if chain.stands_for_beginning is not None]

    def of_lines(self, lines: Iterable[bytes]) -> Iterator[Finding]:
        """Every flaw in these lines, in their order."""
        reader = _Reader(lines, read_entry if self._every_signature else read_frame)
        while not reader.at_end:
            yield from self._of(reader.until_unreadable())
            if not reader.at_end:
                yield Finding("unreadable", "", 0, None, reader.number)
        yield from self._ends()

    def of_entries(self, entries: Iterable[Linked]) -> Iterator[Finding]:
        """Every flaw of the chains in `entries`, in their order."""
        yield from self._of(entries)
        yield from self._ends()

    def _of(self, entries: Iterable[Linked]) -> Iterator[Finding]:
        for run in runs(entries):
            self.entries += len(run)
            found = self._unsigned(run)
            chain, before = self._chain(run[0].chain), None
            for entry in run:
                found += chain.take(entry, before)
                before = entry
            yield from sorted(found, key=_seq)

    def _ends(self) -> Iterator[Finding]:
        for name in self._heads or ():
            yield from self._chain(name).end()

    def _chain(self, name: str) -> "_Chain":
        if name not in self._chains:
            heads = None if self._heads is None else list(reversed(self._heads.get(name, ())))
            self._chains[name] = _Chain(name, heads)
        return self._chains[name]

    def _unsigned(self, run: Sequence[Linked]) -> list[Finding]:
        if self._every_signature:
            bad: Sequence[Linked] = [entry for entry in run if not is_signed_by(entry, self._public_key)]
        else:
            bad = run[verify_run(run, self._public_key) :]
        return [Finding("bad_signature", entry.chain, entry.seq, entry.id) for entry in bad]


def verify_chain(entries: Iterable[Linked], public_key: bytes, heads: Heads | None = None) -> Iterator[Finding]:
    """Every flaw of the chains in `entries`, which come in chain order; see Audit.

    An entry that is not where it belongs does not move the head, so that one stray entry is one finding.
    """
    return Audit(public_key, heads).of_entries(entries)


class _Reader:
    """Entries of lines, up to a line that is none; `number` is that of the last line read."""

    def __init__(self, lines: Iterable[bytes], read: Callable[[bytes], Linked]) -> None:
        self._lines = enumerate(lines, 1)
        self._read = read
        self.number = 0
        self.at_end = False

    def until_unreadable(self) -> Iterator[Linked]:
        for number, line in self._lines:
            self.number = number
            try:
                entry = self._read(line)
            except NotSigned:
                return
            yield entry
        self.at_end = True


def _seq(finding: Finding) -> int:
    return finding.seq


@dataclass(slots=True)
class _Chain:
    """A chain as far as it was read. `heads`: what the platform counter-signed of it and lies ahead, the next one last."""

    name: str
    heads: list[Checkpoint] | None
    last: Linked | None = None
    time: ClaimedTime = field(default_factory=ClaimedTime)
    stands_for_beginning: Checkpoint | None = None

    def take(self, entry: Linked, before: Linked | None) -> Sequence[Finding]:
        """The flaws of the next entry; `before` is what it follows, if it is known to follow anything."""
        last, found = self.last, []
        if last is None or last is not before:
            found = list(self._place(entry, last))
            if last is not None and entry.seq <= last.seq:
                return found
        if what := self.time.take(entry.moment):
            found.append(Finding(what, self.name, entry.seq, entry.id))
        if self.heads and self.heads[-1].seq <= entry.seq:
            found += self._compare(entry)
        self.last = entry
        return found

    def _place(self, entry: Linked, last: Linked | None) -> Iterator[Finding]:
        if last is None:
            yield from self._begin(entry)
        elif entry.seq <= last.seq:
            yield Finding(_misplaced(entry, last), self.name, entry.seq, entry.id)
        elif entry.seq > last.seq + 1:
            yield Finding("gap", self.name, last.seq + 1, None)
        elif not follows(entry, last):
            yield Finding("broken_link", self.name, entry.seq, entry.id)

    def end(self) -> Iterator[Finding]:
        """What the platform counter-signed and is not here."""
        if self.heads:
            yield Finding("missing_end", self.name, self.last.seq + 1 if self.last else 1, None)

    def _begin(self, entry: Linked) -> Iterator[Finding]:
        if entry.seq == 1 and entry.prev != GENESIS:
            yield Finding("broken_link", self.name, 1, entry.id)
        elif entry.seq > 1 and self.heads is None:
            yield Finding("begins_later", self.name, entry.seq, entry.id)
        elif entry.seq > 1 and not (self.heads and self.heads[0].seq >= entry.seq - 1):
            yield Finding("gap", self.name, 1, None)
        elif entry.seq > 1 and self.heads:
            self.stands_for_beginning = next(head for head in reversed(self.heads) if head.seq >= entry.seq - 1)
        before = [head for head in self.heads or () if head.seq == entry.seq - 1]
        if any(head.hash.hex() != entry.prev for head in before):
            yield Finding("rewritten", self.name, entry.seq - 1, None)

    def _compare(self, entry: Linked) -> Iterator[Finding]:
        while self.heads and self.heads[-1].seq <= entry.seq:
            head = self.heads.pop()
            if head.seq == entry.seq and head.hash.hex() != entry.hash:
                yield Finding("rewritten", self.name, entry.seq, entry.id)


def _misplaced(entry: Linked, last: Linked) -> str:
    if entry.seq < last.seq:
        return "reordered"
    return "repeated" if entry.hash == last.hash else "fork"
