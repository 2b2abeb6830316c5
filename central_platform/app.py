"""The routes of docs/wire.md over HTTP. Handlers read the request and hand it to `service.Platform` on a thread."""

import logging
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from central_platform import pages, problems, viewer
from central_platform.admission import Admission
from central_platform.description import describe
from central_platform.documents import CATALOGUE, POLICY, STAFF
from central_platform.headers import SecurityHeaders
from central_platform.metrics import CONTENT_TYPE as METRICS_TYPE
from central_platform.paper.routes import add_paper_routes
from central_platform.phone.routes import add_phone_routes
from central_platform.problems import Problem
from central_platform.reading import MAX_REVISION, json_answer, read_body, token_of
from central_platform.receipt_routes import add_receipt_routes
from central_platform.reports.routes import add_report_routes
from central_platform.request_signatures import SignedRequest
from central_platform.rules.routes import add_rules_routes
from central_platform.service import Platform
from sync import wire

_log = logging.getLogger("central_platform")


def create_app(platform: Platform, public_url: str | None = None, admission: Admission | None = None) -> FastAPI:
    """The application. `public_url` is the address that terminals use when a proxy stands in front."""
    app = FastAPI(title="Central platform of the rating terminals", version="1", docs_url=None, redoc_url=None)
    app.add_middleware(SecurityHeaders)
    _handle_errors(app)
    _add_terminal_routes(app, platform, public_url, admission or Admission())
    _add_viewer_routes(app, platform)
    _add_monitoring_routes(app, platform)
    add_receipt_routes(app, platform)
    add_phone_routes(app, platform.phone, public_url)
    add_rules_routes(app, platform.desk)
    add_paper_routes(app, platform.is_form)
    add_report_routes(app, platform.as_viewer)
    describe(app)
    return app


def _add_terminal_routes(app: FastAPI, platform: Platform, public_url: str | None, admission: Admission) -> None:
    @app.post(wire.ENROLMENTS)
    async def enroll(request: Request) -> Response:
        """Exchange a one-time claim for a device's identity."""
        body = await read_body(request)
        signed = _signed(request, public_url)
        return json_answer(await run_in_threadpool(platform.enroll, signed, body))

    @app.post(wire.ENTRIES)
    async def receive(request: Request) -> Response:
        """Take in a batch of journal entries; every one gets its own verdict."""
        expected = _expected_bytes(request)
        if not admission.has_room(expected):
            await _read_away(request)
            raise admission.sent_away(expected)
        with admission.holding(expected):
            body = await read_body(request)
            signed = _signed(request, public_url)
            return json_answer(await admission.run(len(body), lambda: platform.receive(signed, body)))

    async def document(request: Request, kind: str) -> Response:
        published = await run_in_threadpool(platform.document, _signed(request, public_url), kind)
        headers = {"ETag": published.etag, "Cache-Control": "private, no-cache"}
        if _matches(request.headers.get("if-none-match", ""), published.etag):
            return Response(status_code=304, headers=headers)
        return json_answer(published.line, headers)

    @app.get(wire.POLICY)
    async def policy(request: Request) -> Response:
        """The region's policy, signed."""
        return await document(request, POLICY)

    @app.get(wire.CATALOGUE)
    async def catalogue(request: Request) -> Response:
        """The catalogue of reasons, signed."""
        return await document(request, CATALOGUE)

    @app.get(wire.STAFF)
    async def staff(request: Request) -> Response:
        """The staff directory, signed."""
        return await document(request, STAFF)


