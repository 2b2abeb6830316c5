"""Business systems at the counter's PC, as programs and as web pages: real sockets on the real ports."""

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect

TOKEN = "hall-system-token-0123456789abcdefgh"
OTHER_TOKEN = "queue-system-token-0123456789abcdefg"
PAGE = "https://oa.example.gov.cn"
LEGACY_PAGE = "http://old-queue.example.gov.cn:8080"
DEADLINE_S = 10.0


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


@dataclass(frozen=True)
class Ports:
    """Where the local API of one terminal listens."""

    socket: int
    http: int

    def table(self, *, legacy: bool = False, tickets: str = "") -> str:
        """The tables of terminal.toml."""
        old = f'[local_api.legacy]\norigins = ["{LEGACY_PAGE}"]\n' if legacy else ""
        signed = f'[tickets]\nsecret = "{tickets}"\n' if tickets else ""
        return (
            f"[local_api]\nport = {self.socket}\nhttp_port = {self.http}\n{old}"
            f'[[local_api.clients]]\nname = "hall-system"\ntoken = "{TOKEN}"\norigins = ["{PAGE}"]\n'
            f'[[local_api.clients]]\nname = "queue-system"\ntoken = "{OTHER_TOKEN}"\n{signed}'
        )

    def open(self, token: str = TOKEN, path: str = "/v1", **options: Any) -> ClientConnection:
        """A program's WebSocket; whoever opens it closes it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        opening = connect(
            f"ws://127.0.0.1:{self.socket}{path}",
            additional_headers={**headers, **options.pop("headers", {})},
            open_timeout=DEADLINE_S,
            close_timeout=1,
            proxy=None,
            **options,
        )
        return opening.__enter__()

    def post(self, method: str, body: Any = None, *, token: str = TOKEN, **headers: str) -> tuple[int, Any]:
        """A plain request; its status and JSON."""
        own = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        sent = {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=30)
        try:
            connection.request("POST", f"/v1/{method}", body if isinstance(body, str | bytes) else json.dumps(body or {}), sent)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def ask(connection: ClientConnection, method: str, **fields: Any) -> Any:
    """A call and the next message."""
    connection.send(json.dumps({"method": method, **fields}))
    return heard(connection)


def heard(connection: ClientConnection) -> Any:
    """The next message."""
    return json.loads(connection.recv(timeout=DEADLINE_S))
