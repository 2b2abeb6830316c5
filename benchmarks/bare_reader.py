"""A route that only reads. `python -m benchmarks.bare_reader` prints its address and answers every request with `{}`."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from central_platform.server import address_of, listen

Message = dict[str, Any]
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    """An ASGI application."""
    while scope["type"] == "http" and (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"{}"})


def main() -> int:
    with listen("127.0.0.1", 0) as listening:
        print(address_of(listening), flush=True)
        config = uvicorn.Config(answer, lifespan="off", log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