def _add_viewer_routes(app: FastAPI, platform: Platform) -> None:
    @app.get(f"{wire.API}/ratings")
    async def ratings(
        request: Request,
        after: Annotated[int, Query(ge=0, le=MAX_REVISION)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Ratings by revision, newest last. A rating that changes appears again with a higher revision."""
        return json_answer(await run_in_threadpool(platform.ratings, token_of(request), after, limit))

    @app.get(f"{wire.API}/attached")
    async def attached(request: Request) -> Response:
        """The devices attached to terminals, as each terminal told of them last."""
        return json_answer(await run_in_threadpool(platform.attached, token_of(request)))

    @app.get(f"{wire.API}/alarms")
    async def alarms(request: Request) -> Response:
        """What an administrator has to look at: chains that fork, were set back or have gaps, and what terminals tell of."""
        return json_answer(await run_in_threadpool(platform.alarms, token_of(request)))

    @app.get(f"{wire.API}/words")
    async def words(
        request: Request,
        after: Annotated[int, Query(ge=0, le=MAX_REVISION)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """That citizens added words to a rating, never what they say; those too whose rating has not arrived."""
        return json_answer(await run_in_threadpool(platform.words, token_of(request), after, limit))

    @app.get("/live", include_in_schema=False)
    async def live(request: Request) -> Response:
        token = token_of(request)
        seen = _revision(request.headers.get("last-event-id") or request.query_params.get("after"))
        start = await run_in_threadpool(platform.live_start, token)
        reasons = await run_in_threadpool(platform.reasons, token)
        events = platform.feed.stream(start if seen is None else seen, platform.live_page(token), reasons)
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    @app.get("/", include_in_schema=False)
    async def live_page(request: Request) -> Response:
        given = request.query_params.get("token")
        token = given if given is not None else request.cookies.get(viewer.COOKIE)
        if not await run_in_threadpool(platform.is_viewer, token):
            return pages.DOOR.response(401)
        response = pages.LIVE.response(200)
        if given is not None:
            secure = request.url.scheme == "https"
            response.set_cookie(viewer.COOKIE, given, httponly=True, samesite="strict", secure=secure, path="/")
        return response


def _add_monitoring_routes(app: FastAPI, platform: Platform) -> None:
    @app.get("/healthz")
    async def health() -> Response:
        """Whether the platform can use its database."""
        await run_in_threadpool(platform.check)
        return json_answer(b'{"status":"ok"}')

    @app.get("/metrics")
    async def metrics() -> Response:
        """Figures in the text format that Prometheus reads."""
        return Response(await run_in_threadpool(platform.metrics.text), media_type=METRICS_TYPE)


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_request: Request, error: Problem) -> Response:
        return _problem(error)

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        name = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http-error")
        detail = "See /openapi.json for what can be asked here."
        return _problem(Problem(error.status_code, name, str(error.detail), detail, error.headers))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        names = sorted({str(found["loc"][-1]) for found in error.errors()})
        return _problem(problems.unreadable(f"Not of the described form: {', '.join(names)}."))

    async def busy(_request: Request, error: Exception) -> Response:
        _log.error("the database cannot be used: %s", type(error).__name__)
        return _problem(problems.storage_busy())

    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, busy)

    @app.exception_handler(Exception)
    async def broken(_request: Request, _error: Exception) -> Response:
        detail = "This is a fault of the platform; its log has more."
        return _problem(Problem(500, "internal", "The platform failed", detail))


def _expected_bytes(request: Request) -> int:
    """How long the body may become."""
    declared = request.headers.get("content-length", "")
    return min(int(declared[:9]), wire.BATCH_BYTES) if declared.isascii() and declared.isdigit() else wire.BATCH_BYTES


async def _read_away(request: Request) -> None:
    """A client that is still sending would not see an answer, only that its connection ends."""
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > wire.BATCH_BYTES:
                return
    except ClientDisconnect:
        return


def _signed(request: Request, public_url: str | None) -> SignedRequest:
    scope = request.scope
    base = public_url or f"{scope['scheme']}://{request.headers.get('host', '')}"
    query = scope["query_string"].decode("latin-1")
    url = base + scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    return SignedRequest.of(request.method, url, request.headers.items())


def _matches(header: str, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110 13.1.2)."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _revision(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()) or int(text[:20]) > MAX_REVISION:
        return None
    return int(text)


def _problem(problem: Problem) -> Response:
    return Response(problem.content, problem.status, problem.headers, wire.PROBLEM_JSON)
