"""A platform that only reads: takes batches of entries, keeps nothing, and accepts each by its id.

`python -m benchmarks.sink` prints its address on one line and answers until it is stopped. Route and answer are the same for
whoever sends, so that what a sender costs can be compared.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import uvicorn

from central_platform.server import address_of, listen

Message = dict[str, Any]


class _Body(msgspec.Struct):
    id: str


class _Line(msgspec.Struct):
    body: _Body


class _Batch(msgspec.Struct):
    entries: list[_Line]


_batches = msgspec.json.Decoder(_Batch)


async def answer(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
    """An ASGI application."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    entries = _batches.decode(body).entries
    results: list[Message] = [
        {"index": index, "id": line.body.id, "status": "accepted", "code": None, "marks": []}
        for index, line in enumerate(entries)
    ]
    told = msgspec.json.encode({"device": "active", "results": results, "checkpoints": []})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(told))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": told})


def main() -> int:
    with listen("127.0.0.1", 0) as listening:
        print(address_of(listening), flush=True)
        uvicorn.Server(uvicorn.Config(answer, lifespan="off", log_level="warning")).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
