"""A platform that misbehaves on request: real HTTP on loopback, each answer scripted, everything it was sent kept.

Not a platform: it checks no signature and stores nothing. The last step of a script is repeated for ever.
"""

import datetime
import hashlib
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def ids(self) -> list[str]:
        """The ids of the entries in a batch, in order."""
        return [entry["body"]["id"] for entry in json.loads(self.body)["entries"]]

    @property
    def asks_for_heads(self) -> bool:
        """Whether it is an upload without entries; it is answered without a step of the script, and is not kept."""
        return self.body.startswith(b'{"entries": [], "chains"')


@dataclass(frozen=True)
class Reply:
    """An answer. `cut_after`: close the connection after so many bytes of the body. `then_close`: after a whole answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    then_close: bool = False


class Hang:
    """Take the request and say nothing until the server stops."""


class HangUp:
    """Take the request and close the connection without an answer."""


@dataclass(frozen=True)
class Raw:
    """Bytes that need not be HTTP, then close."""

    data: bytes


Step = Reply | Hang | HangUp | Raw | Callable[[Received], "Reply | Hang | HangUp | Raw"]


def accepting(request: Received) -> Reply:
    """What a good platform answers to a batch."""
    return results([result(index, entry_id) for index, entry_id in enumerate(request.ids)])


def result(index: int, entry_id: str | None, status: str = "accepted", code: str | None = None) -> dict[str, Any]:
    return {"index": index, "id": entry_id, "status": status, "code": code, "marks": []}


def results(rows: Sequence[Any], device: str = "active", checkpoints: Sequence[str] = ()) -> Reply:
    return as_json({"device": device, "results": list(rows), "checkpoints": list(checkpoints)})


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | headers)


def problem(status: int, name: str, **headers: str) -> Reply:
    """An RFC 9457 problem of ours."""
    body = {"type": f"urn:rating-terminal:problem:{name}", "title": name, "status": status, "detail": ""}
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"} | headers)


class FaultServer:
    """`with FaultServer(script) as server:` answers at `server.url`; `stop` and `start` keep the port.

    `route` scripts the paths that begin with a given text; the longest text counts.
    `certificate`: PEM file with key and certificate, for https.
    """

    def __init__(self, *script: Step, certificate: Path | None = None) -> None:
        self.script: list[Step] = list(script) or [accepting]
        self.routes: dict[str, list[Step]] = {}
        self.received: list[Received] = []
        self.arrived = threading.Condition()
        self.connections = 0
        self._certificate = certificate
        self._released = threading.Event()
        self._open: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    def route(self, path: str, *steps: Step) -> None:
        self.routes[path] = list(steps)

    def then(self, *script: Step) -> None:
        """Go on with another script."""
        with self.arrived:
            self.script = list(script)

    def wait_for(self, condition: Callable[[], bool], deadline_s: float = 10.0) -> None:
        """Return once `condition` holds after a request; AssertionError at the deadline."""
        with self.arrived:
            assert self.arrived.wait_for(condition, deadline_s), "the requests waited for did not come"

    def batches(self) -> list[list[str]]:
        """The ids of every batch that came in."""
        return [request.ids for request in self.received if request.path.endswith("/v1/entries")]

    def start(self) -> None:
        self._released.clear()
        server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        self.port = server.server_address[1]
        self._server, self._thread = server, threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop to listen, and close what is open or hangs."""
        self._released.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None
        with self.arrived:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "FaultServer":
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _next(self, request: Received) -> "Reply | Hang | HangUp | Raw":
        with self.arrived:
            route = max((path for path in self.routes if request.path.startswith(path)), key=len, default=None)
            steps = self.script if route is None else self.routes[route]
            step = steps.pop(0) if len(steps) > 1 else steps[0]
            self.received.append(request)
            self.arrived.notify_all()
        return step(request) if callable(step) else step


def _handler(owner: FaultServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with owner.arrived:
                owner.connections += 1
                owner._open.add(self.connection)
                self.number = owner.connections

        def finish(self) -> None:
            with owner.arrived:
                owner._open.discard(self.connection)
            super().finish()

        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test reads `received`."""

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, body, self.number)
            answer = results([]) if request.asks_for_heads else owner._next(request)
            match answer:
                case Hang():
                    owner._released.wait()
                    self.close_connection = True
                case HangUp():
                    self.close_connection = True
                case Raw(data):
                    self.wfile.write(data)
                    self.close_connection = True
                case Reply():
                    self._reply(answer)

        def _reply(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut_after])
            self.wfile.flush()
            if reply.cut_after is not None or reply.then_close:
                self.close_connection = True

    return Handler


def make_certificate(folder: Path, name: str, *, valid_days: int = 1) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, as one PEM file; negative `valid_days`: expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=valid_days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
