"""Compares what people touched and saw confirmed with what the platform holds, and looks for every flaw of its journals.

Shares no code with the product: it reads the platform's rows with sqlite3, takes lines apart with json and hashlib, and has
its own idea of what a visit's touches come to.
"""

import base64
import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from simulation.record import Act, Record, Visit

_TAG = b"rating-terminal/1\n"
_START = "0" * 64
_WAITING = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What a visit's touches, or a session's entries, come to. `stars`: every star, in order."""

    stars: tuple[int, ...]
    reasons: frozenset[str]
    submitted: bool

    @property
    def level(self) -> int | None:
        return self.stars[-1] if self.stars else None


@dataclass(frozen=True, slots=True)
class Row:
    """One stored entry. `place`: chain and sequence number."""

    device: str
    chain: str
    seq: int
    prev: str
    hash: str
    marks: frozenset[str]
    session: str | None
    kind: str
    wall: str
    data: Mapping[str, Any]
    line: bytes
    id: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: what is wrong, how much was looked at, and a digest of all of it."""

    findings: list[str]
    ratings: int
    sessions: int
    entries: int
    digest: str


def check(platform: Path, journals: Mapping[str, Path], record: Record) -> Checked:
    """Everything about a run whose machines have delivered all they have."""
    rows, public_keys = _stored(platform)
    sessions = defaultdict(list)
    for row in rows:
        if row.session:
            sessions[row.session].append(row)
    findings = list(record.findings)
    findings += _chains(rows, public_keys, record)
    findings += _visits(sessions, record)
    findings += _ratings(platform, sessions, record)
    findings += _rated_once(sessions, record)
    for machine, path in journals.items():
        findings += _delivered(machine, path, {row.id: row.line for row in rows}, public_keys.values(), record)
    rated = sum(any(row.kind == "star_chosen" for row in of) for of in sessions.values())
    digest = hashlib.sha256(b"\n".join(sorted(row.line for row in rows))).hexdigest()
    return Checked(findings, rated, len(sessions), len(rows), digest)


def _stored(platform: Path) -> tuple[list[Row], dict[str, bytes]]:
    connection = sqlite3.connect(f"file:{platform}?mode=ro", uri=True)
    keys = dict(connection.execute("SELECT uuid, public_key FROM devices").fetchall())
    rows = []
    query = """SELECT e.id, d.uuid, c.chain, e.seq, e.prev, e.hash, e.marks, e.line FROM entries e
               JOIN devices d ON d.id = e.device_id JOIN chains c ON c.id = e.chain_id ORDER BY c.id, e.seq, e.id"""
    for entry_id, device, chain, seq, prev, hashed, marks, line in connection.execute(query):
        body = json.loads(line)["body"]
        row = Row(
            device, chain.hex(), seq, prev.hex(), hashed.hex(), frozenset(marks.split()), body["session"],
            body["kind"], body["wall"], body["data"], line, _uuid(entry_id),
        )  # fmt: skip
        rows.append(row)
    connection.close()
    return rows, keys


def _uuid(raw: bytes) -> str:
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _body_bytes(line: bytes) -> bytes:
    return line[line.find(b',"body":') + 8 : -1]


def _hash(line: bytes) -> str:
    return hashlib.sha256(_TAG + _body_bytes(line)).hexdigest()


# --- chains ---------------------------------------------------------------------------------------------------------


def _chains(rows: Sequence[Row], keys: Mapping[str, bytes], record: Record) -> list[str]:
    """Every entry says where it stands and links to the one before it; two at one place are a fork and marked as one."""
    findings = []
    chains: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        chains[row.device, row.chain].append(row)
        body = json.loads(row.line)["body"]
        said = (body["device"], body["chain"], body["seq"], body["prev"], body["id"], _hash(row.line))
        if said != (row.device, row.chain, row.seq, row.prev, row.id, row.hash):
            findings.append(f"entry {row.id}: stored beside its line is something else than it says")
    for (device, _), of in chains.items():
        loose = record.held.get(device, "") in record.forkable
        findings += _one_chain(of, loose, record.held.get(device, "") in record.damaged)
        findings += _signature(of[-1], keys[device])
    return findings


def _one_chain(rows: Sequence[Row], may_fork: bool, may_lack: bool) -> list[str]:
    findings = []
    places = Counter(row.seq for row in rows)
    hashes = {(row.seq, row.hash) for row in rows} | {(0, _START)}
    for row in rows:
        if places[row.seq] > 1 and "fork" not in row.marks:
            findings.append(f"entry {row.id}: another stands at {row.seq} of its chain and neither is marked")
        if places[row.seq] > 1 and not may_fork:
            findings.append(f"entry {row.id}: {places[row.seq]} entries at place {row.seq} of a chain that nobody copied")
        if (row.seq - 1, row.prev) not in hashes and not (may_fork or may_lack):
            findings.append(f"entry {row.id}: what it follows, {row.seq - 1}, is not there")
    return findings


