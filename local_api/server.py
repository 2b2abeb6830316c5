"""Starts and stops the local API: its ports, its threads, and the way of outcomes to clients."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from local_api.calls import Outcome
from local_api.exchange import Exchange
from local_api.invitations import Invitations
from local_api.settings import LEGACY_CLIENT, ApiSettings
from local_api.sockets import SocketServer
from terminal_app.application.controller import Controller

log = logging.getLogger(__name__)


class PortTaken(Exception):
    """Nothing listens for business systems at `port`; the text says why."""

    def __init__(self, port: int, why: str) -> None:
        super().__init__(why)
        self.port = port


class LocalApi:
    """The local API of one terminal. `post` runs a function on the main thread; `on_error` gets what nobody expected."""

    def __init__(
        self,
        settings: ApiSettings,
        controller: Controller,
        post: Callable[[Callable[[], None]], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._settings = settings
        self._on_error = on_error
        self.invitations = Invitations(controller, self._tell)
        self._exchange = Exchange(self.invitations, post, [*(client.name for client in settings.clients), LEGACY_CLIENT])
        self._sockets: SocketServer | None = None
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Listen. Raises PortTaken; what listens already goes on."""
        with _named(self._settings.port):
            self._sockets = SocketServer(self._settings, self._exchange, self._on_error)
        self._run("local-api", self._sockets.serve_forever, self._sockets.stop)
        if self._settings.http_port is not None:
            from local_api.posts import PostServer

            with _named(self._settings.http_port):
                posts = PostServer(self._settings, self._exchange, self._on_error)
            self._run("local-api-http", posts.serve_forever, posts.stop)
        log.info("local API on 127.0.0.1:%d", self._settings.port)

    def stop(self, deadline_s: float) -> bool:
        """Close every connection; False when that took longer than `deadline_s` seconds."""
        self._exchange.close()
        ending = [threading.Thread(target=stop, name="local-api-stop", daemon=True) for stop in self._stops]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join(deadline_s)
        return not any(thread.is_alive() for thread in ending)

    def _run(self, name: str, serve: Callable[[], None], stop: Callable[[], None]) -> None:
        threading.Thread(target=serve, name=name, daemon=True).start()
        self._stops.append(stop)

    def _tell(self, client: str, outcome: Outcome) -> None:
        if self._sockets:
            self._sockets.tell(client, outcome)


@contextlib.contextmanager
def _named(port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PortTaken(port, error.strerror or "cannot listen") from error
