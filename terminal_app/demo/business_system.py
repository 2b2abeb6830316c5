"""The business system of a demonstration: it invites over the local API, as a program on its PC, and hears the end."""

import contextlib
import json
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

NAME = "hall-system"
DEADLINE_S = 20.0
LOOK_EVERY_S = 0.1


class NotInvited(Exception):
    """The terminal does not answer, or says why it took no invitation."""


class BusinessSystem:
    """One client of a terminal on this machine, with a port and a token of its own."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(32)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self._connection: ClientConnection | None = None

    @property
    def tables(self) -> str:
        """Its tables of terminal.toml, which then holds a secret."""
        return (
            f'[local_api]\nport = {self._port}\n[[local_api.clients]]\nname = "{NAME}"\ntoken = "{self._token}"\norigins = []\n'
        )

    def invite(self, case: str) -> None:
        """Have a case rated. Raises NotInvited."""
        if self._connection is None:
            self._connection = self._connected()
        self._connection.send(json.dumps({"method": "invite", "ticket": {"case": case, "name": "个体工商户设立登记"}}))
        answer = self._heard(DEADLINE_S)
        while answer and "ok" not in answer:  # the end of an invitation before
            answer = self._heard(DEADLINE_S)
        if not (answer and answer["ok"]):
            raise NotInvited(f"the invitation over the local API was not taken: {answer}")

    def outcome(self, timeout_s: float = 0.0) -> str | None:
        """What it is told of the invitation's end: `rated`, never which star. None: nothing yet."""
        told = self._heard(timeout_s)
        return None if told is None else str(told.get("outcome"))

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def _heard(self, timeout_s: float) -> Any:
        if self._connection is None:
            return None
        from websockets.exceptions import ConnectionClosed

        try:
            return json.loads(self._connection.recv(timeout=timeout_s))
        except TimeoutError:
            return None
        except ConnectionClosed:
            self._connection = None
            return None

    def _connected(self) -> "ClientConnection":
        """It listens some time after the window is there."""
        from websockets.sync.client import connect  # most demonstrations have no business system

        deadline = time.monotonic() + DEADLINE_S
        headers = {"Authorization": f"Bearer {self._token}"}
        while True:
            with contextlib.suppress(OSError):
                return connect(f"ws://127.0.0.1:{self._port}/v1", additional_headers=headers, proxy=None, close_timeout=1)
            if time.monotonic() > deadline:
                raise NotInvited("the terminal does not listen for business systems")
            time.sleep(LOOK_EVERY_S)