def _signature(row: Row, public_key: bytes) -> list[str]:
    """Of a chain's last entry, which stands for all that it is linked to."""
    return [] if _is_signed(row.line, public_key) else [f"entry {row.id}: not signed by its device"]


def _is_signed(line: bytes, public_key: bytes) -> bool:
    """False, too, where the signature is so damaged that it cannot be read."""
    try:
        signature = base64.urlsafe_b64decode(json.loads(line)["sig"] + "==")
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, bytes.fromhex(_hash(line)))
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


# --- visits ---------------------------------------------------------------------------------------------------------


def _visits(sessions: Mapping[str, Sequence[Row]], record: Record) -> list[str]:
    findings = []
    for visit in record.visits.values():
        rows = sessions.get(visit.session, ())
        findings += _at_risk(visit, rows) if visit.session in record.at_risk else _visit(visit, rows, record)
    for session, rows in sessions.items():
        if session not in record.visits:
            findings += _unseen(session, rows, record)
    return findings


def _visit(visit: Visit, rows: Sequence[Row], record: Record) -> list[str]:
    if not rows:
        return [f"session {visit.session} at {visit.machine}: lost, the platform has nothing of it"]
    closed_again = visit.session in record.reopened or visit.machine in record.damaged
    findings = _frame(visit.session, rows, closed_again)
    held = _of_entries(rows)
    allowed = _allowed(visit.acts)
    if held not in allowed:
        word = "lost" if len(held.stars) < len(allowed[0].stars) else "altered"
        findings.append(f"session {visit.session} at {visit.machine}: {word}: seen {allowed[0]}, the platform holds {held}")
    outcomes = [row.data["outcome"] for row in rows if row.kind == "session_closed"]
    fitting = [(outcome == "rated") == bool(held.stars) for outcome in outcomes]
    if not (any(fitting) if closed_again else all(fitting)):
        findings.append(f"session {visit.session}: closed as {outcomes} with stars {held.stars}")
    opened = next((row for row in rows if row.kind == "session_opened"), None)
    if opened and [case["number"] for case in opened.data["ticket"]["cases"]] != list(visit.cases):
        findings.append(f"session {visit.session}: another ticket than the one presented")
    return findings


def _frame(session: str, rows: Sequence[Row], reopened: bool) -> list[str]:
    """One beginning and one end; a file that forgot the end, or was copied before it, ends the session once more."""
    kinds = [row.kind for row in rows]
    opened, closed = kinds.count("session_opened"), kinds.count("session_closed")
    findings = []
    if opened != 1:
        findings.append(f"session {session}: opened {opened} times")
    if closed != 1 and not (reopened and closed > 1):
        findings.append(f"session {session}: closed {closed} times")
    if not reopened and len({row.chain for row in rows}) == 1 and (kinds[0], kinds[-1]) != ("session_opened", "session_closed"):
        findings.append(f"session {session}: entries out of order: {kinds}")
    return findings


def _at_risk(visit: Visit, rows: Sequence[Row]) -> list[str]:
    """What a broken disk took with it may be missing; nothing may be there that was not touched."""
    touched = iter(act.level for act in visit.acts if act.what == "star")
    stars = [row.data["level"] for row in _ordered(rows) if row.kind == "star_chosen"]
    if not all(star in touched for star in stars):
        return [f"session {visit.session}: stars {stars} were not tapped like this"]
    return []


def _unseen(session: str, rows: Sequence[Row], record: Record) -> list[str]:
    """A session whose screen nobody ever saw: its ticket was presented, and nothing was tapped."""
    closed_again = session in record.reopened or record.held.get(rows[0].device, "") in record.damaged
    findings = [] if session in record.at_risk else _frame(session, rows, closed_again)
    if any(row.kind not in ("session_opened", "scope_chosen", "session_closed") for row in rows):
        findings.append(f"session {session}: invented: {[row.kind for row in rows]}")
    presented = set().union(*record.presented.values())
    cases = [case["number"] for row in rows if row.kind == "session_opened" for case in row.data["ticket"]["cases"]]
    if not presented.issuperset(cases):
        findings.append(f"session {session}: invented: nobody presented its ticket")
    return findings


def _allowed(acts: Sequence[Act]) -> list[Said]:
    """What may be held: everything seen confirmed, with or without a last touch that was not."""
    unconfirmed = [at for at, act in enumerate(acts) if not act.confirmed]
    versions = [acts, [act for act in acts if act.confirmed]] if unconfirmed else [acts]
    return [_of_acts(version) for version in versions[::-1]]


def _of_acts(acts: Iterable[Act]) -> Said:
    stars: list[int] = []
    marked: set[str] = set()
    submitted = False
    for act in acts:
        match act.what:
            case "star":
                if stars and stars[-1] != act.level:
                    marked = set()
                stars.append(act.level)
                submitted = False
            case "toggle":
                marked ^= {str(act.value)}
            case "submit":
                submitted = True
            case "skip":
                marked, submitted = set(), True
    return Said(tuple(stars), frozenset(marked), submitted or bool(stars and stars[-1] > 2))


