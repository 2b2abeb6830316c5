"""A terminal's side of the wire protocol, written for the platform's tests from docs/wire.md and the domain only."""

import base64
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from sync import wire
from terminal_app.domain.journal import GENESIS, ClockQuality, Draft, Entry, Head, Moment, write_entry
from terminal_app.domain.signed import open_document

BEIJING = "+08:00"


def uuid7(at_ms: int | None = None) -> str:
    """A UUIDv7 (RFC 9562 5.7) as text."""
    stamp = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    low = uuid.uuid4().int & ((1 << 62) - 1)
    middle = uuid.uuid4().int & 0xFFF
    return str(uuid.UUID(int=stamp << 80 | 0x7 << 76 | middle << 64 | 0b10 << 62 | low))


def wall(offset: timedelta = timedelta()) -> str:
    """Wall time as a terminal writes it, `offset` away from now."""
    moment = datetime.now(UTC) + timedelta(hours=8) + offset
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + BEIJING


def key_id(key: Ed25519PrivateKey) -> str:
    return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()


class SignedAs(requests.auth.AuthBase):
    """Signs a request as docs/wire.md, “Requests”, asks."""

    def __init__(self, key: Ed25519PrivateKey, created: datetime | None = None) -> None:
        self._key = key
        self._created = created

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        name = key_id(self._key)
        resolver = MappingKeyResolver(public_keys={}, private_keys={name: self._key})
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        covered = wire.COVERED_COMPONENTS if body else wire.COVERED_COMPONENTS[:-1]
        signer.sign(
            request,
            key_id=name,
            created=self._created,
            label=wire.SIGNATURE_LABEL,
            covered_component_ids=covered,
            body=body or None,
        )
        return request


class Chain:
    """A chain of entries that is being written. `head` may be set back to make a fork."""

    def __init__(self, device: str, key: Ed25519PrivateKey) -> None:
        self.key = key
        self.head = Head(device, uuid.uuid4().hex, 0, GENESIS)

    def write(
        self,
        kind: str,
        data: Mapping[str, Any],
        session: str | None = None,
        *,
        at: str | None = None,
        quality: ClockQuality = ClockQuality.SYNCHRONISED,
        entry_id: str | None = None,
    ) -> Entry:
        moment = Moment(at or wall(), 1000 + self.head.seq, "boot-1", quality)
        draft = Draft(kind, session, data)  # type: ignore[arg-type]
        entry = write_entry(draft, entry_id or uuid7(), self.head, moment, self.key.sign)
        self.head = entry.head
        return entry

    def session(self, *levels: int, case: str = "2026TA000001", closed: bool = True, **options: Any) -> list[Entry]:
        """A whole session: opened, the stars, closed."""
        session = options.pop("session", None) or uuid7()
        at = options.pop("at", None)
        lines = [self.write("session_opened", opened(case, **options), session, at=at)]
        lines += [
            self.write("star_chosen", {"level": level, "offset_ms": 1500 + 10 * n, "source": "touch"}, session, at=at)
            for n, level in enumerate(levels)
        ]
        if closed:
            outcome = "rated" if levels else "timed_out"
            lines.append(self.write("session_closed", {"outcome": outcome, "submitted": False}, session, at=at))
        return lines


def opened(
    case: str = "2026TA000001",
    *,
    visit: str | None = None,
    verification: str = "signed",
    person: str | None = None,
    receipt: str | None = None,
) -> dict[str, Any]:
    """The data of `session_opened` for one case."""
    one = {"number": case, "matter_code": None, "matter_name": "居民身份证办理", "kind": "immediate", "visit": visit}
    ticket = {
        "cases": [one],
        "grouping": "single",
        "staff_number": "T-7",
        "staff_name": None,
        "accepting_body": None,
        "served_at": None,
        "service_count": None,
        "verification": verification,
    }
    return {
        "ticket": ticket,
        "covered": [case],
        "left_out": [],
        "source": "serial",
        "device": "counter",
        "on_duty": "T-7",
        "policy": {"id": "taian", "version": "2020.1"},
        "catalogue": {"id": "reasons-2020", "version": "1"},
        "person": person,
        "receipt": receipt,
    }


class Window:
    """A terminal: its key, its connection and, once enrolled, its device id and a chain."""

    def __init__(self, url: str, key: Ed25519PrivateKey | None = None) -> None:
        self.url = url
        self.key = key or Ed25519PrivateKey.generate()
        self.http = requests.Session()
        self.http.trust_env = False
        self.device = ""
        self.platform_key = b""

    def enroll(self, claim: str) -> "Window":
        answer = self.ask_enrolment(claim)
        answer.raise_for_status()
        self.platform_key = base64.urlsafe_b64decode(answer.json()["body"]["platform_key"] + "=")
        self.device = open_document(answer.content, self.platform_key)["device"]
        return self

    def ask_enrolment(self, claim: str) -> requests.Response:
        return self.post(wire.ENROLMENTS, json.dumps({"claim": claim, "public_key": key_id(self.key)}).encode())

    def chain(self) -> Chain:
        return Chain(self.device, self.key)

    def post(self, path: str, body: bytes, auth: requests.auth.AuthBase | None = None) -> requests.Response:
        headers = {"Content-Type": wire.SIGNED_JSON}
        return self.http.post(self.url + path, data=body, headers=headers, auth=auth or SignedAs(self.key), timeout=30)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        return self.http.get(self.url + path, headers=dict(headers or {}), auth=SignedAs(self.key), timeout=30)

    def send_lines(self, lines: Sequence[bytes]) -> dict[str, Any]:
        answer = self.post(wire.ENTRIES, wire.entries_payload(list(lines)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, entries: Sequence[Entry]) -> dict[str, Any]:
        return self.send_lines([entry.line for entry in entries])

    def statuses(self, entries: Sequence[Entry]) -> list[str]:
        return [result["status"] for result in self.send(entries)["results"]]
