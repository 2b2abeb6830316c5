"""HTTP to the central platform: signed requests over one kept connection, and typed outcomes instead of exceptions.

Must never decide when to send, read the journal or keep state beyond the connection. `requests` and the RFC 9421 library
take a quarter of a second to import, so they and what comes with them are imported with the first request, on the thread
that makes it.
"""

import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync import wire
from sync.heartbeat import Attached, StoreTold
from sync.outcome import (
    Nonsense,
    NotAuthorised,
    Revoked,
    ServerTrouble,
    TimedOut,
    TooLarge,
    Trouble,
    Unreachable,
    WrongCertificate,
)

if TYPE_CHECKING:
    import requests
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from http_message_signatures import HTTPMessageSigner

ANSWER_BYTES = 16 << 20
"""No answer of the protocol comes near this; whoever sends more is not read to the end."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to a batch: whether the device is revoked, one result object per entry, signed checkpoints."""

    revoked: bool
    results: list[Any]
    checkpoints: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A signed document and the tag to ask for changes with."""

    etag: str
    line: bytes


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document has not changed since it was tagged."""


@dataclass(slots=True)
class _Message:
    """What the signature library needs to know of a request."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Any
    body: bytes


@dataclass(slots=True)
class _Line:
    """The kept connection and everything that is worked out once for it. `warm`: it has answered before."""

    session: "requests.Session"
    settings: dict[str, Any]
    signer: "HTTPMessageSigner"
    templates: "dict[tuple[str, str], requests.PreparedRequest]" = field(default_factory=dict)
    warm: bool = False


class PlatformClient:
    """One device's line to one platform. Not thread-safe: it belongs to the thread that uses it.

    `base_url`: http(s) address, with a path where the platform stands behind one. `ca_file`: PEM bundle that replaces the
    usual certificate authorities. Raises ValueError when `base_url` is no such address.
    """

    def __init__(
        self,
        base_url: str,
        device_key: "Ed25519PrivateKey",
        *,
        ca_file: str | None = None,
        connect_timeout_s: float = 5.0,
        answer_timeout_s: float = 30.0,
        wall_clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._base = _normal_base(base_url)
        self._key = device_key
        self._key_id = base64.urlsafe_b64encode(device_key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        self._ca_file = ca_file
        self._timeout = (connect_timeout_s, answer_timeout_s)
        self._wall_clock = wall_clock
        self._line: _Line | None = None

    @property
    def key_id(self) -> str:
        """The device's raw public key as base64url without padding."""
        return self._key_id

    def send_entries(self, lines: Sequence[bytes]) -> BatchAnswer | Trouble:
        """Offer a batch of frozen lines."""
        answer = self._request("POST", wire.ENTRIES, wire.entries_payload(list(lines)))
        if not isinstance(answer, _Answer):
            return answer
        return _batch_answer(answer) if answer.status == 200 else _trouble(answer)

    def fetch_heads(
        self, chains: Sequence[str], attached: Sequence[Attached] | None = None, store: StoreTold | None = None
    ) -> BatchAnswer | Trouble:
        """Ask how far the platform holds these chains, and tell how devices and store are: an upload without entries."""
        answer = self._request("POST", wire.ENTRIES, wire.heads_payload(chains, attached, store))
        if not isinstance(answer, _Answer):
            return answer
        return _batch_answer(answer) if answer.status == 200 else _trouble(answer)

    def fetch_document(self, path: str, etag: str | None) -> Document | NotModified | Trouble:
        """Fetch a signed document unless it is still the one with `etag`. The signature is not checked here."""
        answer = self._request("GET", path, None, {"If-None-Match": etag} if etag else {})
        if not isinstance(answer, _Answer):
            return answer
        if answer.status == 304:
            return NotModified() if etag else Nonsense("304 without a question")
        if answer.status != 200:
            return _trouble(answer)
        return Document(answer.headers.get("ETag", ""), answer.body)

    def claim_identity(self, claim: str) -> bytes | Trouble:
        """Offer a one-time claim for this key; the signed enrolment record, whose signature is not checked here."""
        body = json.dumps({"claim": claim, "public_key": self._key_id}, separators=(",", ":")).encode()
        answer = self._request("POST", wire.ENROLMENTS, body)
        if not isinstance(answer, _Answer):
            return answer
        return answer.body if answer.status == 200 else _trouble(answer)

    def close(self) -> None:
        """Give the connection back. A later request opens another."""
        if self._line is not None:
            self._line.session.close()
            self._line = None

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None = None) -> _Answer | Trouble:
        """Send once, and once more at once where a kept connection turns out to be closed: every request may be repeated."""
        line = self._line = self._line or self._open()
        was_warm = line.warm
        outcome = self._exchange(line, method, path, body, headers or {})
        if was_warm and outcome == Unreachable("connection_lost"):
            outcome = self._exchange(line, method, path, body, headers or {})
        line.warm = isinstance(outcome, _Answer)
        return outcome

    def _exchange(self, line: _Line, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> _Answer | Trouble:
        import requests
        import urllib3

        request = self._prepare(line, method, path, body, headers)
        deadline = time.monotonic() + sum(self._timeout)
        try:
            with line.session.send(request, timeout=self._timeout, **line.settings) as response:
                return _read(response, deadline)
        except requests.exceptions.SSLError as error:
            return _tls_trouble(error)
        except requests.ConnectTimeout:
            return Unreachable("connect_timeout")
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            return TimedOut()
        except requests.ConnectionError as error:
            return _connection_trouble(error)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            return Nonsense(type(error).__name__)
        except OSError:
            return WrongCertificate("ca_file cannot be read")

    def _prepare(
        self, line: _Line, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> "requests.PreparedRequest":
        import requests

        template = line.templates.get((method, path))
        if template is None:
            template = line.session.prepare_request(requests.Request(method, self._base + path))
            line.templates[method, path] = template
        request = template.copy()
        request.headers.update(headers)
        if body is not None:
            request.body = body
            request.headers["Content-Length"] = str(len(body))
            request.headers["Content-Type"] = wire.SIGNED_JSON
        request.headers.update(self._signature(line.signer, method, str(request.url), body))
        return request

    def _signature(self, signer: "HTTPMessageSigner", method: str, url: str, body: bytes | None) -> dict[str, str]:
        """The headers of an RFC 9421 signature.

        The library's `apply` would build and parse everything a second time (0.3 of 0.7 ms), for messages that may
        change while they are signed; this one cannot.
        """
        message = _Message(method, url)
        covered = [name for name in wire.COVERED_COMPONENTS if body is not None or name != "content-digest"]
        prepared = signer.prepare(
            message,
            key_id=self._key_id,
            created=self._wall_clock(),
            label=wire.SIGNATURE_LABEL,
            covered_component_ids=covered,
            body=body,
        )
        signature = base64.b64encode(self._key.sign(prepared.signature_base)).decode()
        return message.headers | {
            "Signature-Input": f"{prepared.label}={prepared.signature_params}",
            "Signature": f"{prepared.label}=:{signature}:",
        }

    def _open(self) -> _Line:
        """A session whose proxies and certificate authorities are looked up in the environment once, not at each request."""
        import requests
        from http_message_signatures import HTTPMessageSigner, algorithms

        session = requests.Session()
        session.headers["User-Agent"] = "rating-terminal"
        settings = dict(session.merge_environment_settings(self._base, {}, True, self._ca_file, None))
        session.trust_env = False
        return _Line(session, settings | {"allow_redirects": False}, HTTPMessageSigner(signature_algorithm=algorithms.ED25519))


def _normal_base(base_url: str) -> str:
    """Without a trailing slash or a port that the scheme implies, because a server cannot see either in the request."""
    parts = urlsplit(base_url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("the platform's address must look like https://host[:port][/path]")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def _read(response: "requests.Response", deadline: float) -> _Answer | Trouble:
    """The whole answer, as long as it comes in time and is of a sensible size."""
    from urllib3.exceptions import DecodeError, ProtocolError

    parts: list[bytes] = []
    size = 0
    try:
        while part := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES:
                return Nonsense("endless answer")
            if time.monotonic() > deadline:
                return TimedOut()
    except ProtocolError:
        return Nonsense("answer cut off")
    except DecodeError:
        return Nonsense("undecodable answer")
    return _Answer(response.status_code, response.headers, b"".join(parts))


def _tls_trouble(error: Exception) -> Trouble:
    import ssl

    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return WrongCertificate(cause.verify_message)
        if isinstance(cause, ssl.SSLError) and cause.library == "X509":
            return WrongCertificate("ca_file holds no usable certificate")
    return Unreachable("tls")


def _connection_trouble(error: Exception) -> Trouble:
    """What broke a connection; a garbled status line is nonsense rather than an absent platform."""
    from http.client import HTTPException

    from urllib3.exceptions import NameResolutionError, NewConnectionError, ProxyError

    for cause in _causes(error):
        match cause:
            case NameResolutionError():
                return Unreachable("unknown_host")
            case ProxyError():
                return Unreachable("proxy")
            case NewConnectionError():
                return Unreachable("no_connection")
            case TimeoutError():
                return TimedOut()
            case OSError() if not hasattr(cause, "request"):
                return Unreachable("connection_lost")
            case HTTPException():
                return Nonsense("garbled answer")
    return Unreachable("connection_lost")


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and all that it wraps, as `reason`, in its arguments or as its context; outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            waiting += [getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__]
    return found


def _trouble(answer: _Answer) -> Trouble:
    """What a status other than the expected one means (wire protocol, “Requests”)."""
    problem = _problem(answer)
    match answer.status:
        case 413:
            return TooLarge()
        case 401:
            return NotAuthorised()
        case 403 if problem == "device-revoked":
            return Revoked()
        case status if 200 <= status < 300:
            return Nonsense(f"unexpected {status}")
    return ServerTrouble(answer.status, _retry_after_s(answer.headers), problem)


def _problem(answer: _Answer) -> str | None:
    """The name of an RFC 9457 problem of ours."""
    if answer.headers.get("Content-Type", "").partition(";")[0].strip() != wire.PROBLEM_JSON:
        return None
    try:
        urn = json.loads(answer.body)["type"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return urn.rpartition(":")[2] if isinstance(urn, str) and urn.startswith("urn:rating-terminal:problem:") else None


def _retry_after_s(headers: Any) -> float | None:
    """Seconds of a Retry-After (RFC 9110 10.2.3). A date is held against the answer's own Date: our clock may be wrong."""
    from email.utils import parsedate_to_datetime

    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return (parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None


def _batch_answer(answer: _Answer) -> BatchAnswer | Nonsense:
    try:
        value = json.loads(answer.body)
        device, results, checkpoints = value["device"], value["results"], value["checkpoints"]
        heads = tuple(line.encode() for line in checkpoints)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return Nonsense(type(error).__name__)
    if device not in ("active", "revoked") or not isinstance(results, list):
        return Nonsense("not the answer to a batch")
    return BatchAnswer(device == "revoked", results, heads)