def _of_entries(rows: Sequence[Row]) -> Said:
    stars: list[int] = []
    marked: set[str] = set()
    submitted = False
    for row in _ordered(rows):
        data = row.data
        if row.kind == "star_chosen":
            if stars and stars[-1] != data["level"]:
                marked = set()
            stars.append(data["level"])
            submitted = False
        elif row.kind == "reason_toggled":
            (marked.add if data["on"] else marked.discard)(data["code"])
        elif row.kind == "reasons_chosen":
            marked, submitted = {reason["code"] for reason in data["reasons"]}, True
    return Said(tuple(stars), frozenset(marked), submitted or bool(stars and stars[-1] > 2))


def _ordered(rows: Sequence[Row]) -> list[Row]:
    first: dict[str, str] = {}
    for row in rows:
        first[row.chain] = min(row.id, first.get(row.chain, row.id))
    return sorted(rows, key=lambda row: (first[row.chain], row.seq))


# --- what the platform says -----------------------------------------------------------------------------------------


def _ratings(platform: Path, sessions: Mapping[str, Sequence[Row]], record: Record) -> list[str]:
    """The platform's own reading of each session is what its entries say, and there is one for each."""
    findings = []
    connection = sqlite3.connect(f"file:{platform}?mode=ro", uri=True)
    items = [json.loads(document) for (document,) in connection.execute("SELECT document FROM ratings")]
    connection.close()
    seen = Counter(item["session"] for item in items)
    findings += [f"session {session}: {count} ratings" for session, count in seen.items() if count > 1]
    findings += [f"session {session}: no rating" for session in sessions if session not in seen]
    for item in items:
        session = item["session"]
        if session in record.at_risk or session in record.reopened:
            continue
        held = _of_entries(sessions.get(session, ()))
        if (item["level"], set(item["reasons"]), [level for level, _ in item["stars"]]) != (
            held.level,
            set(held.reasons),
            list(held.stars),
        ):
            findings.append(f"session {session}: the rating says {item['level']} {item['reasons']}, its entries {held}")
    return findings


def _rated_once(sessions: Mapping[str, Sequence[Row]], record: Record) -> list[str]:
    """No window takes a second rating of what it has rated: the same visit of a case, or the same case on one day."""
    rated: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for session, rows in sessions.items():
        machine = record.held.get(rows[0].device, "")
        opened = next((row for row in rows if row.kind == "session_opened"), None)
        if opened is None or machine in record.forkable or machine in record.damaged:
            continue
        if not any(row.kind == "star_chosen" for row in rows):
            continue
        for case in opened.data["ticket"]["cases"]:
            if case["number"] in _covered(opened, rows):
                rated[rows[0].device, case["number"], case["visit"] or opened.wall[:10]].append(session)
    return [f"case {case}: rated twice at one window: {of}" for (_, case, _), of in rated.items() if len(of) > 1]


def _covered(opened: Row, rows: Sequence[Row]) -> list[str]:
    """What a session's star is about: the last choice before it, else whatever its ticket covered."""
    covered = opened.data["covered"]
    for row in _ordered(rows):
        if row.kind == "star_chosen":
            break
        covered = row.data["covered"] if row.kind == "scope_chosen" else covered
    return covered


def _delivered(machine: str, journal: Path, held: Mapping[str, bytes], keys: Collection[bytes], record: Record) -> list[str]:
    """Whatever is in a machine's own file stands at the platform in the same bytes; nothing waits, nothing was refused.

    In a file that was damaged, whatever is whole, its signature included, stands at the platform, and whatever is not waits
    for an administrator.
    """
    connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    connection.text_factory = bytes
    rows = connection.execute("SELECT e.id, e.line, e.hash, o.state FROM entries e LEFT JOIN outbox o ON o.n = e.n").fetchall()
    connection.close()
    findings = []
    bodies = {_body_bytes(line) for line in held.values()}
    for raw, line, hashed, state in rows:
        entry = _uuid(raw)
        if machine in record.damaged:
            whole = isinstance(line, bytes) and _hash(line) == hashed.hex() and any(_is_signed(line, key) for key in keys)
            if whole and _body_bytes(line) not in bodies:
                findings.append(f"{machine}: entry {entry} is whole and not what the platform holds")
            if not whole and state == _WAITING:
                findings.append(f"{machine}: entry {entry} is damaged and offered for ever")
            continue
        if state is not None:
            findings.append(f"{machine}: entry {entry} is {'refused' if state else 'still waiting'}")
        elif held.get(entry) != line:
            findings.append(f"{machine}: entry {entry} is acknowledged, and not what the platform holds")
    return findings


def acknowledged_but_missing(journal: Path, platform: Path) -> list[str]:
    """Entries that a machine's file holds for delivered and the platform does not hold."""
    connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        connection.execute("ATTACH ? AS p", (f"file:{platform}?mode=ro",))
        rows = connection.execute(
            """SELECT id FROM entries e WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.n = e.n)
               AND NOT EXISTS (SELECT 1 FROM p.entries h WHERE h.id = e.id)"""
        ).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []
    finally:
        connection.close()
    return [_uuid(raw) for (raw,) in rows]
