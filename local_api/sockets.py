"""The API over WebSocket: one connection per client, calls in, answers and outcomes out. A slow client delays nobody else."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from queue import SimpleQueue
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from local_api.admission import SUBPROTOCOL, Admitted, Refused, admit_socket
from local_api.calls import MAX_MESSAGE_BYTES, Answer, BadCall, Call, Outcome
from local_api.dialect import OwnDialect
from local_api.exchange import Exchange, RateLimit
from local_api.legacy import LegacyDialect
from local_api.settings import MAX_CLIENTS, ApiSettings

MAX_CONNECTIONS = 16
"""Those that have not shown a token yet included; they have OPEN_S to do so."""
OPEN_S = 2.0
CLOSE_S = 1.0
QUEUED = 100
OPENS_PER_S, OPEN_BURST = 20.0, 40.0

Dialect = OwnDialect | LegacyDialect
Message = tuple[Call, Answer] | BadCall | Outcome | None

log = logging.getLogger(__name__)
_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.CRITICAL)
"""The library would log headers, which hold tokens, and what anybody on this machine sends to the port."""


class _Connection(ServerConnection):
    """A connection, and whose it is once it is admitted."""

    admitted: Admitted | None = None
    outgoing: "SimpleQueue[Message]"


class SocketServer:
    """Listens from its construction on. Raises OSError when the port is taken."""

    def __init__(self, settings: ApiSettings, exchange: Exchange, on_error: Callable[[BaseException], None]) -> None:
        self._settings = settings
        self._exchange = exchange
        self._on_error = on_error
        self._opens = RateLimit(OPENS_PER_S, OPEN_BURST)
        self._lock = threading.Lock()
        self._open: set[_Connection] = set()
        self._server: Server = serve(
            self._talk,
            "127.0.0.1",
            settings.port,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            select_subprotocol=_subprotocol,
            compression=None,
            process_request=self._admit,
            server_header=None,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            max_size=MAX_MESSAGE_BYTES,
            logger=_library_log,
            create_connection=self._connect,  # type: ignore[arg-type]
        )

    def serve_forever(self) -> None:
        """Take connections until `stop`."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Close all connections and wait for their threads."""
        self._server.shutdown()

    def tell(self, client: str, outcome: Outcome) -> None:
        """Send an outcome to the client's connections. Does not block."""
        with self._lock:
            theirs = [one for one in self._open if one.admitted and one.admitted.client == client]
        for connection in theirs:
            connection.outgoing.put(outcome)

    # --- opening ------------------------------------------------------------------------------------------------

    def _connect(self, *arguments: Any, **options: Any) -> _Connection:
        """Raises ConnectionRefusedError, upon which the library closes the socket."""
        if len(self._server.handler_threads) > MAX_CONNECTIONS or not self._opens.admits():
            raise ConnectionRefusedError("too many connections")
        return _Connection(*arguments, **options)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, _Connection)
        found = admit_socket(self._settings, request.path, request.headers)
        with self._lock:
            if isinstance(found, Admitted) and len(self._open) >= MAX_CLIENTS:
                found = Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too_many_clients")
            if isinstance(found, Admitted):
                connection.admitted = found
                return None
        log.warning("a connection was refused: %s", found.why)
        headers = Headers([("Content-Type", "text/plain"), ("Content-Length", str(len(found.why))), ("Connection", "close")])
        return Response(found.status, HTTPStatus(found.status).phrase, headers, found.why.encode())

    # --- talking ------------------------------------------------------------------------------------------------

    def _talk(self, connection: ServerConnection) -> None:
        """Read calls for as long as the connection lives; another thread writes, so that neither waits for the other."""
        assert isinstance(connection, _Connection) and connection.admitted
        connection.outgoing = SimpleQueue()
        if not self._enter(connection):
            connection.close(1013, "too many clients")
            return
        dialect = LegacyDialect() if connection.admitted.legacy else OwnDialect()
        writer = threading.Thread(target=self._write, args=(connection, dialect), name="local-api-writer", daemon=True)
        writer.start()
        try:
            for message in connection:
                self._take(connection, connection.admitted.client, dialect, message)
        except ConnectionClosed:
            log.info("%s is gone", connection.admitted.client)
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._on_error(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.outgoing.put(None)
            writer.join(CLOSE_S)

    def _enter(self, connection: _Connection) -> bool:
        """Take one of the places; several may have been admitted while one was left."""
        with self._lock:
            if len(self._open) >= MAX_CLIENTS:
                return False
            self._open.add(connection)
            return True

    def _take(self, connection: _Connection, client: str, dialect: Dialect, message: str | bytes) -> None:
        try:
            call = dialect.read(message)
        except BadCall as bad:
            self._exchange.hold_back(client)
            connection.outgoing.put(bad)
            return
        at_once = replace(call, wait_s=0.0)  # an outcome comes by itself
        self._exchange.give(client, at_once, lambda answer: connection.outgoing.put((call, answer)))

    def _write(self, connection: _Connection, dialect: Dialect) -> None:
        while (message := connection.outgoing.get()) is not None:
            try:
                text = _text(dialect, message)
                if text is not None:
                    connection.send(text)
            except ConnectionClosed:
                return
            except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
                self._on_error(error)
            if connection.outgoing.qsize() > QUEUED:
                connection.close(1008, "reads too slowly")


def _text(dialect: Dialect, message: tuple[Call, Answer] | BadCall | Outcome) -> str | None:
    match message:
        case Outcome():
            return dialect.outcome(message)
        case BadCall():
            return dialect.bad(message)
        case (call, answer):
            return dialect.answer(call, answer)


def _subprotocol(connection: ServerConnection, offered: Any) -> Subprotocol | None:
    """Ours where it is offered; a token that is offered beside it is never echoed."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
