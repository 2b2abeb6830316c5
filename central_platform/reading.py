"""Reading what every route reads of a request, and the one form of JSON answers."""

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from central_platform import problems, viewer
from sync import wire

MAX_REVISION = (1 << 63) - 1
_BEARER = "bearer "


async def read_body(request: Request) -> bytes:
    """The whole body. Raises Problem where it is too large or ends early."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > wire.BATCH_BYTES:
        raise problems.too_large(f"A body has at most {wire.BATCH_BYTES} bytes.")
    parts = bytearray()
    try:
        async for part in request.stream():
            parts += part
            if len(parts) > wire.BATCH_BYTES:
                raise problems.too_large(f"A body has at most {wire.BATCH_BYTES} bytes.")
    except ClientDisconnect:
        raise problems.unreadable("The connection ended before the body did.") from None
    return bytes(parts)


def token_of(request: Request) -> str | None:
    """The token that came with it, as a header or as the live page's cookie."""
    header = request.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() == _BEARER:
        return header[len(_BEARER) :].strip()
    return request.cookies.get(viewer.COOKIE)


def json_answer(content: bytes, headers: dict[str, str] | None = None) -> Response:
    """JSON that is encoded already."""
    return Response(content, media_type=wire.SIGNED_JSON, headers=headers)
