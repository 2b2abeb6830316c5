"""The journal: entries in a hash chain, each signed, nothing ever updated in place.

An entry's body names its device, its chain, its place (`seq`, from 1), the hash of the entry before it
(`prev`, 64 zeros at 1), its kind, its session (null for entries about the window itself), honest time and the data of
the kind. Its hash is the digest of the body; its signature is over that hash.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar

from terminal_app.domain import suite
from terminal_app.domain.frozen import frozen
from terminal_app.domain.signed import NotSigned, canonical, digest, read_body, split_line, to_line

GENESIS = "0" * 64
VERSION = 1

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHAIN = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What an entry says."""

    CHAIN_STARTED = "chain_started"
    STAFF_LOGGED_IN = "staff_logged_in"
    STAFF_LOGGED_OUT = "staff_logged_out"
    PAUSED = "paused"
    RESUMED = "resumed"
    SESSION_OPENED = "session_opened"
    SCOPE_CHOSEN = "scope_chosen"
    STAR_CHOSEN = "star_chosen"
    REASON_TOGGLED = "reason_toggled"
    REASONS_CHOSEN = "reasons_chosen"
    SESSION_CLOSED = "session_closed"


class ClockQuality(StrEnum):
    """How far the wall clock can be trusted."""

    SYNCHRONISED = "synchronised"
    HOLDING = "holding"
    UNSYNCHRONISED = "unsynchronised"


class Moment(NamedTuple):
    """Honest time: wall clock (ISO 8601, milliseconds, offset), monotonic milliseconds of this boot, boot id, quality."""

    wall: str
    mono_ms: int
    boot: str
    quality: ClockQuality


@frozen
class Draft:
    """What is to be written: kind, session id (None for the window's own entries) and the data of the kind."""

    kind: Kind
    session: str | None
    data: Mapping[str, Any]


@frozen
class Head:
    """The last entry of a chain; `seq` 0 and `hash` GENESIS before the first."""

    device: str
    chain: str
    seq: int
    hash: str


@frozen
class Entry:
    """One entry. `id` and `device` are UUID texts, `chain` 32 hex digits, `prev` and `hash` 64; `line` is what travels."""

    id: str
    device: str
    chain: str
    seq: int
    prev: str
    kind: str
    session: str | None
    moment: Moment
    data: Mapping[str, Any]
    hash: str
    line: bytes

    @property
    def head(self) -> Head:
        return Head(self.device, self.chain, self.seq, self.hash)


def write_entry(draft: Draft, entry_id: str, head: Head, moment: Moment, sign: Callable[[bytes], bytes]) -> Entry:
    """The entry that follows `head`, chained and signed."""
    body = canonical(
        {
            "v": VERSION,
            "id": entry_id,
            "device": head.device,
            "chain": head.chain,
            "seq": head.seq + 1,
            "prev": head.hash,
            "kind": draft.kind,
            "session": draft.session,
            "wall": moment.wall,
            "mono_ms": moment.mono_ms,
            "boot": moment.boot,
            "clock": moment.quality,
            "data": draft.data,
        }
    )
    hashed = digest(body)
    line = to_line(body, sign(hashed))
    return Entry(
        id=entry_id,
        device=head.device,
        chain=head.chain,
        seq=head.seq + 1,
        prev=head.hash,
        kind=draft.kind,
        session=draft.session,
        moment=moment,
        data=draft.data,
        hash=hashed.hex(),
        line=line,
    )


def read_entry(line: bytes) -> Entry:
    """The entry in a line; its signature is not checked here. Raises NotSigned when the line is no entry."""
    body, _ = split_line(line)
    value = read_body(body)
    try:
        entry = Entry(
            id=_text(value, "id", _UUID),
            device=_text(value, "device", _UUID),
            chain=_text(value, "chain", _CHAIN),
            seq=_number(value, "seq", 1),
            prev=_text(value, "prev", _HASH),
            kind=_text(value, "kind"),
            session=None if value["session"] is None else _text(value, "session", _UUID),
            moment=_moment(value),
            data=_object(value, "data"),
            hash=digest(body).hex(),
            line=line,
        )
        version = _number(value, "v", 0)
    except (KeyError, ValueError) as error:
        raise NotSigned(f"entry field missing or malformed: {error}") from None
    if version != VERSION:
        raise NotSigned("entry has an unknown version")
    return entry


def _moment(value: Mapping[str, Any]) -> Moment:
    wall, quality = _text(value, "wall"), _text(value, "clock")
    if not _is_time_with_offset(wall):
        raise ValueError("wall")
    if quality not in set(ClockQuality):
        raise ValueError("clock")
    return Moment(wall, _number(value, "mono_ms", 0), _text(value, "boot"), ClockQuality(quality))


def _is_time_with_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _text(value: Mapping[str, Any], key: str, form: re.Pattern[str] | None = None) -> str:
    text = value[key]
    if not isinstance(text, str) or not text or (form is not None and not form.fullmatch(text)):
        raise ValueError(key)
    return text


def _number(value: Mapping[str, Any], key: str, least: int) -> int:
    number = value[key]
    if type(number) is not int or number < least:
        raise ValueError(key)
    return number


def _object(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    member = value[key]
    if not isinstance(member, dict):
        raise ValueError(key)
    return member


class Linked(Protocol):
    """What the checks need of an entry: Entry, or a part of one."""

    @property
    def id(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def chain(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def prev(self) -> str: ...
    @property
    def session(self) -> str | None: ...
    @property
    def moment(self) -> Moment: ...
    @property
    def hash(self) -> str: ...
    @property
    def line(self) -> bytes: ...


_Linked = TypeVar("_Linked", bound=Linked)


def is_signed_by(entry: Linked, public_key: bytes) -> bool:
    """Whether the entry's own signature was made by `public_key` (32 raw bytes)."""
    return suite.verify(public_key, bytes.fromhex(entry.hash), split_line(entry.line).signature)


def follows(entry: Linked, last: Linked) -> bool:
    """Whether `entry` is the one after `last` in its chain."""
    return entry.seq == last.seq + 1 and entry.prev == last.hash and entry.chain == last.chain and entry.device == last.device


def runs(entries: Iterable[_Linked], longest: int = 1_000) -> Iterator[list[_Linked]]:
    """`entries` cut into runs: each entry of a run follows the one before it. At most `longest` entries are held."""
    run: list[_Linked] = []
    for entry in entries:
        if run and (len(run) >= longest or not follows(entry, run[-1])):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def verify_run(run: Sequence[Linked], public_key: bytes) -> int:
    """How many entries of a run (see `runs`), from its beginning on, `public_key` (32 raw bytes) has signed; all when nothing
    was altered, and then at the price of one signature.

    A signature is over the hash of a body, and the body holds the hash of the one before it: a good signature vouches for
    every body of the run up to its own. Signatures before it are not looked at, so that one whose own bytes were altered is
    not told here; what it signed has not changed.
    """
    for count in range(len(run), 0, -1):
        if is_signed_by(run[count - 1], public_key):
            return count
    return 0
