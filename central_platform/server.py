"""Runs the application on a socket until SIGTERM or Ctrl-C; open event streams do not hold it up."""

import errno
import gc
import resource
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

_BACKLOG = 4_096
_OPEN_FILES = 65_536
_COLLECT_AFTER = (50_000, 20, 50)
"""A batch makes ten thousand values, which go as soon as nobody names them: looking for cycles so often finds none."""
_GRACE_S = 3
_KEEP_ALIVE_S = 75


class PortUnusable(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises PortUnusable.

    The protocol is named because asyncio switches delayed sending off (TCP_NODELAY) only where it is; without, every
    answer waits 40 ms for the client's acknowledgement of its head.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        return listening
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            reason = "another program listens there; stop it, or choose another with --port"
        elif error.errno == errno.EACCES:
            reason = "ports below 1024 need rights; choose another with --port"
        else:
            reason = f"{error.strerror or error}; choose an address of this machine with --host"
        raise PortUnusable(f"cannot listen on {host} port {port}: {reason}.") from error


def address_of(listening: socket.socket) -> str:
    """`http://127.0.0.1:8080` of a bound socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Serves until told to stop. `ready` is called once requests are answered, `stopping` once they no longer are."""

    def __init__(self, app: FastAPI, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        _allow_many_connections()
        gc.set_threshold(*_COLLECT_AFTER)
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks for a clean end with exit code 0; a second one does not wait."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _allow_many_connections() -> None:
    """Every window keeps a connection open; the usual limit of 1,024 files is for other programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
