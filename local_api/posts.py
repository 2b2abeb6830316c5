"""The API over plain HTTP: `POST /v1/METHOD` with a JSON body, for programs without WebSocket. One answer per connection."""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import BoundedSemaphore
from typing import Any

from local_api.admission import Refused, admit_post
from local_api.calls import MAX_MESSAGE_BYTES, BadCall
from local_api.dialect import answer_fields, read_call, read_object
from local_api.exchange import Exchange
from local_api.settings import MAX_CLIENTS, ApiSettings

REQUEST_S = 2.0
ROOT = "/v1/"
_STATUS = {
    "bad_request": HTTPStatus.BAD_REQUEST,
    "unknown_method": HTTPStatus.NOT_FOUND,
    "unknown_invitation": HTTPStatus.NOT_FOUND,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
}

log = logging.getLogger(__name__)


class PostServer(ThreadingHTTPServer):
    """Listens from its construction on. Raises OSError when the port is taken."""

    daemon_threads = True
    request_queue_size = 2 * MAX_CLIENTS

    def __init__(self, settings: ApiSettings, exchange: Exchange, on_error: Callable[[BaseException], None]) -> None:
        assert settings.http_port is not None
        self.settings = settings
        self.exchange = exchange
        self._on_error = on_error
        self._places = BoundedSemaphore(2 * MAX_CLIENTS)
        super().__init__(("127.0.0.1", settings.http_port), _Post)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Two requests per client at once; more are closed unanswered."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What a client does to its connection is no error of ours; all else takes the crash path."""
        import sys

        error = sys.exception()
        if isinstance(error, OSError):
            log.info("a connection broke")
        elif error:
            self._on_error(error)

    def stop(self) -> None:
        """Take no more requests. Those being answered end by themselves."""
        self.shutdown()
        self.server_close()


class _Post(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "rating-terminal", ""
    timeout = REQUEST_S
    server: PostServer
    request: socket

    def do_POST(self) -> None:
        self.close_connection = True
        refused = admit_post(self.server.settings, self.headers)
        if isinstance(refused, Refused):
            log.warning("a request was refused: %s", refused.why)
            self._send(refused.status, {"ok": False, "error": refused.why})
            return
        try:
            call = read_call(self.path.removeprefix(ROOT), read_object(self._body()))
        except BadCall as bad:
            self._send(_STATUS[bad.error], {"ok": False, "error": bad.error})
            return
        answer = self.server.exchange.ask(refused.client, call)
        status = _STATUS.get(answer.error, HTTPStatus.CONFLICT) if answer.error else HTTPStatus.OK
        self._send(status, answer_fields(call, answer))

    def _body(self) -> bytes:
        """Raises BadCall."""
        length = self.headers.get("Content-Length", "")
        if not (self.path.startswith(ROOT) and length.isascii() and length.isdigit() and int(length) <= MAX_MESSAGE_BYTES):
            raise BadCall("bad_request")
        return self.rfile.read(int(length))

    def _send(self, status: int, fields: dict[str, Any]) -> None:
        body = json.dumps(fields).encode()
        self.send_response_only(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Paths may hold anything."""
